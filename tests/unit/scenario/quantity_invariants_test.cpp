// Invariants that a scenario writes down.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

const std::string kShop =
    R"({"saga":{"name":"shopping","steps":[)"
    R"({"name":"take","service":"shop","compensation":"give_back"},)"
    R"({"name":"pay","service":"bank","compensation":"refund"}],)"
    R"("context":{"customer_id":"ann","total_amount":3,"items":[{"product_id":"tea","quantity":2}]}},)"
    R"("participants":{"shop":{"fake":"stock","stock":{"tea":5}},"bank":{"fake":"balances","balances":{"ann":900}}})";

Scenario parse_invariants(const std::string& rest) { return parse_scenario(kShop + rest + "}", "shop.json"); }

std::string invariant_refusal(const std::string& invariant) {
  try {
    (void)parse_invariants(R"(,"invariants":[)" + invariant + "]");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

Verdict verdict_of(const std::string& invariant, const std::string& plan) {
  const Experiment subject = experiment(parse_invariants(R"(,"invariants":[)" + invariant + "]"));
  const saga_harness::Run run = run_plan(subject, parse_plan(plan));
  EXPECT_EQ(run.verdicts.size(), kRuleCount + 1);
  return run.verdicts.back();
}

TEST(QuantityInvariantsTest, AreReadInTheirOrder) {
  const Scenario scenario = parse_invariants(R"(,"invariants":[
    {"name":"money stays","conserved":["bank/all money"]},
    {"name":"tea left","level":"shop/tea reserved","min":0,"max":2,"when":["completed","flagged"]}])");
  ASSERT_THAT(scenario.invariants, SizeIs(2));
  EXPECT_EQ(scenario.invariants[0],
            (QuantityInvariant{.name = "money stays", .quantities = {"bank/all money"}}));
  EXPECT_EQ(scenario.invariants[1], (QuantityInvariant{.name = "tea left",
                                                       .quantities = {"shop/tea reserved"},
                                                       .is_level = true,
                                                       .min = 0,
                                                       .max = 2,
                                                       .when = {Outcome::kCompleted, Outcome::kFlagged}}));
  EXPECT_THAT(experiment(scenario).invariants, SizeIs(2));
  EXPECT_TRUE(experiment(scenario).invariants[0].from_scenario);
}

TEST(QuantityInvariantsTest, AConservedSumIsJudgedAtTheEnd) {
  EXPECT_EQ(verdict_of(R"({"name":"money","conserved":["bank/all money"]})", "none").status,
            VerdictStatus::kHeld);
  const Verdict verdict =
      verdict_of(R"({"name":"ann","conserved":["bank/ann","shop/tea reserved"]})", "none");
  EXPECT_EQ(verdict.status, VerdictStatus::kViolated);
  EXPECT_EQ(verdict.explanation,
            "the sum of bank/ann + shop/tea reserved must be conserved, but went from 900 to 602");
  EXPECT_THAT(verdict.evidence, SizeIs(2));
}

TEST(QuantityInvariantsTest, ALevelIsJudgedAgainstItsBounds) {
  const std::string level = R"({"name":"level","level":"bank/ann")";
  EXPECT_EQ(verdict_of(level + R"(,"min":600,"max":600})", "none").status, VerdictStatus::kHeld);
  EXPECT_EQ(verdict_of(level + R"(,"min":601})", "none").explanation,
            "bank/ann must be at least 601 at the end, but is 600");
  EXPECT_EQ(verdict_of(level + R"(,"max":599})", "none").explanation,
            "bank/ann must be at most 599 at the end, but is 600");
}

TEST(QuantityInvariantsTest, WithoutAnEffectOrInAnotherOutcomeTheyAreUnknown) {
  const std::string rejected = "take.action#1:rejected";
  EXPECT_EQ(verdict_of(R"({"name":"level","level":"bank/ann","min":9999})", rejected).status,
            VerdictStatus::kUnknown);
  EXPECT_EQ(verdict_of(R"({"name":"money","conserved":["bank/all money"]})", rejected).status,
            VerdictStatus::kUnknown);
  const std::string only_completed = R"({"name":"level","level":"bank/ann","max":599,"when":["completed"]})";
  EXPECT_EQ(verdict_of(only_completed, "pay.action#1:rejected").status, VerdictStatus::kUnknown);
  EXPECT_EQ(verdict_of(only_completed, "none").status, VerdictStatus::kViolated);
}

TEST(QuantityInvariantsTest, AParticipantWithoutTheQuantityLeavesThemUnknown) {
  Experiment subject =
      experiment(parse_invariants(R"(,"invariants":[{"name":"money","conserved":["bank/all money"]}])"));
  subject.setup.participants["bank"] = ledger_fake();
  const Verdict verdict = run_plan(subject, {}).verdicts.back();
  EXPECT_EQ(verdict.status, VerdictStatus::kUnknown);
  EXPECT_EQ(verdict.explanation, "bank/all money was not measured");
}

TEST(QuantityInvariantsTest, AreSwitchedOffByName) {
  const Scenario scenario =
      parse_invariants(R"(,"invariants":[{"name":"money","conserved":["bank/all money"]}],
    "switched_off":{"money":"counted elsewhere","I15":"no retries"})");
  ASSERT_THAT(scenario.switched_off, SizeIs(2));
  EXPECT_EQ(to_string(scenario.switched_off[0]), "money");
  EXPECT_EQ(to_string(scenario.switched_off[1]), "I15 transient faults are masked");
  EXPECT_EQ(run_plan(experiment(scenario), {}).verdicts.back().status, VerdictStatus::kNotApplicable);
}

TEST(QuantityInvariantsTest, ErrorsNameThePlaceAndTheMend) {
  EXPECT_EQ(
      invariant_refusal(R"({"name":"m","conserved":["bank/all mony"]})"),
      "shop.json: /invariants/0/conserved/0: no participant has a quantity \"bank/all mony\"; did you mean "
      "\"bank/all money\"?; name one of: shop/tea available + reserved, shop/tea reserved, bank/all money or "
      "bank/ann");
  EXPECT_THAT(invariant_refusal(R"({"conserved":["bank/ann"]})"),
              StartsWith("shop.json: /invariants/0: the key \"name\""));
  EXPECT_THAT(invariant_refusal(R"({"name":"m"})"),
              StartsWith("shop.json: /invariants/0: the invariant demands nothing"));
  EXPECT_THAT(invariant_refusal(R"({"name":"m","conserved":[]})"),
              StartsWith("shop.json: /invariants/0/conserved: the sum has no part"));
  EXPECT_THAT(
      invariant_refusal(R"({"name":"m","conserved":["bank/ann","bank/ann"]})"),
      StartsWith("shop.json: /invariants/0/conserved/1: the quantity \"bank/ann\" is in the sum twice"));
  EXPECT_THAT(invariant_refusal(R"({"name":"m","level":"bank/ann"})"),
              StartsWith("shop.json: /invariants/0: the level has no bound"));
  EXPECT_THAT(invariant_refusal(R"({"name":"m","level":"bank/ann","min":2,"max":1})"),
              StartsWith("shop.json: /invariants/0/max: "));
  EXPECT_THAT(invariant_refusal(R"({"name":"m","level":"bank/ann","min":"2"})"),
              StartsWith("shop.json: /invariants/0/min: expected an integer"));
  EXPECT_THAT(invariant_refusal(R"({"name":"m","level":"bank/ann","min":2,"when":["ended"]})"),
              StartsWith("shop.json: /invariants/0/when/0: there is no outcome \"ended\""));
  EXPECT_THAT(invariant_refusal(R"({"name":"m","level":"bank/ann","min":2,"when":[]})"),
              StartsWith("shop.json: /invariants/0/when: no outcome is named"));
  EXPECT_THAT(invariant_refusal(R"({"name":"m","level":"bank/ann","minimum":2})"),
              AllOf(StartsWith("shop.json: /invariants/0"), HasSubstr("has no key \"minimum\"")));
  EXPECT_THAT(invariant_refusal(R"({"name":"m","conserved":["bank/ann"],"min":2})"),
              StartsWith("shop.json: /invariants/0/min: an invariant about a conserved sum has no key"));
  EXPECT_THAT(invariant_refusal(R"({"name":"terminates","conserved":["bank/ann"]})"),
              StartsWith("shop.json: /invariants/0/name: an invariant cannot be called \"terminates\""));
  EXPECT_THAT(
      invariant_refusal(R"({"name":"m","conserved":["bank/ann"]},{"name":"m","conserved":["bank/ann"]})"),
      StartsWith("shop.json: /invariants/1/name: there are two invariants \"m\""));
}

}  // namespace
}  // namespace saga_harness
