// What each word means is written in the docs from what the code says.

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <saga_harness/exit_code.hpp>
#include <saga_harness/search_verdict.hpp>

#include "support/readme_table.hpp"

namespace saga_harness {
namespace {

TEST(VerdictWordsTest, ThePageSaysWhatTheyMean) {
  std::string table = "| word | exit | means |\n|---|---|---|\n";
  for (const VerdictWord word : {VerdictWord::kUpheld, VerdictWord::kViolated, VerdictWord::kInconclusive}) {
    table += fmt::format("| {} | {} | {} |\n", name_of(word),
                         static_cast<int>(exit_code_of(SearchVerdict{.word = word})), describe(word));
  }
  const SearchVerdict error{.error = "it differs"};
  table += fmt::format(
      "| {} | {} | no verdict: the subject did not do the same twice, a known finding expired or shows no "
      "more, or a part of the search is lost; what was found before is shown |\n",
      word_of(error), static_cast<int>(exit_code_of(error)));
  EXPECT_TRUE(support::has_table("harness/docs/verdicts.md", "verdicts", table));
}

TEST(VerdictWordsTest, ThePageSaysWhatASearchCanLack) {
  std::string table = "| lack | owed by | what it says |\n|---|---|---|\n";
  for (std::size_t i = 0; i < kLackCount; ++i) {
    const auto lack = static_cast<Lack>(i);
    EXPECT_EQ(parse_lack(name_of(lack)), lack);
    table += fmt::format("| `{}` | {} | {} |\n", name_of(lack), owed_by(lack), describe(lack));
  }
  EXPECT_TRUE(support::has_table("harness/docs/verdicts.md", "lacks", table));
}

}  // namespace
}  // namespace saga_harness
