// A token that a finding shows replays it, in the test of whatever subject found it.
#include <gtest/gtest-spi.h>

#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/token.hpp>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

/// Undoes nothing once a payment is lost.
void forgetful(Runtime& runtime) {
  if (!runtime.call({.service = "stock", .action = "reserve", .idempotency_key = "reserve"}).ok())
    return runtime.report(Outcome::kFlagged);
  if (!runtime.call({.service = "bank", .action = "pay", .idempotency_key = "pay"}).ok())
    return runtime.report(Outcome::kCompensated);
  const bool shipped = runtime.call({.service = "post", .action = "ship", .idempotency_key = "ship"}).ok();
  runtime.report(shipped ? Outcome::kCompleted : Outcome::kFlagged);
}

SagaTestHarness own_coordinator() {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(forgetful);
  return harness;
}

Finding first_finding(SagaTestHarness& harness) {
  const Exploration found = harness.explore({.max_faults = 1});
  EXPECT_FALSE(found.findings.empty());
  return found.findings.empty() ? Finding{} : found.findings.front();
}

TEST(ReplayTest, ATokenOfAnOwnCoordinatorReplaysWhereNothingRanBefore) {
  SagaTestHarness found_by = own_coordinator();
  const Finding finding = first_finding(found_by);
  SagaTestHarness harness = own_coordinator();
  const auto run = harness.replay(finding.token);
  EXPECT_EQ(run.plan, finding.plan);
  EXPECT_EQ(run.fired, finding.plan);
  EXPECT_THAT(run, Violates(finding.rule));
  EXPECT_EQ(run.token, finding.token);
  EXPECT_EQ(harness.outcome(), run.outcome);
}

TEST(ReplayTest, StartsWithTheContextThatIsGiven) {
  Saga saga = order_saga();
  saga.steps[1].only_if = Condition{.pointer = "/price"};
  SagaTestHarness harness(saga);
  harness.lose_reply("pay");
  const auto run = harness.start_saga({{"price", 5}});
  EXPECT_EQ(harness.replay(run.token, {{"price", 5}}), run);
  EXPECT_NONFATAL_FAILURE(harness.replay(run.token), "pay is not called in this run");
}

TEST(ReplayTest, FailsTheTestWhoseTokenDoesNotStrike) {
  SagaTestHarness harness(order_saga());
  const std::string token = to_string(
      Token::of(harness.saga(), "reference", "reference", parse_plan("pay.compensation#1:rejected")));
  EXPECT_NONFATAL_FAILURE(harness.replay(token),
                          "the planned fault pay.compensation#1:rejected never struck");
}

TEST(ReplayTest, RefusesATokenOfAnotherCoordinator) {
  SagaTestHarness mine = own_coordinator();
  const std::string token = first_finding(mine).token;
  SagaTestHarness reference(order_saga());
  EXPECT_THAT(error_of([&] { reference.replay(token); }),
              AllOf(HasSubstr(R"(another coordinator than "reference"; give the harness that one)"),
                    HasSubstr("harness.plan(\"" + to_string(parse_token(token).plan(mine.saga())) + "\")")));
  SagaTestHarness named = own_coordinator();
  named.named("mine");
  EXPECT_THAT(error_of([&] { named.replay(token); }), HasSubstr(R"(another coordinator than "mine")"));
}

TEST(ReplayTest, RefusesATokenOfOtherParticipants) {
  SagaTestHarness harness(order_saga());
  const std::string token = harness.run({}).token;
  harness.use_participant("bank", ledger_fake());
  EXPECT_THAT(error_of([&] { harness.replay(token); }), HasSubstr("made with other participants"));
}

TEST(ReplayTest, RefusesWhatIsNoTokenAtTheLineOfTheTest) {
  SagaTestHarness harness(order_saga());
  const std::string here = "replay_test.cpp:" + std::to_string(__LINE__ + 1) + ": ";
  EXPECT_THAT(error_of([&] { harness.replay("sh2-abc"); }), HasSubstr(here + "not a token: it is too short"));
  harness.fail("pay");
  EXPECT_THAT(error_of([&] { harness.replay("sh2-abc"); }), HasSubstr("replay() would ignore the planned"));
  harness.start_saga();
}

TEST(HowToRepeatTest, AnOwnCoordinatorIsRepeatedInItsTest) {
  SagaTestHarness harness = own_coordinator();
  const Finding finding = first_finding(harness);
  EXPECT_EQ(finding.repeat, "harness.replay(\"" + finding.token + "\")");
  EXPECT_THAT(
      explanation(FindsNoViolation(), harness.explore({.max_faults = 1})),
      HasSubstr("\n  token: " + finding.token + "\n  repeat: harness.replay(\"" + finding.token + "\")"));
  EXPECT_THAT(explanation(UpholdsAllInvariants(), harness.run(finding.plan)),
              HasSubstr("\n  repeat: harness.replay(\"" + finding.token + "\")"));
}

TEST(HowToRepeatTest, AScenarioIsRepeatedByTheCommand) {
  const std::string path = std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/order_processing.json";
  SagaTestHarness harness(experiment(load_scenario(path), "ambiguous_not_compensated"));
  const Finding finding = first_finding(harness);
  EXPECT_EQ(finding.repeat, "saga-harness replay " + path + " " + finding.token);
  EXPECT_EQ(harness.run(finding.plan).repeat, finding.repeat);
  harness.add_invariant({.name = "mine", .check = [](const Observation&, const SagaIndex&) {
                           return Verdict{.status = VerdictStatus::kHeld};
                         }});
  EXPECT_EQ(first_finding(harness).repeat, "harness.replay(\"" + finding.token + "\")");
}

TEST(HowToRepeatTest, AProcessIsRepeatedByTheCommandWithItsTarget) {
  Experiment experiment = SagaTestHarness(order_saga()).experiment();
  experiment.source = "my orders.json";
  experiment.target = "node.json";
  EXPECT_EQ(how_to_repeat(experiment, "sh2-x"),
            "saga-harness replay 'my orders.json' sh2-x --target node.json");
}

}  // namespace
}  // namespace saga_harness
