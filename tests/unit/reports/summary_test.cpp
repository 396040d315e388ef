#include <gtest/gtest.h>

#include <saga_harness/search_reports.hpp>

namespace saga_harness {
namespace {

TEST(PercentTest, RoundsDown) {
  EXPECT_EQ(percent(999, 1000), 99);
  EXPECT_EQ(percent(1, 3), 33);
  EXPECT_EQ(percent(0, 7), 0);
  EXPECT_EQ(percent(7, 7), 100);
}

TEST(PercentTest, IsNothingOfNothing) { EXPECT_EQ(percent(0, 0), std::nullopt); }

TEST(CoverageTest, CountsEveryLegalCellOnceAndOnlyHeldOnesAsHeld) {
  Exploration exploration;
  exploration.cells = {{.status = CellStatus::kHeld, .fired = 3},
                       {.status = CellStatus::kViolated, .fired = 1},
                       {.status = CellStatus::kVacuous, .fired = 1},
                       {.status = CellStatus::kNotFired},
                       {.status = CellStatus::kNotReached}};
  exploration.undeclared = {{.status = CellStatus::kHeld, .fired = 9}};
  EXPECT_EQ(coverage_of(exploration), (CoverageCounts{.denominator = 5, .fired = 3, .held = 1}));
}

TEST(ExitCodeTest, OfAnExplorationIsThatOfItsVerdict) {
  Exploration exploration;
  exploration.schedules = 1;
  const auto code = [&exploration] {
    exploration.verdict = verdict_of(exploration, {}, {});
    return exit_code_of(exploration);
  };
  EXPECT_EQ(code(), ExitCode::kInconclusive) << "not exhausted";
  exploration.exhausted = true;
  EXPECT_EQ(code(), ExitCode::kUpheld);
  exploration.undeclared.emplace_back();
  EXPECT_EQ(code(), ExitCode::kInconclusive) << "a point nobody foresaw";
  exploration.violated_schedules = 1;
  EXPECT_EQ(code(), ExitCode::kViolated);
  exploration.exhausted = false;
  EXPECT_EQ(code(), ExitCode::kViolated) << "one violation is enough";
}

TEST(RuleStatusTest, IsUnknownIfNeverExercisedAndNotApplicableOnlyIfAlwaysRuledOut) {
  EXPECT_EQ(status_of(RuleCount{}), VerdictStatus::kUnknown);
  EXPECT_EQ(status_of(RuleCount{.unknown = 5}), VerdictStatus::kUnknown);
  EXPECT_EQ(status_of(RuleCount{.unknown = 5, .not_applicable = 1}), VerdictStatus::kUnknown);
  EXPECT_EQ(status_of(RuleCount{.not_applicable = 6}), VerdictStatus::kNotApplicable);
  EXPECT_EQ(status_of(RuleCount{.held = 1, .unknown = 5}), VerdictStatus::kHeld);
  EXPECT_EQ(status_of(RuleCount{.held = 5, .violated = 1}), VerdictStatus::kViolated);
}

TEST(PrintableTest, EscapesControlCharactersAndBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("plain"), "plain");
  EXPECT_EQ(printable("\xC3\xA9 \xE2\x9C\x93 \xF0\x9F\x98\x80"), "\xC3\xA9 \xE2\x9C\x93 \xF0\x9F\x98\x80");
  EXPECT_EQ(printable("a\tb\nc\x7F"), "a\\x09b\\x0ac\\x7f");
  EXPECT_EQ(printable("\xC2\x9B"), "\\xc2\\x9b") << "a C1 control";
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
  EXPECT_EQ(printable("\xE2\x9C"), "\\xe2\\x9c") << "cut off";
}

TEST(ListingTest, AlignsByCharactersAndLeavesNoSpaceAtTheEnd) {
  const Listing table{.headings = {"name", "what"}, .rows = {{"\xC3\xA9", "one"}, {"longer", ""}}};
  EXPECT_EQ(to_string(table, {}), "  name    what\n  \xC3\xA9       one\n  longer\n");
}

TEST(ListingTest, AlignsWideCharactersAndMarks) {
  const Listing table{.headings = {"name", "what"}, .rows = {{"\u6F22\u5B57", "wide"}, {"e\u0301", "mark"}}};
  EXPECT_EQ(to_string(table, {}),
            "  name  what\n"
            "  \u6F22\u5B57  wide\n"
            "  e\u0301     mark\n");
}

TEST(DescriptionTest, EveryKindAndRuleHasItsOwn) {
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i < kFaultKindCount; ++i) all.push_back(describe(static_cast<FaultKind>(i)));
  for (std::size_t i = 0; i < kRuleCount; ++i) all.push_back(describe(static_cast<Rule>(i)));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_FALSE(all[i].empty());
    for (std::size_t j = i + 1; j < all.size(); ++j) EXPECT_NE(all[i], all[j]);
  }
}

}  // namespace
}  // namespace saga_harness
