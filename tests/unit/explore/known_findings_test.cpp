// Findings that are known: shown, not counted, and an error once they show no more or have expired.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/known_finding.hpp>
#include <saga_harness/score.hpp>

#include "results.hpp"
#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// The second step's answer is lost: the first is undone, the second is taken for not done.
Saga two_undoable_steps() {
  return {.name = "two",
          .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                    {.name = "pay", .service = "bank", .compensation = "refund"}}};
}

KnownFinding known_at(const std::string& step) {
  return {.rule = "I1",
          .step = step,
          .outcome = Outcome::kCompensated,
          .reason = "no answer is taken for not done",
          .owner = "payments team",
          .expires = "2027-01-31"};
}

Experiment with_known(std::vector<KnownFinding> known,
                      OrchestratorBug bug = OrchestratorBug::kAmbiguousNotCompensated) {
  Experiment experiment = subject(two_undoable_steps(), bug);
  experiment.known = std::move(known);
  return experiment;
}

// One fault that shows what is known and nothing else.
ExploreOptions one_lost_answer() { return {.max_faults = 1, .kinds = {FaultKind::kErrorAfterEffect}}; }

TEST(KnownFindingTest, IsShownAndNotCounted) {
  const Exploration unknown = explore(with_known({}), one_lost_answer());
  ASSERT_THAT(unknown.findings, SizeIs(2));
  const Exploration found = explore(with_known({known_at("reserve"), known_at("pay")}), one_lost_answer());
  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_EQ(found.violated_schedules, 0U);
  EXPECT_EQ(found.verdict.error, "");
  EXPECT_EQ(found.rules[0].violated, 0U);
  EXPECT_EQ(found.rules[0].unknown, unknown.rules[0].unknown + unknown.rules[0].violated);
  EXPECT_EQ(found.count(CellStatus::kViolated), 0U);
  EXPECT_LT(found.count(CellStatus::kHeld), unknown.schedules);
  EXPECT_THAT(
      found.verdict.notes,
      ElementsAre(HasSubstr("known and not counted: I1 truthful outcome at reserve, ended compensated: "
                            "no answer is taken for not done (ask payments team, expires 2027-01-31)"),
                  HasSubstr("at pay")));
  ASSERT_THAT(found.known, SizeIs(2));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(found.known[i].state, KnownState::kShown);
    ASSERT_THAT(found.known[i].findings, SizeIs(1));
    EXPECT_EQ(to_string(found.known[i].findings[0].plan), to_string(unknown.findings[i].plan));
    EXPECT_EQ(found.known[i].schedules, unknown.findings[i].schedules);
  }
}

TEST(KnownFindingTest, LeavesEverythingElseAFinding) {
  KnownFinding other = known_at("reserve");
  other.outcome = Outcome::kFlagged;
  const Exploration found = explore(with_known({known_at("pay"), other}), one_lost_answer());
  EXPECT_EQ(found.verdict.word, VerdictWord::kViolated);
  ASSERT_THAT(found.findings, SizeIs(1));
  EXPECT_EQ(found.findings[0].step, "reserve");
  EXPECT_EQ(found.violated_schedules, found.findings[0].schedules);
  EXPECT_EQ(found.known[1].state, KnownState::kOutOfReach);
}

TEST(KnownFindingTest, DoesNotStopASearchThatStopsAtTheFirst) {
  ExploreOptions options = one_lost_answer();
  options.stop_at_first_violation = true;
  EXPECT_TRUE(explore(with_known({known_at("reserve"), known_at("pay")}), options).exhausted);
  EXPECT_FALSE(explore(with_known({known_at("pay")}), options).exhausted);
}

TEST(KnownFindingTest, IsAnErrorFromTheDayAfterItExpires) {
  ExploreOptions options = one_lost_answer();
  options.today = "2027-01-31";
  EXPECT_EQ(explore(with_known({known_at("reserve"), known_at("pay")}), options).verdict.error, "");
  options.today = "2027-02-01";
  const Exploration late = explore(with_known({known_at("reserve"), known_at("pay")}), options);
  EXPECT_EQ(late.known[0].state, KnownState::kExpired);
  EXPECT_THAT(late.verdict.error, AllOf(HasSubstr("at reserve, ended compensated expired on 2027-01-31"),
                                        HasSubstr("ask payments team")));
}

TEST(KnownFindingTest, IsAnErrorOnceItShowsNoMore) {
  const Experiment fixed = with_known({known_at("pay")}, OrchestratorBug::kNone);
  const Exploration found = explore(fixed, {.max_faults = 2});
  EXPECT_EQ(found.known[0].state, KnownState::kShowsNoMore);
  EXPECT_THAT(found.verdict.error, AllOf(HasSubstr("I1 truthful outcome at pay, ended compensated shows no "
                                                   "more; take it out of \"known\""),
                                         HasSubstr("give the \"plan\"")));
}

// What explore() says of a subject, searches that start from it say too.
TEST(KnownFindingTest, IsSaidOfWhatAMutantIsComparedWith) {
  const auto scored = [](const KnownFinding& known, const std::string& today) {
    const Experiment reference = with_known({known, known_at("reserve")});
    Experiment mutated = with_known({}, OrchestratorBug::kNoIdempotencyKey);
    const MutantCase one{.name = "no_idempotency_key",
                         .bug = "It has a bug.",
                         .mutated = std::move(mutated),
                         .reference = reference};
    ScoreOptions options{.explore = one_lost_answer(), .swarm_seeds = 0};
    options.explore.today = today;
    return score(std::span(&one, 1), options).verdict;
  };
  const SearchVerdict shown = scored(known_at("pay"), "2027-01-31");
  EXPECT_EQ(shown.error, "");
  EXPECT_THAT(shown.notes, ElementsAre(HasSubstr("two [ambiguous_not_compensated, reference]: known and not "
                                                 "counted: I1 truthful outcome at pay"),
                                       HasSubstr("at reserve")));
  const SearchVerdict expired = scored(known_at("pay"), "2027-02-01");
  EXPECT_EQ(word_of(expired), "error");
  EXPECT_THAT(expired.error, HasSubstr("two [ambiguous_not_compensated, reference]: the known finding I1 "
                                       "truthful outcome at pay, ended compensated expired on 2027-01-31"));
}

TEST(KnownFindingTest, IsSaidOfWhatASagaReliesOn) {
  const auto required = [](const std::string& today) {
    ExploreOptions options = one_lost_answer();
    options.today = today;
    return relies_on(with_known({known_at("pay"), known_at("reserve")}), {}, options).verdict;
  };
  EXPECT_EQ(required("2027-01-31").error, "");
  EXPECT_THAT(required("2027-01-31").notes, ElementsAre(HasSubstr("at pay"), HasSubstr("at reserve")));
  EXPECT_THAT(required("2027-02-01").error, HasSubstr("at pay, ended compensated expired on 2027-01-31"));
}

TEST(KnownFindingTest, IsOutOfReachOfASearchThatNeedNotShowIt) {
  const Experiment fixed = with_known({known_at("pay")}, OrchestratorBug::kNone);
  const std::vector<ExploreOptions> kNarrow{{.max_faults = 1},
                                            {.max_faults = 2, .kinds = {FaultKind::kRejected}},
                                            {.max_faults = 2, .windows = false},
                                            {.max_faults = 2, .max_schedules = 20},
                                            {.max_faults = 2, .shard = {0, 2}},
                                            {.max_faults = 2, .swarm = Swarm{.seed = "x", .schedules = 500}}};
  for (const ExploreOptions& options : kNarrow) {
    const Exploration found = explore(fixed, options);
    EXPECT_EQ(found.known[0].state, KnownState::kOutOfReach) << testing::PrintToString(options);
    EXPECT_EQ(found.verdict.error, "") << testing::PrintToString(options);
  }
}

TEST(KnownFindingTest, WithItsPlanKnowsWhichSearchWouldShowIt) {
  KnownFinding pay = known_at("pay");
  pay.plan = parse_plan("pay.action#1:error_after_effect");
  const Experiment fixed = with_known({pay}, OrchestratorBug::kNone);
  EXPECT_EQ(explore(fixed, one_lost_answer()).known[0].state, KnownState::kShowsNoMore);
  EXPECT_EQ(explore(fixed, {.max_faults = 1, .kinds = {FaultKind::kRejected}}).known[0].state,
            KnownState::kOutOfReach);
  EXPECT_EQ(explore(fixed, {.max_faults = 0}).known[0].state, KnownState::kOutOfReach);
  pay.plan = parse_plan("reserve:rejected, pay:rejected, pay.compensation#1:rejected");
  EXPECT_EQ(explore(with_known({pay}, OrchestratorBug::kNone), {.max_faults = 2}).known[0].state,
            KnownState::kOutOfReach);
}

TEST(KnownFindingTest, IsSaidByTheShardsTogether) {
  for (const OrchestratorBug bug : {OrchestratorBug::kNone, OrchestratorBug::kAmbiguousNotCompensated}) {
    const Experiment experiment = with_known({known_at("pay"), known_at("reserve")}, bug);
    const ExploreOptions options{.max_faults = 2};
    std::vector<std::string> files;
    for (std::uint32_t index = 0; index < 3; ++index) {
      ExploreOptions part = options;
      part.shard = {index, 3};
      part.tally = scratch("known-" + std::to_string(index));
      static_cast<void>(explore(experiment, part));
      files.push_back(part.tally);
    }
    const Exploration merged = merge_tallies(experiment, options, files);
    const Exploration whole = explore(experiment, options);
    EXPECT_EQ(all_of(merged), all_of(whole));
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(merged.known[i].state, whole.known[i].state);
      EXPECT_EQ(merged.known[i].schedules, whole.known[i].schedules);
    }
    EXPECT_EQ(merged.verdict, whole.verdict);
    const auto refused = error_of([&] { return merge_tallies(with_known({}, bug), options, files); });
    EXPECT_THAT(refused.first, HasSubstr("known"));
  }
}

TEST(KnownFindingTest, IsNotCountedWhateverDoesTheWork) {
  const Experiment experiment = with_known({known_at("reserve"), known_at("pay")});
  const std::string expected = all_of(explore(experiment, {.max_faults = 2}));
  EXPECT_EQ(all_of(explore(experiment, {.max_faults = 2, .workers = 2})), expected);
  EXPECT_EQ(all_of(explore(experiment, {.max_faults = 2, .prune = true})), expected);
}

// What random plans show ends in many ways: it is known by its smallest plan.
TEST(KnownFindingTest, IsKnownToARandomSearchByItsSmallestPlan) {
  const ExploreOptions options{.max_faults = 3, .swarm = Swarm{.seed = "known", .schedules = 400}};
  const Exploration unknown = explore(with_known({}), options);
  std::vector<KnownFinding> all;
  for (const Finding& finding : unknown.findings) {
    KnownFinding known = known_at(finding.step);
    known.rule = id_of(finding.rule);
    known.outcome = finding.outcome;
    if (std::ranges::find(all, known) == all.end()) all.push_back(known);
  }
  ASSERT_THAT(all, Not(IsEmpty()));
  const Exploration found = explore(with_known(all), options);
  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_EQ(found.violated_schedules, 0U);
  for (const KnownSeen& seen : found.known) EXPECT_EQ(seen.state, KnownState::kShown);
}

// Flagged is judged where it is right, known or not.
TEST(KnownFindingTest, LeavesNothingUnearned) {
  const Exploration found = explore(with_known({known_at("reserve"), known_at("pay")}), {.max_faults = 2});
  const Exploration unknown = explore(with_known({}), {.max_faults = 2});
  EXPECT_EQ(found.earned, unknown.earned);
}

TEST(KnownFindingTest, SaysWhatItLacks) {
  const Experiment experiment = with_known({});
  const auto refusal = [&](auto change) {
    KnownFinding known = known_at("pay");
    change(known);
    return error_of([&] {
             validate(known, experiment);
             return 0;
           })
        .first;
  };
  EXPECT_THAT(refusal([](KnownFinding& known) { known.rule = "I99"; }), HasSubstr("I99"));
  EXPECT_THAT(refusal([](KnownFinding& known) { known.step = "pey"; }), HasSubstr("\"pay\""));
  EXPECT_THAT(refusal([](KnownFinding& known) { known.reason = ""; }), HasSubstr("has no reason"));
  EXPECT_THAT(refusal([](KnownFinding& known) { known.owner = ""; }), HasSubstr("has no owner"));
  EXPECT_THAT(refusal([](KnownFinding& known) { known.expires = "2027-02-30"; }), HasSubstr("is no day"));
  EXPECT_THAT(refusal([](KnownFinding& known) { known.plan = parse_plan("pey:rejected"); }),
              HasSubstr("pey"));
}

}  // namespace
}  // namespace saga_harness::explore_test
