// What a scenario declares, in one spelling.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <functional>
#include <locale>
#include <set>
#include <string>

#include <saga_harness/scenario.hpp>
#include <saga_harness_internal/identity.hpp>

namespace saga_harness {
namespace {

Scenario declared_scenario() {
  return parse_scenario(R"({
    "saga": {"name": "order", "steps": [{"name": "take", "service": "stock", "compensation": "give_back"},
                                        {"name": "pay", "service": "bank", "compensation": "refund"}],
             "context": {"customer": "C-1", "amount": 12345.5, "items": [{"id": "P", "quantity": 2}]}},
    "participants": {"stock": {"fake": "stock", "stock": {"P": 10000, "Q": 5}},
                     "bank": {"fake": "balances", "balances": {"C-1": 50000},
                              "guarantees": {"deduplicates": true, "tombstones": false}}},
    "invariants": [{"name": "few", "level": "stock/P reserved", "min": 0, "max": 12345}]})",
                        "order.json");
}

// The same keys, each object in another order.
constexpr std::string_view kOtherOrder = R"({
    "invariants": [{"max": 12345, "min": 0, "level": "stock/P reserved", "name": "few"}],
    "participants": {"bank": {"guarantees": {"tombstones": false, "deduplicates": true},
                              "balances": {"C-1": 50000}, "fake": "balances"},
                     "stock": {"stock": {"Q": 5, "P": 10000}, "fake": "stock"}},
    "saga": {"context": {"items": [{"quantity": 2, "id": "P"}], "amount": 12345.5, "customer": "C-1"},
             "steps": [{"compensation": "give_back", "service": "stock", "name": "take"},
                       {"compensation": "refund", "service": "bank", "name": "pay"}],
             "name": "order"}})";

std::uint64_t fingerprint(const Scenario& scenario) { return fingerprint_of(experiment(scenario)); }

TEST(DeclaredTest, IsTheSameWhateverTheOrderOfKeys) {
  EXPECT_EQ(identity_of(experiment(parse_scenario(kOtherOrder, "other.json"))),
            identity_of(experiment(declared_scenario())));
}

/// Digits in groups, a comma for the point.
struct Groups final : std::numpunct<char> {
  [[nodiscard]] char do_decimal_point() const override { return ','; }
  [[nodiscard]] char do_thousands_sep() const override { return '.'; }
  [[nodiscard]] std::string do_grouping() const override { return "\3"; }
};

TEST(DeclaredTest, IsTheSameWhateverTheLocale) {
  const Traits expected = identity_of(experiment(declared_scenario()));
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Groups));
  const Traits there = identity_of(experiment(declared_scenario()));
  std::locale::global(before);
  EXPECT_EQ(there, expected);
}

using Change = std::function<void(Scenario&)>;

std::vector<std::pair<std::string_view, Change>> changes() {
  const auto stock = [](auto change) {
    return [change](Scenario& scenario) { change(scenario.participants.at("stock")); };
  };
  const auto few = [](auto change) {
    return [change](Scenario& scenario) { change(scenario.invariants.at(0)); };
  };
  return {
      {"an amount", stock([](ParticipantSpec& spec) { spec.amounts["P"] = 9999; })},
      {"a fake", stock([](ParticipantSpec& spec) { spec = {}; })},
      {"a guarantee", stock([](ParticipantSpec& spec) { spec.guarantees.deduplicates = false; })},
      {"another guarantee", stock([](ParticipantSpec& spec) { spec.guarantees.durable_dedup = false; })},
      {"a guarantee at a step",
       stock([](ParticipantSpec& spec) { spec.at_step["take"] = {.tombstones = false}; })},
      {"a known bug", stock([](ParticipantSpec& spec) { spec.partial_batch = true; })},
      {"another", stock([](ParticipantSpec& spec) { spec.promise_not_recalled = true; })},
      {"in how many transactions",
       stock([](ParticipantSpec& spec) { spec.transactions = Transactions::kKeyBeforeEffect; })},
      {"what is changed", stock([](ParticipantSpec& spec) {
         spec.fake = FakeKind::kSharedValues;
         spec.uses["take"] = {.changes = "P", .by = "1"};
       })},
      {"by how much", stock([](ParticipantSpec& spec) {
         spec.fake = FakeKind::kSharedValues;
         spec.uses["take"] = {.changes = "P", .by = "2"};
       })},
      {"a countermeasure", stock([](ParticipantSpec& spec) { spec.countermeasures.reread = false; })},
      {"a bound", few([](QuantityInvariant& own) { own.max = 12346; })},
      {"a bound gone", few([](QuantityInvariant& own) { own.min.reset(); })},
      {"when", few([](QuantityInvariant& own) { own.when = {Outcome::kFlagged}; })},
      {"of what", few([](QuantityInvariant& own) { own.quantities = {"stock/Q reserved"}; })},
      {"how it is served", [](Scenario& scenario) { scenario.http.check_keys = false; }},
      {"how it answers",
       [](Scenario& scenario) {
         scenario.http.routes["bank"]["pay"].replies[ReplyStatus::kOk] = {.status = 201};
       }},
      {"others at the same time",
       [](Scenario& scenario) {
         scenario.together = {Context(), Context()};
       }},
  };
}

TEST(DeclaredTest, HoldsWhatParticipantsInvariantsAndRoutesAre) {
  std::set<std::uint64_t> seen{fingerprint(declared_scenario())};
  for (const auto& [what, change] : changes()) {
    Scenario other = declared_scenario();
    change(other);
    EXPECT_TRUE(seen.insert(fingerprint(other)).second) << what << " is not in it";
  }
}

// A text for people stops after so many.
TEST(DeclaredTest, HoldsTheLastOfManyProducts) {
  Scenario many = declared_scenario();
  for (int i = 0; i < 200; ++i) many.participants.at("stock").amounts["P" + std::to_string(i)] = 5;
  Scenario one_less = many;
  one_less.participants.at("stock").amounts["P99"] = 4;
  EXPECT_NE(fingerprint(many), fingerprint(one_less));
}

TEST(DeclaredTest, AServiceThatIsNotListedIsTheOneThatItWouldBe) {
  Scenario spelled_out{.saga = declared_scenario().saga};
  const std::uint64_t unsaid = fingerprint(spelled_out);
  spelled_out.participants = {{"stock", {}}, {"bank", {}}};
  EXPECT_EQ(fingerprint(spelled_out), unsaid);
}

TEST(DeclaredTest, ABugIsInIt) {
  const Scenario scenario = declared_scenario();
  Experiment bugged = experiment(scenario, kReference, reference_without(Guarantee::kDeduplicates, "pay"));
  bugged.participant_name = kReference;
  EXPECT_NE(fingerprint_of(bugged), fingerprint(scenario));
}

}  // namespace
}  // namespace saga_harness
