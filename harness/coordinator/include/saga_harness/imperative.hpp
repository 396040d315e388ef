#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <saga_harness/runtime.hpp>
#include <saga_harness/verdict.hpp>

/// Sagas written as code that runs from top to bottom, instead of as a list of steps:
///
/// ```cpp
/// const Coordinator order = imperative([](ImperativeSaga& saga) {
///   saga.execute_step("create_order");  // as the definition declares it
///   saga.execute_step(
///       "pay", [](StepCalls& calls) { return calls.perform("process_payment", R"({"amount": 7})"); },
///       [](StepCalls& calls) { calls.undo("process_payment"); });
///   saga.commit();
/// });
/// ```
namespace saga_harness {

/// How far an imperative saga has come.
enum class ImperativeState : std::uint8_t {
  kPending,     ///< no step yet
  kExecuting,   ///< going forward, or rolling back
  kCommitted,   ///< every step is done: Outcome::kCompleted
  kRolledBack,  ///< every effect is undone: Outcome::kCompensated
  kFailed,      ///< an effect may be left, and a person is told which: Outcome::kFlagged
};
[[nodiscard]] std::string_view name_of(ImperativeState state);

/// Texts live as long as the run.
struct ImperativeStatus {
  std::string_view saga_id = {};
  std::string_view user_id = {};
  ImperativeState state = ImperativeState::kPending;
  int total_steps = 0;              ///< that execute_step() was called for
  int completed_steps = 0;          ///< … and whose action succeeded; a rollback does not make them fewer
  std::string_view failed_at = {};  ///< the step that failed; empty: none
  std::string_view error = {};      ///< why it did
};
void PrintTo(const ImperativeStatus& value, std::ostream* out);

/// An action could not be had: it was refused, or its retries are spent, or the saga may not go on.
class StepFailed final : public std::exception {
 public:
  StepFailed(std::string message, bool maybe_done) : message_(std::move(message)), maybe_done_(maybe_done) {}
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  /// An effect may be left all the same.
  [[nodiscard]] bool maybe_done() const noexcept { return maybe_done_; }

 private:
  std::string message_;
  bool maybe_done_;
};

/// A step failed, and the saga has been rolled back: it is over, and nothing more can be done in it.
class SagaAborted final : public std::exception {
 public:
  explicit SagaAborted(std::string message) : message_(std::move(message)) {}
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

class ImperativeSaga;

/// What the action and the rollback of a step can do: ask for steps of the definition. One action may ask for
/// several (a resource each); which of them are there to be undone is known without its keeping a list.
class StepCalls {
 public:
  /// Asks for the action of a step of the definition, as often as it may be tried, then for its fallback.
  /// What is asked for is in the log before, what came of it after; taken up after a crash, what is done is
  /// not asked for again: its reply comes from the log. No payload: the saga's context.
  /// @throws StepFailed; Error if the definition has no such step, or it has been asked for before.
  Reply perform(std::string_view step, std::string_view payload = {});

  /// Asks for its compensation, as often as it may be tried. Nothing is sent if the step has certainly left
  /// nothing: it was never asked for, or refused, or is undone. False: it could not be undone; the saga will
  /// be flagged. No payload: that of the action. @throws Error if the definition has no such step.
  bool undo(std::string_view step, std::string_view payload = {});

  /// Undoes whatever the action of this step has asked for, the latest first. What a step without a rollback
  /// of its own does.
  void undo_all();

 private:
  friend class ImperativeSaga;
  StepCalls(ImperativeSaga& saga, std::size_t step) noexcept : saga_(&saga), step_(step) {}
  ImperativeSaga* saga_;
  std::size_t step_;
};

/// A saga as a transaction around code: each step is done as the code comes to it; if one fails, what was
/// done before is rolled back, the latest first, and SagaAborted is thrown.
///
/// Correct as the reference orchestrator is: every intent is durable before its call and every result before
/// the next, a step is due to be undone from before it is asked for, compensations are tried to their budget,
/// and what is left then is flagged by its name. After a crash the code runs again from its beginning over
/// the log: what is done is not done again, what is under way is asked for again under its key, and a saga
/// that was rolling back rolls back. So the code must do the same things given the same replies: no clock, no
/// state from outside. A saga whose code ends without commit() or rollback() has not ended: see
/// Rule::kTerminates.
///
/// Orders of a person in the log (`kCancelNote`, `kCompensateNote`) are heeded as the reference heeds them.
///
/// Its order is the order of the code, which should be that of the definition: one step after the other.
/// A definition has the steps that a completed saga has done: of code with branches, each needs its own, or
/// steps with conditions on what the saga starts with.
class ImperativeSaga {
 public:
  using Action = std::function<Reply(StepCalls&)>;
  using Rollback = std::function<void(StepCalls&)>;

  /// To be made in a Coordinator, once per incarnation; see imperative(). A saga that has ended is reported
  /// again.
  explicit ImperativeSaga(Runtime& runtime, std::string_view user_id = {});
  ~ImperativeSaga();
  ImperativeSaga(const ImperativeSaga&) = delete;
  ImperativeSaga& operator=(const ImperativeSaga&) = delete;

  /// Runs `action`, which makes its calls through the StepCalls it is given, and returns what it returns.
  /// What it refers to must be there until the saga has ended, and so for `rollback`.
  /// @throws SagaAborted once everything is rolled back, if `action` throws or returns a Reply that is not
  /// ok; Error for misuse.
  Reply execute_step(std::string_view name, const Action& action, Rollback rollback = {});
  /// The step of that name as the definition declares it: its action, its compensation. Where its condition
  /// does not hold (Step::only_if), it is skipped, and the reply is empty. An optional one (Step::optional)
  /// that has failed rolls nothing back: the reply is not ok, kTimeout if it may have been done. Other code
  /// asks `runtime().is_skipped()`: what it does all the same is judged.
  Reply execute_step(std::string_view step, std::string_view payload = {});

  /// Every step is done. @throws SagaAborted if the saga has been rolled back.
  void commit();
  /// Rolls back what was done so far. @throws SagaAborted always.
  [[noreturn]] void rollback(std::string_view why);

  [[nodiscard]] ImperativeStatus get_status() const;
  [[nodiscard]] Runtime& runtime() noexcept;

 private:
  friend class StepCalls;
  friend Coordinator imperative(std::function<void(ImperativeSaga&)> body, std::string user_id);
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// A coordinator that runs `body` for every incarnation, and does nothing for a saga that has ended or is
/// started twice. What `body` lets out is not lost: a SagaAborted is the end of the saga, anything else is
/// the coordinator's.
[[nodiscard]] Coordinator imperative(std::function<void(ImperativeSaga&)> body, std::string user_id = {});

/// What an imperative saga promises: as much as the reference.
[[nodiscard]] Claims imperative_claims();

}  // namespace saga_harness
