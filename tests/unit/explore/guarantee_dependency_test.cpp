// What a saga relies on: guarantees taken away, one at a time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/replay.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::SizeIs;

GuaranteeRemoval without(Guarantee guarantee, const std::string& step, const std::string& service) {
  GuaranteeRemoval removal{.step = step, .guarantee = guarantee, .experiment = subject(small_saga())};
  Guarantees rest;
  flag_of(rest, guarantee) = false;
  removal.experiment.setup.participants[service] = ledger_fake({}, {}, {}, {{step, rest}});
  removal.experiment.participant_name = "lacking";
  return removal;
}

const ExploreOptions kOneFault{
    .max_faults = 1,
    .kinds = {FaultKind::kRequestLost, FaultKind::kReplyLost, FaultKind::kRequestLateAfterEnd}};

TEST(GuaranteeDependencyTest, ANeedIsShownByASmallestPlanThatIsHarmlessOtherwise) {
  const Experiment reference = subject(small_saga());
  const std::vector<GuaranteeRemoval> guarantee_removals{
      without(Guarantee::kDeduplicates, "reserve", "stock")};
  const GuaranteeDependencies result = relies_on(reference, guarantee_removals, kOneFault);
  EXPECT_TRUE(result.upheld);
  EXPECT_TRUE(result.exhausted);
  ASSERT_THAT(result.rows, SizeIs(1));
  const GuaranteeDependency& row = result.rows.front();
  EXPECT_EQ(row.need, Need::kNeeded);
  EXPECT_EQ(row.participant, "lacking");
  EXPECT_EQ(row.finding.plan.size(), 1U);
  EXPECT_FALSE(run_plan(guarantee_removals[0].experiment, row.finding.plan).upholds_all_invariants());
  EXPECT_TRUE(run_plan(reference, row.finding.plan).upholds_all_invariants());
  EXPECT_EQ(row.with, run_plan(reference, row.finding.plan).outcome);
  EXPECT_EQ(row.without, run_plan(guarantee_removals[0].experiment, row.finding.plan).outcome);
}

TEST(GuaranteeDependencyTest, WhatWasMissedWithoutHarmAndWhatWasNeverMissedAreToldApart) {
  // An action that comes after the end meets no tombstone if its compensation was never asked for.
  const std::vector<GuaranteeRemoval> guarantee_removals{
      without(Guarantee::kDurableDedup, "reserve", "stock"),
      without(Guarantee::kDeduplicates, "pay", "bank")};
  const GuaranteeDependencies result = relies_on(subject(small_saga()), guarantee_removals, kOneFault);
  ASSERT_THAT(result.rows, SizeIs(2));
  EXPECT_EQ(result.rows[0].need, Need::kNotExercised);  // nothing crashes
  EXPECT_TRUE(result.rows[0].exhausted);
  EXPECT_EQ(result.rows[1].need, Need::kNotExercised);  // it is tried only once
  EXPECT_EQ(result.count(Need::kNotExercised), 2U);
}

TEST(GuaranteeDependencyTest, MissedButHarmlessIsNotNeeded) {
  GuaranteeRemoval removal = without(Guarantee::kDeduplicates, "reserve", "stock");
  // Marks as if something were missing, and behaves.
  removal.experiment.setup.participants["stock"] =
      participant_from([](const Delivery& delivery, EffectRecorder& recorder) {
        recorder.mark(markers::kNoDedup);
        const Effect& effect = recorder.effect(delivery.operation.step);
        if (delivery.operation.operation == Operation::kCompensation) {
          if (effect.net() > 0) recorder.undo(delivery);
        } else if (effect.applied == 0) {
          recorder.apply(delivery);
        }
        return Reply{};
      });
  const std::vector<GuaranteeRemoval> guarantee_removals{removal};
  const GuaranteeDependencies result = relies_on(subject(small_saga()), guarantee_removals,
                                                 {.max_faults = 1, .kinds = {FaultKind::kReplyLost}});
  EXPECT_EQ(result.rows.at(0).need, Need::kNotNeeded);
}

TEST(GuaranteeDependencyTest, ASearchCutShortDecidesNothing) {
  const std::vector<GuaranteeRemoval> guarantee_removals{
      without(Guarantee::kDurableDedup, "reserve", "stock")};
  ExploreOptions options = kOneFault;
  options.max_schedules = 3;
  const GuaranteeDependencies result = relies_on(subject(small_saga()), guarantee_removals, options);
  EXPECT_EQ(result.rows.at(0).need, Need::kUndecided);
  EXPECT_FALSE(result.exhausted);
}

TEST(GuaranteeDependencyTest, WhatCannotBeTakenAwayIsNotSearched) {
  const std::vector<GuaranteeRemoval> guarantee_removals{
      {.step = "pay", .impossible = "the step has no compensation"}};
  const GuaranteeDependencies result = relies_on(subject(small_saga()), guarantee_removals, kOneFault);
  EXPECT_EQ(result.rows.at(0).need, Need::kNotApplicable);
  EXPECT_EQ(result.rows.at(0).why, "the step has no compensation");
}

TEST(GuaranteeDependencyTest, ASagaThatFailsWithEverythingGivenIsNotAskedFurther) {
  const std::vector<GuaranteeRemoval> guarantee_removals{
      without(Guarantee::kDeduplicates, "reserve", "stock")};
  const GuaranteeDependencies result =
      relies_on(subject(small_saga(), OrchestratorBug::kNoIdempotencyKey), guarantee_removals, kOneFault);
  EXPECT_FALSE(result.upheld);
  EXPECT_THAT(result.rows, testing::IsEmpty());
}

TEST(GuaranteeDependencyTest, ReportsProgressBeforeEachSearch) {
  const std::vector<GuaranteeRemoval> guarantee_removals{
      without(Guarantee::kDurableDedup, "reserve", "stock"),
      without(Guarantee::kDurableDedup, "pay", "bank")};
  std::vector<std::size_t> done;
  (void)relies_on(subject(small_saga()), guarantee_removals, kOneFault,
                  [&done](const GuaranteeDependencies& so_far) { done.push_back(so_far.rows.size()); });
  EXPECT_THAT(done, testing::ElementsAre(0, 0, 1));
}

}  // namespace
}  // namespace saga_harness::explore_test
