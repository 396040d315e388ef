#include <gtest/gtest.h>

#include "golden_file.hpp"
#include "samples.hpp"

namespace saga_harness::golden {
namespace {

const ExploreOptions kOptions{.max_faults = 2};

GuaranteeDependencies determined() {
  GuaranteeDependencies dependencies = sample_dependencies();
  std::erase_if(dependencies.rows,
                [](const GuaranteeDependency& row) { return row.need == Need::kUndecided; });
  dependencies.verdict = verdict_of(dependencies);
  return dependencies;
}

TEST(RequireReportTest, ShowsATableAndAParagraphPerNeed) {
  const Experiment experiment = sample_experiment();
  EXPECT_TRUE(matches_file("require.txt", require_report(experiment, kOptions, determined(), {})));
  EXPECT_EQ(exit_code_of(determined()), ExitCode::kUpheld);
}

TEST(RequireReportTest, DrawsGlyphsAndColours) {
  Experiment experiment = sample_experiment();
  experiment.coordinator_name = "my own";
  const Style style{.colour = true, .ascii = false, .width = 60};
  EXPECT_TRUE(matches_file("require_colours.txt",
                           require_report(experiment, kOptions, sample_dependencies(), style)));
}

TEST(RequireReportTest, ASearchCutShortIsInconclusive) {
  GuaranteeDependencies dependencies = sample_dependencies();
  EXPECT_EQ(exit_code_of(dependencies), ExitCode::kInconclusive);
  dependencies = determined();
  dependencies.exhausted = false;
  dependencies.verdict = verdict_of(dependencies);
  EXPECT_EQ(exit_code_of(dependencies), ExitCode::kInconclusive);
}

TEST(RequireReportTest, ASagaThatGoesWrongAnywayIsToBeMendedFirst) {
  const Experiment experiment = sample_experiment();
  GuaranteeDependencies dependencies{.max_faults = 2, .schedules = 7};
  dependencies.verdict = verdict_of(dependencies);
  EXPECT_EQ(exit_code_of(dependencies), ExitCode::kViolated);
  EXPECT_TRUE(matches_file("require_violated.txt", require_report(experiment, kOptions, dependencies, {})));
}

TEST(RequireReportTest, WritesJson) {
  const ExploreOptions options{.max_faults = 2, .kinds = {FaultKind::kRejected, FaultKind::kReplyLost}};
  EXPECT_TRUE(
      matches_file("require.json", require_json(sample_experiment(), options, sample_dependencies())));
}

}  // namespace
}  // namespace saga_harness::golden
