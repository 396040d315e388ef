#include <saga_harness/matchers.hpp>

#include <gtest/gtest-spi.h>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// The payment is rejected: the stock is released.
saga_harness::Run rejected_run() {
  SagaTestHarness harness(order_saga());
  return harness.run(parse_plan("pay:rejected"));
}

/// All that is done is undone.
saga_harness::Run undone_run() {
  SagaTestHarness harness(order_saga());
  return harness.run(parse_plan("ship:rejected"));
}

/// The coordinator forgets the first step.
saga_harness::Run violating_run() {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator(OrchestratorBug::kSkipsFirst), Claims::all());
  return harness.run(parse_plan("pay:rejected"));
}

saga_harness::Run stock_run(const char* plan) {
  SagaTestHarness harness(order_saga());
  harness.use_participant("stock", ledger_fake({}, stock({{"BOOK", 10}}), "stock"));
  return harness.run(parse_plan(plan));
}

template <typename Matcher>
std::string description(const Matcher& matcher) {
  return testing::DescribeMatcher<const saga_harness::Run&>(matcher);
}

template <typename Matcher>
std::string negation(const Matcher& matcher) {
  return testing::DescribeMatcher<const saga_harness::Run&>(matcher, true);
}

TEST(EndsInTest, MatchesTheOutcomeAndSaysWhichItWas) {
  EXPECT_THAT(rejected_run(), EndsIn(Outcome::kCompensated));
  EXPECT_THAT(rejected_run(), Not(EndsIn(Outcome::kCompleted)));
  EXPECT_EQ(description(EndsIn(Outcome::kCompleted)), "ends completed");
  EXPECT_EQ(negation(EndsIn(Outcome::kCompleted)), "does not end completed");
  EXPECT_EQ(explanation(EndsIn(Outcome::kCompleted), rejected_run()),
            "which ended compensated; the calls were: reserve ok, pay rejected, release ok");
}

TEST(EndsInTest, NamesTheFlaggedSteps) {
  SagaTestHarness harness(order_saga());
  const auto run = harness.run(parse_plan("pay:rejected, release#*:unavailable"));
  EXPECT_THAT(explanation(EndsIn(Outcome::kCompensated), run),
              HasSubstr("which ended flagged naming reserve"));
}

TEST(CallsInOrderTest, LetsOtherCallsStandBetween) {
  EXPECT_THAT(undone_run(), CallsInOrder("reserve", "ship", "refund", "release"));
  EXPECT_THAT(undone_run(), CallsInOrder("pay"));
  EXPECT_THAT(undone_run(), Not(CallsInOrder("pay", "reserve")));
  EXPECT_THAT(undone_run(), Not(CallsInOrder("pay", "pay")));
}

TEST(CallsInOrderTest, TakesAStepForItsAction) {
  Saga saga = order_saga();
  saga.steps[0].action = "hold";
  SagaTestHarness harness(saga);
  EXPECT_THAT(harness.start_saga(), CallsInOrder("reserve", "pay"));
  EXPECT_THAT(harness.last_run(), CallsInOrder("hold", "pay"));
}

TEST(CallsInOrderTest, SaysWhereTheOrderBroke) {
  EXPECT_EQ(description(CallsInOrder("reserve", "release", "pay")), "calls reserve, then release, then pay");
  EXPECT_EQ(
      explanation(CallsInOrder("reserve", "release", "pay"), rejected_run()),
      "in which pay was not called after release; the calls were: reserve ok, pay rejected, release ok");
  EXPECT_THAT(explanation(CallsInOrder("ship"), rejected_run()), HasSubstr("in which ship was not called; "));
}

TEST(CallsInOrderTest, ShowsRetriesTimeoutsAndWhatNobodyHeard) {
  SagaTestHarness harness(order_saga());
  const auto run =
      harness.run(parse_plan("pay:reply_lost, pay#2@before_call:coordinator_crash, reserve:rejected"));
  EXPECT_THAT(explanation(CallsInOrder("ship"), run), HasSubstr("reserve rejected"));
  const auto retried = harness.run(parse_plan("pay:reply_lost, pay#2@after_intent:coordinator_crash"));
  EXPECT_THAT(explanation(CallsInOrder("refund"), retried),
              HasSubstr("reserve ok, pay timeout, pay#2 ok, ship ok"));
}

TEST(CompensatedInOrderTest, TakesCompensationsOrSteps) {
  EXPECT_THAT(undone_run(), CompensatedInOrder("refund", "release"));
  EXPECT_THAT(undone_run(), CompensatedInOrder("pay", "reserve"));
  EXPECT_THAT(undone_run(), CompensatedInOrder("release"));
  EXPECT_THAT(undone_run(), Not(CompensatedInOrder("release", "refund")));
  EXPECT_THAT(rejected_run(), Not(CompensatedInOrder("refund", "release")));
}

TEST(CompensatedInOrderTest, SaysWhatWasCompensated) {
  EXPECT_EQ(description(CompensatedInOrder("release", "refund")), "compensates release, then refund");
  EXPECT_EQ(explanation(CompensatedInOrder("release", "refund"), undone_run()),
            "in which was compensated: refund, release; the calls were: reserve ok, pay ok, ship rejected, "
            "refund ok, release ok");
}

TEST(CompensatedInOrderTest, CountsWhatTheParticipantDidAndNotWhatTheCoordinatorHeard) {
  SagaTestHarness harness(order_saga());
  EXPECT_THAT(harness.run(parse_plan("pay:rejected, release#*:reply_lost")), CompensatedExactly("release"));
  EXPECT_THAT(harness.run(parse_plan("pay:rejected, release#*:error_after_effect")),
              CompensatedExactly("release"));
  EXPECT_THAT(harness.run(parse_plan("pay:rejected, release#*:unavailable")), CompensatedExactly());
  EXPECT_THAT(harness.run(parse_plan("pay#*:request_lost")), CompensatedInOrder("refund", "release"));
}

TEST(CompensatedExactlyTest, AllowsNoOthersInWhateverOrder) {
  EXPECT_THAT(undone_run(), CompensatedExactly("release", "refund"));
  EXPECT_THAT(rejected_run(), CompensatedExactly("reserve"));
  EXPECT_THAT(undone_run(), Not(CompensatedExactly("release")));
  EXPECT_THAT(rejected_run(), Not(CompensatedExactly()));
  EXPECT_EQ(description(CompensatedExactly()), "compensates exactly nothing");
  EXPECT_THAT(explanation(CompensatedExactly("release"), undone_run()),
              HasSubstr("in which was compensated: refund, release; "));
}

TEST(NeverCalledTest, CountsTheCalls) {
  EXPECT_THAT(rejected_run(), NeverCalled("post", "ship"));
  EXPECT_THAT(rejected_run(), Not(NeverCalled("bank", "pay")));
  EXPECT_EQ(description(NeverCalled("bank", "pay")), "never calls pay of bank");
  EXPECT_EQ(negation(NeverCalled("bank", "pay")), "calls pay of bank");
  EXPECT_EQ(explanation(NeverCalled("bank", "pay"), rejected_run()),
            "in which it was called 1 time; the calls were: reserve ok, pay rejected, release ok");
}

TEST(KeepsTest, ComparesTheStartWithTheEnd) {
  EXPECT_THAT(stock_run("none"), Keeps("stock/BOOK available + reserved"));
  SagaTestHarness harness(order_saga());
  harness.use_participant("stock", ledger_fake({}, stock({{"BOOK", 10}}), "stock"));
  const auto run = harness.start_saga(Context::parse(R"({"items":[{"product_id":"BOOK","quantity":3}]})"));
  EXPECT_THAT(run, Not(Keeps("stock/BOOK reserved")));
  EXPECT_EQ(description(Keeps("stock/BOOK reserved")), "keeps stock/BOOK reserved");
  EXPECT_EQ(explanation(Keeps("stock/BOOK reserved"), run),
            "in which it was 0 at the start and 3 at the end");
}

TEST(UpholdsAllInvariantsTest, ShowsSentenceEventsPlanAndToken) {
  EXPECT_THAT(rejected_run(), UpholdsAllInvariants());
  const auto run = violating_run();
  EXPECT_THAT(run, Not(UpholdsAllInvariants()));
  const std::string text = explanation(UpholdsAllInvariants(), run);
  const Verdict verdict = run.violations().at(0);
  ASSERT_FALSE(verdict.evidence.empty());
  const SagaIndex index(run.saga);
  EXPECT_THAT(text, HasSubstr("I1 truthful outcome at reserve: " + verdict.explanation));
  EXPECT_THAT(text, HasSubstr(to_string(run.trace.events.at(verdict.evidence[0]), run.trace.texts, index)));
  EXPECT_THAT(text, HasSubstr("plan: pay.action#1:rejected"));
  EXPECT_THAT(text, HasSubstr("token: " + run.token));
  EXPECT_THAT(text, HasSubstr("the calls were: reserve ok, pay rejected"));
}

TEST(UpholdsAllInvariantsTest, AreBrokenByACoordinatorThatGoesFromTheEndToTheBeginning) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator([](Runtime& runtime) {
    for (std::size_t step = 3; step-- > 0;) {
      const Step& each = runtime.index().step(static_cast<StepId>(step));
      if (!runtime.call({.service = each.service, .action = each.name}).ok())
        return runtime.report(Outcome::kFlagged);
    }
    runtime.report(Outcome::kCompleted);
  });
  EXPECT_THAT(explanation(UpholdsAllInvariants(), harness.run({})),
              HasSubstr("pay comes after reserve, but was sent before that was done"));
  EXPECT_THAT(harness.explore({.max_faults = 0}), Not(FindsNoViolation()));
}

// Of what was never judged nothing holds, and the opposite does not hold either.
TEST(RunMatchersTest, RefuseARunThatWasNeverJudgedOrThatWasMovedFrom) {
  saga_harness::Run moved_from = rejected_run();
  const saga_harness::Run run = std::move(moved_from);
  EXPECT_THAT(run, EndsIn(Outcome::kCompensated));
  const std::vector<RunMatcher> matchers{EndsIn(Outcome::kCompensated), UpholdsAllInvariants(),
                                         NeverCalled("post", "ship"),   CallsInOrder("reserve", "pay"),
                                         CompensatedInOrder("release"), CompensatedExactly("release")};
  for (const RunMatcher& matcher : matchers) {
    EXPECT_TRUE(matcher.Matches(run));
    for (const saga_harness::Run& unjudged :
         {moved_from, saga_harness::Run{}}) {  // NOLINT(bugprone-use-after-move)
      EXPECT_THAT(error_of([&] { (void)matcher.Matches(unjudged); }),
                  HasSubstr("a run that was never judged"));
      EXPECT_THAT(error_of([&] { (void)RunMatcher(Not(matcher)).Matches(unjudged); }),
                  HasSubstr("a run that was never judged"));
    }
  }
}

template <class... Names>
concept MakesAnOrder = requires(const Names&... names) {
  CallsInOrder(names...);
};
template <class... Names>
concept MakesAnOrderOfCompensations = requires(const Names&... names) {
  CompensatedInOrder(names...);
};

// Nothing is always in order.
TEST(CallsInOrderTest, TakesAtLeastOneName) {
  EXPECT_TRUE(MakesAnOrder<std::string>);
  EXPECT_FALSE(MakesAnOrder<>);
  EXPECT_TRUE((MakesAnOrderOfCompensations<std::string, std::string>));
  EXPECT_FALSE(MakesAnOrderOfCompensations<>);
}

TEST(ViolatesTest, SaysNothingOfARuleThatDoesNotApply) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator());  // which claims nothing
  const auto run = harness.start_saga();
  EXPECT_THAT(run, Not(Violates(Rule::kTruthfulOutcome)));
  EXPECT_THAT(error_of([&] { EXPECT_THAT(run, Not(Violates(Rule::kSilenceAfterEnd))); }),
              HasSubstr("nothing can be said of I9 silence after end: it does not apply to this run"));
  const Exploration found = harness.explore({.max_faults = 1});
  EXPECT_THAT(found, Not(Violates(Rule::kTruthfulOutcome)));
  EXPECT_THAT(error_of([&] { EXPECT_THAT(found, Not(Violates(Rule::kSilenceAfterEnd))); }),
              HasSubstr("it applied to no schedule"));
  harness.switch_off(Rule::kTruthfulOutcome, "for this test");
  EXPECT_THAT(error_of([&] { EXPECT_THAT(harness.run({}), Not(Violates(Rule::kTruthfulOutcome))); }),
              HasSubstr("it does not apply to this run"));
}

TEST(ViolatesTest, SaysNothingOfASearchThatDidNotLook) {
  SagaTestHarness harness(order_saga());
  const auto refusal = [&](const ExploreOptions& options, Rule rule = Rule::kTruthfulOutcome) {
    return error_of([&] { EXPECT_THAT(harness.explore(options), Not(Violates(rule))); });
  };
  EXPECT_THAT(harness.explore({.max_faults = 1}), Not(Violates(Rule::kReverseOrder)));
  EXPECT_THAT(refusal({.max_faults = 1, .max_schedules = 3}), HasSubstr("the search was not exhausted"));
  EXPECT_THAT(refusal({.max_faults = 1, .shard = {0, 2}}), HasSubstr("one shard of a search"));
  EXPECT_THAT(refusal({.max_faults = 0}, Rule::kReverseOrder), HasSubstr("no schedule exercised it"));
  EXPECT_THAT(error_of([] { EXPECT_THAT(Exploration{}, Not(Violates(Rule::kTruthfulOutcome))); }),
              HasSubstr("nothing can be said of I1"));
}

TEST(FindsNoViolationTest, ARandomSearchThatWasStoppedIsNoSampleOfItsSize) {
  SagaTestHarness harness(order_saga());
  const Swarm swarm{.seed = "monday", .schedules = 200};
  EXPECT_THAT(harness.explore({.max_faults = 2, .swarm = swarm}), FindsNoViolation());
  const Exploration stopped = harness.explore({.max_faults = 2, .max_schedules = 3, .swarm = swarm});
  EXPECT_THAT(stopped, Not(FindsNoViolation()));
  EXPECT_THAT(explanation(FindsNoViolation(), stopped),
              HasSubstr("the search was stopped after 3 of 200 random schedules (not_exhausted)"));
}

TEST(ViolatesTest, MatchesRunsAndExplorations) {
  EXPECT_THAT(violating_run(), Violates(Rule::kTruthfulOutcome));
  EXPECT_THAT(violating_run(), Not(Violates(Rule::kPivotRespected)));
  EXPECT_THAT(rejected_run(), Not(Violates(Rule::kTruthfulOutcome)));
  EXPECT_THAT(explanation(Violates(Rule::kPivotRespected), violating_run()),
              HasSubstr("which violates I1 truthful outcome ("));
  EXPECT_EQ(explanation(Violates(Rule::kPivotRespected), rejected_run()), "which violates nothing");
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator(OrchestratorBug::kForwardOrder), Claims::all());
  const Exploration exploration = harness.explore({.max_faults = 1});
  EXPECT_THAT(exploration, Violates(Rule::kReverseOrder));
  EXPECT_THAT(exploration, Not(Violates(Rule::kPivotRespected)));
  EXPECT_THAT(explanation(Violates(Rule::kPivotRespected), exploration), HasSubstr("I2 reverse order"));
}

TEST(FindsNoViolationTest, ShowsTheSmallestPlanWithTokenAndTest) {
  SagaTestHarness harness(order_saga());
  EXPECT_THAT(harness.explore({.max_faults = 1}), FindsNoViolation());
  harness.use_coordinator(orchestrator(OrchestratorBug::kSkipsFirst), Claims::all());
  const Exploration exploration = harness.explore({.max_faults = 1});
  const Finding& finding = exploration.findings.at(0);
  EXPECT_THAT(exploration, Not(FindsNoViolation()));
  EXPECT_THAT(explanation(FindsNoViolation(), exploration),
              AllOf(HasSubstr(" schedules violate a rule\n  I1 "),
                    HasSubstr("I1 truthful outcome at reserve: " + finding.explanation),
                    HasSubstr("plan: " + to_string(finding.plan)), HasSubstr("token: " + finding.token),
                    HasSubstr(finding.test_case)));
}

// Asks for each step up to three times, each time with another key.
void use_fresh_keys(Runtime& runtime) {
  for (StepId step = 0; step < runtime.index().step_count(); ++step) {
    const Step& each = runtime.index().step(step);
    bool is_done = false;
    for (int attempt = 0; attempt < 3 && !is_done; ++attempt) {
      const std::string key = each.name + std::to_string(attempt);
      is_done = runtime.call({.service = each.service, .action = each.action, .idempotency_key = key}).ok();
    }
    if (!is_done) return runtime.report(Outcome::kFlagged);
  }
  runtime.report(Outcome::kCompleted);
}

TEST(FindsNoViolationTest, TellsOfKeysThatChangeWhereNobodyClaimsThatTheyDoNot) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(use_fresh_keys, {});
  const Exploration found = harness.explore({.max_faults = 1, .kinds = {FaultKind::kErrorAfterEffect}});
  EXPECT_THAT(explanation(FindsNoViolation(), found),
              AllOf(HasSubstr("I5"), HasSubstr("note: an operation changed its idempotency key")));
  const Exploration unstruck = harness.explore({.max_faults = 0});
  EXPECT_THAT(unstruck.verdict.notes, testing::IsEmpty());
  harness.use_coordinator(use_fresh_keys, {.idempotency_keys = true});
  const Exploration claimed = harness.explore({.max_faults = 1, .kinds = {FaultKind::kErrorAfterEffect}});
  EXPECT_THAT(claimed.verdict.notes, testing::IsEmpty());
  EXPECT_THAT(explanation(FindsNoViolation(), claimed), HasSubstr("I8"));
}

TEST(FindsNoViolationTest, SetsKnownFindingsAsideUntilTheyExpireOrShowNoMore) {
  const KnownFinding known{.rule = "I3",
                           .step = "reserve",
                           .outcome = Outcome::kCompensated,
                           .reason = "undone before it is looked at",
                           .owner = "stock team",
                           .expires = "2027-01-31"};
  SagaTestHarness fixed(order_saga());
  fixed.known(known);
  const Exploration gone = fixed.explore();
  EXPECT_THAT(
      explanation(FindsNoViolation(), gone),
      HasSubstr("which is no verdict: the known finding I3 no unintended compensation at reserve, ended "
                "compensated shows no more"));
  EXPECT_THAT(gone, Not(FindsNoViolation()));

  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator(OrchestratorBug::kAmbiguousNotCompensated));
  const ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kErrorAfterEffect}};
  const Exploration found = harness.explore(options);
  ASSERT_THAT(found, Not(FindsNoViolation()));
  for (const Finding& finding : found.findings) {
    KnownFinding each = known;
    each.rule = id_of(finding.rule);
    each.step = finding.step;
    each.outcome = finding.outcome;
    harness.known(each);
  }
  const Exploration set_aside = harness.explore(options);
  EXPECT_THAT(set_aside, FindsNoViolation().allow(Lack::kNeverCompensates, "only answers are lost"));
  EXPECT_THAT(explanation(FindsNoViolation(), set_aside),
              HasSubstr("note: known and not counted: I1 truthful outcome at "));
  ::setenv("SAGA_HARNESS_TODAY", "2027-02-01", 1);
  const Exploration late = harness.explore(options);
  ::unsetenv("SAGA_HARNESS_TODAY");
  EXPECT_THAT(explanation(FindsNoViolation(), late), HasSubstr("expired on 2027-01-31; ask stock team"));
  EXPECT_THAT(error_of([&] { harness.known({.rule = "I1"}); }), HasSubstr("has no reason"));
}

TEST(FindsNoViolationTest, JudgesByTheRulesOfAnEarlierVersionWhereThatIsAskedFor) {
  SagaTestHarness harness(order_saga());
  const auto pays_first = [](Runtime& runtime) {
    for (const auto& [service, action] : {std::pair("bank", "pay"), {"stock", "reserve"}, {"post", "ship"}}) {
      if (!runtime.call({.service = service, .action = action}).ok()) return;
    }
    runtime.report(Outcome::kCompleted);
  };
  harness.use_coordinator(pays_first, {});
  EXPECT_THAT(explanation(FindsNoViolation(), harness.explore({.max_faults = 0})), HasSubstr("I17"));
  harness.rules_as_of("0.1");
  const Exploration early = harness.explore({.max_faults = 0});
  EXPECT_THAT(early, FindsNoViolation());
  EXPECT_THAT(explanation(FindsNoViolation(), early), HasSubstr("note: judged by the rules of 0.1"));
  EXPECT_THAT(error_of([&] { harness.rules_as_of("0.9"); }), HasSubstr("there are 0.1, 0.2"));
}

TEST(FindsNoViolationTest, DoesNotTakeAnEmptySearchForASuccess) {
  EXPECT_THAT(Exploration{}, Not(FindsNoViolation()));
  EXPECT_EQ(explanation(FindsNoViolation(), Exploration{}), "which ran no schedule at all");
}

void flags_at_once(Runtime& runtime) { runtime.report(Outcome::kFlagged); }

TEST(FindsNoViolationTest, FailsOnASearchThatLacksWhatItOwesAndSaysWhat) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(flags_at_once);
  const Exploration lazy = harness.explore({.max_faults = 1});
  EXPECT_TRUE(lazy.finds_no_violation());
  EXPECT_THAT(lazy, Not(FindsNoViolation()));
  EXPECT_THAT(
      explanation(FindsNoViolation(), lazy),
      AllOf(HasSubstr("no request was made (no_request)"),
            HasSubstr("without faults it ended flagged, not completed"), HasSubstr("(never_compensates)")));
}

TEST(FindsNoViolationTest, ForgivesALackThatATestMeans) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(flags_at_once).expects(Outcome::kFlagged);
  const Exploration lazy = harness.explore({.max_faults = 1});
  EXPECT_THAT(lazy, Not(FindsNoViolation().allow(Lack::kNoRequest, "it is a stub")));
  EXPECT_THAT(lazy, FindsNoViolation()
                        .allow(Lack::kNoRequest, "it is a stub")
                        .allow(Lack::kNeverCompensates, "a person does"));
  EXPECT_THROW(static_cast<void>(FindsNoViolation().allow(Lack::kNoRequest, "")), Error);
}

TEST(FindsNoViolationTest, TakesASampleThatWasAskedForButNoSearchThatWasStopped) {
  SagaTestHarness harness(order_saga());
  EXPECT_THAT(harness.explore({.swarm = Swarm{.seed = "s", .schedules = 20}}), FindsNoViolation());
  EXPECT_THAT(harness.explore({.max_faults = 1, .max_schedules = 20}), Not(FindsNoViolation()));
  Exploration found;
  found.schedules = 1;
  EXPECT_THAT(found, Not(FindsNoViolation())) << "never concluded";
}

TEST(MatcherFailureTest, IsReadableAsAWhole) {
  const auto run = rejected_run();
  EXPECT_NONFATAL_FAILURE(
      EXPECT_THAT(run, CompensatedInOrder("refund", "release")),
      "Value of: run\n"
      "Expected: compensates refund, then release\n"
      "  Actual: a run of order that ended compensated under the plan pay.action#1:rejected");
}

TEST(MatcherMisuseTest, NamesTheNearestName) {
  const auto run = undone_run();
  const auto error = [&run](const auto& matcher) { return error_of([&] { explanation(matcher, run); }); };
  EXPECT_THAT(error(CallsInOrder("reserv")), HasSubstr(R"(did you mean "reserve"?)"));
  EXPECT_THAT(error(NeverCalled("bank", "repay")), HasSubstr(R"(did you mean "pay"?)"));
  EXPECT_THAT(error(NeverCalled("bonk", "pay")), HasSubstr(R"(did you mean "bank"?)"));
  EXPECT_THAT(error(Not(CompensatedInOrder("relaese"))), HasSubstr(R"(did you mean "release"?)"));
  EXPECT_THAT(error(CompensatedExactly("ship")), HasSubstr("has no compensation"));
  EXPECT_THAT(error(CompensatedExactly("pay", "refund")), HasSubstr("named twice"));
}

TEST(MatcherMisuseTest, KnowsWhichQuantitiesThereAre) {
  EXPECT_THAT(error_of([] { explanation(Keeps("stock"), rejected_run()); }), HasSubstr("nor any other"));
  EXPECT_THAT(error_of([] { explanation(Keeps("stock/BOOK reservd"), stock_run("none")); }),
              AllOf(HasSubstr(R"(did you mean "stock/BOOK reserved"?)"),
                    HasSubstr("stock/BOOK available + reserved")));
}

TEST(MatcherMisuseTest, NeedsARunThatKnowsItsSaga) {
  saga_harness::Run run;
  run.verdicts.resize(1);
  EXPECT_THAT(error_of([&] { explanation(CallsInOrder("pay"), run); }),
              HasSubstr("does not say what saga it is of"));
}

TEST(MatcherMisuseTest, AsksForTheStepWhereTwoShareACompensation) {
  Saga saga = order_saga();
  saga.steps[0].service = "bank";
  saga.steps[0].compensation = "refund";
  SagaTestHarness harness(saga);
  const auto run = harness.run(parse_plan("ship:rejected"));
  EXPECT_THAT(error_of([&] { explanation(CompensatedExactly("refund"), run); }), HasSubstr("name the step"));
  EXPECT_THAT(run, CompensatedInOrder("pay", "reserve"));
}

}  // namespace
}  // namespace saga_harness
