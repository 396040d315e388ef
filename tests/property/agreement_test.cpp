// One verdict, whoever is asked: terminal, JSON, records, every report of them, the gate, the matcher.

#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <saga_harness/orchestrator.hpp>
#include <saga_harness/random_plans.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/testing.hpp>

namespace saga_harness::property_test {
namespace {

/// Numbers that are the same everywhere (SplitMix64).
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t operator()() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30U) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ mixed >> 27U) * 0x94D049BB133111EBU;
    return mixed ^ mixed >> 31U;
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>((*this)() % bound); }

 private:
  std::uint64_t state_;
};

void only_flags(Runtime& runtime) { runtime.report(Outcome::kFlagged); }
void only_completes(Runtime& runtime) { runtime.report(Outcome::kCompleted); }

struct Subject {
  Experiment experiment;
  ExploreOptions options;
};

/// A saga, a coordinator with or without a bug, or one that does nothing, and bounds of every sort.
Subject drawn(Numbers& numbers) {
  const Saga saga = draw_saga({.max_steps = 3, .max_attempts = 2, .conditions = true}, std::ref(numbers));
  Subject subject{.experiment = SagaTestHarness(saga).experiment(), .options = {}};
  Setup& setup = subject.experiment.setup;
  setup.context = saga.context;
  const auto bugs = all_orchestrator_bugs();
  switch (numbers.below(6)) {
    case 0:
      setup.coordinator = only_flags;
      subject.experiment.claims = {};
      break;
    case 1:
      setup.coordinator = only_completes;
      break;
    case 2:
    case 3:
      setup.coordinator = orchestrator(bugs[numbers.below(bugs.size())]);
      break;
    default:
      break;
  }
  if (numbers.below(8) == 0) {
    for (const Rule rule : {Rule::kTruthfulOutcome, Rule::kAtMostOnce, Rule::kTerminates})
      subject.experiment.switched_off.push_back({.rule = rule, .reason = "drawn"});
  }
  ExploreOptions& options = subject.options;
  options.max_faults = static_cast<int>(numbers.below(2));
  if (numbers.below(2) == 0) options.kinds = {FaultKind::kReplyLost, FaultKind::kUnavailable};
  if (numbers.below(6) == 0) options.max_schedules = 1 + numbers.below(20);
  if (numbers.below(6) == 0) options.stop_at_first_violation = true;
  if (numbers.below(6) == 0) {
    options.swarm = Swarm{.seed = "agreement", .schedules = 20};
    options.sample_ok = numbers.below(2) == 0;
  }
  return subject;
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& letter : upper) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return upper;
}

/// What every output says of one search.
std::string expect_agreement(const Subject& subject) {
  const auto& [experiment, asked] = subject;
  ExploreOptions options = asked;
  RunRecords records(experiment, options);
  std::string text = records.header();
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  const Exploration found = explore(experiment, options);
  text += records.end(found);

  const std::string word(word_of(found.verdict));
  const ExitCode code = exit_code_of(found.verdict);
  const bool is_upheld = code == ExitCode::kUpheld;
  EXPECT_EQ(exit_code_of(found), code);
  EXPECT_EQ(found.verdict.word == VerdictWord::kViolated, found.violated_schedules > 0);
  EXPECT_EQ(nlohmann::json::parse(explore_json(experiment, options, found))["verdict"], word);
  const std::string shown = explore_report(experiment, options, found, {}, {});
  const std::size_t last = shown.rfind('\n', shown.size() - 2) + 1;
  EXPECT_EQ(shown.substr(last, word.size() + 1), upper_case(word) + ":");

  const std::vector<RecordText> texts{{"runs.jsonl", text}};
  const Report report = merge_records(texts);
  EXPECT_EQ(exit_code_of(report), code) << text.substr(text.rfind("{\"end\""));
  EXPECT_EQ(nlohmann::json::parse(report_json(report))["verdict"], word);
  if (!options.swarm) {  // which may draw a plan twice: one run
    EXPECT_EQ(report.sagas.at(0).violated_runs, found.violated_schedules);
  }
  EXPECT_EQ(report.findings, found.findings.size());
  EXPECT_EQ(terminal_report(report, nullptr, {}).substr(0, word.size() + 1), upper_case(word) + "\n");
  EXPECT_THAT(markdown_report(report, nullptr), testing::StartsWith("# Failures of sagas: " + word));
  EXPECT_THAT(html_report(report, nullptr), testing::HasSubstr("class=\"verdict " + word + "\""));
  const std::string junit = junit_report(report, JUnitDialect::kGitHub);
  const bool fails = junit.find("<failure") != std::string::npos || junit.find("<error") != std::string::npos;
  EXPECT_EQ(fails, !is_upheld) << word;
  const bool is_annotated = github_report(report, nullptr).find("::error") != std::string::npos;
  EXPECT_EQ(is_annotated, !is_upheld);
  EXPECT_EQ(badge_svg(report).find("#1a7f37") != std::string::npos, is_upheld);

  const Gate gate = judge_gate(report, {});
  EXPECT_EQ(gate.exit_code(), code);
  const bool is_taken = is_upheld || (options.swarm && found.verdict.lacks.size() == 1 &&
                                      found.verdict.lacks[0].lack == Lack::kSampled);
  EXPECT_EQ(testing::Value(found, FindsNoViolation()), is_taken);
  return word;
}

TEST(AgreementHeavyTest, AllOutputsSayTheSameOfEverySubject) {
  constexpr int kSubjects = 1000;
  constexpr int kOfEachWord = 100;
  Numbers numbers(2026);
  std::map<std::string, int> words;
  for (int i = 0; i < kSubjects && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(i);
    ++words[expect_agreement(drawn(numbers))];
  }
  for (const char* word : {"upheld", "violated", "inconclusive"}) EXPECT_GE(words[word], kOfEachWord) << word;
}

}  // namespace
}  // namespace saga_harness::property_test
