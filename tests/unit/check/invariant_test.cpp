// Invariants of the user's own: judged after the built-in rules.

#include <stdexcept>

#include <saga_harness/error.hpp>

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

Invariant says(std::string name, Verdict verdict) {
  return {.name = std::move(name),
          .check = [verdict](const Observation& /*seen*/, const SagaIndex& /*saga*/) { return verdict; }};
}

class OwnInvariantTest : public testing::Test {
 protected:
  OwnInvariantTest() : story_(trip()) {
    story_.does("book_flight").does("book_hotel").does("charge_card").does("issue_ticket");
    story_.reports(Outcome::kCompleted);
  }

  Judge judge_of(std::vector<Invariant> own, std::vector<SwitchedOff> off = {}) {
    return {story_.saga(), Claims{}, std::move(off), std::move(own)};
  }

  std::string error_of(std::vector<Invariant> own, std::vector<SwitchedOff> off = {}) {
    try {
      (void)judge_of(std::move(own), std::move(off)).explain(story_.observation());
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  Story story_;
};

TEST_F(OwnInvariantTest, FollowTheBuiltInRulesInTheOrderGiven) {
  const std::vector<Invariant> own{
      says("first", {.status = VerdictStatus::kHeld}),
      says("second",
           {.status = VerdictStatus::kViolated, .explanation = "no good", .step = 1, .evidence = {3, 2}}),
      says("third", {})};
  Judge judge = judge_of(own);
  const Observation observation = story_.observation();
  const Judgement judgement = judge.judge(observation);
  ASSERT_THAT(judgement, SizeIs(kRuleCount + 3));
  EXPECT_EQ(judgement[kRuleCount], VerdictStatus::kHeld);
  EXPECT_EQ(judgement[kRuleCount + 1], VerdictStatus::kViolated);
  EXPECT_EQ(judgement[kRuleCount + 2], VerdictStatus::kUnknown);
  EXPECT_EQ(judge.culprit(kRuleCount + 1), 1);

  const std::vector<Verdict> verdicts = judge.explain(observation);
  ASSERT_THAT(verdicts, SizeIs(kRuleCount + 3));
  const Verdict& second = verdicts[kRuleCount + 1];
  EXPECT_EQ(second.rule, kOwnRule);
  EXPECT_EQ(name_of(second), "second");
  EXPECT_THAT(second, is_violated("no good", 1, {2, 3}));
  EXPECT_THAT(verdicts[kRuleCount + 2], is_unknown());
}

TEST_F(OwnInvariantTest, SeesWhatAnOracleMaySee) {
  story_.quantity({.name = "bank/all money", .at_start = 7, .at_end = 9});
  const Invariant curious{.name = "curious", .check = [](const Observation& seen, const SagaIndex& saga) {
                            EXPECT_EQ(seen.outcome, Outcome::kCompleted);
                            EXPECT_EQ(seen.quantities.front().at_end, 9);
                            EXPECT_EQ(seen.effects.size(), saga.step_count());
                            EXPECT_FALSE(seen.events.empty());
                            return Verdict{.status = VerdictStatus::kHeld};
                          }};
  EXPECT_EQ(judge_of({curious}).judge(story_.observation()).back(), VerdictStatus::kHeld);
}

TEST_F(OwnInvariantTest, AreSwitchedOffByNameWithAReason) {
  const std::vector<Invariant> own{says("loud", {.status = VerdictStatus::kViolated}),
                                   says("calm", {.status = VerdictStatus::kHeld})};
  const std::vector<SwitchedOff> off{{.rule = kOwnRule, .reason = "known", .invariant = "loud"}};
  Judge judge = judge_of(own, off);
  EXPECT_EQ(judge.judge(story_.observation())[kRuleCount], VerdictStatus::kNotApplicable);
  const std::vector<Verdict> verdicts = judge.explain(story_.observation());
  EXPECT_THAT(verdicts[kRuleCount], is_not_applicable("switched off: known"));
  EXPECT_THAT(verdicts[kRuleCount + 1], is_held());
  EXPECT_EQ(error_of(own, {{.rule = kOwnRule, .reason = "", .invariant = "loud"}}),
            "rule \"loud\" is switched off without a reason; say why");
  EXPECT_EQ(error_of(own, {{.rule = kOwnRule, .reason = "r", .invariant = "lowd"}}),
            "there is no invariant \"lowd\" to switch off; did you mean \"loud\"?");
}

TEST_F(OwnInvariantTest, WithoutASentenceAViolationSaysSo) {
  EXPECT_EQ(judge_of({says("mute", {.status = VerdictStatus::kViolated})})
                .explain(story_.observation())
                .back()
                .explanation,
            "it gave no explanation");
}

TEST_F(OwnInvariantTest, NamesMustBeGoodAndTheirOwn) {
  const Verdict held{.status = VerdictStatus::kHeld};
  EXPECT_THAT(error_of({says("", held)}), HasSubstr("has no name"));
  EXPECT_THAT(error_of({says("two\nlines", held)}), HasSubstr("has a line break"));
  EXPECT_THAT(error_of({says("I1", held)}), HasSubstr("a built-in rule is"));
  EXPECT_THAT(error_of({says("silence after end", held)}), HasSubstr("a built-in rule is"));
  EXPECT_THAT(error_of({says("own", held)}), HasSubstr("a built-in rule is"));
  EXPECT_THAT(error_of({says("a", held), says("b", held), says("a", held)}),
              HasSubstr("there are two invariants \"a\""));
  EXPECT_THAT(error_of({{.name = "empty"}}), HasSubstr("has no check"));
  EXPECT_EQ(error_of({says("a", held), says("b", held)}), "no error");
}

TEST_F(OwnInvariantTest, WhatTheyGetWrongIsAnErrorThatNamesThem) {
  const Invariant throwing{.name = "hasty", .check = [](const Observation&, const SagaIndex&) -> Verdict {
                             throw std::runtime_error("no such quantity");
                           }};
  EXPECT_THAT(error_of({throwing}), HasSubstr("the invariant \"hasty\" threw: no such quantity"));
  EXPECT_THAT(error_of({says("far", {.status = VerdictStatus::kViolated, .step = 4})}),
              HasSubstr("the invariant \"far\" is about step number 4, but the saga has 4"));
  EXPECT_THAT(error_of({says("late", {.status = VerdictStatus::kViolated, .evidence = {9999}})}),
              HasSubstr("the invariant \"late\" gives event number 9999 as evidence"));
}

}  // namespace
}  // namespace saga_harness::check_test
