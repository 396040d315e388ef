// Fakes that keep key and effect apart, at every instant between.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::Contains;
using testing::IsEmpty;

Experiment fakes_with(Transactions transactions) {
  Experiment experiment = subject(small_saga());
  for (auto& [service, participant] : experiment.setup.participants)
    participant = ledger_fake({}, {}, {}, {}, transactions);
  experiment.claims.separate_transactions = true;
  return experiment;
}

ExploreOptions all_deaths(int faults) {
  return {.max_faults = faults,
          .kinds = {FaultKind::kParticipantCrashBetween, FaultKind::kRejected, FaultKind::kReplyLost}};
}

TEST(TransactionsTest, AKeyKeptBeforeItsEffectIsKnownAgain) {
  const Exploration found = explore(fakes_with(Transactions::kKeyBeforeEffect), all_deaths(3));
  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_TRUE(found.exhausted);
  const auto died = [](const Cell& cell) {
    return cell.kind == FaultKind::kParticipantCrashBetween && cell.instant == Instant::kCommit &&
           cell.fired > 0;
  };
  EXPECT_THAT(found.cells, Contains(testing::Truly(died)));
}

TEST(TransactionsTest, AnEffectKeptBeforeItsKeyIsDoneTwice) {
  const Exploration found = explore(fakes_with(Transactions::kEffectBeforeKey), all_deaths(1));
  const auto twice = std::ranges::find(found.findings, Rule::kAtMostOnce, &Finding::rule);
  ASSERT_NE(twice, found.findings.end());
  EXPECT_EQ(to_string(twice->plan), "reserve.action#1@commit:participant_crash_between");
  EXPECT_THAT(found.markers, Contains(markers::kEffectBeforeKey));
}

TEST(TransactionsTest, InOneTransactionThereIsNothingBetween) {
  const Exploration found = explore(fakes_with(Transactions::kOne), all_deaths(2));
  EXPECT_THAT(found.findings, IsEmpty());
  for (const Cell& cell : found.cells) {
    if (cell.instant == Instant::kCommit) {
      EXPECT_EQ(cell.fired, 0U);
    }
  }
}

}  // namespace
}  // namespace saga_harness::explore_test
