#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving.hpp>

#include "payments.hpp"

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ConcurrentRunTest, RequestsArriveInTheOrderOfThePlan) {
  const ConcurrentRun run =
      run_concurrently(test::payments({.semantic_lock = false}, {"current", "current"}, 0, 200),
                       parse_concurrent_plan("turns 2 1 1 2"));
  std::vector<std::string> turns;
  for (const Turn& turn : run.turns) turns.push_back(std::to_string(turn.saga + 1) + turn.step);
  EXPECT_THAT(turns, ElementsAre("2look", "1look", "1take", "2take", "2close", "1close"));
  EXPECT_EQ(run.sagas[0].outcome, Outcome::kCompleted);
  EXPECT_EQ(run.sagas[1].outcome, Outcome::kCompleted);
  ASSERT_EQ(run.quantities.size(), 2U);
  EXPECT_EQ(run.quantities[0].name, "bank/current");
  EXPECT_EQ(run.quantities[0].at_start, 200);
  EXPECT_EQ(run.quantities[0].at_end, 80);
  EXPECT_EQ(run.accesses.size(), 6U + 4U) << "two reads to look, one change and two to read again, twice";
}

TEST(ConcurrentRunTest, ASagaThatMeetsALockIsUndone) {
  const ConcurrentRun run = run_concurrently(test::payments({}), parse_concurrent_plan("turns 1 2 1"));
  EXPECT_EQ(run.sagas[0].outcome, Outcome::kCompleted);
  EXPECT_EQ(run.sagas[1].outcome, Outcome::kCompensated);
  EXPECT_EQ(run.turns[1].answer, ReplyStatus::kRejected);
  EXPECT_TRUE(run.violations.empty());
}

TEST(ConcurrentRunTest, FaultsStrikeTheSagaTheyAreMeantFor) {
  const ConcurrentRun run =
      run_concurrently(test::payments({}), parse_concurrent_plan("turns 1 1 1; 2: take#1:rejected"));
  EXPECT_EQ(run.sagas[0].outcome, Outcome::kCompleted);
  EXPECT_EQ(run.sagas[1].outcome, Outcome::kCompensated);
  EXPECT_TRUE(run.unfired.empty());
  const ConcurrentRun not_there =
      run_concurrently(test::payments({}), parse_concurrent_plan("1: take#3:rejected"));
  EXPECT_EQ(not_there.unfired.size(), 1U);
}

/// Counts the deaths and the losses of memory of the participant behind it.
class Mortal final : public ForwardingParticipant {
 public:
  Mortal(std::unique_ptr<Participant> behind, int& crashes, int& losses)
      : behind_(std::move(behind)), crashes_(&crashes), losses_(&losses) {}
  void crash() override { ++*crashes_; }
  void forget() override { ++*losses_; }

 private:
  [[nodiscard]] Participant& behind() const override { return *behind_; }

  std::unique_ptr<Participant> behind_;
  int* crashes_;
  int* losses_;
};

TEST(ConcurrentRunTest, ACrashAndALossOfMemoryReachTheSharedParticipant) {
  int crashes = 0;
  int losses = 0;
  ConcurrentExperiment experiment = test::payments({});
  experiment.shared["bank"] = [real = experiment.shared["bank"], &crashes, &losses] {
    return std::make_unique<Mortal>(real(), crashes, losses);
  };
  const ConcurrentRun run = run_concurrently(
      experiment,
      parse_concurrent_plan(
          "turns 1 1 1; 2: look#1:participant_crash_after, look.compensation#1:participant_forgets"));
  EXPECT_TRUE(run.unfired.empty());
  EXPECT_EQ(crashes, 1);
  EXPECT_EQ(losses, 1);
}

TEST(ConcurrentRunTest, MisuseInTheMiddleComesOut) {
  ConcurrentExperiment experiment = test::payments({});
  experiment.sagas[1].setup.coordinator = [](Runtime& runtime) {
    (void)runtime.call({.service = "bank", .action = "look"});
    (void)runtime.call({.service = "bank", .action = "lok"});
  };
  EXPECT_THROW((void)run_concurrently(experiment), Error);
}

TEST(ConcurrentRunTest, WaitingInAHandlerDoesNoHarm) {
  ConcurrentExperiment experiment = test::payments({.semantic_lock = false}, {"current", "current"}, 0, 200);
  for (Experiment& saga : experiment.sagas) {
    saga.claims = {};
    saga.setup.durable = false;
    saga.setup.coordinator = [](Runtime& runtime) {
      try {
        throw std::runtime_error(std::string(runtime.saga_id()));
      } catch (const std::exception& error) {
        (void)runtime.call({.service = "bank", .action = "look"});
        (void)runtime.call({.service = "bank", .action = "take"});
        if (error.what() != runtime.saga_id()) throw Error("the handler of another saga");
        (void)runtime.call({.service = "shop", .action = "ship"});
        (void)runtime.call({.service = "bank", .action = "close"});
        runtime.report(Outcome::kCompleted);
      }
    };
  }
  const ConcurrentRun run = run_concurrently(experiment, parse_concurrent_plan("turns 1 2 1 2 1 2"));
  EXPECT_EQ(run.sagas[0].outcome, Outcome::kCompleted);
  EXPECT_EQ(run.sagas[1].outcome, Outcome::kCompleted);
}

TEST(ConcurrentRunTest, EachSagaGetsItsOwnBack) {
  ConcurrentExperiment experiment = test::payments({});
  experiment.history = nullptr;
  experiment.shared["bank"] = ledger_fake({}, balances({{"C", 10'000}}), "bank");
  experiment.sagas[0].setup.context = Context{{"customer_id", "C"}, {"total_amount", 10}};
  experiment.sagas[1].setup.context = Context{{"customer_id", "C"}, {"total_amount", 30}};
  for (Experiment& saga : experiment.sagas) {
    Saga once = test::payment();
    once.steps.erase(once.steps.begin());  // `take` alone moves money
    once.steps.back().service = "shop";
    saga.setup.saga = std::make_shared<const SagaIndex>(std::move(once));
  }
  const ConcurrentRun run =
      run_concurrently(experiment, parse_concurrent_plan("turns 1 2; 1: ship#1:rejected"));
  EXPECT_EQ(run.sagas[0].outcome, Outcome::kCompensated);
  EXPECT_EQ(run.sagas[1].outcome, Outcome::kCompleted);
  const auto left = std::ranges::find(run.quantities, "bank/C", &Quantity::name);
  ASSERT_NE(left, run.quantities.end());
  EXPECT_EQ(left->at_end, 7'000);
}

TEST(ConcurrentRunTest, KeysThatTwoSagasShareAreNoticed) {
  ConcurrentExperiment experiment = test::payments({.semantic_lock = false}, {"current", "current"}, 0, 200);
  for (Experiment& saga : experiment.sagas)
    saga.setup.coordinator = orchestrator(OrchestratorBug::kKeyWithoutSaga);
  const ConcurrentRun run = run_concurrently(experiment);
  EXPECT_FALSE(run.violations.empty());
}

TEST(ConcurrentExperimentTest, BadOnesAreRefused) {
  ConcurrentExperiment none;
  EXPECT_THROW((void)run_concurrently(none), Error);
  ConcurrentExperiment same = test::payments({});
  same.sagas[1].setup.saga_id = same.sagas[0].setup.saga_id;
  EXPECT_THROW((void)run_concurrently(same), Error);
  ConcurrentExperiment unknown = test::payments({});
  unknown.shared["post"] = ledger_fake();
  EXPECT_THROW((void)run_concurrently(unknown), Error);
  EXPECT_THROW((void)run_concurrently(test::payments({}), parse_concurrent_plan("3: take:rejected")), Error);
  EXPECT_THROW((void)run_concurrently(test::payments({}), parse_concurrent_plan("turns 3")), Error);
  EXPECT_THROW((void)run_concurrently(test::payments({}), parse_concurrent_plan("1: tkae:rejected")), Error);
}

TEST(ConcurrentPlanTest, IsReadAsItIsWritten) {
  for (const char* text :
       {"none", "turns 1 2 2 1", "2: take.action#1:rejected",
        "turns 1 2; 1: look.action#1:reply_lost; 2: take.action#1:rejected, close.action#1:unavailable"})
    EXPECT_EQ(to_string(parse_concurrent_plan(text)), text);
}

TEST(ConcurrentPlanTest, BadOnesAreRefusedWithThePart) {
  for (const char* text : {"", "turns 0", "turns x", "turns 1,2", "0: take:rejected", "take",
                           "1: take:rejected; 1: look:rejected", "turns 999", "1 2 1", "1: nonsense"}) {
    EXPECT_THROW((void)parse_concurrent_plan(text), Error) << text;
  }
  try {
    (void)parse_concurrent_plan("turns 1; turns 1 x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"x\""));
  }
}

}  // namespace
}  // namespace saga_harness
