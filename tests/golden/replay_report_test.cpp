#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/search_reports.hpp>
#include <saga_harness/token.hpp>

#include "golden_file.hpp"
#include "samples.hpp"

namespace saga_harness::golden {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Style kReplayStyle{};

class ReplayReportTest : public testing::Test {
 protected:
  [[nodiscard]] const SagaIndex& saga() const { return *experiment_.setup.saga; }
  [[nodiscard]] saga_harness::Run stale_run() const {
    saga_harness::Run run = violating_run(saga());
    run.plan.faults.push_back({.step = "confirm_order", .attempt = 3, .kind = FaultKind::kReplyLost});
    run.unfired.faults = {run.plan.faults.back()};
    return run;
  }

  Experiment experiment_ = sample_experiment();
};

TEST_F(ReplayReportTest, ShowsAReproducedViolation) {
  const saga_harness::Run run = violating_run(saga());
  EXPECT_TRUE(matches_file("replay_reproduced.txt", replay_report(experiment_, {.run = run}, kReplayStyle)));
  EXPECT_EQ(exit_code_of(Replay{.run = run}), ExitCode::kViolated);
}

TEST_F(ReplayReportTest, NamesEveryFaultThatDidNotStrike) {
  const saga_harness::Run run = stale_run();
  const Replay replay{.run = run, .token_definition = 0x1234};
  EXPECT_TRUE(matches_file("replay_stale.txt", replay_report(experiment_, replay, kReplayStyle)));
  EXPECT_EQ(exit_code_of(replay), ExitCode::kInconclusive);
}

TEST_F(ReplayReportTest, SaysUpheldIfTheBugIsGone) {
  saga_harness::Run run = violating_run(saga());
  for (Verdict& verdict : run.verdicts) {
    if (verdict.status == VerdictStatus::kViolated)
      verdict = {.rule = verdict.rule, .status = VerdictStatus::kHeld};
  }
  const std::string text = replay_report(experiment_, {.run = run}, kReplayStyle);
  EXPECT_THAT(text, HasSubstr("UPHELD: every planned fault struck, and no rule is violated\n"));
  EXPECT_THAT(text, Not(HasSubstr("REPRODUCED")));
  EXPECT_EQ(exit_code_of(Replay{.run = run}), ExitCode::kUpheld);
}

TEST_F(ReplayReportTest, IsSilentAboutADefinitionThatHasNotChanged) {
  const saga_harness::Run run = violating_run(saga());
  EXPECT_THAT(
      replay_report(experiment_, {.run = run, .token_definition = definition_tag(saga())}, kReplayStyle),
      Not(HasSubstr("has changed")));
}

TEST_F(ReplayReportTest, JsonIsTheSameToTheByte) {
  const saga_harness::Run run = stale_run();
  EXPECT_TRUE(
      matches_file("replay_stale.json", replay_json(experiment_, {.run = run, .token_definition = 0x1234})));
}

}  // namespace
}  // namespace saga_harness::golden
