#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <saga_harness/exploration.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {
namespace {

Scenario scenario_of(const Mutant& mutant) {
  return load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + std::string(mutant.scenario) +
                       ".json");
}

class HeavyMutantTest : public testing::TestWithParam<Mutant> {};

TEST_P(HeavyMutantTest, IsSeenByThePredictedRuleAtThePredictedNumberOfFaultsAndNotBefore) {
  const Mutant& mutant = GetParam();
  const Experiment subject = mutant.participant ? experiment(scenario_of(mutant), kReference, mutant.name)
                                                : experiment(scenario_of(mutant), mutant.name);
  const Exploration exploration = explore(subject, {.max_faults = mutant.faults});
  const auto finding =
      std::find_if(exploration.findings.begin(), exploration.findings.end(),
                   [&](const Finding& candidate) { return candidate.rule == mutant.predicted; });
  ASSERT_NE(finding, exploration.findings.end());
  EXPECT_EQ(finding->plan.size(), static_cast<std::size_t>(mutant.faults)) << to_string(finding->plan);
  EXPECT_THAT(exploration.markers, testing::ElementsAre(mutant.name));
  EXPECT_TRUE(exploration.exhausted);
}

/// Those that take several sagas: tests/unit/interleaving.
std::vector<Mutant> mutants_of_one_saga() {
  std::vector<Mutant> all(mutants().begin(), mutants().end());
  std::erase_if(all, [](const Mutant& mutant) { return mutant.together; });
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, HeavyMutantTest, testing::ValuesIn(mutants_of_one_saga()),
                         [](const auto& mutant) { return std::string(mutant.param.name); });

/// A breach of each claim, and the rule that sees it.
struct Breach {
  std::string_view claim;
  std::string_view mutant;
  Rule rule;
};
constexpr Breach kBreaches[] = {
    {"durable_word", "flag_not_reported", Rule::kReportMatchesLog},
    {"idempotency_keys", "no_idempotency_key", Rule::kStableIdempotencyKey},
    {"silence", "resume_ignores_end", Rule::kSilenceAfterEnd},
    {"retries", "one_attempt_too_many", Rule::kBudgetRespected},
    {"write_ahead", "intent_after_call", Rule::kWriteAheadLog},
    {"honours_pivot", "past_pivot", Rule::kPivotRespected},
    {"accepts_rejection", "rejection_retried", Rule::kRejectionIsFinal},
    {"names_flagged_steps", "stops_at_first_failure", Rule::kTruthfulOutcome},
    {"survives_crashes", "in_doubt_not_compensated", Rule::kTruthfulOutcome},
    {"carries_context", "context_lost", Rule::kContextTravels},
    {"reads_bodies", "error_body_is_success", Rule::kTruthfulOutcome},
    {"checks_log_writes", "write_error_ignored", Rule::kWriteAheadLog},
    {"fences", "no_fencing", Rule::kSilenceAfterEnd},
    {"starts_once", "duplicated_start", Rule::kAtMostOnce},
    {"honours_cancel", "cancel_ignored", Rule::kCancelHeeded},
    {"flags_only_when_needed", "flags_on_first_refusal", Rule::kFlaggedOnlyWhenNeeded},
    {"keeps_timeouts", "timeout_not_kept", Rule::kTimingKept},
    {"awaits_before_undoing", "compensates_in_flight", Rule::kNotUndoneInFlight},
    {"resumes_where_it_stopped", "resume_reexecutes_done", Rule::kSilenceAfterEnd},
    {"separate_transactions", "handled_before_told", Rule::kTerminates},
};

bool is_found(const Breach& breach, const Claims& claims) {
  const Mutant& mutant = *find_mutant(breach.mutant);
  Experiment subject = experiment(scenario_of(mutant), mutant.name);
  subject.claims = claims;
  subject.setup.durable = claims.survives_crashes;
  const Exploration exploration = explore(subject, {.max_faults = mutant.faults});
  return std::ranges::find(exploration.findings, breach.rule, &Finding::rule) != exploration.findings.end();
}

TEST(HeavyClaimTest, ABreachOfEachIsSeenWhereItIsMadeAndOnlyThere) {
  for (const ClaimRow& row : kClaimCatalogue) {
    SCOPED_TRACE(row.name);
    const auto breach = std::ranges::find(kBreaches, row.name, &Breach::claim);
    ASSERT_NE(breach, std::end(kBreaches));
    Claims claims = Claims::all();
    // Of this rule, one claim is enough.
    if (row.flag == &Claims::resumes_where_it_stopped) claims.silence = false;
    if (row.flag == &Claims::silence) claims.resumes_where_it_stopped = false;
    if (row.flag == &Claims::keeps_timeouts) claims.retries = false;
    EXPECT_TRUE(is_found(*breach, claims));
    claims.*row.flag = false;
    EXPECT_FALSE(is_found(*breach, claims));
  }
}

class HeavyReferenceTest : public testing::TestWithParam<const char*> {};

TEST_P(HeavyReferenceTest, WithstandsEveryPairOfFaults) {
  const Exploration exploration =
      explore(experiment(load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + GetParam() + ".json")),
              {.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_TRUE(exploration.finds_no_violation()) << exploration.findings.at(0).explanation;
  EXPECT_THAT(exploration.markers, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, HeavyReferenceTest,
                         testing::Values("order_processing", "order_processing_fallback",
                                         "order_processing_short_stock", "travel_booking",
                                         "trip_with_options", "order_choreography",
                                         "order_choreography_parallel", "order_choreography_two_orders"),
                         [](const auto& scenario) { return std::string(scenario.param); });

}  // namespace
}  // namespace saga_harness
