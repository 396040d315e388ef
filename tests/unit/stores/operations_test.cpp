// Operations on many sagas, over each kind of store that needs no server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <saga_harness/choreography.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/saga_operations.hpp>

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Services that outlive every coordinator.
struct World {
  std::vector<std::string> calls = {};
  std::map<std::string, ReplyStatus> answers = {};  // by action; others: ok
  std::function<void(const std::string&)> at_call = {};
};

ParticipantFactory service(const std::shared_ptr<World>& world) {
  return participant_from([world](const Delivery& delivery, EffectRecorder& recorder) {
    const std::string action(delivery.action);
    world->calls.push_back(std::string(delivery.saga_id) + " " + action);
    if (world->at_call) world->at_call(action);
    const auto told = world->answers.find(action);
    if (told != world->answers.end() && told->second != ReplyStatus::kOk) return Reply{told->second};
    if (delivery.operation.operation == Operation::kCompensation) {
      recorder.undo(delivery);
    } else {
      recorder.apply(delivery);
    }
    return Reply{ReplyStatus::kOk, R"({"ok":true})"};
  });
}

class SagaOperationsTest : public testing::TestWithParam<std::string> {
 protected:
  SagaOperationsTest()
      : store_(open_store(GetParam() == "sqlite" ? "sqlite::memory:" : "memory")),
        sagas_(store_, {order(), with_pivot()}, [this] { return now_us_ += 1'000'000; }) {}

  Experiment experiment(Saga saga) {
    Experiment experiment;
    experiment.setup.saga = std::make_shared<const SagaIndex>(std::move(saga));
    use_reference(experiment.setup, experiment.claims);
    for (const std::string_view each : experiment.setup.saga->services())
      experiment.setup.participants.emplace(each, service(world_));
    return experiment;
  }
  Experiment order() {
    return experiment({.name = "order",
                       .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                                 {.name = "pay", .service = "bank", .compensation = "refund"},
                                 {.name = "ship", .service = "depot", .compensation = "recall"}}});
  }
  Experiment with_pivot() {
    return experiment({.name = "sale",
                       .steps = {{.name = "pay", .service = "bank", .compensation = "refund"},
                                 {.name = "confirm", .service = "shop", .pivot = true}}});
  }

  std::int64_t now_us_ = 0;
  std::shared_ptr<World> world_ = std::make_shared<World>();
  std::shared_ptr<LogStore> store_;
  SagaOperations sagas_;
};

TEST_P(SagaOperationsTest, ASagaIsCreatedRunAndHasTimes) {
  sagas_.create("order", "A", {{"n", 1}});
  EXPECT_EQ(sagas_.status("A").state, StoredState::kCreated);
  EXPECT_THAT(world_->calls, IsEmpty());
  EXPECT_EQ(sagas_.resume("A"), Outcome::kCompleted);
  const SagaStatus status = sagas_.status("A");
  EXPECT_EQ(status.state, StoredState::kCompleted);
  EXPECT_EQ(status.definition, "order");
  EXPECT_EQ(status.started_us, 1'000'000);
  ASSERT_TRUE(status.ended_us.has_value());
  EXPECT_EQ(*status.ended_us, status.changed_us);
  EXPECT_EQ(*status.ended_us, 10'000'000) << "the clock ticks at both creations and at each of eight records";
  EXPECT_THAT(status.completed_steps, ElementsAre("reserve", "pay", "ship"));
  EXPECT_EQ(status.total_steps, 3U);
  EXPECT_EQ(store_->load("A")->head.context, R"({"n":1})");
}

TEST_P(SagaOperationsTest, ThoseOfAStateAreListed) {
  for (const char* id : {"A", "B", "C"}) sagas_.create("order", id, {});
  sagas_.resume("B");
  world_->answers["pay"] = ReplyStatus::kRejected;
  sagas_.resume("C");
  const auto ids = [this](std::optional<StoredState> state) {
    std::vector<std::string> found;
    for (const SagaStatus& each : sagas_.list(state)) found.push_back(each.saga_id);
    return found;
  };
  EXPECT_THAT(ids(StoredState::kCreated), ElementsAre("A"));
  EXPECT_THAT(ids(StoredState::kCompleted), ElementsAre("B"));
  EXPECT_THAT(ids(StoredState::kCompensated), ElementsAre("C"));
  EXPECT_THAT(ids(StoredState::kRunning), IsEmpty()) << "what has ended is not listed as running";
  EXPECT_THAT(ids(std::nullopt), ElementsAre("A", "B", "C"));
  EXPECT_EQ(sagas_.status("C").failed_at, "pay");
  EXPECT_THAT(sagas_.status("C").compensated_steps, ElementsAre("reserve"));
}

TEST_P(SagaOperationsTest, WhatHasNotMovedForLongIsStuck) {
  sagas_.create("order", "A", {});
  now_us_ += 3'600'000'000;
  sagas_.create("order", "B", {});
  sagas_.create("order", "C", {});
  sagas_.resume("C");
  const std::vector<SagaStatus> stuck = sagas_.stuck(std::chrono::minutes(30));
  ASSERT_EQ(stuck.size(), 1U);
  EXPECT_EQ(stuck[0].saga_id, "A");
  EXPECT_EQ(sagas_.cancel("A"), Outcome::kCompensated) << "nothing was done yet";
  EXPECT_THAT(sagas_.stuck(std::chrono::minutes(30)), IsEmpty());
}

TEST_P(SagaOperationsTest, CancellingInTheMiddleGoesBackAndTheOneThatRanItStops) {
  sagas_.create("order", "A", {});
  world_->at_call = [this](const std::string& action) {
    if (action != "pay") return;
    world_->at_call = {};
    EXPECT_EQ(sagas_.cancel("A"), Outcome::kCompensated);
  };
  EXPECT_EQ(sagas_.resume("A"), Outcome::kCompensated);
  EXPECT_THAT(world_->calls, ElementsAre("A reserve", "A pay", "A refund", "A release"));
  EXPECT_TRUE(sagas_.status("A").cancel_requested);
  EXPECT_EQ(sagas_.status("A").state, StoredState::kCompensated);
  const std::size_t calls = world_->calls.size();
  EXPECT_EQ(sagas_.cancel("A"), Outcome::kCompensated) << "once it has ended it is left alone";
  EXPECT_EQ(world_->calls.size(), calls);
}

TEST_P(SagaOperationsTest, BehindItsPivotASagaIsNotCancelled) {
  sagas_.create("sale", "A", {});
  world_->at_call = [this](const std::string& action) {
    if (action != "confirm") return;
    world_->at_call = {};
    EXPECT_EQ(sagas_.cancel("A"), Outcome::kCompleted);
  };
  EXPECT_EQ(sagas_.resume("A"), Outcome::kCompleted);
  EXPECT_THROW(sagas_.compensate("A"), Error);
  EXPECT_EQ(sagas_.status("A").state, StoredState::kCompleted);
}

TEST_P(SagaOperationsTest, WhatIsFlaggedIsUndoneByHand) {
  sagas_.create("order", "A", {});
  world_->answers = {{"ship", ReplyStatus::kRejected}, {"refund", ReplyStatus::kUnavailable}};
  EXPECT_EQ(sagas_.resume("A"), Outcome::kFlagged);
  EXPECT_THAT(sagas_.status("A").flagged_steps, ElementsAre("pay"));
  EXPECT_EQ(sagas_.compensate("A"), Outcome::kFlagged) << "the bank is still away";
  world_->answers.clear();
  world_->calls.clear();
  EXPECT_EQ(sagas_.compensate("A"), Outcome::kCompensated);
  EXPECT_THAT(world_->calls, ElementsAre("A refund")) << "what was undone already is left alone";
  const SagaStatus status = sagas_.status("A");
  EXPECT_EQ(status.state, StoredState::kCompensated);
  EXPECT_THAT(status.flagged_steps, IsEmpty());
  EXPECT_EQ(sagas_.compensate("A"), Outcome::kCompensated);
  EXPECT_EQ(world_->calls.size(), 1U);
}

TEST_P(SagaOperationsTest, WhatHasCompletedIsUndoneByHand) {
  sagas_.create("order", "A", {});
  sagas_.resume("A");
  world_->calls.clear();
  EXPECT_EQ(sagas_.compensate("A"), Outcome::kCompensated);
  EXPECT_THAT(world_->calls, ElementsAre("A recall", "A refund", "A release"));
  EXPECT_EQ(sagas_.status("A").state, StoredState::kCompensated);
}

TEST_P(SagaOperationsTest, MisuseIsSaidWithTheNearestName) {
  const auto message = [](auto&& work) -> std::string {
    try {
      work();
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  sagas_.create("order", "ORDER-1", {});
  EXPECT_THAT(message([&] { sagas_.create("ordr", "B", {}); }), HasSubstr("did you mean \"order\""));
  EXPECT_THAT(message([&] { sagas_.create("order", "ORDER-1", {}); }), HasSubstr("already"));
  EXPECT_THAT(message([&] { sagas_.create("order", "", {}); }), HasSubstr("needs an id"));
  EXPECT_THAT(message([&] { sagas_.resume("ORDER-2"); }), HasSubstr("did you mean \"ORDER-1\""));
  EXPECT_THAT(message([&] { (void)sagas_.status("x"); }), HasSubstr("has no saga"));
  EXPECT_THAT(message([&] { SagaOperations(store_, {order(), order()}); }), HasSubstr("two definitions"));
}

INSTANTIATE_TEST_SUITE_P(Stores, SagaOperationsTest, testing::Values("memory", "sqlite"),
                         [](const auto& each) { return each.param; });

TEST(TimedStoreTest, WhatIsTornStaysTorn) {
  const std::shared_ptr<LogStore> inner = memory_store();
  const auto store = timed_store(inner, [] { return 7; });
  ASSERT_TRUE(store->create({.saga_id = "A"}));
  ASSERT_EQ(store->append("A", 0, R"({"kind":"sta)"), LogWrite::kDurable);
  ASSERT_EQ(store->append("A", 1, R"({"kind":"started"})"), LogWrite::kDurable);
  const StoredSaga saga = *inner->load("A");
  EXPECT_EQ(saga.head.created_us, 7);
  EXPECT_EQ(read_record(saga.records[0]).kind, LogKind::kTorn);
  EXPECT_EQ(read_record(saga.records[1]).kind, LogKind::kStarted);
  EXPECT_EQ(read_record(saga.records[1]).at_us, 7);
}

}  // namespace
}  // namespace saga_harness
