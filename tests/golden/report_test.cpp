#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/report_writers.hpp>

#include "golden_file.hpp"

namespace saga_harness::golden {
namespace {

constexpr const char* kToday = "2026-11-21";

std::string text_of(const std::string& name) {
  const std::string path = std::string(SAGA_HARNESS_GOLDEN_DIR) + "/records/" + name + ".runs.jsonl";
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("there is no file " + path);
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

Report report_of(const std::vector<std::string>& names) {
  std::vector<std::string> texts;
  for (const std::string& name : names) texts.push_back(text_of(name));
  std::vector<RecordText> records;
  for (std::size_t i = 0; i < names.size(); ++i) records.push_back({names[i], texts[i]});
  return merge_records(records, {.today = kToday});
}

Gate gate_of(const Report& report) {
  const Report before = report_of({"clean"});
  return judge_gate(report, {.min_fired = 95,
                             .min_held = 12.5,
                             .max_excluded = 3,
                             .exhausted = true,
                             .baseline = read_baseline(report_json(before), "baseline.json")});
}

/// A page without the style sheet and the script that are built into it, whose hashes it names.
std::string without_assets(std::string page) {
  for (const std::string tag : {"style", "script"}) {
    const std::size_t begin = page.find('<' + tag + '>') + tag.size() + 2;
    const std::size_t end = page.find("</" + tag + '>');
    if (begin >= end || end == std::string::npos) throw Error("the page has no " + tag);
    page.erase(begin, end - begin);
  }
  return page;
}

/// Every writer, over one set of records of each fate.
class ReportGoldenTest : public testing::TestWithParam<std::string> {
 protected:
  const Report report_ =
      report_of(GetParam() == "all" ? std::vector<std::string>{"clean", "violated", "vacuous", "excluded"}
                                    : std::vector<std::string>{GetParam()});
  [[nodiscard]] static std::string file(const char* ending) { return "report_" + GetParam() + ending; }
};

TEST_P(ReportGoldenTest, Json) { EXPECT_TRUE(matches_file(file(".json"), report_json(report_))); }

TEST_P(ReportGoldenTest, Terminal) {
  const Gate gate = gate_of(report_);
  EXPECT_TRUE(matches_file(file(".txt"), terminal_report(report_, &gate, {.width = 80})));
}

TEST_P(ReportGoldenTest, Markdown) {
  const Gate gate = gate_of(report_);
  EXPECT_TRUE(matches_file(file(".md"), markdown_report(report_, &gate)));
}

TEST_P(ReportGoldenTest, Html) {
  const Gate gate = gate_of(report_);
  const Report before = report_of({"clean"});
  const Baseline baseline = read_baseline(report_json(before), "baseline.json");
  const std::string page = html_report(report_, &gate, {.baseline = &baseline});
  EXPECT_TRUE(matches_file(file(".html"), without_assets(page)));
}

TEST_P(ReportGoldenTest, JUnit) {
  EXPECT_TRUE(matches_file(file("_jenkins.xml"), junit_report(report_, JUnitDialect::kJenkins)));
  EXPECT_TRUE(matches_file(file("_github.xml"), junit_report(report_, JUnitDialect::kGitHub)));
}

TEST_P(ReportGoldenTest, GitHub) {
  const Gate gate = gate_of(report_);
  EXPECT_TRUE(matches_file(file("_github.txt"), github_report(report_, &gate)));
}

TEST_P(ReportGoldenTest, Timeline) {
  EXPECT_TRUE(matches_file(file("_timeline.json"), timeline_report(report_)));
}

TEST_P(ReportGoldenTest, Diagrams) {
  EXPECT_TRUE(matches_file(file(".mmd"), diagram_mermaid(report_)));
  EXPECT_TRUE(matches_file(file(".svg"), diagram_svg(report_)));
  EXPECT_TRUE(matches_file(file("_badge.svg"), badge_svg(report_)));
}

INSTANTIATE_TEST_SUITE_P(Records, ReportGoldenTest,
                         testing::Values("clean", "violated", "vacuous", "truncated", "excluded", "hostile",
                                         "choreography", "all"),
                         [](const auto& each) { return each.param; });

TEST(ReportTest, TheTerminalIsNotLeftByAnythingButCommands) {
  for (const char* name : {"clean", "violated", "excluded", "hostile"}) {
    const Report report = report_of({name});
    const Gate gate = gate_of(report);
    std::istringstream lines(terminal_report(report, &gate, {.width = 80}));
    for (std::string line; std::getline(lines, line);) {
      const auto columns = std::count_if(
          line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
      EXPECT_TRUE(columns <= 80 || line.starts_with("  repeat: ")) << line;
    }
  }
}

TEST(ReportTest, MarkdownStaysWithinItsBudgetAndCountsWhatItLeavesOut) {
  const Report report = report_of({"clean", "violated", "vacuous", "excluded", "hostile"});
  const std::string whole = markdown_report(report, nullptr);
  EXPECT_EQ(whole.find("Left out"), std::string::npos);
  for (std::size_t budget = 2000; budget < whole.size(); budget += 1713) {
    const std::string text = markdown_report(report, nullptr, {.budget = budget});
    EXPECT_LE(text.size(), budget);
    EXPECT_NE(text.find("Left out to stay within"), std::string::npos) << budget;
  }
}

TEST(ReportTest, HtmlStaysWithinItsBudgetAndCountsWhatItLeavesOut) {
  const Report report = report_of({"violated", "vacuous", "excluded", "hostile"});
  const std::string whole = html_report(report, nullptr);
  EXPECT_EQ(whole.find("Left out"), std::string::npos);
  for (std::size_t budget = 60'000; budget < whole.size() - 2000; budget += 20'011) {
    const std::string text = html_report(report, nullptr, {.budget = budget});
    EXPECT_LE(text.size(), budget);
    EXPECT_NE(text.find("Left out to stay within"), std::string::npos) << budget;
    EXPECT_NE(text.find("</html>"), std::string::npos);
  }
}

TEST(ReportTest, ADrawingSaysHowManyEventsItLeavesOut) {
  const Report report = report_of({"violated"});
  const SagaReport& saga = report.sagas.front();
  std::size_t left_out = 0;
  const std::string whole = sequence_svg(saga, saga.findings.front(), 400, &left_out);
  EXPECT_EQ(left_out, 0U);
  const std::string part = sequence_svg(saga, saga.findings.front(), 3, &left_out);
  EXPECT_GT(left_out, 0U);
  EXPECT_LT(part.size(), whole.size());
  EXPECT_NE(part.find("and " + std::to_string(left_out) + " events more"), std::string::npos);
}

TEST(ReportTest, ASequenceDiagramStaysWithinItsBudget) {
  const Report report = report_of({"violated"});
  const SagaReport& saga = report.sagas.front();
  std::size_t left_out = 0;
  const std::string whole = sequence_mermaid(saga, saga.findings.front(), 40'000, &left_out);
  EXPECT_EQ(left_out, 0U);
  const std::string part = sequence_mermaid(saga, saga.findings.front(), whole.size() / 2, &left_out);
  EXPECT_GT(left_out, 0U);
  EXPECT_NE(part.find("and " + std::to_string(left_out) + " more events"), std::string::npos);
}

}  // namespace
}  // namespace saga_harness::golden
