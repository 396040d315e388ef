#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include <saga_harness/claims.hpp>
#include <saga_harness/print.hpp>

namespace saga_harness {

/// The built-in rules. What each demands is in kRuleCatalogue.
enum class Rule : std::uint8_t {
  kTruthfulOutcome,
  kReverseOrder,
  kNoUnintendedCompensation,
  kNoActionAfterCompensationBegan,
  kAtMostOnce,
  kTerminates,
  kReportMatchesLog,
  kStableIdempotencyKey,
  kSilenceAfterEnd,
  kCompensationRetriedToBudget,
  kContextTravels,
  kWriteAheadLog,
  kPivotRespected,
  kRejectionIsFinal,
  kTransientFaultsMasked,
  kNullCompensationIsSafe,
  kOrderRespected,
  kBudgetRespected,
  kFlaggedOnlyWhenNeeded,
  kNotIdempotentNotRepeated,
  kRightData,
  kCancelHeeded,
  kTimingKept,
  kNotUndoneInFlight,
  kRefusedThoughNothingFailed,
  kCompensatedThoughNothingFailed,
};

/// One rule: how it is called, for whom it holds, and what it demands. Its function has the same place in the
/// table of `harness/check/src/rules.hpp`.
struct RuleRow {
  Rule rule;
  std::string_view id;  ///< `I1`; of a rule without a number its name
  std::string_view name;
  bool Claims::*claim;               ///< judged only where this is claimed; nullptr: of everyone
  std::string_view demands;          ///< one sentence
  bool Claims::*or_claim = nullptr;  ///< … or this: a part of it is judged by either
  std::string_view since = "0.1";    ///< the version that it came with

  [[nodiscard]] constexpr bool is_numbered() const { return id != name; }
  [[nodiscard]] constexpr bool is_claimed_by(const Claims& claims) const {
    return claim == nullptr || claims.*claim || (or_claim != nullptr && claims.*or_claim);
  }
};
void PrintTo(const RuleRow& value, std::ostream* out);

inline constexpr bool Claims::*kEveryone = nullptr;

/// Every built-in rule, in the order of Rule.
inline constexpr std::array kRuleCatalogue{
    RuleRow{Rule::kTruthfulOutcome, "I1", "truthful outcome", kEveryone,
            "completed: every effect once; compensated: none left; flagged: names exactly the steps that may "
            "be left; business quantities (stock, money) add up"},
    RuleRow{Rule::kReverseOrder, "I2", "reverse order", kEveryone,
            "compensations run in the reverse of the order of the actions, and wait for those before them"},
    RuleRow{Rule::kNoUnintendedCompensation, "I3", "no unintended compensation", kEveryone,
            "no compensation of a step never attempted or intended, no call of one that is to be skipped"},
    RuleRow{Rule::kNoActionAfterCompensationBegan, "I4", "no action after compensation began", kEveryone,
            "no forward action once compensation has begun"},
    RuleRow{Rule::kAtMostOnce, "I5", "at most once", kEveryone,
            "no effect is applied twice, none is undone below zero"},
    RuleRow{Rule::kTerminates, "I6", "terminates", kEveryone,
            "every run reaches an end in bounded virtual time"},
    RuleRow{Rule::kReportMatchesLog, "I7", "report matches log", &Claims::durable_word,
            "what was reported is what the log says"},
    RuleRow{Rule::kStableIdempotencyKey, "I8", "stable idempotency key", &Claims::idempotency_keys,
            "one idempotency key per step and direction, the same over retries and restarts"},
    RuleRow{Rule::kSilenceAfterEnd, "I9", "silence after end", &Claims::silence,
            "nothing is sent after the end, nothing is sent again once it is logged as settled, nor after a "
            "restart what was answered with success before the step after it was asked for",
            &Claims::resumes_where_it_stopped},
    RuleRow{Rule::kCompensationRetriedToBudget, "I10", "compensation retried to its budget", &Claims::retries,
            "compensations are retried to their budget before the saga is flagged"},
    RuleRow{Rule::kContextTravels, "I11", "context travels", &Claims::carries_context,
            "correlation id and auth token travel with every request"},
    RuleRow{Rule::kWriteAheadLog, "I12", "write-ahead log", &Claims::write_ahead,
            "the intent is durable before the call, the result before the next call"},
    RuleRow{Rule::kPivotRespected, "I13", "pivot respected", &Claims::honours_pivot,
            "past the pivot nothing is compensated: forward, or flagged"},
    RuleRow{Rule::kRejectionIsFinal, "I14", "rejection is final", &Claims::accepts_rejection,
            "a definite rejection is not retried"},
    RuleRow{Rule::kTransientFaultsMasked, "I15", "transient faults are masked", &Claims::retries,
            "transient faults within the retry budget, and nothing else, end completed"},
    RuleRow{Rule::kNullCompensationIsSafe, "I16", "null compensation is safe", kEveryone,
            "compensating what never happened is accepted, changes nothing, and blocks the late action"},
    RuleRow{Rule::kOrderRespected, "I17", "order respected", kEveryone,
            "no action is asked for before those it comes after are done, no fallback before its action is "
            "settled",
            nullptr, "0.2"},
    RuleRow{Rule::kBudgetRespected, "I18", "budget respected", &Claims::retries,
            "no operation is tried more often than declared, by one incarnation", nullptr, "0.2"},
    RuleRow{Rule::kFlaggedOnlyWhenNeeded, "I19", "flagged only when needed", &Claims::flags_only_when_needed,
            "no saga is flagged that is done, or that compensating would have settled", nullptr, "0.2"},
    RuleRow{Rule::kNotIdempotentNotRepeated, "I20", "not idempotent, not repeated", kEveryone,
            "a step declared not idempotent is not asked for again once it may have worked", nullptr, "0.2"},
    RuleRow{Rule::kRightData, "I21", "right data", kEveryone,
            "the bound fields of a request are what the definition binds them to, from the answer that the "
            "coordinator accepted; one key, one set of bound fields",
            nullptr, "0.2"},
    RuleRow{Rule::kCancelHeeded, "I22", "cancel heeded", &Claims::honours_cancel,
            "after a cancel, and before the pivot, no further action is begun", nullptr, "0.2"},
    RuleRow{Rule::kTimingKept, "I23", "timing kept", &Claims::retries,
            "no retry comes before its back-off or a Retry-After is over; no answer is waited for a shorter "
            "or longer time than declared",
            &Claims::keeps_timeouts, "0.2"},
    RuleRow{Rule::kNotUndoneInFlight, "I24", "not undone in flight", &Claims::awaits_before_undoing,
            "no step is compensated while its action is under way", nullptr, "0.2"},
    RuleRow{Rule::kRefusedThoughNothingFailed, "refused though nothing failed",
            "refused though nothing failed", kEveryone,
            "no participant refuses unless a fault has struck before; `expects` allows it", nullptr, "0.2"},
    RuleRow{Rule::kCompensatedThoughNothingFailed, "compensated though nothing failed",
            "compensated though nothing failed", kEveryone,
            "no saga ends compensated where no fault struck and nothing failed; `expects` allows it", nullptr,
            "0.2"},
};

inline constexpr std::size_t kRuleCount = kRuleCatalogue.size();
static_assert(
    [] {
      for (std::size_t place = 0; place < kRuleCount; ++place) {
        if (static_cast<std::size_t>(kRuleCatalogue[place].rule) != place) return false;
      }
      return true;
    }(),
    "a rule's row has the place of its enumerator");
static_assert(
    [] {
      for (std::size_t place = 1; place < kRuleCount; ++place) {
        if (kRuleCatalogue[place].is_numbered() && !kRuleCatalogue[place - 1].is_numbered()) return false;
      }
      return true;
    }(),
    "a new rule has a number, and stands last of those that have one: before the rules without, in Rule, in "
    "kRuleCatalogue and in kRuleFunctions");

/// Stands where a rule is named for an invariant of the user's own: that one is known by its name. Its id is
/// `own`.
inline constexpr Rule kOwnRule = static_cast<Rule>(0xFF);

/// The row of a built-in rule: not of kOwnRule.
[[nodiscard]] constexpr const RuleRow& row_of(Rule rule) {
  return kRuleCatalogue[static_cast<std::size_t>(rule)];
}

[[nodiscard]] std::string_view id_of(Rule rule);     ///< `I1`
[[nodiscard]] std::string_view name_of(Rule rule);   ///< `truthful outcome`
void PrintTo(Rule rule, std::ostream* out);          ///< `I1 truthful outcome`
[[nodiscard]] std::string_view describe(Rule rule);  ///< what it demands, in one sentence
/// `I1 truthful outcome`; of a rule without a number its name alone.
[[nodiscard]] std::string label_of(Rule rule);
/// `I1`; empty for a rule without a number: for tables that have a column for names.
[[nodiscard]] std::string_view number_of(Rule rule);
/// The rule of this id or name; nullptr if there is none.
[[nodiscard]] const RuleRow* find_rule(std::string_view text);
/// The same. @throws Error with the nearest one.
[[nodiscard]] Rule parse_rule(std::string_view text);
/// Is the rule newer than this version? @throws Error with the versions that there are, if it is none of
/// them.
[[nodiscard]] bool is_newer(const RuleRow& row, std::string_view version);

}  // namespace saga_harness
