// The one table of rules, and what follows from it.

#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <saga_harness/rule.hpp>

#include "support/readme_table.hpp"

namespace saga_harness {
namespace {

using testing::IsEmpty;

std::string_view name_of_claim(bool Claims::*claim) {
  return std::ranges::find(kClaimCatalogue, claim, &ClaimRow::flag)->name;
}

std::string for_whom(const RuleRow& row) {
  if (row.claim == kEveryone) return "everyone";
  std::string claims = fmt::format("claim `{}`", name_of_claim(row.claim));
  if (row.or_claim != nullptr) claims += fmt::format(" or `{}`", name_of_claim(row.or_claim));
  return claims;
}

TEST(RuleCatalogueTest, NamesEachRuleOnceAndNumbersThemInOrderThoseWithoutANumberLast) {
  std::set<std::string_view> names;
  int last = 0;
  for (std::size_t i = 0; i < kRuleCount; ++i) {
    const RuleRow& row = kRuleCatalogue[i];
    if (row.is_numbered()) {
      const int number = std::stoi(std::string(row.id.substr(1)));
      EXPECT_EQ(row.id, fmt::format("I{}", number));
      EXPECT_GT(number, last);
      last = number;
      EXPECT_EQ(label_of(row.rule), fmt::format("{} {}", row.id, row.name));
      EXPECT_EQ(number_of(row.rule), row.id);
    } else {
      last = 1000;
      EXPECT_EQ(label_of(row.rule), row.name);
      EXPECT_THAT(number_of(row.rule), IsEmpty());
    }
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(find_rule(row.id), &row);
    EXPECT_EQ(find_rule(row.name), &row);
    EXPECT_EQ(describe(row.rule), row.demands);
    EXPECT_THAT(row.demands.substr(row.demands.size() - 1), testing::Ne(".")) << row.id;
  }
}

TEST(RuleCatalogueTest, SaysNothingOfWhatIsNoBuiltInRule) {
  EXPECT_EQ(find_rule("own"), nullptr);
  EXPECT_EQ(find_rule(""), nullptr);
  EXPECT_EQ(id_of(kOwnRule), "own");
  EXPECT_THAT(describe(kOwnRule), IsEmpty());
}

TEST(RuleCatalogueTest, IsTheTableOfTheDocumentation) {
  std::string table = "| rule | demands | of whom |\n|---|---|---|\n";
  for (const RuleRow& row : kRuleCatalogue)
    table += fmt::format("| {} | {} | {} |\n", label_of(row.rule), row.demands, for_whom(row));
  EXPECT_TRUE(support::has_table("harness/docs/rules.md", "rules", table));
}

TEST(ClaimCatalogueTest, AllClaimsEverything) {
  for (const ClaimRow& row : kClaimCatalogue) {
    EXPECT_TRUE(Claims::all().*row.flag) << row.name;
    EXPECT_FALSE(Claims{}.*row.flag) << row.name;
  }
}

TEST(ClaimCatalogueTest, IsTheTableOfTheReadme) {
  std::string table = "| claim | the subject claims | over wires |\n|---|---|---|\n";
  for (const ClaimRow& row : kClaimCatalogue)
    table += fmt::format("| `{}` | {} | {} |\n", row.name, row.promise, row.shows_over_wires ? "yes" : "");
  EXPECT_TRUE(support::has_table("harness/model/README.md", "claims", table));
}

}  // namespace
}  // namespace saga_harness
