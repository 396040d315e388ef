// Steps with conditions, where reports show steps.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/report_writers.hpp>

#include "text/report_wording.hpp"

namespace saga_harness::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Report conditional() {
  Report report;
  SagaReport& saga = report.sagas.emplace_back();
  saga.definition = {
      .name = "order",
      .steps = {{.name = "wrap",
                 .service = "gifts",
                 .compensation = "unwrap",
                 .only_if = Condition{.pointer = "/gift<b>", .comparison = Comparison::kEquals}},
                {.name = "send",
                 .service = "post",
                 .compensation = "recall",
                 .only_if = Condition{.pointer = "/weight", .comparison = Comparison::kAtMost, .value = 5}},
                {.name = "bill", .service = "bank", .pivot = true}}};
  saga.cells = {{.name = "send.action@call:rejected", .step = 1, .status = CellStatus::kHeld, .fired = 1},
                {.name = "bill.action@call:rejected", .step = 2, .status = CellStatus::kHeld, .fired = 1}};
  return report;
}

TEST(ConditionsTest, AreNamedWithTheirStepsAndSkippedWhereThereIsNoCell) {
  EXPECT_THAT(conditions_of(conditional().sagas[0]),
              ElementsAre("wrap: only if /gift<b> equals true, skipped", "send: only if /weight at most 5"));
}

TEST(ConditionsTest, StandAtTheStepInTheFlowchart) {
  const std::string text = diagram_mermaid(conditional());
  EXPECT_THAT(text, HasSubstr("a0_0[\"wrap<br/>only if /gift#60;b#62; equals true<br/>skipped\"]"));
  EXPECT_THAT(text, HasSubstr("a0_1[\"send<br/>only if /weight at most 5<br/>1 of 1 held\"]"));
  EXPECT_THAT(text, HasSubstr("c0_0[\"unwrap<br/>skipped\"]"));
  EXPECT_THAT(text, HasSubstr("a0_2[\"bill<br/>1 of 1 held\"]"));
}

TEST(ConditionsTest, StandAtTheStepInTheDrawing) {
  const std::string text = diagram_svg(conditional());
  EXPECT_THAT(text, HasSubstr("<title>wrap: only if /gift&lt;b&gt; equals true, skipped</title>"));
  EXPECT_THAT(text, HasSubstr(">only if /weight at most 5</text>"));
  EXPECT_THAT(text, Not(HasSubstr("gift<b>")));
}

TEST(ConditionsTest, AreListedInHtmlAndMarkdown) {
  EXPECT_THAT(html_report(conditional(), nullptr),
              HasSubstr("<li>wrap: only if /gift&lt;b&gt; equals true, skipped</li>"));
  EXPECT_THAT(markdown_report(conditional(), nullptr), HasSubstr("- send&#58; only if /weight at most 5\n"));
}

}  // namespace
}  // namespace saga_harness::reports
