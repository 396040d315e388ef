#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/judge.hpp>

#include "story.hpp"

namespace saga_harness {}  // namespace saga_harness

namespace saga_harness::check_test {

/// The verdict on one rule. Fails the test if the quick judgement of a search and the explained one disagree.
inline Verdict verdict_on(Rule rule, const Story& story, Claims claims = Claims::all(),
                          std::vector<SwitchedOff> switched_off = {},
                          std::optional<Outcome> expects = std::nullopt) {
  Judge judge(story.saga(), claims, std::move(switched_off), {}, expects);
  const Observation observation = story.observation();
  const Judgement judgement = judge.judge(observation);
  std::vector<StepId> culprits;
  for (std::size_t i = 0; i < kRuleCount; ++i) culprits.push_back(judge.culprit(static_cast<Rule>(i)));
  const std::vector<Verdict> verdicts = judge.explain(observation);
  EXPECT_EQ(verdicts.size(), kRuleCount);
  for (std::size_t i = 0; i < kRuleCount; ++i) {
    EXPECT_EQ(verdicts[i].rule, static_cast<Rule>(i));
    EXPECT_EQ(verdicts[i].status, judgement[i]) << id_of(verdicts[i].rule) << ' ' << verdicts[i].explanation;
    if (verdicts[i].status != VerdictStatus::kViolated) continue;
    EXPECT_EQ(verdicts[i].step, culprits[i]) << verdicts[i].explanation;
  }
  return verdicts[static_cast<std::size_t>(rule)];
}

/// The ids of the rules that are violated: `{"I1", "I9"}`.
inline std::vector<std::string> violated_rules(const Story& story, Claims claims = Claims::all()) {
  std::vector<std::string> ids;
  for (const Verdict& verdict : Judge(story.saga(), claims).explain(story.observation())) {
    if (verdict.status == VerdictStatus::kViolated) ids.emplace_back(id_of(verdict.rule));
  }
  return ids;
}

inline testing::Matcher<const Verdict&> is_held() {
  return testing::AllOf(testing::Field("status", &Verdict::status, VerdictStatus::kHeld),
                        testing::Field("explanation", &Verdict::explanation, ""),
                        testing::Field("evidence", &Verdict::evidence, testing::IsEmpty()));
}

inline testing::Matcher<const Verdict&> is_unknown() {
  return testing::AllOf(testing::Field("status", &Verdict::status, VerdictStatus::kUnknown),
                        testing::Field("explanation", &Verdict::explanation, "never exercised by this run"),
                        testing::Field("evidence", &Verdict::evidence, testing::IsEmpty()));
}

inline testing::Matcher<const Verdict&> is_not_applicable(const std::string& why) {
  return testing::AllOf(testing::Field("status", &Verdict::status, VerdictStatus::kNotApplicable),
                        testing::Field("explanation", &Verdict::explanation, why),
                        testing::Field("evidence", &Verdict::evidence, testing::IsEmpty()));
}

/// With exactly this sentence, culprit (a step's number, or kNoStep) and evidence.
inline testing::Matcher<const Verdict&> is_violated(const std::string& sentence, StepId culprit,
                                                    const std::vector<std::uint32_t>& evidence) {
  return testing::AllOf(testing::Field("status", &Verdict::status, VerdictStatus::kViolated),
                        testing::Field("explanation", &Verdict::explanation, sentence),
                        testing::Field("step", &Verdict::step, culprit),
                        testing::Field("evidence", &Verdict::evidence, testing::ElementsAreArray(evidence)));
}

// The steps of every trip, by number.
inline constexpr StepId kFlight = 0;
inline constexpr StepId kHotel = 1;
inline constexpr StepId kCard = 2;
inline constexpr StepId kTicket = 3;

}  // namespace saga_harness::check_test
