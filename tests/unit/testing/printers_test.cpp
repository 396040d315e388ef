#include <saga_harness/printers.hpp>
#include <saga_harness/rapidcheck.hpp>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintersTest, ShowNamesAndNotBytes) {
  EXPECT_EQ(PrintToString(Outcome::kCompensated), "compensated");
  EXPECT_EQ(PrintToString(ReplyStatus::kTimeout), "timeout");
  EXPECT_EQ(PrintToString(Operation::kAction), "action");
  EXPECT_EQ(PrintToString(Instant::kAfterCall), "after_call");
  EXPECT_EQ(PrintToString(FaultKind::kReplyLost), "reply_lost");
  EXPECT_EQ(PrintToString(FaultDuration::kForever), "forever");
  EXPECT_EQ(PrintToString(Rule::kTruthfulOutcome), "I1 truthful outcome");
  EXPECT_EQ(PrintToString(VerdictStatus::kViolated), "violated");
  EXPECT_EQ(PrintToString(CellStatus::kNotReached), "not_reached");
  EXPECT_EQ(PrintToString(Effect{.applied = 2, .undone = 1}), "applied 2, undone 1");
  EXPECT_EQ(PrintToString(Quantity{.name = "stock", .at_start = 10, .at_end = 8}), "stock: 10 -> 8");
}

TEST(PrintersTest, ShowPlansOnOneLine) {
  const FaultPlan plan = parse_plan("pay.action#2:reply_lost, refund.compensation#*:unavailable");
  EXPECT_EQ(PrintToString(plan), "pay.action#2:reply_lost, refund.compensation#*:unavailable");
  EXPECT_EQ(PrintToString(plan.faults[0]), "pay.action#2:reply_lost");
  EXPECT_EQ(PrintToString(FaultPlan{}), "none");
  EXPECT_EQ(rc::toString(plan), PrintToString(plan));
}

TEST(PrintersTest, ShowVerdictsWithTheirSentence) {
  const Verdict verdict{.status = VerdictStatus::kViolated, .explanation = "one effect is left"};
  EXPECT_EQ(PrintToString(verdict), "I1 truthful outcome: violated: one effect is left");
  EXPECT_EQ(PrintToString(Verdict{}), "I1 truthful outcome: unknown");
}

TEST(PrintersTest, ShowRunsInOneLine) {
  SagaTestHarness harness(order_saga());
  EXPECT_EQ(PrintToString(harness.start_saga()), "a run of order that ended completed under the plan none");
  EXPECT_EQ(PrintToString(harness.run(parse_plan("pay:rejected, release#*:unavailable"))),
            "a run of order that ended flagged (reserve) under the plan pay.action#1:rejected, "
            "reserve.compensation#*:unavailable");
  harness.use_coordinator(orchestrator(OrchestratorBug::kSkipsFirst));
  EXPECT_EQ(PrintToString(harness.run(parse_plan("pay:rejected"))),
            "a run of order that ended compensated under the plan pay.action#1:rejected, violating 1 rule");
}

TEST(PrintersTest, ShowExplorationsInOneLine) {
  EXPECT_EQ(PrintToString(Exploration{.max_faults = 1, .schedules = 1, .exhausted = true}),
            "1 schedule of up to 1 fault, exhausted, 0 in violation");
  EXPECT_EQ(PrintToString(Exploration{.max_faults = 2, .schedules = 30, .violated_schedules = 4}),
            "30 schedules of up to 2 faults, not exhausted, 4 in violation");
}

TEST(PrintersTest, ShowSagasAsJson) {
  EXPECT_EQ(PrintToString(order_saga()), to_json(order_saga()));
  EXPECT_EQ(rc::toString(order_saga()), to_json(order_saga()));
}

}  // namespace
}  // namespace saga_harness
