// Events of several sagas on one bus, and events that are for nobody.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/engine.hpp>

#include "bus_fixture.hpp"

namespace saga_harness {
namespace {

using testing::ElementsAre;

/// A bus that several sagas share, and what its handlers see of each event.
class SharedBus {
 public:
  explicit SharedBus(Setup setup, EventHandler handler = obliging)
      : bus_(
            [this, handler](std::string_view) {
              return [this, handler](const EventDelivery& event, HandlerContext& handler_context) {
                seen_.emplace_back(handler_context.saga_id());
                known_ += handler_context.knows("been here") ? 1 : 0;
                handler_context.keep("been here");
                return handler(event, handler_context);
              };
            },
            two_steps_on_a_bus(), std::move(setup)) {}
  const Observation& run(const std::string& plan = "none") {
    seen_.clear();
    known_ = 0;
    return bus_.run(plan).engine().observation();
  }
  [[nodiscard]] const std::vector<std::string>& seen() const { return seen_; }
  [[nodiscard]] int known() const { return known_; }

 private:
  std::vector<std::string> seen_;
  int known_ = 0;
  Bus bus_;
};

TEST(SharedBusTest, SagasBesideEachOtherHaveServicesInCommonButLedgersOfTheirOwn) {
  SharedBus bus({.beside = {Context(), Context()}});
  const Observation& observation = bus.run("second:rejected");
  ASSERT_EQ(observation.beside.size(), 2U);
  EXPECT_EQ(observation.outcome, Outcome::kCompensated);
  for (const Observation* other : observation.beside) {
    EXPECT_EQ(other->outcome, Outcome::kCompleted);
    EXPECT_EQ(other->effects[0], (Effect{.applied = 1}));
    for (const Event& event : other->events) EXPECT_NE(event.type, EventType::kFault);
  }
  EXPECT_THAT(bus.seen(), testing::IsSupersetOf({"two-1", "two-1-beside-1", "two-1-beside-2"}));
  EXPECT_EQ(bus.known(), static_cast<int>(bus.seen().size()) - 2);  // a database for each service
}

TEST(SharedBusTest, WhatEarlierSagasLeftIsStillThereButNoneOfItsBusiness) {
  SharedBus bus({.earlier_sagas = 2});
  const Observation& observation = bus.run();
  EXPECT_THAT(bus.seen(), testing::IsSupersetOf({"two-1-before-1", "two-1-before-2", "two-1"}));
  EXPECT_EQ(bus.known(), static_cast<int>(bus.seen().size()) - 2);
  EXPECT_EQ(observation.effects[0], (Effect{.applied = 1}));
  EXPECT_EQ(observation.events.front().at, 0);
  EXPECT_THAT(observation.beside, testing::IsEmpty());
}

TEST(SharedBusTest, AnEventIsOfTheSagaWhoseIdItCarries) {
  const auto as = [](std::string_view correlation_id) {
    SharedBus bus({.beside = {Context()}},
                  [correlation_id](const EventDelivery& event, HandlerContext& handler_context) {
                    const bool is_tested = handler_context.saga_id() == "two-1";
                    EventDelivery told = event;
                    if (is_tested && event.operation.step == 1) told.correlation_id = correlation_id;
                    return obliging(told, handler_context);
                  });
    const Observation& observation = bus.run();
    return std::pair{observation.outcome, observation.beside[0]->outcome};
  };
  EXPECT_EQ(as("two-1"), std::pair(Outcome::kCompleted, Outcome::kCompleted));
  EXPECT_EQ(as("nobody"), std::pair(Outcome::kUnresolved, Outcome::kCompleted));
  EXPECT_EQ(as("two-1-beside-1"), std::pair(Outcome::kUnresolved, Outcome::kCompleted));
}

TEST(SharedBusTest, NotesACorrelationIdThatIsWrongWhetherItIsClaimedOrNot) {
  const auto saga = std::make_shared<const SagaIndex>(two_steps_on_a_bus());
  const auto lacking = [&saga](int earlier) {
    saga_harness::Setup setup{.saga = saga,
                              .handlers = [](std::string_view) -> EventHandler {
                                return [](const EventDelivery& event, HandlerContext& handler_context) {
                                  if (event.event == "start") handler_context.emit({.event = "first.done"});
                                  return Handled::kDone;
                                };
                              },
                              .earlier_sagas = earlier};
    for (const std::string_view service : saga->services())
      setup.participants.emplace(service,
                                 participant_from([](const Delivery&, EffectRecorder&) { return Reply{}; }));
    Engine engine(std::move(setup));
    NoFaults none;
    const Observation& observation = engine.run(none);
    return std::ranges::count_if(observation.events, [](const Event& event) {
      return event.type == EventType::kSent && event.detail == kWithoutCorrelation;
    });
  };
  EXPECT_EQ(lacking(0), 0);
  EXPECT_EQ(lacking(1), 1);
}

TEST(SharedBusTest, OwesWhatIsToBeRestoredOnlyIfAllSagasAreUndone) {
  const auto owed = [](const std::string& plan) {
    const auto saga = std::make_shared<const SagaIndex>(two_steps_on_a_bus());
    struct TillOfTwo final : Participant {
      Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
        delivery.operation.operation == Operation::kAction ? recorder.apply(delivery)
                                                           : recorder.undo(delivery);
        return Reply{};
      }
      [[nodiscard]] std::vector<Quantity> quantities() const override {
        return {{.name = "all", .rule = QuantityRule::kConserved},
                {.name = "one", .rule = QuantityRule::kRestored}};
      }
      void measure(std::vector<std::int64_t>& values) const override { values.insert(values.end(), {1, 1}); }
    };
    saga_harness::Setup setup{.saga = saga,
                              .handlers = [](std::string_view) -> EventHandler { return obliging; },
                              .beside = {Context()}};
    for (const std::string_view service : saga->services())
      setup.participants.emplace(service, [] { return std::make_unique<TillOfTwo>(); });
    Engine engine(std::move(setup));
    PlannedStrikes choices(plan, *saga);
    return engine.run(choices).quantities.size();
  };
  EXPECT_EQ(owed("second:rejected"), 2U);  // of two services, what is conserved
}

TEST(StrayEventTest, ComesBeforeWhatIsDueAndSaysWhatItIs) {
  struct Seen {
    std::string event, message_id, correlation_id, payload;
  };
  const auto seen_with = [](const std::string& kind) {
    std::vector<Seen> seen;
    Bus bus([&seen](const EventDelivery& event, HandlerContext& handler_context) {
      if (event.operation.step != 1 || event.is_deadline) return obliging(event, handler_context);
      seen.push_back({std::string(event.event), std::string(event.message_id),
                      std::string(event.correlation_id), std::string(event.payload)});
      return event.event == "first.done" ? obliging(event, handler_context) : Handled::kGivenUp;
    });
    EXPECT_EQ(bus.run("second:" + kind).outcome(), Outcome::kCompleted);
    EXPECT_THAT(bus.times(EventType::kDeadLettered, 1), testing::IsEmpty());
    EXPECT_EQ(bus.times(EventType::kSent, 1).size(), 1U) << "the stray is not delivered again";
    EXPECT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen.back().event, "first.done");
    return seen.front();
  };
  const Seen unreadable = seen_with("unreadable_event");
  EXPECT_EQ(unreadable.event + unreadable.message_id + unreadable.correlation_id, "");
  EXPECT_THAT(unreadable.payload, testing::Not(testing::EndsWith("}")));
  const Seen unknown = seen_with("unknown_event");
  EXPECT_EQ(unknown.correlation_id, "two-1");
  EXPECT_NE(unknown.event, "first.done");
  const Seen foreign = seen_with("foreign_event");
  EXPECT_EQ(foreign.event, "first.done");
  EXPECT_NE(foreign.correlation_id, "two-1");
  EXPECT_THAT(foreign.message_id, testing::StartsWith(foreign.correlation_id));
}

TEST(StrayEventTest, OfAnotherSagaIsHandledForThatOneAndLeavesNothingHere) {
  std::vector<std::string> ids;
  Bus bus([&ids](const EventDelivery& event, HandlerContext& handler_context) {
    if (event.operation.step == 1) ids.emplace_back(handler_context.saga_id());
    return obliging(event, handler_context);
  });
  bus.run("second:foreign_event");
  EXPECT_THAT(ids, ElementsAre("two-1-elsewhere", "two-1", "two-1"));  // the last is the timer
  EXPECT_EQ(bus.applied(1), 1U);
  EXPECT_EQ(bus.times(EventType::kPublished, 1).size(), 1U);
}

TEST(StrayEventTest, WhoActsOnOneHasActed) {
  for (const char* kind : {"unknown_event", "unreadable_event"}) {
    Bus bus;
    EXPECT_EQ(bus.run(std::string("second:") + kind).applied(1), 2U) << kind;
  }
}

}  // namespace
}  // namespace saga_harness
