#include <gtest/gtest.h>

#include <algorithm>

#include "golden_file.hpp"
#include "samples.hpp"

namespace saga_harness::golden {
namespace {

const ScoreOptions kScoreOptions{.explore = {.max_faults = 2}};

void keep(Score& score, const std::vector<MutantStatus>& statuses) {
  std::erase_if(score.mutants, [&](const MutantScore& mutant) {
    return std::find(statuses.begin(), statuses.end(), mutant.status) == statuses.end();
  });
}

TEST(ScoreReportTest, ShowsEveryFateAndTheAblation) {
  EXPECT_TRUE(matches_file("score.txt", score_report(kScoreOptions, sample_score(), {})));
}

TEST(ScoreReportTest, DrawsGlyphsColoursAndTheMedianOfARandomSearch) {
  Score score = sample_score();
  score.has_swarm = true;
  score.mutants.front().swarm_median = 230;
  score.mutants.front().swarm_found = 21;
  score.has_ablation = false;
  EXPECT_TRUE(matches_file("score_colours.txt",
                           score_report(kScoreOptions, score, {.colour = true, .ascii = false})));
}

TEST(ScoreReportTest, WritesJson) {
  EXPECT_TRUE(matches_file("score.json", score_json(kScoreOptions, sample_score())));
}

TEST(ScoreReportTest, TheExitCodeIsTheWorstFate) {
  Score score = sample_score();
  EXPECT_EQ(exit_code_of(score), ExitCode::kViolated);
  using Status = MutantStatus;
  score.references.pop_back();
  const auto code = [&score](const std::vector<MutantStatus>& statuses) {
    keep(score, statuses);
    score.verdict = verdict_of(score);
    return exit_code_of(score);
  };
  std::vector<MutantStatus> statuses{Status::kKilled, Status::kKilledByAnotherRule, Status::kEquivalent,
                                     Status::kSurvived, Status::kNotActivated};
  EXPECT_EQ(code(statuses), ExitCode::kInconclusive);
  statuses.pop_back();
  EXPECT_EQ(code(statuses), ExitCode::kCoverageMissed);
  statuses.pop_back();
  EXPECT_EQ(code(statuses), ExitCode::kUpheld);
  score.references.front().exhausted = false;
  EXPECT_EQ(code(statuses), ExitCode::kInconclusive);
}

}  // namespace
}  // namespace saga_harness::golden
