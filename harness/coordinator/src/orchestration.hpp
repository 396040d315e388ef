#pragma once

#include <functional>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/orchestrator.hpp>

#include "breakers.hpp"

namespace saga_harness {

/// How far one step has come, as far as this incarnation knows.
enum class Phase : std::uint8_t { kWaiting, kInFlight, kBackingOff, kDone, kFailed };

struct Progress {
  Phase phase = Phase::kWaiting;
  Operation operation = Operation::kAction;  // or the fallback
  bool intended = false;                     // its intent is durable
  bool maybe_done = false;  // an effect may have been left by an attempt that did not succeed
  bool answered = false;    // by its participant, in this incarnation
  bool undone = false;
  bool stuck = false;
  Phase undoing = Phase::kWaiting;
  int attempts = 0;  // of the operation that is under way, in this incarnation
  // Forward: predecessors that are not past (done, failed though optional, or skipped and nothing before
  // missing). Backward:
  // successors that are not settled.
  int missing = 0;
  Time wake = {};             // when backing off
  Duration retry_after = {};  // asked for by the participant
  Pending pending = {};
};

/// The logs of the sagas of one process, each as its coordinator has last seen it, and whose one's own is.
struct LogsOfSagas {
  std::shared_ptr<std::vector<std::vector<LogRecord>>> logs;
  std::size_t own = 0;

  void begin_run() const;
  void note(std::span<const LogRecord> records) const;
  [[nodiscard]] std::span<const LogRecord> of_the_next() const;
};

/// What steps were answered, by their names.
using ResultsOfAll = std::map<std::string, std::string, std::less<>>;

/// One incarnation of the reference orchestrator at work on one saga.
class Orchestration {
 public:
  /// `logs`: of a process with several sagas, or none.
  /// `results_of_all`: of a process that keeps results by the names of their steps, for all its sagas.
  Orchestration(Runtime& runtime, OrchestratorBug bug, const std::optional<CircuitBreaker>& breaker,
                const LogsOfSagas* logs, ResultsOfAll* results_of_all = nullptr);
  /// Returns where it has crashed, too: no exception unwinds it.
  void run();

 private:
  // Recovery from the log.
  void recover();
  [[nodiscard]] std::span<const LogRecord> state_to_recover();
  void recover_from(const LogRecord& record);
  [[nodiscard]] Progress& done_by_record(Progress& progress);
  void heed(std::string_view note);
  void settle_in_doubt();

  // Forward (forward.cpp).
  void go_forward();
  void find_ready();
  void give_up_retries();
  void launch_ready();
  void attempt(StepId step);
  void retire(StepId step);
  void await_progress();
  void settle(StepId step, const Reply& reply);
  void retry_or_give_up(StepId step, bool retry_helps);
  void give_up(StepId step);
  void note_failed(StepId step);
  [[nodiscard, gnu::noinline]] bool fails_saga(StepId step);
  [[nodiscard]] bool may_repeat(StepId step);
  [[nodiscard]] bool may_be_left(StepId step) const;
  void mark_done(StepId step);
  void keep_result(StepId step, const Reply& reply);
  void let_go_on_after(StepId step);
  [[nodiscard]] bool is_skipped(StepId step);
  [[nodiscard, gnu::noinline]] bool is_ruled_out(StepId step);
  [[nodiscard, gnu::noinline]] bool is_wrongly_skipped(StepId step);
  [[nodiscard]] bool is_past(StepId step);
  [[nodiscard]] Duration remaining() const;

  // Backward (backward.cpp).
  void go_backward();
  [[nodiscard]] bool needs_undoing(StepId step);
  [[nodiscard]] bool is_left_out(StepId step);
  void find_undoable();
  void launch_undoing();
  void undo(StepId step);
  void attempt_undoing(StepId step);
  void await_undoing();
  void settle_undoing(StepId step, const Reply& reply);
  void mark_undone(StepId step);
  void flag(StepId step);
  void let_go_on_before(StepId step);

  struct Arrival {
    StepId step;
    Reply reply;
  };
  void credit_in_order_asked(Arrival& arrival);
  /// The first reply to what is under way; nothing once the first of those that back off is due.
  [[nodiscard]] std::optional<Arrival> await_any(Phase Progress::*phase);
  [[nodiscard]] bool is_held_back(StepId step, Phase Progress::*phase);
  void end(Outcome outcome);
  /// The record is durable, or this incarnation is over.
  void write(const LogRecord& record);
  /// Gives up this incarnation if another has taken over.
  void make_sure_of_lead();
  [[nodiscard]] bool is_cancelled();
  [[nodiscard]] bool starts_early(StepId step);
  [[nodiscard]] bool goes_on_after_any(StepId step);
  void leave_in_flight();
  [[nodiscard]] Request request(StepId step, Operation operation, int attempt, Duration timeout);

  // What requests carry (bound_requests.cpp).
  [[nodiscard]] std::string_view known_result(StepId step) const {
    return results_.empty() ? std::string_view() : results_[step];
  }
  [[nodiscard]] std::string_view payload_of(StepId step, Operation operation);
  [[nodiscard]] std::string_view wrong_payload(StepId step, Operation operation);
  [[nodiscard]] std::string_view result_of(StepId step, const Reply& reply);
  [[nodiscard]] bool has_lost_results(const LogRecord& record);
  void note_first_answer(StepId step, const Reply& reply);
  [[nodiscard]] ReplyStatus usable(StepId step, const Reply& reply);
  /// What a reply means, whatever status it bears.
  [[nodiscard]] ReplyStatus meaning_of(const Reply& reply);
  [[nodiscard]] Duration wait_asked_for(const Reply& reply);
  void flag_all_effects();
  [[nodiscard]] bool is_past_pivot();
  [[nodiscard]] std::string_view key(StepId step, Operation operation, int attempt);
  [[nodiscard]] std::string_view wrong_key(StepId step, Operation operation, int attempt);
  [[nodiscard]] const Step& step(StepId id) const { return index_.step(id); }
  void log(LogKind kind, StepId step, Operation operation = Operation::kAction);

  /// True if `bug` is switched on; says so in the trace, so ask only where it makes a difference.
  [[nodiscard]] bool has(OrchestratorBug bug);

  Runtime& runtime_;
  const SagaIndex& index_;
  OrchestratorBug bug_;
  Breakers breakers_;
  const LogsOfSagas* logs_;
  std::pmr::vector<Progress> progress_;
  std::pmr::vector<Pending> pending_;
  std::pmr::vector<StepId> pending_steps_;
  std::pmr::vector<StepId> ready_;   // to be launched, in this order
  std::size_t done_records_ = 0;     // in the log, of steps done
  std::size_t launched_ = 0;         // of those, when going backward
  std::pmr::vector<StepId> active_;  // in flight or backing off
  std::pmr::vector<std::string_view> flagged_;
  std::pmr::vector<std::string_view>
      results_;  // by step: what its action was answered; empty: none gives any
  std::pmr::vector<std::string_view> first_answers_;  // by step: what a bug takes for the result
  ResultsOfAll* results_of_all_;
  StepId swapped_with_ = kNoStep;  // whose result a bug is still to get from another
  bool lost_results_ = false;
  Time deadline_ = Time::max();
  bool is_over_ = false;  // this incarnation has crashed, or may do nothing more: the next one takes it up
  bool started_ = false;
  bool failing_ = false;
  bool compensating_ = false;
  bool resumed_ = false;
  bool cancelled_ = false;
  bool stopped_undoing_ = false;
  bool refused_ = false;
  const LogRecord* ended_ = nullptr;
};

}  // namespace saga_harness
