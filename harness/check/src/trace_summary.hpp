#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <saga_harness/observation.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/verdict.hpp>
#include <saga_harness_internal/choices.hpp>

#include "data_summary.hpp"
#include "own_time.hpp"

namespace saga_harness {

/// Position of an event in a trace.
using Position = std::uint32_t;
inline constexpr Position kNever = std::numeric_limits<Position>::max();

/// What the trace says of one operation of one step.
struct OperationSummary {
  std::uint32_t sent = 0;
  std::uint32_t failing_faults =
      0;  // attempts that a fault kept from being answered in time, or answered with an error
  std::uint32_t sure_noes = 0;     // attempts of which the coordinator was told that they did nothing
  std::int64_t limited_until = 0;  // by a fault that announced a Retry-After
  std::uint32_t refusals = 0;      // … and that no copy of them will be accepted either
  std::uint32_t sent_by = 0;       // the last incarnation that sent it
  bool sent_by_several = false;
  bool surely_failed = false;  // its certain failure is durable
  bool worked = false;         // its participant answered with success
  bool told_late = false;  // … over a wire, later than the caller is declared to wait: it may have heard
  Position first_sent = kNever;
  Position last_sent = kNever;
  Position first_logged = kNever;  // intent
  std::uint32_t intended_by = 0;   // … by that incarnation
  Position settled = kNever;       // its result (done, failed, undone, stuck) is durable
  Position succeeded = kNever;     // its success (done, undone) is durable
  Position confirmed = kNever;     // the coordinator was told it worked
  std::uint32_t confirmed_by = 0;  // … that incarnation
  Position refused = kNever;       // the coordinator was told it is definitely not done
  std::uint32_t refused_by = 0;    // … that incarnation
  bool refusal_logged = false;
  Position resent_after_refusal = kNever;
  Position ignored_refusal = kNever;  // … that one
  Position resent_after_settled = kNever;
  Position ignored_result = kNever;  // … that record
  Position under_way = kNever;       // the last attempt was sent, until it is answered or timed out
  Position sent_without_intent = kNever;
  Position sent_without_results = kNever;  // of the steps before (after, for a compensation)
  StepId missing_result = kNoStep;
  std::uint32_t key = 0;
  Position key_missing = kNever;
  Position key_changed = kNever;
  OperationId key_shared_with = {};  // an operation that was first to use this one's key
  std::uint32_t sent_in_row = 0;     // by the incarnation that sent it last
  Position over_budget = kNever;     // sent more often than declared by one incarnation
  Position failed = kNever;          // the last attempt was heard to have failed, or was given up
  Position sent_too_early = kNever;  // again, before its back-off or a Retry-After was over
  Position hurried_after = kNever;   // … of that failure
  Position timed_out_wrongly = kNever;
  Position wrongly_awaited = kNever;    // … of that attempt
  Position repeated = kNever;           // though it is not idempotent and may have worked
  Position out_of_turn = kNever;        // sent before
  StepId out_of_turn_before = kNoStep;  // … this step was done; its own: before its action was settled
  Position passed_on = kNever;  // what comes after it was sent by the incarnation that heard of its success
  std::uint32_t passed_on_by = 0;          // … by that one
  Position resent_after_restart = kNever;  // by a later one
};

/// What the trace says of one step.
struct StepSummary {
  std::uint32_t applied = 0;
  std::uint32_t undone = 0;
  Position applied_twice = kNever;
  Position undone_below_zero = kNever;
  Position first_applied = kNever;
  Position out_of_order = kNever;      // compensated though a step before it already was
  StepId overtaken_by = kNoStep;       // … that one
  Position joined_sent = kNever;       // its compensation was sent, and was under way when
  StepId joined_by = kNoStep;          // … that of this step, which comes before it,
  Position joined_at = kNever;         // … was sent,
  Position joined_answered = kNever;   // … and its answer was still heard after that
  Position unintended = kNever;        // compensated without ever being intended
  Position not_skipped = kNever;       // asked for though its condition does not hold
  Position null_compensated = kNever;  // a compensation was delivered where nothing had been done
  Position null_refused = kNever;
  std::uint32_t null_errors = 0;   // that the participant itself answered to such compensations
  Position null_errored = kNever;  // … the first
  bool null_accepted = false;      // it said yes to one
  Position null_changed = kNever;
  Position applied_after_null = kNever;
  Position compensation_handled = kNever;  // of a choreography: its compensation was acknowledged
  Position refusal_laid_aside =
      kNever;                          // of a choreography: its action was refused, and became a dead letter
  bool told_failure = false;           // … its failure is on the bus
  bool cut_off = false;                // … its handler died over the last delivery of its action
  Position undone_in_flight = kNever;  // its compensation was sent while
  Position in_flight = kNever;         // … that attempt was under way
  Position undoing_refused = kNever;   // though nothing had struck the step, and its effect was there
  bool struck = false;                 // by a fault
  bool may_fail = false;               // of an optional one: no retry had helped
  bool promise_broken = false;  // its participant refused what it had said is done, and nothing was undone
  bool flagged_in_log = false;
  std::uint32_t reports_naming = 0;       // how many reports name it
  Position named_by = kNever;             // the last of them
  Position named_though_undone = kNever;  // … by one that had been told of its undoing
};

/// Whether a step is to be done that depends on what another was answered.
enum class Choice : std::uint8_t {
  kNone,  // it depends on no answer
  kOpen,  // nobody has been told yet
  kHolds,
  kSkipped,
  kInDoubt,  // nothing shows which of several answers counts, or whether any was known
};

/// A trace read once, so that every rule is a few comparisons.
struct TraceSummary {
  const SagaIndex* saga = nullptr;
  const Observation* seen = nullptr;
  std::vector<OperationSummary> operations;  // by step and operation
  std::vector<StepSummary> steps;
  const std::vector<Choice>* choices = nullptr;  // by step; nullptr: none depends on an answer
  const DataSummary* data = nullptr;             // nullptr: the saga binds none

  bool may_skip = false;  ///< a step
  /// Rules that a step or an operation may violate: something was noted of it that they look for. The others
  /// need not look at each step.
  std::uint32_t suspected = 0;
  bool any_sent = false;
  bool any_sent_again = false;
  bool any_refused = false;                 // of what was sent
  bool any_successor_sent = false;          // the action of a step that comes after another
  bool any_budget_spent_by_faults = false;  // of an operation
  Position compensation_began = kNever;
  Position compensating_logged = kNever;
  Position went_on = kNever;  // a forward request after that
  Position end_logged = kNever;
  Position reported = kNever;  // first
  Position last_report = kNever;
  Position contradicted = kNever;        // a later report or end says something else
  Position reported_otherwise = kNever;  // the first report that contradicts
  Position reported_before = kNever;     // … that one
  Position spoke_after_end = kNever;
  Position gave_up = kNever;
  Position threw = kNever;
  Outcome end_outcome = Outcome::kUnresolved;
  std::uint32_t ended_by = 0;     // the incarnation that logged the end first
  std::uint32_t reported_by = 0;  // … that reported first
  std::uint32_t compensated_steps = 0;
  std::uint32_t effects = 0;
  std::uint32_t faults = 0;
  std::uint32_t spared_faults = 0;  // … that struck nothing but the action of an optional step
  std::uint32_t reports = 0;
  std::uint32_t recoveries = 0;
  bool ordered_compensations = false;  // of two steps of which one comes before the other
  bool only_transient_faults = true;
  bool ambiguous_where_not_idempotent = false;
  bool unforced_failure = false;  // an attempt failed that no fault made fail
  bool any_time_out = false;
  bool any_key_change = false;
  bool any_failure = false;          // an attempt was not answered with success
  bool needed_failed = false;        // … and was not the action of an optional step
  bool struck_beside_steps = false;  // a fault was no attempt's own
  bool log_struck = false;           // a fault was one of the log
  bool taken_up = false;             // the run began in the middle of the saga
  Position refused = kNever;         // by a participant, before any fault had struck
  Position cancelled = kNever;
  Position cancel_heard = kNever;        // an answer reached the incarnation that was cancelled
  Position begun_after_cancel = kNever;  // an action, by that incarnation after that
  Position context_missing = kNever;     // a request without its correlation id or auth token
  Position sent_past_deadline =
      kNever;                     // a forward request; of a choreography: the step its timer guards was done
  bool ignored_deadline = false;  // of a choreography: nobody told of it
  std::int64_t started_at = 0;    // the time its deadline counts from
  bool clock_jumped = false;
  // It had passed when the end was reported, or would have before a retry, and not by the subject's own
  // idling.
  bool deadline_cut_in = false;

  [[nodiscard]] const OperationSummary& of(StepId step, Operation operation) const {
    return operations[static_cast<std::size_t>(step) * kOperationCount + static_cast<std::size_t>(operation)];
  }
  [[nodiscard]] bool is_suspected(Rule rule) const { return (suspected & bit_of(rule)) != 0; }
  [[nodiscard]] static std::uint32_t bit_of(Rule rule) {
    static_assert(kRuleCount <= 32);
    return std::uint32_t{1} << static_cast<unsigned>(rule);
  }
  /// By the context, or by an answer.
  [[nodiscard]] bool is_skipped(StepId step) const {
    return may_skip && (seen->is_skipped(step) || choice_of(step) == Choice::kSkipped);
  }
  [[nodiscard]] Choice choice_of(StepId step) const {
    return choices == nullptr ? Choice::kNone : (*choices)[step];
  }
  [[nodiscard]] std::size_t step_count() const { return steps.size(); }
  [[nodiscard]] bool flagged_in_report(StepId step) const {
    return reported != kNever && steps[step].named_by == last_report;
  }
};

/// Reads traces into TraceSummary; keeps its memory between runs.
class FactReader {
 public:
  explicit FactReader(const SagaIndex& saga);
  const TraceSummary& read(const Observation& observation);

 private:
  void reset(const Observation& observation);
  template <bool HasShapes>  // what is not there is not asked for at each event
  void read_events(const Observation& observation);
  [[gnu::noinline]] void note_of_shapes(const Event& event);
  void sent(const Event& event, Position at);
  [[gnu::noinline]] void note_skipped(const Event& event, Position at);
  void note_key(const Event& event);
  void sent_compensation(const Event& event, Position at);
  void sent_forward(const Event& event, Position at);
  void delivered(const Event& event, Position at);
  void note_restored(const Event& event);
  void answered(const Event& event, Position at);
  void note_worked(const Event& event);
  void dropped(const Event& event);
  void received(const Event& event, Position at);
  void answer_heard(const Event& event, Position at);
  bool ends_waiting(const Event& event);
  void failed(const Event& event, Position at);
  void heard_cancel(const Event& event, Position at);
  void refused(const Event& event, Position at);

  // Of the promises about order, attempts and time (request_summary.cpp).
  void note_attempt(const Event& event, Position at);
  void note_order(const Event& event, Position at);
  void note_passing_on(const Event& event, Position at);
  void note_time_out(const Event& event, Position at);
  void note_undoing_in_flight(const Event& event, Position at);

  // Of choices by results (choice_summary.cpp); not to be inlined where sagas without any pass.
  void forget_choices();
  [[gnu::noinline]] void note_choice(const Event& event, Position at);
  void note_choice_logged(const Event& event, bool is_done);
  [[nodiscard]] Choice without_answer(StepId step);
  [[gnu::noinline]] void refresh_choices(const Event* now);
  [[gnu::noinline]] void finish_choices();

  // Of optional steps (optional_summary.cpp), likewise.
  [[nodiscard]] bool is_spared(const Event& event) const {
    return has_optional_ && event.operation != Operation::kCompensation &&
           summary_.saga->step(event.step).optional;
  }
  [[nodiscard, gnu::noinline]] bool struck_only_optional(const Event& event) const;
  [[nodiscard]] bool is_passed_over(StepId step, const Event& now) const;
  [[nodiscard]] bool knows_it_done(const Event& event) const;
  [[nodiscard, gnu::noinline]] bool may_be_undone_at_once(const Event& event) const;
  [[gnu::noinline]] void note_undone_at_once(const Event& event);
  [[gnu::noinline]] void went_on_after_undoing_at_once();
  [[gnu::noinline]] void note_optional_asked_again(const Event& event);
  void note_record(const Event& event);

  [[nodiscard]] bool is_done(StepId step) const;
  [[nodiscard]] bool is_under_way(const OperationSummary& summary, const Event& now) const;

  void logged(const Event& event, Position at);
  [[nodiscard]] bool is_written_again(const Event& event, Position at);
  void gave_up_on(const Event& event, Position at);
  void reported(const Event& event, Position at);
  void reported_step(const Event& event, Position at);
  void struck(const Event& event, Position at);
  void effect(const Event& event, Position at);
  void take_recorder(const Observation& observation);
  const TraceSummary& finished(const Observation& observation);
  void pass_over_skipped();

  // Of a choreography (choreography_summary.cpp).
  void read_choreography(const Observation& observation);
  void handed_out(const Event& event, Position at);
  void handled(const Event& event, Position at);
  void effect_on_event(const Event& event, Position at);
  void undone_on_event(const Event& event, Position at);
  void published(const Event& event, Position at);
  void note_cut_off(const Event& event);
  void laid_aside(const Event& event, Position at);
  void note_ignored_deadline(const Observation& observation);
  void derived(Position at);

  /// The rule is to look closer: this is what it looks for.
  void mark_suspected(Rule rule) { summary_.suspected |= TraceSummary::bit_of(rule); }
  void note(Rule rule, Position& first, Position at) {
    first = std::min(first, at);
    mark_suspected(rule);
  }
  OperationSummary& summary_of(const Event& event) {
    return summary_.operations[static_cast<std::size_t>(event.step) * kOperationCount +
                               static_cast<std::size_t>(event.operation)];
  }

  TraceSummary summary_;
  const std::vector<OperationSummary> blank_operations_;
  const std::vector<StepSummary> blank_steps_;
  std::size_t words_;                            // of a set of steps
  std::vector<std::uint8_t> skipped_;            // as of the last run
  std::vector<std::vector<StepId>> waits_for_;   // by step: predecessors, those of a skipped one in its place
  std::vector<std::uint64_t> predecessor_sets_;  // by step
  std::vector<std::uint64_t> related_sets_;      // by step: those that come before or after it
  std::vector<std::uint64_t> compensated_;       // the set of steps a compensation was sent for
  struct CallSummary {
    bool struck = false;
    bool limited = false;  // answered 429 that no fault asked for: it was asked too early
    FaultKind fault = FaultKind::kRejected;
    bool null_compensation = false;
    Position null_compensated_before = kNever;  // of its step, when it was delivered
  };
  void note_limit(const Event& event, CallSummary& call);
  CallSummary& call_of(const Event& event) {
    if (calls_.size() <= event.call) [[unlikely]]
      calls_.resize(event.call + std::size_t{64});
    last_call_ = std::max(last_call_, event.call);
    return calls_[event.call];
  }
  std::vector<CallSummary> calls_;
  std::uint32_t last_call_ = 0;  // of those that this run has
  struct KeyOwner {
    std::uint32_t run = 0;
    OperationId operation = {};
  };
  std::vector<KeyOwner> key_owners_;  // by key
  std::uint32_t run_ = 0;
  bool started_logged_ = false;
  bool is_unconfirmed_ = false;    // the record that comes next in the log
  Position unconfirmed_ = kNever;  // a record whose writer was told that it is not there
  std::vector<StepId> unsettled_;  // compensations sent, whose result is not in the log
  bool has_optional_;
  bool has_shapes_;  // … or choices by results, steps without effect or compensated though refused
  std::optional<internal::ResultChoices> choices_;  // of a saga that has some
  std::vector<Choice> choice_states_;               // by step
  struct ChoiceMade {
    Choice said = Choice::kOpen;  // by the answer that was heard last
    std::uint8_t heard_by = 0;    // that incarnation
    bool is_logged = false;
  };
  std::vector<ChoiceMade> made_;  // by step
  std::size_t next_answer_ = 0;
  // Optional steps that have failed, and were undone before the saga has failed: only what comes next tells.
  std::vector<StepId> undone_at_once_;
  bool rollback_began_ = false;  // another compensation was sent
  std::vector<std::vector<StepId>>
      undone_after_;                // of a choreography, by step: what its events have undone before
  Position failure_told_ = kNever;  // of a choreography
  StepId guarded_ = kNoStep;        // … the step its timer asks for
  OwnTime own_time_;
  std::optional<DataReader> data_;  // of a saga that binds some
};

}  // namespace saga_harness
