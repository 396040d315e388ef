// What a search owes before it is called upheld.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/search_verdict.hpp>

namespace saga_harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Saga owing_saga() {
  return {.name = "owing",
          .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                    {.name = "pay", .service = "bank", .compensation = "refund", .retry = {.attempts = 3}},
                    {.name = "confirm", .service = "shop", .pivot = true}}};
}

Experiment owing(const Saga& saga = owing_saga()) {
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(saga);
  experiment.setup.context = saga.context;
  use_reference(experiment.setup, experiment.claims);
  for (const std::string_view service : experiment.setup.saga->services())
    experiment.setup.participants.emplace(service, ledger_fake());
  return experiment;
}

std::set<Lack> lacks_in(const SearchVerdict& verdict) {
  std::set<Lack> lacks;
  for (const LackFound& each : verdict.lacks) lacks.insert(each.lack);
  return lacks;
}

/// Does every step and says so, or flags what it has done: it never goes back.
void never_goes_back(Runtime& runtime) {
  std::vector<std::string_view> done;
  for (StepId step = 0; step < runtime.index().step_count(); ++step) {
    const Step& each = runtime.index().step(step);
    bool is_done = false;
    for (int attempt = 0; attempt < 3 && !is_done; ++attempt)
      is_done =
          runtime.call({.service = each.service, .action = each.action, .idempotency_key = each.name}).ok();
    done.push_back(each.name);
    if (!is_done) return runtime.report(Outcome::kFlagged, done);
  }
  runtime.report(Outcome::kCompleted);
}

Saga without_compensations() {
  return {.name = "mails",
          .steps = {{.name = "send", .service = "post", .compensatable = false},
                    {.name = "file", .service = "shop", .pivot = true}}};
}

Saga always_skipped() {
  Saga saga = owing_saga();
  for (Step& step : saga.steps) {
    step.pivot = false;
    step.compensation = "undo_" + step.name;
  }
  for (Step& step : saga.steps) step.only_if = Condition{.pointer = "/wanted"};
  saga.context = {{"wanted", false}};
  return saga;
}

struct Owing {
  const char* what;
  std::function<Experiment()> subject;
  ExploreOptions options;
  VerdictWord word;
  std::set<Lack> lacks;
};

Experiment with_coordinator(Coordinator coordinator, Saga saga = owing_saga()) {
  Experiment experiment = owing(saga);
  experiment.setup.coordinator = std::move(coordinator);
  experiment.setup.durable = false;
  experiment.claims = {.names_flagged_steps = true};
  return experiment;
}

Experiment expecting(Experiment experiment, Outcome outcome) {
  experiment.setup.expects = outcome;
  return experiment;
}

Experiment without_outcome_rules() {
  Experiment experiment = owing();
  for (const Rule rule : {Rule::kTruthfulOutcome, Rule::kAtMostOnce, Rule::kTerminates})
    experiment.switched_off.push_back({.rule = rule, .reason = "for a test"});
  return experiment;
}

/// Goes back whatever comes of the first step.
void always_goes_back(Runtime& runtime) {
  static_cast<void>(runtime.call({.service = "stock", .action = "reserve", .idempotency_key = "r"}));
  bool is_undone = false;
  for (int attempt = 0; attempt < 3 && !is_undone; ++attempt)
    is_undone = runtime.call({.service = "stock", .action = "release", .idempotency_key = "u"}).ok();
  runtime.report(is_undone ? Outcome::kCompensated : Outcome::kFlagged);
}

TEST(SearchVerdictTest, ASearchIsUpheldOnlyIfItHasSeenWhatItOwes) {
  const auto kUpheld = VerdictWord::kUpheld;
  const auto kInconclusive = VerdictWord::kInconclusive;
  const std::vector<FaultKind> lost{FaultKind::kReplyLost};
  const std::vector<FaultKind> late{FaultKind::kDelayUnderTimeout};
  const auto reference = [] { return owing(); };
  const auto forward = [] { return with_coordinator(never_goes_back); };
  const auto silent = [] {
    return with_coordinator([](Runtime& runtime) { runtime.report(Outcome::kFlagged); });
  };
  Saga pivot_first = owing_saga();
  std::swap(pivot_first.steps[0], pivot_first.steps[2]);
  for (Step& step : pivot_first.steps) step.compensation.clear();
  Saga one_step = owing_saga();
  one_step.steps.resize(1);
  const Owing kSituations[] = {
      {"the reference", reference, {.max_faults = 1}, kUpheld, {}},
      {"no faults", reference, {.max_faults = 0}, kUpheld, {}},
      {"no faults, one that never goes back", forward, {.max_faults = 0}, kUpheld, {}},
      {"kinds that fail no step", forward, {.max_faults = 1, .kinds = late}, kUpheld, {}},
      {"kinds that fail a step only with windows",
       forward,
       {.max_faults = 1, .kinds = lost, .windows = false},
       kInconclusive,
       {Lack::kNeverCompensates}},  // the pivot is tried once
      {"one shard", reference, {.max_faults = 1, .shard = {0, 3}}, kUpheld, {}},
      {"up to the first violation", silent, {.max_faults = 1, .stop_at_first_violation = true}, kUpheld, {}},
      {"stopped",
       reference,
       {.max_faults = 1, .max_schedules = 5},
       kInconclusive,
       {Lack::kNotExhausted, Lack::kNeverCompensates}},
      {"all steps skipped", [] { return owing(always_skipped()); }, {.max_faults = 1}, kUpheld, {}},
      {"no compensations", [] { return owing(without_compensations()); }, {.max_faults = 1}, kUpheld, {}},
      {"pivot first", [pivot_first] { return owing(pivot_first); }, {.max_faults = 1}, kUpheld, {}},
      {"one step", [one_step] { return owing(one_step); }, {.max_faults = 1}, kUpheld, {}},
      {"a sample",
       reference,
       {.max_faults = 2, .swarm = Swarm{.seed = "s", .schedules = 50}},
       kInconclusive,
       {Lack::kSampled}},
      {"a sample that will do",
       reference,
       {.max_faults = 2, .swarm = Swarm{.seed = "s", .schedules = 50}, .sample_ok = true},
       kUpheld,
       {}},
      {"nothing asked",
       silent,
       {.max_faults = 1},
       kInconclusive,
       {Lack::kNoRequest, Lack::kUnexpectedOutcome, Lack::kNeverCompensates}},
      {"nothing asked, without faults",
       silent,
       {.max_faults = 0},
       kInconclusive,
       {Lack::kNoRequest, Lack::kUnexpectedOutcome}},
      {"goes back though nothing failed",
       [] { return with_coordinator(always_goes_back); },
       {.max_faults = 0},
       VerdictWord::kViolated,
       {}},
      {"… and is expected to",
       [] { return expecting(with_coordinator(always_goes_back), Outcome::kCompensated); },
       {.max_faults = 0},
       kUpheld,
       {}},
      {"completes though it is expected not to",
       [] { return expecting(owing(), Outcome::kFlagged); },
       {.max_faults = 1},
       kInconclusive,
       {Lack::kUnexpectedOutcome}},
      {"nobody looks at outcomes",
       without_outcome_rules,
       {.max_faults = 1},
       kInconclusive,
       {Lack::kNoOutcomeRule}}};
  for (const Owing& each : kSituations) {
    SCOPED_TRACE(each.what);
    const Exploration found = explore(each.subject(), each.options);
    EXPECT_EQ(found.findings.empty(), each.word != VerdictWord::kViolated);
    EXPECT_EQ(found.verdict.word, each.word);
    EXPECT_EQ(lacks_in(found.verdict), each.lacks);
  }
}

TEST(SearchVerdictTest, ALackSaysWhatWouldBringIt) {
  Experiment experiment = with_coordinator(never_goes_back);
  const Exploration found = explore(experiment, {.max_faults = 1, .kinds = {FaultKind::kReplyLost}});
  ASSERT_EQ(lacks_in(found.verdict), std::set{Lack::kNeverCompensates});
  EXPECT_THAT(found.verdict.lacks.front().reason,
              testing::AllOf(HasSubstr("reserve has a compensation"), HasSubstr("pay can fail after it"),
                             HasSubstr("the kind rejected may bring it about")));
}

TEST(SearchVerdictTest, WhatIsExpectedMustBePossible) {
  EXPECT_THROW(static_cast<void>(explore(expecting(owing(), Outcome::kUnresolved), {.max_faults = 0})),
               Error);
  EXPECT_THROW(static_cast<void>(explore(expecting(owing(without_compensations()), Outcome::kCompensated),
                                         {.max_faults = 0})),
               Error);
}

TEST(SearchVerdictTest, WhatOnlyLooksMayRefuseSoThatNothingIsToBeUndone) {
  Saga saga = without_compensations();
  saga.steps.front().has_effect = false;
  saga.steps.front().compensatable = true;
  Experiment looking = expecting(owing(saga), Outcome::kCompensated);
  EXPECT_NO_THROW(static_cast<void>(explore(looking, {.max_faults = 0})));
  saga.steps.front().only_if = Condition{.pointer = "/never"};
  EXPECT_THROW(static_cast<void>(explore(expecting(owing(saga), Outcome::kCompensated), {.max_faults = 0})),
               Error);
}

TEST(SearchVerdictTest, ThePartsOwedNothingButTheWholeDoes) {
  const Experiment experiment = with_coordinator([](Runtime& runtime) { runtime.report(Outcome::kFlagged); });
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::vector<std::string> files;
  for (std::uint32_t shard = 0; shard < 2; ++shard) {
    files.push_back(testing::TempDir() + test->name() + std::to_string(shard));
    const ExploreOptions part{.max_faults = 1, .shard = {shard, 2}, .tally = files.back()};
    EXPECT_EQ(explore(experiment, part).verdict.word, VerdictWord::kUpheld);
  }
  const Exploration whole = merge_tallies(experiment, {.max_faults = 1}, files);
  EXPECT_EQ(whole.verdict, explore(experiment, {.max_faults = 1}).verdict);
  EXPECT_EQ(whole.verdict.word, VerdictWord::kInconclusive);
}

TEST(SearchVerdictTest, AnErrorComesBeforeAViolationAndThatBeforeALack) {
  Exploration found;
  found.schedules = 3;
  EXPECT_EQ(word_of(verdict_of(found, {}, {})), "inconclusive");
  found.violated_schedules = 1;
  EXPECT_EQ(word_of(verdict_of(found, {}, {})), "violated");
  found.nondeterministic.emplace_back();
  EXPECT_EQ(word_of(verdict_of(found, {}, {})), "error");
}

TEST(SearchVerdictTest, EveryLackHasANameThatIsRead) {
  for (std::size_t i = 0; i < kLackCount; ++i) {
    const auto lack = static_cast<Lack>(i);
    EXPECT_EQ(parse_lack(name_of(lack)), lack);
    EXPECT_FALSE(describe(lack).empty());
  }
  EXPECT_THROW(static_cast<void>(parse_lack("never_compensate")), Error);
}

}  // namespace
}  // namespace saga_harness
