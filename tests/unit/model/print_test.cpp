#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <saga_harness/binding.hpp>
#include <saga_harness/call_made.hpp>
#include <saga_harness/condition.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/fate.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/fault_row.hpp>
#include <saga_harness/guarantee.hpp>
#include <saga_harness/ledger.hpp>
#include <saga_harness/observation.hpp>
#include <saga_harness/rule.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/trace.hpp>
#include <saga_harness/verdict.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintModelTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(Comparison::kDiffersFrom), "differs_from");
  EXPECT_EQ(PrintToString(ErrorKind::kIncomplete), "incomplete");
  EXPECT_EQ(PrintToString(RequestFate::kDropped), "dropped");
  EXPECT_EQ(PrintToString(HoldUntil::kAnswerBeforeTimeout), "answer_before_timeout");
  EXPECT_EQ(PrintToString(ParticipantFate::kNotAsked), "not_asked");
  EXPECT_EQ(PrintToString(AnswerFate::kDropped), "dropped");
  EXPECT_EQ(PrintToString(CoordinatorFate::kCrashes), "crashes");
  EXPECT_EQ(PrintToString(LogFate::kWriteFails), "write_fails");
  EXPECT_EQ(PrintToString(OrderFate::kSwapped), "swapped");
  EXPECT_EQ(PrintToString(StrayEvent::kOfAnotherSaga), "of_another_saga");
  EXPECT_EQ(PrintToString(ResultAlteration::kOtherType), "other_type");
  EXPECT_EQ(PrintToString(ResultType::kNumber), "number");
  EXPECT_EQ(PrintToString(Operation::kFallback), "fallback");
  EXPECT_EQ(PrintToString(Instant::kBeforeCall), "before_call");
  EXPECT_EQ(PrintToString(FaultKind::kRejectedInBody), "rejected_in_body");
  EXPECT_EQ(PrintToString(FaultDuration::kBudget), "budget");
  EXPECT_EQ(PrintToString(FaultArea::kParticipant), "participant");
  EXPECT_EQ(PrintToString(FaultNeed::kCompensation), "compensation");
  EXPECT_EQ(PrintToString(Reach::kWithTimeout), "with_timeout");
  EXPECT_EQ(PrintToString(Guarantee::kTombstones), "tombstones");
  EXPECT_EQ(PrintToString(QuantityRule::kRestored), "restored");
  EXPECT_EQ(PrintToString(Rule::kReverseOrder), "I2 reverse order");
  EXPECT_EQ(PrintToString(Outcome::kCompleted), "completed");
  EXPECT_EQ(PrintToString(ReplyStatus::kRejected), "rejected");
  EXPECT_EQ(PrintToString(LogKind::kIntent), "intent");
  EXPECT_EQ(PrintToString(EventType::kDelivered), "delivered");
  EXPECT_EQ(PrintToString(EventRole::kSuccess), "success");
  EXPECT_EQ(PrintToString(StartCause::kAfterCrash), "after_crash");
  EXPECT_EQ(PrintToString(VerdictStatus::kViolated), "violated");
}

TEST(PrintModelTest, ShowsWhatFieldsAreBoundTo) {
  EXPECT_EQ(PrintToString(FromContext("/total")), "/context/total");
  EXPECT_EQ(PrintToString(FromResult("pay", "/id")), "/results/pay/id");
  EXPECT_EQ(PrintToString(Binding{"amount", context("/total")}), "amount: /context/total");
  EXPECT_EQ(PrintToString(Binding{"reason", constant("late")}), "reason: \"late\"");
  EXPECT_EQ(PrintToString(ResultField{"fee", ResultType::kNumber}), "fee: number");
}

TEST(PrintModelTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(CallMade{.action = "pay"}), "CallMade{.action = \"pay\"}");
  EXPECT_EQ(PrintToString(HeardAnswer{.event = 7}), "HeardAnswer{.event = 7}");
  EXPECT_EQ(PrintToString(ErrorText{.source = "some text"}), "ErrorText{.source = \"some text\"}");
  EXPECT_EQ(PrintToString(InsteadAnswer{.body = "some text"}), "InsteadAnswer{.body = \"some text\"}");
  EXPECT_EQ(PrintToString(Fate{.request = RequestFate::kDropped}), "Fate{.request = dropped}");
  EXPECT_EQ(PrintToString(Alternative{.kind = FaultKind::kReplyLost, .window = FaultDuration::kForever}),
            "Alternative{.kind = reply_lost, .window = forever}");
  EXPECT_EQ(PrintToString(Point{.step = 7}), "Point{.step = 7}");
  EXPECT_EQ(PrintToString(Legality{.what = "some text"}), "Legality{.what = \"some text\"}");
  EXPECT_EQ(PrintToString(Guarantees{.deduplicates = false}), "Guarantees{.deduplicates = false}");
  EXPECT_EQ(PrintToString(Ledger{.effects = {{.applied = 1}}}), "Ledger{.effects = [applied 1, undone 0]}");
  EXPECT_EQ(PrintToString(SentPayload{.event = 7, .text = "{}"}), "SentPayload{.event = 7, .text = \"{}\"}");
  EXPECT_EQ(PrintToString(Observation{.outcome = Outcome::kCompleted}), "Observation{.outcome = completed}");
  EXPECT_EQ(PrintToString(RetryPolicy{.attempts = 7}), "RetryPolicy{.attempts = 7}");
  EXPECT_EQ(PrintToString(Emits{.success = "some text"}), "Emits{.success = \"some text\"}");
  EXPECT_EQ(PrintToString(Step{.name = "some text"}), "Step{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(Choreography{.starts_with = "some text"}),
            "Choreography{.starts_with = \"some text\"}");
  EXPECT_EQ(PrintToString(Problem{"/steps/0", {}, {}}), "Problem{.pointer = \"/steps/0\"}");
  EXPECT_EQ(PrintToString(OperationId{.step = 7}), "OperationId{.step = 7}");
  EXPECT_EQ(PrintToString(Event{.at = 7}), "Event{.at = 7}");
}

TEST(PrintModelTest, ShowsMasksAsHowManyFieldsTheyHide) {
  EXPECT_EQ(PrintToString(Masks()), "no masks");
  EXPECT_EQ(PrintToString(Masks({.mask = {"/card", "/pin"}})), "masks of 2 fields");
}

TEST(PrintModelTest, ShowsRulesWithTheirIds) {
  EXPECT_EQ(PrintToString(kOwnRule), "an invariant of one's own");
  EXPECT_EQ(PrintToString(kRuleCatalogue[0]), "RuleRow{I1 truthful outcome}");
  EXPECT_EQ(PrintToString(RuleRow{Rule::kTerminates, "I6", "terminates", nullptr, ""}),
            "RuleRow{I6 terminates}");
  EXPECT_EQ(PrintToString(ClaimRow{"fences", nullptr, false, ""}), "ClaimRow{fences}");
  EXPECT_EQ(PrintToString(FaultRow{.name = "reply_lost"}), "FaultRow{reply_lost}");
}

TEST(PrintModelTest, ShowsFaultsAsPlansAreWritten) {
  EXPECT_EQ(PrintToString(Fault{.step = "pay", .attempt = 2, .kind = FaultKind::kReplyLost}),
            "pay.action#2:reply_lost");
  EXPECT_EQ(PrintToString(FaultPlan{}), "none");
  EXPECT_EQ(PrintToString(parse_plan("pay.action:rejected, pay.action#2@after_call:coordinator_crash")),
            "pay.action#1:rejected, pay.action#2@after_call:coordinator_crash");
}

TEST(PrintModelTest, ShowsDataAsJson) {
  EXPECT_EQ(PrintToString(Json("a \"b\"")), R"("a \"b\"")");
  EXPECT_EQ(PrintToString(Context{{"quantity", 2}}), R"({"quantity":2})");
  const Saga saga{.name = "s", .steps = {{.name = "a", .service = "x", .pivot = true}}};
  EXPECT_EQ(PrintToString(saga), to_json(saga));
  EXPECT_EQ(PrintToString(Saga{.name = "s"}), to_json(Saga{.name = "s"}));
}

TEST(PrintModelTest, ShowsWhatHappenedInWords) {
  EXPECT_EQ(PrintToString(Effect{.applied = 2, .undone = 1}), "applied 2, undone 1");
  EXPECT_EQ(PrintToString(Quantity{.name = "stock", .at_start = 10, .at_end = 8}), "stock: 10 -> 8");
  EXPECT_EQ(PrintToString(Verdict{.status = VerdictStatus::kViolated, .explanation = "one effect is left"}),
            "I1 truthful outcome: violated: one effect is left");
  EXPECT_EQ(PrintToString(saga_harness::Run()), "a run that ended unresolved under the plan none");
  saga_harness::Run run;
  run.outcome = Outcome::kFlagged;
  run.flagged_steps = {"pay"};
  run.saga.name = "order";
  EXPECT_EQ(PrintToString(run), "a run of order that ended flagged (pay) under the plan none");
  EXPECT_EQ(PrintToString(Trace{.events = {{.at = 5, .type = EventType::kHealed}}, .texts = {"", "why"}}),
            "Trace{.events = [Event{.at = 5, .type = healed}], .texts = [\"\", \"why\"]}");
}

TEST(PrintModelTest, ShowsWhatIsSaidInWords) {
  EXPECT_EQ(PrintToString(Claims{}), "Claims{}");
  EXPECT_EQ(PrintToString(Claims{.retries = true, .fences = true}), "Claims{retries, fences}");
  EXPECT_EQ(PrintToString(Condition{.pointer = "/total", .comparison = Comparison::kAbove, .value = 100}),
            "/total above 100");
  EXPECT_EQ(PrintToString(Predecessors{}), "[]");
  EXPECT_EQ(PrintToString(Predecessors(kPreviousStep)), "previous step");
  EXPECT_EQ(PrintToString(Predecessors{"hotel", "flight"}), "[\"hotel\", \"flight\"]");
  EXPECT_EQ(PrintToString(Error("no such step")), "Error: no such step");
}

template <typename A, typename B>
concept CanBeAdded = requires(A a, B b) {
  a + b;
};

TEST(TimeTest, IsAPointAndNoDuration) {
  static_assert(!CanBeAdded<Time, Time>);
  static_assert(CanBeAdded<Time, Duration> && CanBeAdded<Duration, Time>);
  static_assert(!std::is_convertible_v<Duration, Time> && !std::is_convertible_v<Time, Duration>);
  static_assert(std::is_same_v<decltype(Time() - Time()), Duration>);
  static_assert(sizeof(Time) == sizeof(std::int64_t) && std::is_trivially_copyable_v<Time>);
  EXPECT_EQ(PrintToString(Time(Duration(1500))), "1500us");
  EXPECT_EQ(PrintToString(Time()), "0s");
}

TEST(PrintModelTest, LeavesOutWhatIsAsByDefault) {
  EXPECT_EQ(PrintToString(Step{}), "Step{}");
  EXPECT_EQ(PrintToString(Step{.name = "pay",
                               .timeout = std::chrono::milliseconds(1500),
                               .retry = {.attempts = 3, .factor = 1.5},
                               .pivot = true,
                               .after = {"hotel"}}),
            "Step{.name = \"pay\", .timeout = 1500ms, .retry = RetryPolicy{.attempts = 3, .factor = 1.5}, "
            ".pivot = true, .after = [\"hotel\"]}");
  EXPECT_EQ(PrintToString(Step{.name = "pay", .compensated_if_refused = true}),
            "Step{.name = \"pay\", .compensated_if_refused = true}");
  EXPECT_EQ(PrintToString(Step{.name = "look", .has_effect = false}),
            "Step{.name = \"look\", .has_effect = false}");
}

TEST(PrintModelTest, CutsLongListsAndTexts) {
  EXPECT_EQ(PrintToString(Emits{.success = std::string(5000, 'x')}).size(),
            2000 + std::string("Emits{.success = \"...\"}").size());
  const std::string shown = PrintToString(Ledger{.effects = std::vector<Effect>(40)});
  EXPECT_TRUE(shown.ends_with("applied 0, undone 0, ...]}")) << shown;
}

TEST(PrintModelTest, ShowsNoControlCharacters) {
  EXPECT_EQ(PrintToString(Emits{.success = "a\nb"}), "Emits{.success = \"a\\x0ab\"}");
}

TEST(PrintModelTest, ShowsABareDurationWithItsUnit) {
  EXPECT_EQ(PrintToString(Duration(1'500'000)), "1500ms");
  EXPECT_EQ(PrintToString(std::vector<Duration>{Duration(7), Duration::zero()}), "{ 7us, 0s }");
  const testing::Matcher<Duration> same = testing::Eq(Duration(20));
  EXPECT_EQ(testing::DescribeMatcher<Duration>(same), "is equal to 20us");
}

}  // namespace
}  // namespace saga_harness
