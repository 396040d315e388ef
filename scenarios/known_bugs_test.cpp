// The bugs of the four systems that these scenarios come from: each is found by exploring, by a rule that was
// not written for it, beside a subject without the bug under which nothing is found.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

#include <saga_harness/score.hpp>

#include "plain_coordinator.hpp"

namespace sh = saga_harness;

namespace {

sh::Scenario scenario_named(std::string_view name) {
  return sh::load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR "/") + std::string(name) + ".json");
}

struct KnownBug {
  std::string_view system;
  std::string_view bug;            // as the system has it
  std::string_view name;           // of the mutant
  sh::Rule rule;                   // that sees it
  int faults;                      // the fewest that show it
  std::string_view scenario = {};  // of a plain coordinator; empty: the mutant is in the catalogue
  sh::PlainBug plain = sh::PlainBug::kNone;

  friend std::ostream& operator<<(std::ostream& out, const KnownBug& known) {
    return out << known.system << ": " << known.bug;
  }
};

constexpr KnownBug plain(std::string_view system, std::string_view bug, sh::PlainBug which, sh::Rule rule,
                         int faults, std::string_view scenario = "order_processing") {
  return {system, bug, sh::name_of(which), rule, faults, scenario, which};
}

constexpr KnownBug kKnownBugs[] = {
    {"tutorial", "a compensation that fails ends COMPENSATED", "failure_swallowed",
     sh::Rule::kTruthfulOutcome, 2},
    {"tutorial", "items of a reservation that is refused half-way leak", "partial_batch",
     sh::Rule::kTruthfulOutcome, 0},
    {"tutorial", "a payment that fails never releases the inventory", "failure_without_subscriber",
     sh::Rule::kTruthfulOutcome, 1},
    {"tutorial", "the bus swallows the errors of handlers", "handler_error_swallowed", sh::Rule::kTerminates,
     1},

    {"DistributedSaga", "rolled back is set before the rollback", "rolled_back_before_rollback",
     sh::Rule::kSilenceAfterEnd, 1},
    {"DistributedSaga", "the errors of a rollback are swallowed", "failure_swallowed",
     sh::Rule::kTruthfulOutcome, 2},
    {"DistributedSaga", "a step whose reply is lost is never undone", "ambiguous_not_compensated",
     sh::Rule::kTruthfulOutcome, 1},
    plain("DistributedSaga", "half-saved files stay", sh::PlainBug::kHalfSavedStays,
          sh::Rule::kTruthfulOutcome, 1, "wiki_files"),

    plain("coordinator node", "an HTTP failure counts as success", sh::PlainBug::kAnyAnswerIsSuccess,
          sh::Rule::kTruthfulOutcome, 1),
    plain("coordinator node", "the retry policy is stored and not used", sh::PlainBug::kRetryPolicyUnused,
          sh::Rule::kTransientFaultsMasked, 1),
    plain("coordinator node", "the saga's timeout is applied per step", sh::PlainBug::kDeadlinePerStep,
          sh::Rule::kTerminates, 2, "travel_booking"),
    {"coordinator node", "resume replays every step", "resume_reexecutes_done", sh::Rule::kAtMostOnce, 1},
    {"coordinator node", "a saga killed while compensating cannot be resumed", "resume_refuses_compensating",
     sh::Rule::kTerminates, 2},
    plain("coordinator node", "a finished saga stays listed as running", sh::PlainBug::kEndNotWritten,
          sh::Rule::kReportMatchesLog, 0),

    plain("Cliffracer", "a compensation is never retried, and the saga always ends COMPENSATED",
          sh::PlainBug::kCompensatesOnce, sh::Rule::kTruthfulOutcome, 2),
    plain("Cliffracer", "an error body counts as compensated", sh::PlainBug::kErrorBodyCompensated,
          sh::Rule::kTruthfulOutcome, 2),
    plain("Cliffracer", "a completion event that fails undoes a finished saga",
          sh::PlainBug::kUndoesTheFinished, sh::Rule::kTruthfulOutcome, 1),
    plain("Cliffracer", "the persistence flag has no effect", sh::PlainBug::kPersistenceInNameOnly,
          sh::Rule::kTerminates, 1),
};

sh::Experiment plain_experiment(const KnownBug& known, sh::PlainBug bug) {
  sh::Experiment experiment = sh::experiment(scenario_named(known.scenario));
  const bool is_persistent = known.plain == sh::PlainBug::kPersistenceInNameOnly;
  experiment.claims = sh::PlainCoordinator::claims(is_persistent);
  if (known.plain == sh::PlainBug::kUndoesTheFinished) {
    experiment.claims.checks_log_writes = true;  // so that they may fail
    experiment.claims.durable_word = false;      // it cannot tell, then
  }
  experiment.setup.durable = is_persistent;
  if (is_persistent && bug == sh::PlainBug::kNone) return experiment;  // the reference keeps what it promises
  experiment.setup.coordinator = sh::plain_coordinator(bug);
  experiment.coordinator_name = sh::name_of(bug);
  return experiment;
}

sh::MutantCase mutant_case_of(const KnownBug& known) {
  if (known.scenario.empty()) {
    const sh::Mutant* mutant = sh::find_mutant(known.name);
    if (mutant == nullptr) throw sh::Error("the catalogue has no mutant " + std::string(known.name));
    return sh::mutant_case(*mutant, scenario_named(mutant->scenario));
  }
  return {.name = std::string(known.name),
          .bug = std::string(known.bug),
          .faults = known.faults,
          .mutated = plain_experiment(known, known.plain),
          .reference = plain_experiment(known, sh::PlainBug::kNone)};
}

std::string documentation() {
  std::ifstream file(SAGA_HARNESS_SCENARIOS_DIR "/README.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

class KnownBugTest : public testing::TestWithParam<KnownBug> {};

TEST_P(KnownBugTest, IsInTheDocumentation) {
  const KnownBug& known = GetParam();
  const std::string row = "| " + std::string(known.system) + " | " + std::string(known.bug) + " | `" +
                          std::string(known.name) + "` | " + std::string(id_of(known.rule)) + " | " +
                          std::to_string(known.faults) + " |\n";
  EXPECT_NE(documentation().find(row), std::string::npos) << row;
}

TEST_P(KnownBugTest, IsFoundByARuleThatWasNotWrittenForIt) {
  const KnownBug& known = GetParam();
  sh::MutantCase mutant_case = mutant_case_of(known);
  mutant_case.predicted = known.rule;
  const sh::Score score = sh::score(std::span(&mutant_case, 1), {.explore = {.max_faults = known.faults},
                                                                 .as_far_as_predicted = false,
                                                                 .ablation = false,
                                                                 .swarm_seeds = 0});
  ASSERT_EQ(score.references.size(), 1U);
  EXPECT_TRUE(score.references[0].upheld) << "the subject without the bug is at fault, too";
  EXPECT_TRUE(score.references[0].exhausted);
  const sh::MutantScore& mutant = score.mutants.at(0);
  EXPECT_EQ(name_of(mutant.status), name_of(sh::MutantStatus::kKilled)) << mutant.finding.explanation;
  EXPECT_EQ(name_of(mutant.finding.rule), name_of(known.rule));
  EXPECT_EQ(mutant.finding.plan.size(), static_cast<std::size_t>(known.faults))
      << to_string(mutant.finding.plan);
}

std::string case_name(const testing::TestParamInfo<KnownBug>& info) {
  std::string name;
  for (const char c : std::string(info.param.system) + "_" + std::string(info.param.bug)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, KnownBugTest, testing::ValuesIn(kKnownBugs), case_name);

// It does not depend on a search: the files that were saved before the one that failed are there, and nobody
// knows.
TEST(DistributedSagaTest, HalfSavedFilesStay) {
  sh::SagaTestHarness harness(scenario_named("wiki_files"));
  harness.use_coordinator(sh::plain_coordinator(sh::PlainBug::kHalfSavedStays),
                          sh::PlainCoordinator::claims());
  harness.fail({"file_server", "save_files"});
  EXPECT_THAT(harness.start_saga(), sh::Violates(sh::Rule::kTruthfulOutcome));
  EXPECT_EQ(harness.effect("save_index").net(), 1);
  EXPECT_EQ(harness.effect("save_guide").net(), 1);
}

}  // namespace
