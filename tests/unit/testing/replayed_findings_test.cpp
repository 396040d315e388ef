// The findings of a test are replayed by another process of this binary, in which nothing ran before.

#include <cstdlib>

#include <saga_harness/fresh_replay.hpp>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// What a coordinator keeps from saga to saga, and should not.
int& failures_of_this_process() {
  static int failures = 0;
  return failures;
}

/// Once more than `most` of its sagas have failed, it calls them completed.
Coordinator loses_patience_after(int most) {
  return [most](Runtime& runtime) {
    const auto ok = [&](const char* service, const char* action) {
      return runtime.call({.service = service, .action = action, .idempotency_key = action}).ok();
    };
    if (ok("stock", "reserve") && ok("bank", "pay") && ok("post", "ship"))
      return runtime.report(Outcome::kCompleted);
    const bool is_patient = ++failures_of_this_process() <= most;
    runtime.report(is_patient ? Outcome::kFlagged : Outcome::kCompleted,
                   std::vector<std::string_view>{"reserve", "pay", "ship"});
  };
}

SagaTestHarness harness_with(Coordinator coordinator) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(std::move(coordinator), {.names_flagged_steps = true})
      .switch_off(Rule::kRefusedThoughNothingFailed, "not what this is about");
  return harness;
}

const ExploreOptions kRejections{.max_faults = 1, .kinds = {FaultKind::kRejected}};

TEST(ReplayedFindingsTest, WhatShowsAloneIsShown) {
  const Exploration found = harness_with(loses_patience_after(0)).explore(kRejections);
  ASSERT_THAT(found.findings, Not(IsEmpty()));
  for (const Finding& finding : found.findings) EXPECT_EQ(finding.replayed, Replayed::kShown);
  EXPECT_EQ(found.verdict.not_checked, "");
  EXPECT_THAT(found, Violates(Rule::kTruthfulOutcome));
}

TEST(ReplayedFindingsTest, WhatNeedsAnEarlierSagaIsAFindingThatSaysSo) {
  failures_of_this_process() = 0;
  const Exploration found = harness_with(loses_patience_after(1)).explore(kRejections);
  ASSERT_THAT(found.findings, Not(IsEmpty()));
  const Finding& finding = found.findings.front();
  EXPECT_EQ(finding.replayed, Replayed::kNeedsEarlierSagas);
  EXPECT_THAT(finding.earlier_sagas, ElementsAre(finding.plan));
  EXPECT_EQ(found.verdict.word, VerdictWord::kViolated);
  EXPECT_EQ(found.verdict.error, "");
  EXPECT_THAT(explanation(testing::Matcher<const Exploration&>(FindsNoViolation()), found),
              HasSubstr("shows only after an earlier saga: " + to_string(finding.plan)));
}

TEST(ReplayedFindingsTest, HeavyWhatNoRowOfSagasShowsIsNotDeterministic) {
  failures_of_this_process() = 0;
  SagaTestHarness harness = harness_with(loses_patience_after(12));
  for (int i = 0; i < 4; ++i) {  // three of its sagas fail in each
    ASSERT_THAT(harness.explore(kRejections).findings, IsEmpty());
  }
  const Exploration found = harness.explore(kRejections);
  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_THAT(found.nondeterministic, Not(IsEmpty()));
  EXPECT_EQ(word_of(found.verdict), "error");
  EXPECT_THAT(explanation(testing::Matcher<const Exploration&>(FindsNoViolation()), found),
              HasSubstr("is not where nothing ran before, nor after up to 7 earlier sagas"));
}

TEST(ReplayedFindingsTest, EarlierSearchesOfTheTestDoNotRunBeforeIt) {
  failures_of_this_process() = 0;
  SagaTestHarness harness = harness_with(loses_patience_after(1));
  const Exploration first = harness.explore(kRejections);
  const Exploration second =
      harness.explore(kRejections);  // in this process every saga finds failures before it
  ASSERT_THAT(first.findings, Not(IsEmpty()));
  ASSERT_THAT(second.findings, Not(IsEmpty()));
  EXPECT_EQ(second.findings.front().replayed, Replayed::kNeedsEarlierSagas);
}

TEST(ReplayedFindingsTest, AtMostEightOfATestAre) {
  SagaTestHarness harness = harness_with(loses_patience_after(0));
  std::size_t before = 0;
  while (before < kMostReplayedFindings) {
    const Exploration found = harness.explore(kRejections);
    ASSERT_EQ(found.verdict.not_checked, "");
    before += found.findings.size();
  }
  EXPECT_THAT(harness.explore(kRejections).verdict.not_checked, HasSubstr("at most eight of a test are"));
}

TEST(ReplayedFindingsTest, AProcessOfADeathTestDoesNotCheck) {
  const auto search = [] {
    const Exploration found = harness_with(loses_patience_after(0)).explore(kRejections);
    const bool says_so =
        found.verdict.not_checked.find("this process was made by a death test") != std::string::npos;
    std::exit(says_so ? 0 : 1);
  };
  EXPECT_EXIT(search(), testing::ExitedWithCode(0), "");
}

TEST(ReplayedFindingsTest, WithAMockNothingIsChecked) {
  MockParticipant bank;
  SagaTestHarness harness = harness_with(loses_patience_after(0));
  harness.use_participant("bank", bank);
  const Exploration found = harness.explore(kRejections);
  ASSERT_THAT(found.findings, Not(IsEmpty()));
  EXPECT_THAT(found.verdict.not_checked, HasSubstr("a participant is an object of the test's own"));
}

}  // namespace
}  // namespace saga_harness
