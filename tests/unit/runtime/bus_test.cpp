// The bus and the services around it, with handlers that do one thing each.

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/engine.hpp>
#include <saga_harness/error.hpp>

#include "bus_fixture.hpp"

namespace saga_harness {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(BusTest, TwoDeliveriesToOneServiceAtOneTimeComeInEitherOrder) {
  const auto order_at = [](std::string_view second_service, const std::string& plan) {
    Saga saga = two_steps_on_a_bus();
    saga.steps[1].on_event = {"start"};
    saga.steps[1].service = second_service;
    std::vector<StepId> order;
    Bus bus(
        [&order](const EventDelivery& event, HandlerContext& handler_context) {
          if (!event.is_deadline) order.push_back(event.operation.step);
          return obliging(event, handler_context);
        },
        saga);
    bus.run(plan);
    return order;
  };
  EXPECT_THAT(order_at("a", "none"), ElementsAre(0, 1));
  EXPECT_THAT(order_at("a", "first@tie:order_swapped"), ElementsAre(1, 0));
  EXPECT_THAT(order_at("b", "first@tie:order_swapped"), ElementsAre(0, 1)) << "they have nothing in common";
}

TEST(BusTest, HandsEachEventToWhoeverSubscribes) {
  Bus bus;
  bus.run();
  EXPECT_EQ(bus.outcome(), Outcome::kCompleted);
  EXPECT_THAT(bus.times(EventType::kDelivered, 0), ElementsAre(1));
  EXPECT_THAT(bus.times(EventType::kDelivered, 1), ElementsAre(2));
  EXPECT_THAT(bus.times(EventType::kReceived, 1), ElementsAre(3));
  EXPECT_THAT(bus.times(EventType::kTimedOut, 0), ElementsAre());
}

TEST(BusTest, ShowsTheDataOfEventsThatIsNotTheSagasContext) {
  Bus bus([](const EventDelivery& event, HandlerContext& handler_context) {
    if (event.event == "start") handler_context.emit({.event = "first.done", .payload = R"({"room":7})"});
    return Handled::kDone;
  });
  bus.run();
  const Observation& seen = bus.engine().observation();
  ASSERT_EQ(seen.payloads.size(), 1U);
  EXPECT_EQ(seen.payloads[0].text, R"({"room":7})");
  EXPECT_EQ(seen.events[seen.payloads[0].event].type, EventType::kPublished);
}

TEST(BusTest, DeliversAgainWhatIsNotAcknowledgedInTime) {
  EXPECT_THAT(Bus().run("first:request_lost").times(EventType::kSent, 0), ElementsAre(0, 1000));
  Bus bus;
  bus.run("first:reply_lost");
  EXPECT_THAT(bus.times(EventType::kDelivered, 0), ElementsAre(1, 1001));
  EXPECT_EQ(bus.applied(0), 2U);  // at-least-once: who does not remember does it twice
}

TEST(BusTest, WaitsAsTheRetryPolicySaysBeforeItDeliversAgainWhatWasRefused) {
  EXPECT_THAT(Bus().run("first:unavailable").times(EventType::kSent, 0), ElementsAre(0, 102));
  Bus bus([](const EventDelivery&, HandlerContext&) -> Handled { throw std::runtime_error("no"); });
  EXPECT_THAT(bus.run().times(EventType::kSent, 0), ElementsAre(0, 102, 304));
}

TEST(BusTest, LaysAsideAfterSoManyDeliveries) {
  Bus bus;
  bus.run("second#*:unavailable");
  EXPECT_EQ(bus.times(EventType::kSent, 1).size(), 2U);
  EXPECT_EQ(bus.times(EventType::kDeadLettered, 1).size(), 1U);
  EXPECT_EQ(bus.outcome(), Outcome::kFlagged);
  EXPECT_THAT(bus.flagged(), ElementsAre("first"));  // that is where it stopped
}

TEST(BusTest, LaysAsideAtOnceWhatIsGivenUp) {
  Bus bus([](const EventDelivery&, HandlerContext&) { return Handled::kGivenUp; });
  bus.run();
  EXPECT_EQ(bus.times(EventType::kSent, 0).size(), 1U);
  EXPECT_EQ(bus.times(EventType::kDeadLettered, 0).size(), 1U);
}

TEST(BusTest, AccountsForTheEffectThatADeadCompensationLeaves) {
  Bus bus;
  bus.run("second:rejected, undo_first#*:unavailable");
  EXPECT_EQ(bus.outcome(), Outcome::kFlagged);
  EXPECT_THAT(bus.flagged(), ElementsAre("first"));
}

TEST(BusTest, DeliversCopiesNowOrLater) {
  EXPECT_THAT(Bus().run("second:request_duplicated").times(EventType::kDelivered, 1), ElementsAre(2, 2));
  const auto later = Bus().run("second:request_duplicated_later").times(EventType::kDelivered, 1);
  ASSERT_EQ(later.size(), 2U);
  EXPECT_GE(later[1], 60'000);  // nothing compensates it: after the end
}

TEST(BusTest, DeliversLateWhatItHasGivenUpWaitingFor) {
  EXPECT_THAT(Bus().run("second:request_late").times(EventType::kDelivered, 1), ElementsAre(1002, 1002));
  EXPECT_EQ(Bus().run("second:request_late_after_end").applied(1), 2U);
  EXPECT_THAT(Bus().run("first:delay_past_deadline").times(EventType::kDelivered, 0),
              testing::Contains(60'000));
}

TEST(BusTest, PublishesAgainUntilItIsConfirmed) {
  Bus bus;
  bus.run("first@publish:request_lost");
  EXPECT_THAT(bus.times(EventType::kPublished, 0), ElementsAre(1001));
  EXPECT_EQ(bus.outcome(), Outcome::kCompleted);
  EXPECT_THAT(Bus().run("first@publish:reply_lost").times(EventType::kPublished, 0), ElementsAre(1, 1001));
}

TEST(BusTest, PublishesWhatWasLeftInTheOutboxOnceFaultsHaveStopped) {
  Bus bus;
  bus.run("first#1..heal@publish:request_lost");
  const auto published = bus.times(EventType::kPublished, 0);
  ASSERT_EQ(published.size(), 1U);
  EXPECT_GE(published[0], 60'000);
}

TEST(BusTest, KeepsTheOutboxOfAServiceThatDies) {
  Bus before;
  before.run("first@publish:participant_crash_before");
  EXPECT_EQ(before.outcome(), Outcome::kCompleted);
  EXPECT_EQ(before.applied(0), 2U);  // nor has it acknowledged
  EXPECT_THAT(Bus().run("first@publish:participant_crash_after").times(EventType::kPublished, 0),
              testing::SizeIs(3));
}

TEST(BusTest, LetsAServiceDieBeforeItHasDoneAnything) {
  int begun = 0;
  Bus bus([&](const EventDelivery& event, HandlerContext& handler_context) {
    if (event.operation.step == 0) ++begun;
    return obliging(event, handler_context);
  });
  bus.run("first:participant_crash_before");
  EXPECT_EQ(begun, 2);
  EXPECT_EQ(bus.applied(0), 1U);
  EXPECT_THAT(bus.times(EventType::kSent, 0), ElementsAre(0, 1000));
}

/// Three transactions: what is done, what is told of it, and that the event has been handled.
Handled in_three_transactions(const EventDelivery& event, HandlerContext& handler_context) {
  if (event.is_deadline) return Handled::kDone;
  const std::string_view handled = handler_context.text({"handled ", event.message_id});
  const std::string_view done = handler_context.text({"done after ", event.message_id});
  if (handler_context.knows(handled)) return Handled::kDone;
  if (!handler_context.knows(done)) {
    handler_context.perform();
    handler_context.keep(done);
    handler_context.commit();
  }
  const Emits& emits = handler_context.index().step(event.operation.step).emits;
  handler_context.emit({.event = emits.success});
  handler_context.commit();
  handler_context.keep(handled);
  return Handled::kDone;
}

TEST(BusTest, LetsAServiceDieBetweenTwoTransactionsOfItsHandler) {
  Bus after_the_effect(in_three_transactions);
  after_the_effect.run("first@commit:participant_crash_between");
  EXPECT_EQ(after_the_effect.outcome(), Outcome::kCompleted);
  EXPECT_EQ(after_the_effect.applied(0), 1U);
  EXPECT_THAT(after_the_effect.times(EventType::kSent, 0), ElementsAre(0, 1000));  // nobody acknowledged
  EXPECT_THAT(after_the_effect.times(EventType::kPublished, 0), ElementsAre(1001));

  Bus after_the_event(in_three_transactions);
  after_the_event.run("first#2@commit:participant_crash_between");
  EXPECT_EQ(after_the_event.applied(0), 1U);
  EXPECT_THAT(after_the_event.times(EventType::kSent, 0), ElementsAre(0, 1000));
  // What was in the outbox is published as the service starts again, and once more by who told again.
  EXPECT_THAT(after_the_event.times(EventType::kPublished, 0), ElementsAre(1001, 1001));
  EXPECT_EQ(after_the_event.applied(1), 1U);
}

TEST(BusTest, AHandlerThatEndsNoTransactionHasNoInstantBetweenThem) {
  Bus bus;
  bus.run("first@commit:participant_crash_between");
  EXPECT_THAT(bus.times(EventType::kFault, 0), testing::IsEmpty());
  EXPECT_THAT(bus.times(EventType::kSent, 0), ElementsAre(0));
}

TEST(BusTest, WhatIsDoneAsTheTimerGoesOffIsOneTransaction) {
  bool is_through = false;
  Bus bus([&is_through](const EventDelivery& event, HandlerContext& handler_context) {
    if (!event.is_deadline) return Handled::kDone;
    handler_context.commit();
    is_through = true;
    return Handled::kDone;
  });
  bus.run("second@commit:participant_crash_between");
  EXPECT_TRUE(is_through);
}

TEST(BusTest, AServiceThatIsRestoredHasDoneNothing) {
  Bus bus(in_three_transactions);
  bus.run("first:reply_lost, first#2:participant_restored");
  EXPECT_EQ(bus.applied(0), 1U);  // a second time, and the first is gone
  EXPECT_THAT(bus.times(EventType::kApplied, 0), ElementsAre(1, 1001));
}

TEST(BusTest, LosesWhatIsAcknowledgedBeforeItIsDone) {
  Bus bus([](const EventDelivery& event, HandlerContext& handler_context) {
    handler_context.acknowledge();
    return obliging(event, handler_context);
  });
  EXPECT_EQ(bus.run().outcome(), Outcome::kCompleted);
  bus.run("second:participant_crash_before");
  EXPECT_EQ(bus.times(EventType::kSent, 1).size(), 1U);
  EXPECT_EQ(bus.applied(1), 0U);
  EXPECT_EQ(bus.outcome(), Outcome::kUnresolved);
}

TEST(BusTest, LosesWhatIsPublishedBesideTheOutbox) {
  Bus bus([](const EventDelivery& event, HandlerContext& handler_context) {
    if (event.is_deadline || handler_context.knows("seen")) return Handled::kDone;
    handler_context.perform();
    handler_context.keep("seen");
    handler_context.publish({.event = handler_context.index().step(event.operation.step).emits.success});
    return Handled::kDone;
  });
  EXPECT_EQ(bus.run().outcome(), Outcome::kCompleted);
  EXPECT_EQ(bus.run("first@publish:participant_crash_before").outcome(), Outcome::kUnresolved);
  EXPECT_EQ(bus.applied(0), 1U);
}

TEST(BusTest, KnowsNobodyWhoHasNotSubscribed) {
  Bus bus;
  bus.run("second:subscriber_missing");
  EXPECT_EQ(bus.times(EventType::kSent, 1).size(), 1U);
  EXPECT_EQ(bus.times(EventType::kDelivered, 1).size(), 0U);
  EXPECT_EQ(bus.outcome(), Outcome::kUnresolved);
}

TEST(BusTest, GivesEachServiceADatabaseThatOutlivesItButNotTheRun) {
  int known = 0;
  Bus bus([&](const EventDelivery& event, HandlerContext& handler_context) {
    if (handler_context.knows("been here")) ++known;
    handler_context.keep("been here");
    return obliging(event, handler_context);
  });
  bus.run("first:participant_crash_after");
  EXPECT_EQ(known, 3);  // the first service once, delivered again; the second then as well, and its timer
  known = 0;
  bus.run();
  EXPECT_EQ(known, 1);  // that timer
  known = 0;
  bus.run("first:participant_crash_after, first#2:participant_forgets");
  EXPECT_EQ(known, 2);
}

/// Handles as obliging() does, and notes how many events its memory has seen before each.
EventHandlerFactory counting(std::vector<std::string>& seen) {
  return [&seen](std::string_view service) {
    return [&seen, name = std::string(service), count = 0](const EventDelivery& event,
                                                           HandlerContext& handler_context) mutable {
      seen.push_back(name + std::to_string(count++));
      return obliging(event, handler_context);
    };
  };
}

TEST(BusTest, WhatAHandlerRemembersIsItsServicesOwnAndGoneOnceThatStartsAgain) {
  std::vector<std::string> seen;
  Bus bus(counting(seen));
  bus.run("first:reply_lost");
  EXPECT_THAT(seen, ElementsAre("a0", "b0", "a1", "b1", "b2"));  // the last is the timer
  for (const char* plan : {"first:participant_crash_after", "first@publish:participant_crash_after"}) {
    seen.clear();
    bus.run(plan);
    EXPECT_THAT(seen, testing::Contains("a0").Times(2)) << plan;
    EXPECT_THAT(seen, testing::Not(testing::Contains("a1"))) << plan;
  }
  seen.clear();
  bus.run("first:request_duplicated_later");
  EXPECT_THAT(seen, ElementsAre("a0", "b0", "b1", "a0", testing::_)) << "faults have stopped: all start anew";
}

TEST(BusTest, AHandlerThatDiesWhileItPublishesIsMadeAnewOnlyAfterwards) {
  int made = 0;
  int alive = 0;
  Bus bus(EventHandlerFactory([&](std::string_view service) -> EventHandler {
    if (service == "b") return obliging;
    ++made;
    return [&, token = std::make_shared<int>(made)](const EventDelivery&, HandlerContext& handler_context) {
      handler_context.perform();
      try {
        handler_context.publish({.event = "first.done"});
      } catch (...) {
        alive = *token;  // its own memory is still there
        throw;
      }
      return Handled::kDone;
    };
  }));
  bus.run("first@publish:participant_crash_before");
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(made, 2);
}

TEST(BusTest, LetsTheTimerGoOffAtTheDeadline) {
  Bus bus([](const EventDelivery& event, HandlerContext& handler_context) {
    if (!event.is_deadline) return obliging(event, handler_context);
    handler_context.emit({.event = event.event});
    return Handled::kDone;
  });
  bus.run("second#*:unavailable");
  EXPECT_THAT(bus.trace(), HasSubstr("60000.000ms  published      \"late\" (deadline)"));
  EXPECT_EQ(bus.undone(0), 1U);
}

TEST(BusTest, SaysCompensatedOnceAFailureWasTold) {
  Bus bus;
  bus.run("second:rejected");
  EXPECT_EQ(bus.outcome(), Outcome::kCompensated);
  EXPECT_EQ(bus.undone(0), 1U);
}

TEST(BusTest, NotesWhatAnEventLacks) {
  EXPECT_THAT(Bus().run().trace(), HasSubstr("first.done\", without its auth token"));
}

TEST(BusTest, EndsARunThatFeedsOnItself) {
  int count = 0;
  Bus bus([&](const EventDelivery&, HandlerContext& handler_context) {
    const std::string id = std::to_string(++count);
    handler_context.emit({.event = "start", .message_id = id});
    return Handled::kDone;
  });
  bus.run();
  EXPECT_THAT(bus.trace(), HasSubstr("gave_up        the bound on deliveries"));
  EXPECT_EQ(bus.outcome(), Outcome::kUnresolved);
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "(no error)";
}

TEST(BusTest, RefusesEventsThatNobodyDeclares) {
  Bus bus([](const EventDelivery&, HandlerContext& handler_context) {
    handler_context.emit({.event = "first.doen"});
    return Handled::kDone;
  });
  EXPECT_THAT(error_of([&] { bus.run(); }), HasSubstr("did you mean \"first.done\"?"));
}

TEST(BusTest, RefusesACoordinatorForAChoreographyAndAHandlerForOtherSagas) {
  const auto saga = std::make_shared<const SagaIndex>(two_steps_on_a_bus());
  EXPECT_THAT(error_of([&] { Engine({.saga = saga, .coordinator = [](Runtime&) {}}); }),
              HasSubstr("the saga is a choreography"));
  const auto other = std::make_shared<const SagaIndex>(
      Saga{.name = "one", .steps = {{.name = "a", .service = "s", .pivot = true}}});
  EXPECT_THAT(error_of([&] {
                Engine({.saga = other,
                        .coordinator = [](Runtime&) {},
                        .handlers = [](std::string_view) -> EventHandler { return obliging; }});
              }),
              HasSubstr("the saga is no choreography"));
}

TEST(BusTest, RefusesAFactoryThatMakesNoHandler) {
  Bus bus(EventHandlerFactory([](std::string_view) { return EventHandler(); }));
  EXPECT_THAT(error_of([&] { bus.run(); }), HasSubstr("made no handler for the service \"a\""));
}

TEST(BusTest, LeavesTheSameTraceOfTheSamePlan) {
  Bus bus;
  const std::string plan = "first@publish:participant_crash_after, second:request_duplicated";
  const std::string first = bus.run(plan).trace();
  bus.run("second:rejected");
  EXPECT_EQ(bus.run(plan).trace(), first);
}

}  // namespace
}  // namespace saga_harness
