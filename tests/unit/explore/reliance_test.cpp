// What a saga relies on: guarantees taken away, one at a time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/reliance.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::SizeIs;

Withdrawal without(Guarantee guarantee, const std::string& step, const std::string& service) {
  Withdrawal withdrawal{.step = step, .guarantee = guarantee, .experiment = subject(small_saga())};
  Guarantees rest;
  flag_of(rest, guarantee) = false;
  withdrawal.experiment.setup.participants[service] = ledger_fake({}, {}, {}, {{step, rest}});
  withdrawal.experiment.participant_name = "lacking";
  return withdrawal;
}

const ExploreOptions kOneFault{
    .max_faults = 1,
    .kinds = {FaultKind::kRequestLost, FaultKind::kReplyLost, FaultKind::kRequestLateAfterEnd}};

TEST(RelianceTest, ANeedIsShownByASmallestPlanThatIsHarmlessOtherwise) {
  const Experiment reference = subject(small_saga());
  const std::vector<Withdrawal> withdrawals{without(Guarantee::kDeduplicates, "reserve", "stock")};
  const Reliances result = relies_on(reference, withdrawals, kOneFault);
  EXPECT_TRUE(result.upheld);
  EXPECT_TRUE(result.exhausted);
  ASSERT_THAT(result.rows, SizeIs(1));
  const Reliance& row = result.rows.front();
  EXPECT_EQ(row.need, Need::kNeeded);
  EXPECT_EQ(row.participant, "lacking");
  EXPECT_EQ(row.finding.plan.size(), 1U);
  EXPECT_FALSE(run_plan(withdrawals[0].experiment, row.finding.plan).upholds_all_invariants());
  EXPECT_TRUE(run_plan(reference, row.finding.plan).upholds_all_invariants());
  EXPECT_EQ(row.with, run_plan(reference, row.finding.plan).outcome);
  EXPECT_EQ(row.without, run_plan(withdrawals[0].experiment, row.finding.plan).outcome);
}

TEST(RelianceTest, WhatWasMissedWithoutHarmAndWhatWasNeverMissedAreToldApart) {
  // An action that comes after the end meets no tombstone if its compensation was never asked for.
  const std::vector<Withdrawal> withdrawals{without(Guarantee::kDurableDedup, "reserve", "stock"),
                                            without(Guarantee::kDeduplicates, "pay", "bank")};
  const Reliances result = relies_on(subject(small_saga()), withdrawals, kOneFault);
  ASSERT_THAT(result.rows, SizeIs(2));
  EXPECT_EQ(result.rows[0].need, Need::kNotExercised);  // nothing crashes
  EXPECT_TRUE(result.rows[0].exhausted);
  EXPECT_EQ(result.rows[1].need, Need::kNotExercised);  // it is tried only once
  EXPECT_EQ(result.count(Need::kNotExercised), 2U);
}

TEST(RelianceTest, MissedButHarmlessIsNotNeeded) {
  Withdrawal withdrawal = without(Guarantee::kDeduplicates, "reserve", "stock");
  // Marks as if something were missing, and behaves.
  withdrawal.experiment.setup.participants["stock"] =
      participant_from([](const Delivery& delivery, Books& books) {
        books.mark(markers::kNoDedup);
        const Effect& effect = books.effect(delivery.operation.step);
        if (delivery.operation.operation == Operation::kCompensation) {
          if (effect.net() > 0) books.undo(delivery);
        } else if (effect.applied == 0) {
          books.apply(delivery);
        }
        return Reply{};
      });
  const std::vector<Withdrawal> withdrawals{withdrawal};
  const Reliances result =
      relies_on(subject(small_saga()), withdrawals, {.max_faults = 1, .kinds = {FaultKind::kReplyLost}});
  EXPECT_EQ(result.rows.at(0).need, Need::kNotNeeded);
}

TEST(RelianceTest, ASearchCutShortDecidesNothing) {
  const std::vector<Withdrawal> withdrawals{without(Guarantee::kDurableDedup, "reserve", "stock")};
  ExploreOptions options = kOneFault;
  options.max_schedules = 3;
  const Reliances result = relies_on(subject(small_saga()), withdrawals, options);
  EXPECT_EQ(result.rows.at(0).need, Need::kUndecided);
  EXPECT_FALSE(result.exhausted);
}

TEST(RelianceTest, WhatCannotBeTakenAwayIsNotSearched) {
  const std::vector<Withdrawal> withdrawals{{.step = "pay", .impossible = "the step has no compensation"}};
  const Reliances result = relies_on(subject(small_saga()), withdrawals, kOneFault);
  EXPECT_EQ(result.rows.at(0).need, Need::kNotApplicable);
  EXPECT_EQ(result.rows.at(0).why, "the step has no compensation");
}

TEST(RelianceTest, ASagaThatFailsWithEverythingGivenIsNotAskedFurther) {
  const std::vector<Withdrawal> withdrawals{without(Guarantee::kDeduplicates, "reserve", "stock")};
  const Reliances result =
      relies_on(subject(small_saga(), OrchestratorBug::kNoIdempotencyKey), withdrawals, kOneFault);
  EXPECT_FALSE(result.upheld);
  EXPECT_THAT(result.rows, testing::IsEmpty());
}

TEST(RelianceTest, ReportsProgressBeforeEachSearch) {
  const std::vector<Withdrawal> withdrawals{without(Guarantee::kDurableDedup, "reserve", "stock"),
                                            without(Guarantee::kDurableDedup, "pay", "bank")};
  std::vector<std::size_t> done;
  (void)relies_on(subject(small_saga()), withdrawals, kOneFault,
                  [&done](const Reliances& so_far) { done.push_back(so_far.rows.size()); });
  EXPECT_THAT(done, testing::ElementsAre(0, 0, 1));
}

}  // namespace
}  // namespace saga_harness::explore_test
