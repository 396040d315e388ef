#include "support.hpp"

namespace saga_harness {
namespace {

using testing::HasSubstr;
using testing::Not;

Invariant ships_at_once() {
  return {.name = "ships at once", .check = [](const Observation& seen, const SagaIndex& saga) {
            for (const Event& event : seen.events) {
              if (event.type == EventType::kSent && event.step == saga.find_step("ship"))
                return Verdict{.status = VerdictStatus::kHeld};
            }
            return Verdict{.status = VerdictStatus::kViolated,
                           .explanation = "nothing was shipped",
                           .step = saga.find_step("ship"),
                           .evidence = {0}};
          }};
}

TEST(OwnInvariantsTest, FailARunAndSayWhy) {
  SagaTestHarness harness(order_saga());
  harness.add_invariant(ships_at_once());
  EXPECT_THAT(harness.start_saga(), UpholdsAllInvariants());
  harness.fail(at_step("pay"));
  const saga_harness::Run run = harness.start_saga();
  EXPECT_THAT(run, Not(UpholdsAllInvariants()));
  EXPECT_THAT(run, Violates("ships at once"));
  EXPECT_THAT(run, Not(Violates(Rule::kTruthfulOutcome)));
  EXPECT_THAT(explanation(UpholdsAllInvariants(), run),
              HasSubstr("\n  ships at once at ship: nothing was shipped\n"));
  EXPECT_THAT(testing::PrintToString(run.verdicts.back()),
              HasSubstr("own ships at once: violated: nothing was shipped"));
}

TEST(OwnInvariantsTest, FailASearch) {
  SagaTestHarness harness(order_saga());
  harness.add_invariant(ships_at_once());
  const Exploration exploration = harness.explore({.max_faults = 1});
  EXPECT_THAT(exploration, Violates("ships at once"));
  EXPECT_THAT(exploration, Not(FindsNoViolation()));
  EXPECT_THAT(exploration.findings.front().test_case,
              HasSubstr("// harness.add_invariant(…): give it \"ships at once\""));
}

TEST(OwnInvariantsTest, AreSwitchedOffByName) {
  SagaTestHarness harness(order_saga());
  harness.add_invariant(ships_at_once()).switch_off("ships at once", "shipping is slow");
  harness.switch_off("I15", "by its number").switch_off("silence after end", "by its name");
  harness.fail(at_step("pay"));
  const saga_harness::Run run = harness.start_saga();
  EXPECT_THAT(run, UpholdsAllInvariants());
  EXPECT_EQ(run.verdicts.back().explanation, "switched off: shipping is slow");
  EXPECT_EQ(run.verdicts[static_cast<std::size_t>(Rule::kTransientFaultsMasked)].explanation,
            "switched off: by its number");
  EXPECT_EQ(run.verdicts[static_cast<std::size_t>(Rule::kSilenceAfterEnd)].explanation,
            "switched off: by its name");
}

TEST(OwnInvariantsTest, MisuseIsRefusedOnTheSpot) {
  SagaTestHarness harness(order_saga());
  harness.add_invariant(ships_at_once());
  EXPECT_THAT(error_of([&] { harness.add_invariant(ships_at_once()); }), HasSubstr("two invariants"));
  EXPECT_THAT(error_of([&] { harness.switch_off("ships at last", "why"); }),
              HasSubstr("did you mean \"ships at once\"?"));
  EXPECT_THAT(error_of([&] { harness.switch_off("ships at once", ""); }), HasSubstr("say why"));
  const saga_harness::Run run = harness.start_saga();
  EXPECT_THAT(error_of([&] { (void)explanation(Violates("ships at last"), run); }),
              HasSubstr("did you mean \"ships at once\"?"));
  EXPECT_THAT(error_of([&] {
                (void)explanation(ExplorationMatcher(Violates("x")), harness.explore({.max_faults = 0}));
              }),
              HasSubstr("there is no invariant \"x\""));
}

}  // namespace
}  // namespace saga_harness
