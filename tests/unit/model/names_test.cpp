#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/run.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using testing::HasSubstr;

// The names of all enumerators, joined; fails if one of them is missing or repeated.
template <typename Enum>
std::string names(std::size_t count) {
  std::string joined;
  std::set<std::string_view> seen;
  for (std::size_t place = 0; place < count; ++place) {
    const std::string_view name = name_of(static_cast<Enum>(place));
    EXPECT_TRUE(seen.insert(name).second) << name;
    joined.append(joined.empty() ? "" : " ").append(name);
  }
  EXPECT_EQ(name_of(static_cast<Enum>(count)), "?");
  return joined;
}

TEST(NamesTest, AreWhatFilesAndReportsSay) {
  EXPECT_EQ(names<Operation>(kOperationCount), "action fallback compensation");
  EXPECT_EQ(names<Instant>(kInstantCount),
            "call before_call during_call after_call before_intent after_intent before_result "
            "after_result before_started after_started before_compensating after_compensating "
            "before_end after_end before_note after_note on_resume publish tie commit");
  EXPECT_EQ(names<FaultKind>(kFaultKindCount),
            "rejected rejected_in_body unauthorized conflict unavailable rate_limited "
            "error_after_effect participant_crash_before participant_crash_after "
            "participant_forgets request_lost request_duplicated request_duplicated_later "
            "request_reordered request_late request_late_after_compensation request_late_after_end "
            "reply_lost reply_late reply_duplicated reply_corrupt reply_corrupt_without_effect "
            "reply_mismatched delay_under_timeout delay_at_timeout delay_over_timeout "
            "delay_past_deadline coordinator_crash takeover cancel start_duplicated clock_forward "
            "clock_back log_write_error log_write_torn log_write_lost log_read_stale subscriber_missing "
            "cancel_during_compensation log_write_unconfirmed ok_before_effect order_swapped "
            "participant_restored participant_crash_between unreadable_event unknown_event foreign_event "
            "result_missing result_null result_of_another_type");
  EXPECT_EQ(names<FaultDuration>(kFaultDurationCount), "once budget heal forever");
  EXPECT_EQ(names<Outcome>(4), "unresolved completed compensated flagged");
  EXPECT_EQ(names<ReplyStatus>(kReplyStatusCount),
            "ok rejected unauthorized conflict unavailable rate_limited error corrupt mismatched timeout");
  EXPECT_EQ(names<StartCause>(kStartCauseCount), "first after_crash recovery takeover duplicate");
  EXPECT_EQ(names<LogKind>(kLogKindCount),
            "started intent done failed compensating undone stuck end note torn");
  EXPECT_EQ(names<EventType>(24),
            "sent delivered applied undone answered received timed_out dropped fault logged "
            "not_logged logged_step crashed started woke_up reported reported_step returned threw "
            "gave_up healed marked published dead_lettered");
  EXPECT_EQ(names<VerdictStatus>(4), "held violated unknown n/a");
  EXPECT_EQ(names<QuantityRule>(2), "conserved restored");
}

TEST(NamesTest, AreReadBack) {
  for (std::size_t place = 0; place < kOperationCount; ++place) {
    EXPECT_EQ(parse_operation(name_of(static_cast<Operation>(place))), static_cast<Operation>(place));
  }
  for (std::size_t place = 0; place < kInstantCount; ++place) {
    EXPECT_EQ(parse_instant(name_of(static_cast<Instant>(place))), static_cast<Instant>(place));
  }
  for (std::size_t place = 0; place < kFaultKindCount; ++place) {
    EXPECT_EQ(parse_fault_kind(name_of(static_cast<FaultKind>(place))), static_cast<FaultKind>(place));
  }
  for (std::size_t place = 0; place < kFaultDurationCount; ++place) {
    EXPECT_EQ(parse_window(name_of(static_cast<FaultDuration>(place))), static_cast<FaultDuration>(place));
  }
}

TEST(NamesTest, AreSuggestedForSlipsOfTheFinger) {
  EXPECT_EQ(error_of([] { return parse_fault_kind("Reply_lost"); }),
            "there is no fault kind \"Reply_lost\"; did you mean \"reply_lost\"?");
}

TEST(RuleTest, IsReadByIdOrName) {
  EXPECT_EQ(parse_rule("I1"), Rule::kTruthfulOutcome);
  EXPECT_EQ(parse_rule("I10"), Rule::kCompensationRetriedToBudget);
  EXPECT_EQ(parse_rule("write-ahead log"), Rule::kWriteAheadLog);
  for (std::size_t place = 0; place < kRuleCount; ++place) {
    const auto rule = static_cast<Rule>(place);
    EXPECT_EQ(parse_rule(id_of(rule)), rule);
    EXPECT_EQ(parse_rule(name_of(rule)), rule);
  }
}

TEST(RuleTest, KeepsItsNumber) {
  EXPECT_EQ(id_of(Rule::kCompensationRetriedToBudget), "I10");
  EXPECT_EQ(id_of(Rule::kContextTravels), "I11");
  EXPECT_EQ(id_of(Rule::kWriteAheadLog), "I12");
  EXPECT_EQ(id_of(Rule::kNullCompensationIsSafe), "I16");
  EXPECT_EQ(name_of(Rule::kNullCompensationIsSafe), "null compensation is safe");
}

TEST(RuleTest, RefusesAnUnknownOneWithTheNearest) {
  EXPECT_THAT(error_of([] { return parse_rule("terminate"); }), HasSubstr("did you mean \"terminates\"?"));
  EXPECT_THAT(error_of([] { return parse_rule("I99"); }), HasSubstr("there is no rule \"I99\""));
}

TEST(RunTest, UpholdsAllInvariantsIfNoneIsViolated) {
  saga_harness::Run run;
  run.verdicts = {{.rule = Rule::kTerminates, .status = VerdictStatus::kHeld},
                  {.rule = Rule::kPivotRespected, .status = VerdictStatus::kNotApplicable},
                  {.rule = Rule::kTransientFaultsMasked, .status = VerdictStatus::kUnknown}};
  EXPECT_TRUE(run.upholds_all_invariants());
  EXPECT_TRUE(run.violations().empty());
  run.verdicts[1].status = VerdictStatus::kViolated;
  EXPECT_FALSE(run.upholds_all_invariants());
  EXPECT_THAT(run.violations(), testing::ElementsAre(run.verdicts[1]));
}

}  // namespace
}  // namespace saga_harness
