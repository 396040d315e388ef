#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/saga_index.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using model_test::order_saga;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// An order, then stock and payment side by side, then the pivot that needs both.
Saga shop() {
  return {.name = "shop",
          .steps = {{.name = "order",
                     .service = "orders",
                     .compensation = "cancel",
                     .on_event = {"requested"},
                     .emits = {.success = "ordered", .failure = "refused"},
                     .compensate_on = {"no.stock", "unpaid"}},
                    {.name = "reserve",
                     .service = "stock",
                     .compensation = "release",
                     .retry = {.attempts = 2},
                     .on_event = {"ordered"},
                     .emits = {.success = "reserved", .failure = "no.stock", .compensated = "released"},
                     .compensate_on = {"unpaid", "unconfirmed"}},
                    {.name = "pay",
                     .service = "bank",
                     .compensation = "refund",
                     .on_event = {"ordered"},
                     .emits = {.success = "paid", .failure = "unpaid"},
                     .compensate_on = {"no.stock", "released"}},
                    {.name = "confirm",
                     .service = "orders",
                     .pivot = true,
                     .on_event = {"reserved", "paid"},
                     .emits = {.success = "confirmed", .failure = "unconfirmed"}}},
          .choreography = Choreography{.starts_with = "requested"}};
}

Saga with(const std::function<void(Saga&)>& change) {
  Saga saga = shop();
  change(saga);
  return saga;
}

std::vector<std::string> pointers_of(const std::vector<Problem>& problems) {
  std::vector<std::string> pointers;
  for (const Problem& problem : problems) pointers.push_back(problem.pointer);
  return pointers;
}

TEST(ChoreographyTest, OrdersItsStepsByTheirEvents) {
  const SagaIndex saga(shop());
  EXPECT_TRUE(saga.is_choreography());
  EXPECT_TRUE(saga.precedes(0, 3));
  EXPECT_FALSE(saga.precedes(1, 2));
  EXPECT_FALSE(saga.precedes(2, 1));
  EXPECT_THAT(saga.predecessors(3), ElementsAre(1, 2));
  EXPECT_FALSE(SagaIndex(order_saga()).is_choreography());
}

TEST(ChoreographyTest, IsReadBackFromItsJson) {
  const Saga saga = with([](Saga& changed) {
    changed.deadline = std::chrono::minutes(1);
    changed.choreography->at_deadline = "timed.out";
    changed.choreography->unless = "confirm";
  });
  EXPECT_EQ(parse_saga(to_json(saga), "shop"), saga);
}

TEST(ChoreographyTest, LeavesTheJsonOfOtherSagasAlone) {
  const std::string json = to_json(order_saga());
  for (const char* key : {"choreography", "on_event", "emits", "compensate_on"})
    EXPECT_THAT(json, Not(HasSubstr(key)));
}

TEST(ChoreographyTest, HasAHashThatKnowsItsEvents) {
  const Saga other = with([](Saga& saga) { saga.steps[1].compensate_on.pop_back(); });
  EXPECT_NE(definition_hash(shop()), definition_hash(other));
}

struct BadEvents {
  const char* name;
  std::function<void(Saga&)> change;
  const char* pointer;
};

class BadEventsTest : public testing::TestWithParam<BadEvents> {};

TEST_P(BadEventsTest, AreRefusedAtTheirPlace) {
  const std::vector<Problem> problems = find_problems(with(GetParam().change));
  EXPECT_THAT(pointers_of(problems), Contains(GetParam().pointer));
}

INSTANTIATE_TEST_SUITE_P(
    Each, BadEventsTest,
    testing::Values(
        BadEvents{"NoStart", [](Saga& s) { s.choreography->starts_with.clear(); },
                  "/choreography/starts_with"},
        BadEvents{"NoEvent", [](Saga& s) { s.steps[1].on_event.clear(); }, "/steps/1/on_event"},
        BadEvents{"Space", [](Saga& s) { s.steps[1].on_event = {"an event"}; }, "/steps/1/on_event/0"},
        BadEvents{"Twice",
                  [](Saga& s) {
                    s.steps[3].on_event = {"paid", "paid"};
                  },
                  "/steps/3/on_event/1"},
        BadEvents{"NoSuccess", [](Saga& s) { s.steps[3].emits.success.clear(); }, "/steps/3/emits/success"},
        BadEvents{"SharedSuccess", [](Saga& s) { s.steps[2].emits.success = "reserved"; },
                  "/steps/2/emits/success"},
        BadEvents{"TwoRoles", [](Saga& s) { s.steps[2].emits.failure = "released"; },
                  "/steps/2/emits/failure"},
        BadEvents{"NothingToCompensate", [](Saga& s) { s.steps[3].compensate_on = {"unpaid"}; },
                  "/steps/3/compensate_on"},
        BadEvents{"DoneAndUndone", [](Saga& s) { s.steps[1].compensate_on = {"ordered"}; },
                  "/steps/1/compensate_on/0"},
        BadEvents{"After", [](Saga& s) { s.steps[1].after = {{"order"}}; }, "/steps/1/after"},
        BadEvents{"Condition", [](Saga& s) { s.steps[1].only_if = Condition{.pointer = "/x"}; },
                  "/steps/1/only_if"},
        BadEvents{"Fallback", [](Saga& s) { s.steps[1].fallback = "beg"; }, "/steps/1/fallback"},
        BadEvents{"TimerWithoutDeadline",
                  [](Saga& s) {
                    s.choreography->at_deadline = "late";
                    s.choreography->unless = "confirm";
                  },
                  "/choreography/at_deadline"},
        BadEvents{"TimerWithoutStep",
                  [](Saga& s) {
                    s.deadline = std::chrono::minutes(1);
                    s.choreography->at_deadline = "late";
                    s.choreography->unless = "confrim";
                  },
                  "/choreography/unless"},
        BadEvents{"DeadlineWithoutTimer", [](Saga& s) { s.deadline = std::chrono::minutes(1); }, "/deadline"},
        BadEvents{"Circle", [](Saga& s) { s.steps[0].on_event = {"paid"}; }, "/steps/0/on_event"},
        BadEvents{"NoChoreography", [](Saga& s) { s.choreography.reset(); }, "/steps/0/on_event"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ChoreographyTest, LetsFailuresShareAnEvent) {
  EXPECT_THAT(find_problems(with([](Saga& saga) {
                saga.steps[2].emits.failure = "no.stock";
                saga.steps[2].compensate_on = {"released"};
              })),
              IsEmpty());
}

TEST(LooseEventsTest, AreNoneWhereEveryFailureReachesWhatMayBeDone) {
  EXPECT_THAT(
      find_loose_events(with([](Saga& saga) { saga.steps[0].compensate_on.push_back("unconfirmed"); })),
      IsEmpty());
  EXPECT_THAT(find_loose_events(order_saga()), IsEmpty());
}

TEST(LooseEventsTest, AreFailuresThatDoNotReachAStep) {
  const std::vector<Problem> problems = find_loose_events(shop());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].pointer, "/steps/3/emits/failure");
  EXPECT_THAT(problems[0].message, HasSubstr("the effect of \"order\" would be left"));
}

TEST(LooseEventsTest, AreFailuresThatNobodySubscribesTo) {
  const auto deaf = [](Saga& saga) {
    saga.steps[0].compensate_on = {"no.stock", "unconfirmed"};
    saga.steps[1].compensate_on = {"unconfirmed"};
  };
  const std::vector<Problem> problems = find_loose_events(with(deaf));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].pointer, "/steps/2/emits/failure");
  EXPECT_THAT(problems[0].message, HasSubstr("nobody subscribes to \"unpaid\""));
}

TEST(LooseEventsTest, AreSubscriptionsToWhatNobodyEmits) {
  const std::vector<Problem> problems = find_loose_events(with([](Saga& saga) {
    saga.steps[0].compensate_on = {"no.stock", "unpiad", "unpaid", "unconfirmed"};
  }));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].pointer, "/steps/0/compensate_on/1");
  EXPECT_THAT(problems[0].message, EndsWith("waits for \"unpiad\", which nobody emits"));
  EXPECT_EQ(problems[0].fix, "did you mean \"unpaid\"?; name an event that some step emits");
}

TEST(LooseEventsTest, AreFailuresThatAreNotToldOf) {
  const std::vector<Problem> problems = find_loose_events(with([](Saga& saga) {
    saga.steps[3].emits.failure.clear();
    saga.steps[1].compensate_on = {"unpaid"};
  }));
  EXPECT_THAT(pointers_of(problems), ElementsAre("/steps/3/emits/failure"));
}

TEST(LooseEventsTest, AreTimersThatDoNotReachAStep) {
  const std::vector<Problem> problems = find_loose_events(with([](Saga& saga) {
    saga.deadline = std::chrono::minutes(1);
    saga.choreography->at_deadline = "timed.out";
    saga.choreography->unless = "confirm";
    for (std::size_t step : {0U, 1U}) saga.steps[step].compensate_on.push_back("unconfirmed");
    saga.steps[1].compensate_on.pop_back();
  }));
  EXPECT_THAT(pointers_of(problems), ElementsAre("/choreography/at_deadline"));
}

std::vector<std::string> legal_here(Instant instant, OperationId operation, const Saga& of = shop()) {
  const SagaIndex saga(of);
  std::vector<std::string> names;
  for (const Alternative& each : legal_alternatives(instant, operation, saga)) {
    std::string name(name_of(each.kind));
    if (each.window != FaultDuration::kOnce) name.append("..").append(name_of(each.window));
    names.push_back(name);
  }
  return names;
}

TEST(ChoreographyTest, CanFailAtEveryDelivery) {
  EXPECT_THAT(legal_here(Instant::kCall, {1, Operation::kAction}),
              ElementsAre("rejected", "unavailable", "error_after_effect", "participant_crash_before",
                          "participant_crash_after", "participant_forgets", "request_lost",
                          "request_duplicated", "request_duplicated_later", "request_reordered",
                          "request_late", "request_late_after_compensation", "request_late_after_end",
                          "reply_lost", "subscriber_missing", "participant_restored", "unreadable_event",
                          "unknown_event", "foreign_event", "unavailable..budget", "unavailable..forever",
                          "error_after_effect..budget", "error_after_effect..forever", "request_lost..budget",
                          "request_lost..forever", "reply_lost..budget", "reply_lost..forever"));
  EXPECT_THAT(legal_here(Instant::kCall, {0, Operation::kAction}),
              Not(Contains(testing::EndsWith("..budget"))));
}

TEST(ChoreographyTest, CanFailWhereAnEventIsPublished) {
  const auto expected = ElementsAre("request_lost", "reply_lost", "participant_crash_before",
                                    "participant_crash_after", "request_lost..heal");
  EXPECT_THAT(legal_here(Instant::kPublish, {1, Operation::kAction}), expected);
  EXPECT_THAT(legal_here(Instant::kPublish, {1, Operation::kCompensation}), expected);
  EXPECT_THAT(legal_here(Instant::kPublish, {0, Operation::kCompensation}), IsEmpty());  // it tells nobody
}

TEST(ChoreographyTest, HasNoCoordinatorThatCouldFail) {
  for (std::size_t place = 1; place < static_cast<std::size_t>(Instant::kPublish); ++place) {
    EXPECT_THAT(legal_here(static_cast<Instant>(place), {1, Operation::kAction}), IsEmpty());
    EXPECT_THAT(legal_here(static_cast<Instant>(place), {kNoStep, Operation::kAction}), IsEmpty());
  }
}

TEST(ChoreographyTest, HasTiesAtWhatIsDelivered) {
  EXPECT_THAT(legal_here(Instant::kTie, {1, Operation::kAction}), ElementsAre("order_swapped"));
  EXPECT_THAT(legal_here(Instant::kTie, {kNoStep, Operation::kAction}), IsEmpty());
}

TEST(ChoreographyTest, CanFailBetweenTwoTransactionsOfWhoTellsOfThem) {
  EXPECT_THAT(legal_here(Instant::kCommit, {1, Operation::kAction}),
              ElementsAre("participant_crash_between"));
  EXPECT_THAT(legal_here(Instant::kCommit, {1, Operation::kCompensation}),
              ElementsAre("participant_crash_between"));
  EXPECT_THAT(legal_here(Instant::kCommit, {0, Operation::kCompensation}), IsEmpty());
  EXPECT_THAT(legal_here(Instant::kCommit, {kNoStep, Operation::kAction}), IsEmpty());
}

TEST(ChoreographyTest, RefusesFaultsOfCoordinators) {
  const SagaIndex saga(shop());
  const auto error = [&](const char* plan) {
    return error_of([&] { return resolve(parse_plan(plan), saga); });
  };
  EXPECT_THAT(error("pay@after_call:coordinator_crash"),
              HasSubstr("name a step, @call, @publish, @commit or @tie"));
  EXPECT_THAT(error("pay:reply_corrupt"), HasSubstr("here are legal"));
  EXPECT_EQ(to_string(resolve(parse_plan("pay@publish:request_lost"), saga)),
            "pay.action#1@publish:request_lost");
  const SagaIndex orchestrated(order_saga());
  EXPECT_THAT(
      error_of([&] { return resolve(parse_plan("create_order@publish:request_lost"), orchestrated); }),
      HasSubstr("nobody publishes anything"));
}

}  // namespace
}  // namespace saga_harness
