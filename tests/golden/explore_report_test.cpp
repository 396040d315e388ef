#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/search_reports.hpp>

#include "golden_file.hpp"
#include "samples.hpp"

namespace saga_harness::golden {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr Style kAscii{};
constexpr Style kGlyphs{.ascii = false};
constexpr Style kColours{.colour = true, .ascii = false};

class ExploreReportTest : public testing::Test {
 protected:
  [[nodiscard]] const SagaIndex& saga() const { return *experiment_.setup.saga; }
  [[nodiscard]] std::string report(const Exploration& exploration, const Style& style,
                                   const std::vector<FindingDetail>& details = {}) const {
    return explore_report(experiment_, options_, exploration, details, style);
  }
  [[nodiscard]] std::vector<FindingDetail> details() const {
    return {
        {.run = violating_run(saga()), .gtest_case = "TEST(OrderSagaTest, LosesAPayment) {\n  run();\n}\n"}};
  }

  Experiment experiment_ = sample_experiment();
  ExploreOptions options_ = {};
};

TEST_F(ExploreReportTest, ShowsAnUpheldSearch) {
  EXPECT_TRUE(matches_file("explore_upheld.txt", report(upheld_exploration(saga()), kAscii)));
}

TEST_F(ExploreReportTest, ShowsFindingsWithTraceAndTest) {
  EXPECT_TRUE(matches_file("explore_violated.txt", report(violated_exploration(saga()), kAscii, details())));
}

TEST_F(ExploreReportTest, DrawsGlyphsAndColoursIfAskedTo) {
  EXPECT_TRUE(
      matches_file("explore_violated_glyphs.txt", report(violated_exploration(saga()), kGlyphs, details())));
  EXPECT_TRUE(matches_file("explore_violated_colours.txt",
                           report(violated_exploration(saga()), kColours, details())));
}

TEST_F(ExploreReportTest, SaysOfACutOffSearchHowFarItCameAndNoPercentage) {
  options_.kinds = {FaultKind::kReplyLost, FaultKind::kReplyLate};
  options_.windows = false;
  options_.max_schedules = 500;
  const std::string text = report(bounded_exploration(saga()), kAscii);
  EXPECT_TRUE(matches_file("explore_bounded.txt", text));
  EXPECT_THAT(text, HasSubstr("k <= 3: stopped at 500, not exhausted\n"));
}

TEST_F(ExploreReportTest, SaysWhichOtherSagasThereAre) {
  const std::string alone = report(upheld_exploration(saga()), kAscii);
  EXPECT_THAT(alone, AllOf(Not(HasSubstr("beside it")), Not(HasSubstr("before it: "))));
  experiment_.setup.beside = {Context::parse(R"({"customer":1})"), Context::parse(R"({"customer":2})")};
  experiment_.setup.earlier_sagas = 1;
  const std::string text = report(upheld_exploration(saga()), kAscii);
  EXPECT_THAT(text, HasSubstr("\nOn the same bus, beside it: 2 sagas, of the context "));
  EXPECT_THAT(text, HasSubstr(R"({"customer":2})"));
  EXPECT_THAT(text, HasSubstr("\nServed before it: 1 saga of the same definition\n"));
  const std::string document = explore_json(experiment_, options_, upheld_exploration(saga()));
  EXPECT_THAT(document, AllOf(HasSubstr("\"beside\": ["), HasSubstr("\"earlier_sagas\": 1")));
}

TEST_F(ExploreReportTest, ColoursAreTheOnlyDifferenceColourMakes) {
  std::string coloured = report(violated_exploration(saga()), kColours, details());
  std::string bare;
  for (std::size_t at = 0; at < coloured.size(); ++at) {
    if (coloured[at] == '\x1b') {
      at = coloured.find('m', at);
    } else {
      bare += coloured[at];
    }
  }
  EXPECT_EQ(bare, report(violated_exploration(saga()), kGlyphs, details()));
}

TEST_F(ExploreReportTest, EscapesWhatATerminalWouldObey) {
  Exploration exploration = violated_exploration(saga());
  exploration.findings[0].explanation = "\x1b[2Jgone \xff \xc2\x9b\r\nnext \xc3\xa9";
  const std::string text = report(exploration, kAscii);
  EXPECT_THAT(text, HasSubstr("\\x1b[2Jgone \\xff \\xc2\\x9b\\x0d\\x0anext \xc3\xa9\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST_F(ExploreReportTest, QuotesTheScenarioForAShell) {
  EXPECT_THAT(report(violated_exploration(saga()), kAscii),
              HasSubstr("saga-harness replay 'my scenarios/order.json' sh1-first\n"));
}

TEST_F(ExploreReportTest, FitsAHundredColumnsWhateverIsNotForeign) {
  std::string text = report(violated_exploration(saga()), kAscii);
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    EXPECT_LE(end - begin, 100U) << text.substr(begin, end - begin);
    begin = end + 1;
  }
}

TEST_F(ExploreReportTest, NoLineEndsInASpace) {
  const std::string text = report(violated_exploration(saga()), kAscii, details());
  EXPECT_THAT(text, Not(HasSubstr(" \n")));
}

TEST(CoverageMatrixTest, WrapsIntoBlocksOfColumnsThatFit) {
  const Experiment experiment = sample_experiment();
  const SagaIndex& saga = *experiment.setup.saga;
  EXPECT_TRUE(matches_file("matrix_narrow.txt",
                           coverage_matrix(saga, violated_exploration(saga), {.ascii = true, .width = 70})));
}

TEST(CoverageMatrixTest, LeavesOutKindsThatAreLegalNowhere) {
  const Experiment experiment = sample_experiment();
  Exploration exploration = upheld_exploration(*experiment.setup.saga);
  std::erase_if(exploration.cells, [](const Cell& cell) { return cell.kind != FaultKind::kReplyLost; });
  const std::string text = coverage_matrix(*experiment.setup.saga, exploration, kAscii);
  EXPECT_THAT(text, HasSubstr("reply"));
  EXPECT_THAT(text, Not(HasSubstr("crash")));
  EXPECT_THAT(text, Not(HasSubstr("saga ")));
}

}  // namespace
}  // namespace saga_harness::golden
