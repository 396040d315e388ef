#include <string>

#include <gtest/gtest.h>

#include "html/html.hpp"
#include "html/html_assets.hpp"

namespace saga_harness::reports {
namespace {

SagaReport some_saga() {
  SagaReport saga;
  saga.id = "0123456789abcdef";
  saga.definition_hash = 7;
  saga.cells = {
      {.name = "a.action@call:rejected", .status = CellStatus::kHeld, .fired = 1},
      {.name = "a.action@call:conflict", .status = CellStatus::kViolated, .fired = 2, .violated = 1},
      {.name = "b.action@call:rejected", .status = CellStatus::kNotFired}};
  saga.counts = {.legal = 3, .denominator = 3, .fired = 2, .held = 1, .by_status = {1, 1, 0, 1, 0, 0, 0}};
  return saga;
}

BaselineSaga before() {
  return {.definition_hash = 7,
          .counts = {.legal = 3, .denominator = 3, .fired = 3, .held = 2, .by_status = {2, 0, 0, 1, 0, 0, 0}},
          .cells = {{"a.action@call:conflict", CellStatus::kHeld},
                    {"a.action@call:rejected", CellStatus::kNotFired},
                    {"gone.action@call:rejected", CellStatus::kHeld}}};
}

TEST(HtmlTrendTest, NamesWhatIsNoLongerHeldWhatIsNewAndWhatIsGone) {
  const BaselineSaga earlier = before();
  const std::string text = html_trend(some_saga(), &earlier);
  EXPECT_NE(text.find("1 cell no longer held<ul><li><code>a.action@call:conflict: violated now</code>"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("1 cell held for the first time<ul><li><code>a.action@call:rejected</code>"),
            std::string::npos);
  EXPECT_NE(text.find("1 cell not known then<ul><li><code>b.action@call:rejected: not fired</code>"),
            std::string::npos);
  EXPECT_NE(text.find("1 cell no longer there<ul><li><code>gone.action@call:rejected</code>"),
            std::string::npos);
  EXPECT_NE(text.find("<th scope=\"row\">held</th><td>2</td><td>1</td><td>−1</td>"), std::string::npos);
  EXPECT_NE(text.find("<th scope=\"row\">violated</th><td>0</td><td>1</td><td>+1</td>"), std::string::npos);
  EXPECT_NE(text.find("<th scope=\"row\">to be covered</th><td>3</td><td>3</td><td>=</td>"),
            std::string::npos);
  EXPECT_EQ(text.find("definition has changed"), std::string::npos);
}

TEST(HtmlTrendTest, SaysIfNothingHasChangedIfTheDefinitionHasAndIfTheSagaIsNew) {
  SagaReport saga = some_saga();
  saga.cells.resize(1);
  BaselineSaga earlier{
      .definition_hash = 8, .counts = saga.counts, .cells = {{"a.action@call:rejected", CellStatus::kHeld}}};
  const std::string text = html_trend(saga, &earlier);
  EXPECT_NE(text.find("No cell has changed"), std::string::npos);
  EXPECT_NE(text.find("definition has changed"), std::string::npos);
  EXPECT_NE(html_trend(saga, nullptr).find("does not know this saga"), std::string::npos);
}

TEST(HtmlAnchorTest, TellsCellsApartAndStaysTheSame) {
  const SagaReport saga = some_saga();
  EXPECT_NE(cell_anchor(saga.cells[0], saga), cell_anchor(saga.cells[1], saga));
  EXPECT_EQ(cell_anchor(saga.cells[0], saga), "c-0123456789abcdef-6c7acd26c560e672");
  ReportCell hostile = saga.cells[0];
  hostile.name = "\" onclick=";
  EXPECT_EQ(cell_anchor(hostile, saga).find_first_not_of("c-0123456789abcdef"), std::string::npos);
}

TEST(HtmlCopyableTest, EscapesMarkupAndKeepsLines) {
  EXPECT_EQ(
      copyable("a <b>\n&c\n", "plan"),
      "<pre class=\"copy\" tabindex=\"0\" aria-label=\"plan\"><code>a &lt;b&gt;&#10;&amp;c</code></pre>\n");
}

/// SHA-256 in base64 has 44 characters, the last of which fills up.
TEST(HtmlAssetsTest, HashesAreOfTheFormThatAPolicyNames) {
  for (const std::string& hash : {style_hash(), script_hash()}) {
    EXPECT_EQ(hash.size(), 44U);
    EXPECT_EQ(hash.find('='), 43U);
  }
  EXPECT_EQ(script_text().find("</script"), std::string_view::npos);
  EXPECT_EQ(style_text().find("</style"), std::string_view::npos);
}

}  // namespace
}  // namespace saga_harness::reports
