#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <span>
#include <string_view>

#include <saga_harness/reply_body.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness {

class Engine;

/// A request as a coordinator writes it. Views need to live only until the call that takes the request
/// returns.
struct Request {
  std::string_view service = {};
  std::string_view action = {};           ///< an action, fallback or compensation name of the definition
  std::string_view step = {};             ///< only needed where two steps share that service and action
  std::string_view idempotency_key = {};  ///< empty: none sent
  std::string_view payload = {};          ///< JSON text; empty: the saga's context
  std::string_view correlation_id = {};   ///< empty: none sent. See Runtime::correlation_id()
  std::string_view auth_token = {};       ///< empty: none sent. See Runtime::auth_token()
  Duration timeout = Duration::zero();    ///< zero: as the definition says; at most a year
};
void PrintTo(const Request& value, std::ostream* out);

/// What came of an attempt. The correlation id is a view and lives as long as the run.
struct Reply {
  ReplyStatus status = ReplyStatus::kOk;
  ReplyBody body = {};                      ///< JSON text; unreadable if the status is kCorrupt
  std::string_view correlation_id = {};     ///< of the request it answers, as far as it says
  Duration retry_after = Duration::zero();  ///< with kRateLimited: how long to wait before asking again

  [[nodiscard]] bool ok() const noexcept { return status == ReplyStatus::kOk; }
};
void PrintTo(const Reply& value, std::ostream* out);

/// A request under way.
class Pending {
 public:
  Pending() = default;
  friend bool operator==(const Pending&, const Pending&) = default;

 private:
  friend class Engine;
  friend void PrintTo(const Pending& value, std::ostream* out);
  explicit Pending(std::uint32_t call) : call_(call) {}
  std::uint32_t call_ = 0;
};
void PrintTo(const Pending& value, std::ostream* out);

/// One record of the saga log. Views handed to append() are copied; views read from records() live as long as
/// the run.
struct LogRecord {
  LogKind kind = LogKind::kNote;
  std::string_view step = {};  ///< for kIntent, kDone, kFailed, kUndone, kStuck
  Operation operation = Operation::kAction;
  Outcome outcome = Outcome::kUnresolved;          ///< for kEnd
  bool maybe_done = false;                         ///< for kFailed: an effect may have been left
  std::span<const std::string_view> flagged = {};  ///< for kEnd: the steps whose effect may be left
  std::string_view note = {};                      ///< anything, for your own use
};
void PrintTo(const LogRecord& value, std::ostream* out);

/// What became of a write to the saga log.
enum class LogWrite : std::uint8_t {
  kDurable,
  kFailed,  ///< the record is not in the log, as far as is known; written again, it may be there twice
  kFenced,  ///< refused: another incarnation has written since this one last read or wrote. Stop
};
[[nodiscard]] std::string_view name_of(LogWrite value);

/// All that a coordinator can see and do. No clock but this one, no threads, no state outside a run but the
/// log: that is what makes a run replayable to the byte. What is asked of it in another thread is not done,
/// and the run ends in an Error that says so. An instance is one incarnation; when it has crashed, every
/// member throws the engine's private signal, which must be let through (code that swallows it changes
/// nothing: the incarnation is fenced).
class Runtime {
 public:
  [[nodiscard]] const Saga& saga() const noexcept;
  [[nodiscard]] const SagaIndex& index() const noexcept;
  [[nodiscard]] std::string_view saga_id() const noexcept;
  /// The start context, JSON text.
  [[nodiscard]] std::string_view context() const noexcept;
  /// Does the condition of this step (Step::only_if) not hold in the start context? Then the step is not to
  /// be asked for, and those after it wait for those before it instead. The same in every incarnation. False
  /// for a condition on what a step is answered.
  [[nodiscard]] bool is_skipped(StepId step) const noexcept;
  /// @throws Error if the definition has no such step (with the nearest name), or if its condition looks at
  /// what another step is answered.
  [[nodiscard]] bool is_skipped(std::string_view step) const;
  /// The same where the condition looks at what another step was answered. `results`: by step, the body that
  /// its action was answered with; empty or not there where it was skipped or has failed.
  [[nodiscard]] bool is_skipped(StepId step, std::span<const std::string_view> results);
  /// The same by name. `answer`: the body with which the step was answered that decides; empty: it was not.
  [[nodiscard]] bool is_skipped(std::string_view step, std::string_view answer);
  /// 1 for the first, one more after every restart.
  [[nodiscard]] int incarnation() const noexcept;
  /// Why this incarnation runs: kFirst and kDuplicate mean that somebody asked for the saga to be started,
  /// kAfterCrash, kRecovery and kTakeover that it is to be taken up again.
  [[nodiscard]] StartCause cause() const noexcept;
  /// What every request of this saga is to carry, so that services and people can tell it from others.
  [[nodiscard]] std::string_view correlation_id() const noexcept;
  [[nodiscard]] std::string_view auth_token() const noexcept;
  /// True once somebody has asked for the saga to be cancelled; stays true after a restart.
  [[nodiscard]] bool cancel_requested() const noexcept;
  /// True once another incarnation has written to the log since this one last read or wrote: it has been
  /// taken for dead, and must do nothing more.
  [[nodiscard]] bool is_fenced() const noexcept;

  /// Sends and waits for the reply or the timeout. @throws Error if the definition has no such service and
  /// action.
  Reply call(const Request& request);
  /// Sends; several requests may be under way.
  Pending start(const Request& request);
  /// Waits for one request started before by this incarnation. Waiting again returns the same reply.
  Reply wait(Pending pending);

  struct Completion {
    std::size_t index;  ///< into the span given to wait_any()
    Reply reply;
  };
  /// Waits for the first of `pending` to complete (of several at once, the one that completed first); nothing
  /// if virtual time reaches `until` before. @throws Error if there is nothing to wait for and no `until`.
  std::optional<Completion> wait_any(std::span<const Pending> pending, Time until = Time::max());

  void sleep(Duration duration);
  [[nodiscard]] Time now() const noexcept;

  /// Makes a record durable, if it can: heed the answer.
  LogWrite append(const LogRecord& record);
  /// Every durable record of this saga, oldest first, as far as the store shows them to this incarnation.
  [[nodiscard]] std::span<const LogRecord> records() const noexcept;

  /// Tells the caller how the saga ended. `flagged` names the steps whose effect may be left.
  void report(Outcome outcome, std::span<const std::string_view> flagged = {});

  /// The concatenation of `parts`, alive as long as the engine. Repeated texts cost no allocation.
  [[nodiscard]] std::string_view text(std::initializer_list<std::string_view> parts);
  /// The usual idempotency key of an operation, `saga id/step/operation`, from a table.
  [[nodiscard]] std::string_view key(OperationId operation);

  /// What the definition binds the requests of an operation to (Step::input, Step::compensation_input), JSON
  /// text that lives as long as the run; empty: to nothing. `results`: by step, the body that its action was
  /// answered with; empty or not there where it is not known: then what is bound to it is left out.
  [[nodiscard]] std::string_view payload(OperationId operation,
                                         std::span<const std::string_view> results = {});
  /// Does an answer to the step's action give all that the definition declares (Step::result), each of its
  /// type? One that does not is no usable answer: the action may or may not have been done.
  [[nodiscard]] bool gives_results(StepId step, std::string_view answer);

  /// A crash unwinds a coordinator by an exception. One that calls this is not unwound: what it asks for as
  /// it crashes comes back without a meaning, and has_ended() is true. It must look at that after whatever it
  /// asks for, and return; what it asks for afterwards unwinds it after all.
  void end_quietly() noexcept;
  /// True once this incarnation has crashed or was stopped.
  [[nodiscard]] bool has_ended() const noexcept;

  /// Leaves `name` in the trace: a switched-on bug says so when it is reached.
  void mark(std::string_view name);

 private:
  friend class Engine;
  friend struct RuntimeMemory;
  Runtime(Engine& engine, std::uint32_t incarnation) noexcept : engine_(&engine), incarnation_(incarnation) {}
  Engine* engine_;
  std::uint32_t incarnation_;
};

void PrintTo(const Runtime::Completion& value, std::ostream* out);

/// What drives a saga. Called once per incarnation, each time with nothing but the log to remember by.
using Coordinator = std::function<void(Runtime&)>;

}  // namespace saga_harness
