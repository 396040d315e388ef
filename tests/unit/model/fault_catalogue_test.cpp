// The one table of faults, and what follows from it.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/verdict.hpp>

#include "support/readme_table.hpp"

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

template <class Holds>
std::vector<std::string_view> rows_that(Holds holds) {
  std::vector<std::string_view> names;
  for (const FaultRow& row : kFaultCatalogue) {
    if (holds(row)) names.push_back(row.name);
  }
  return names;
}

std::string marked(bool holds) { return holds ? "yes" : ""; }

std::string done_by(const FaultRow& row) {
  if (row.fate.promises()) return "late";
  if (row.fate.keeps_from_participant()) return "";
  const bool waits_for_others =
      row.fate.until == HoldUntil::kCompensated || row.fate.until == HoldUntil::kEnd;
  return row.fate.request == RequestFate::kHeld && waits_for_others ? "late" : "yes";
}

std::string windows_of(const Legality& legality) {
  std::vector<std::string> names;
  for (const FaultDuration window : {FaultDuration::kBudget, FaultDuration::kHeal, FaultDuration::kForever}) {
    if ((legality.windows & window_bit(window)) != 0) names.push_back(fmt::format("`{}`", name_of(window)));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string claims_of(const FaultRow& row) {
  if (row.is_breach) return "only by name";
  std::vector<std::string> names;
  for (const ClaimRow& claim : kClaimCatalogue) {
    if (std::ranges::find(row.claims, claim.flag) != row.claims.end())
      names.push_back(fmt::format("`{}`", claim.name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string instants_of(const Legality& legality) {
  if (legality.at == fault_table::kWrites) return "`before_` a log write";
  if (legality.at == fault_table::kAroundCallsAndWrites)
    return "`before_call`, `before_` a log write, every `after_…`";
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kInstantCount; ++i) {
    const auto instant = static_cast<Instant>(i);
    if (legality.includes(instant)) names.push_back(fmt::format("`{}`", name_of(instant)));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string reach_of(Reach reach) {
  switch (reach) {
    case Reach::kNone:
      return "";
    case Reach::kWithTimeout:
      return "if the timeout is declared";
    case Reach::kAlways:
      return "yes";
  }
  return "";
}

std::string_view meaning_at(const FaultRow& row, const Legality& legality) {
  return legality.what.empty() ? row.what : legality.what;
}

TEST(FaultCatalogueTest, NamesEachKindOnceAndInOneSentence) {
  std::set<std::string_view> names;
  std::set<std::string_view> sentences;
  for (const FaultRow& row : kFaultCatalogue) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(sentences.insert(row.what).second) << row.what;
    EXPECT_EQ(parse_fault_kind(row.name), row.kind);
    EXPECT_EQ(name_of(row.kind), row.name);
    EXPECT_EQ(describe(row.kind), row.what);
    EXPECT_THAT(row.what, Not(testing::EndsWith(".")));
  }
}

TEST(FaultCatalogueTest, EveryKindIsLegalSomewhere) {
  EXPECT_THAT(rows_that([](const FaultRow& row) {
                return (row.under_coordinator.at | row.at_delivery.at | row.at_publish.at) == 0;
              }),
              IsEmpty());
}

TEST(FaultCatalogueTest, EveryKindDoesSomething) {
  EXPECT_THAT(rows_that([](const FaultRow& row) {
                const Fate& fate = row.fate;
                return fate.is_about_attempt() && fate.stray == StrayEvent::kNone &&
                       fate.request == RequestFate::kDelivered &&
                       fate.participant == ParticipantFate::kServes && fate.answer == AnswerFate::kPassed;
              }),
              IsEmpty());
}

TEST(FaultCatalogueTest, HoldsSomethingBackOnlyWithARequestForIt) {
  for (const FaultRow& row : kFaultCatalogue) {
    const bool needs_an_end = row.fate.request == RequestFate::kHeld;
    const bool may_have_one = needs_an_end || row.fate.request == RequestFate::kTwice;
    EXPECT_TRUE(!needs_an_end || row.fate.until != HoldUntil::kNothing) << row.name;
    EXPECT_TRUE(may_have_one || row.fate.until == HoldUntil::kNothing) << row.name;
  }
}

TEST(FaultCatalogueTest, OnlyWhatIsAnsweredInsteadHasAnAnswer) {
  for (const FaultRow& row : kFaultCatalogue)
    EXPECT_EQ(row.fate.answer == AnswerFate::kInstead, !row.fate.instead.body.empty()) << row.name;
}

TEST(FaultCatalogueTest, AMissingSubscriptionIsTheFateOfARequest) {
  EXPECT_EQ(row_of(FaultKind::kSubscriberMissing).area, FaultArea::kRequest);
}

TEST(FaultCatalogueTest, WhatIsRateLimitedMayComeAgainAtOneTimeEverywhere) {
  EXPECT_EQ(fate_of(FaultKind::kRateLimited).instead.retry_after, kRetryAfter);
  EXPECT_EQ(kRetryAfter % std::chrono::seconds(1), Duration::zero()) << "HTTP knows whole seconds only";
}

TEST(FaultCatalogueTest, SaysWhichCoordinatorsStartAgain) {
  EXPECT_THAT(
      rows_that([](const FaultRow& row) { return row.fate.needs_restart(); }),
      ElementsAre("coordinator_crash", "takeover", "log_write_torn", "log_write_lost", "log_read_stale"));
}

TEST(FaultCatalogueTest, SaysWhatComesLaterThanWithoutIt) {
  EXPECT_THAT(rows_that([](const FaultRow& row) { return row.fate.holds_back(); }),
              ElementsAre("request_duplicated_later", "request_reordered", "request_late",
                          "request_late_after_compensation", "request_late_after_end", "reply_late",
                          "delay_under_timeout", "delay_at_timeout", "delay_over_timeout",
                          "delay_past_deadline", "ok_before_effect"));
}

TEST(FaultCatalogueTest, IsTriedOfWhoMakesItsClaimsAndOfNobodyIfABreach) {
  for (const FaultRow& row : kFaultCatalogue) {
    EXPECT_EQ(is_in_scope(row.kind, Claims::all()), !row.is_breach) << row.name;
    for (const ClaimFlag needed : row.claims) {
      if (needed == nullptr) continue;
      Claims others = Claims::all();
      others.*needed = false;
      EXPECT_FALSE(is_in_scope(row.kind, others)) << row.name;
    }
  }
}

TEST(FaultCatalogueTest, IsTheTablesOfTheReadmes) {
  std::string calls =
      "| kind | what happens | done | fails | transient | windows | only with claim | over a wire |\n"
      "|---|---|---|---|---|---|---|---|\n";
  std::string others = "| kind | what happens | where | windows | only with claim |\n|---|---|---|---|---|\n";
  std::string deliveries = "| kind | what happens | windows | before a real broker |\n|---|---|---|---|\n";
  std::string publications = "| kind | what happens | windows |\n|---|---|---|\n";
  for (const FaultRow& row : kFaultCatalogue) {
    if (row.under_coordinator.includes(Instant::kCall)) {
      calls += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} |\n", row.name, row.what, done_by(row),
                           marked(fails_the_attempt(row.kind)), marked(is_transient(row.kind)),
                           windows_of(row.under_coordinator), claims_of(row), reach_of(row.wire_calls));
    } else if (row.under_coordinator.at != 0) {
      others +=
          fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, row.what,
                      instants_of(row.under_coordinator), windows_of(row.under_coordinator), claims_of(row));
    }
    if (row.at_delivery.at != 0)
      deliveries += fmt::format("| `{}` | {} | {} | {} |\n", row.name, meaning_at(row, row.at_delivery),
                                windows_of(row.at_delivery), marked(row.wire_deliveries));
    if (row.at_publish.at != 0)
      publications += fmt::format("| `{}` | {} | {} |\n", row.name, meaning_at(row, row.at_publish),
                                  windows_of(row.at_publish));
  }
  const std::string readme = "harness/model/README.md";
  EXPECT_TRUE(support::has_table(readme, "faults at a call", calls));
  EXPECT_TRUE(support::has_table(readme, "faults elsewhere", others));
  EXPECT_TRUE(support::has_table(readme, "faults at a delivery", deliveries));
  EXPECT_TRUE(support::has_table(readme, "faults at publishing", publications));
}

}  // namespace
}  // namespace saga_harness
