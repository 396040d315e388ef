// What makes a subject the one it is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include <saga_harness_internal/identity.hpp>

#include "build_id.hpp"
#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

struct Change {
  std::string_view what;
  std::function<void(Experiment&)> make;
};

void retry_once_more(Experiment& experiment) {
  Saga saga = experiment.setup.saga->saga();
  ++saga.steps[0].retry.attempts;
  experiment.setup.saga = std::make_shared<const SagaIndex>(std::move(saga));
}

Invariant invariant(std::string name) {
  return {.name = std::move(name), .check = [](const Observation&, const SagaIndex&) { return Verdict{}; }};
}

std::vector<Change> changes() {
  return {
      {"the definition", retry_once_more},
      {"the coordinator", [](Experiment& each) { each.coordinator_name = "other"; }},
      {"the participants", [](Experiment& each) { each.participant_name = "other"; }},
      {"what is declared", [](Experiment& each) { each.declared = "{}"; }},
      {"the version", [](Experiment& each) { each.version = "v12"; }},
      {"code of one's own", [](Experiment& each) { each.has_own_code = true; }},
      {"a claim", [](Experiment& each) { each.claims.silence = false; }},
      {"another claim", [](Experiment& each) { each.claims.retries = false; }},
      {"the context",
       [](Experiment& each) {
         each.setup.context = {{"amount", 1}};
       }},
      {"the saga id", [](Experiment& each) { each.setup.saga_id = "S-1"; }},
      {"the token", [](Experiment& each) { each.setup.auth_token = "secret"; }},
      {"the expected end", [](Experiment& each) { each.setup.expects = Outcome::kFlagged; }},
      {"durability", [](Experiment& each) { each.setup.durable = false; }},
      {"earlier sagas", [](Experiment& each) { each.setup.earlier_sagas = 1; }},
      {"sagas beside it", [](Experiment& each) { each.setup.beside = {Context::parse(R"({"order": 2})")}; }},
      {"volatile fields", [](Experiment& each) { each.setup.volatile_fields = {"/at"}; }},
      {"a bound of a run", [](Experiment& each) { each.setup.bounds.max_calls = 9; }},
      {"an invariant", [](Experiment& each) { each.invariants = {invariant("one")}; }},
      {"another invariant", [](Experiment& each) { each.invariants = {invariant("two")}; }},
      {"a rule off",
       [](Experiment& each) { each.switched_off = {{.rule = Rule::kReverseOrder, .reason = "so"}}; }},
      {"another rule off",
       [](Experiment& each) { each.switched_off = {{.rule = Rule::kAtMostOnce, .reason = "so"}}; }},
      {"a known finding",
       [](Experiment& each) { each.known = {{.rule = "I1", .outcome = Outcome::kCompensated}}; }},
      {"the plan of one",
       [](Experiment& each) {
         each.known = {
             {.rule = "I1", .outcome = Outcome::kCompensated, .plan = parse_plan("pay.action#1:rejected")}};
       }},
  };
}

TEST(IdentityTest, HoldsAllThatDecidesAVerdict) {
  std::set<std::uint64_t> seen{fingerprint_of(subject(small_saga()))};
  for (const Change& change : changes()) {
    Experiment other = subject(small_saga());
    change.make(other);
    EXPECT_TRUE(seen.insert(fingerprint_of(other)).second) << change.what << " is not in it";
  }
}

TEST(IdentityTest, HoldsNothingElse) {
  const Experiment one = subject(small_saga());
  Experiment same = subject(small_saga());
  same.source = "elsewhere/small.json";
  same.exclusions = {{.cells = "*", .reason = "r", .owner = "o", .expires = "2030-01-01"}};
  same.setup.expects = Outcome::kCompleted;             // what nothing means, too
  same.setup.context = one.setup.saga->saga().context;  // likewise
  EXPECT_EQ(identity_of(same), identity_of(one));
  EXPECT_EQ(fingerprint_of(same), fingerprint_of(one));
}

// It is the same number on every machine: what one has recorded another reports.
TEST(IdentityTest, IsANumberThatDoesNotMove) {
  Experiment fixed = subject(small_saga());
  fixed.declared = R"({"participants":{}})";
  fixed.claims = {.silence = true, .retries = true};
  std::string text;
  for (const auto& [name, value] : identity_of(fixed)) {
    if (name != "saga_harness") text += name + "=" + value + ";";
  }
  EXPECT_EQ(text,
            "saga=small;definition=5a68b1a6fd3e6afb;coordinator=reference;participant=reference;"
            "declared={\"participants\":{}};version=;claims=silence,retries;context={};saga_id=;auth_token=;"
            "expects=completed;"
            "durable=yes;earlier_sagas=0;beside=;volatile=;bounds_of_a_run=0 calls, 100000 operations, 64 "
            "incarnations;invariants=;switched_off=;known=;");
}

TEST(IdentityTest, OwnCodeIsToldApartByItsVersionOrElseByTheBuild) {
  const auto version_of = [](const Experiment& experiment) {
    for (const auto& [name, value] : identity_of(experiment)) {
      if (name == "version") return value;
    }
    return std::string("none");
  };
  Experiment own = subject(small_saga());
  EXPECT_EQ(version_of(own), "") << "the definition says it all";
  EXPECT_TRUE(is_known_by_fingerprint(own));
  own.has_own_code = true;
  EXPECT_EQ(version_of(own), "build " + build_id());
  EXPECT_FALSE(is_known_by_fingerprint(own));
  own.version = "v12";
  EXPECT_EQ(version_of(own), "v12");
  EXPECT_TRUE(is_known_by_fingerprint(own));
}

TEST(BuildIdTest, IsOfThisExecutable) {
  EXPECT_THAT(build_id(), testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_GE(build_id().size(), 16U);
  EXPECT_EQ(build_id(), build_id());
}

}  // namespace
}  // namespace saga_harness::explore_test
