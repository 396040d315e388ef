#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/engine.hpp>
#include <saga_harness_internal/choices.hpp>

#include "bound_payloads.hpp"
#include "call_table.hpp"
#include "crash_instants.hpp"
#include "earlier_sagas.hpp"
#include "effect_counts.hpp"
#include "fault_windows.hpp"
#include "held_messages.hpp"
#include "incarnation_table.hpp"
#include "key_table.hpp"
#include "message_queue.hpp"
#include "operation_table.hpp"
#include "owning_thread.hpp"
#include "participant_table.hpp"
#include "payloads.hpp"
#include "questions.hpp"
#include "run_clock.hpp"
#include "run_end.hpp"
#include "run_limits.hpp"
#include "run_memory.hpp"
#include "saga_log.hpp"
#include "stored_log.hpp"
#include "text_table.hpp"
#include "trace_recorder.hpp"

namespace saga_harness {

/// Unwinds a coordinator that crashed, or that is to do nothing more. Not a std::exception, so that ordinary
/// handlers in a coordinator let it through; one that catches everything finds itself fenced.
struct IncarnationEnds {};
/// Unwinds a participant that dies between two transactions. Likewise.
struct ParticipantDies {};

/// The two instants around a log write, and whether the record is about a step.
struct LogInstants {
  Instant before = Instant::kBeforeNote;
  Instant after = Instant::kAfterNote;
  Operation operation = Operation::kAction;
  bool names_step = false;
};
[[nodiscard]] LogInstants instants_of(const LogRecord& record);

/// The engine for sagas that have a coordinator: what its parts do for one run.
class Engine::Impl final : public Bookkeeper {
 public:
  Impl(Engine& engine, Setup setup);

  const Observation& run(Choices& choices);
  [[nodiscard]] const Observation& observation() const { return observation_; }
  [[nodiscard]] std::span<const Event> events() const { return trace_.events(); }
  [[nodiscard]] const TextTable& texts() const { return texts_; }
  [[nodiscard]] Ledger ledger() const;
  [[nodiscard]] std::vector<CallMade> calls() const;

  // The interface of the runtime; `incarnation` fences what has died.
  [[nodiscard]] const SagaIndex& saga() const { return saga_; }
  [[nodiscard]] const Setup& setup() const { return setup_; }
  [[nodiscard]] std::string_view saga_id() const { return saga_id_; }
  [[nodiscard]] bool is_skipped(StepId step) const { return step < skipped_.size() && skipped_[step] != 0; }
  [[nodiscard]] bool is_skipped(std::uint32_t incarnation, std::string_view step);
  [[nodiscard]] bool is_skipped(StepId step, std::span<const std::string_view> results);
  [[nodiscard]] bool is_skipped(std::uint32_t incarnation, std::string_view step, std::string_view answer);
  [[nodiscard]] StartCause cause_of(std::uint32_t incarnation) const {
    return incarnations_.cause_of(incarnation);
  }
  [[nodiscard]] bool cancel_requested() const { return cancel_requested_; }
  [[nodiscard]] bool is_elsewhere() noexcept { return thread_.is_elsewhere(); }
  [[nodiscard]] bool is_fenced(std::uint32_t incarnation) const {
    return log_.is_behind(incarnation) && (!stored_.is_used() || stored_.fences());
  }
  [[nodiscard]] Time time() const { return Time(Duration(clock_.shown())); }
  Pending start(std::uint32_t incarnation, const Request& request);
  Reply wait(std::uint32_t incarnation, Pending pending);
  std::optional<Runtime::Completion> wait_any(std::uint32_t incarnation, std::span<const Pending> pending,
                                              Time until);
  void sleep(std::uint32_t incarnation, Duration duration);
  LogWrite append(std::uint32_t incarnation, const LogRecord& record);
  [[nodiscard]] std::span<const LogRecord> records(std::uint32_t incarnation) const {
    return log_.records(incarnation);
  }
  void report(std::uint32_t incarnation, Outcome outcome, std::span<const std::string_view> flagged);
  void mark(std::uint32_t incarnation, std::string_view name);
  [[nodiscard]] std::string_view text(std::initializer_list<std::string_view> parts) {
    return texts_.at(texts_.intern(parts));
  }
  [[nodiscard]] std::string_view key(OperationId operation);
  [[nodiscard]] std::string_view bound_payload(OperationId operation,
                                               std::span<const std::string_view> results);
  [[nodiscard]] bool gives_results(StepId step, std::string_view answer);
  void end_quietly(std::uint32_t incarnation) { incarnations_.end_quietly(incarnation); }
  [[nodiscard]] bool has_ended(std::uint32_t incarnation) const {
    return incarnations_.has_ended(incarnation);
  }
  [[nodiscard]] std::pmr::memory_resource* memory() { return &memory_; }

  // The interface of the participants' recorder.
  void mark(std::string_view name) override;
  void apply(const Delivery& delivery) override;
  void undo(const Delivery& delivery) override;
  [[nodiscard]] const Effect& effect(StepId step) override;
  void commit(const Delivery& delivery) override;

 private:
  enum class End : std::uint8_t { kReturned, kCrashed, kGaveUp };

  // A run (engine.cpp).
  void reset();
  void run_earlier_sagas();
  void heal();
  void drain();
  void enter(std::uint32_t incarnation) {
    if (incarnations_.has_ended(incarnation)) [[unlikely]]
      refuse_the_dead();
    if (!limits_.spend_operation()) [[unlikely]]
      give_up("the bound on operations");
  }
  void note_use_elsewhere();
  void note_use_by_participant(const Delivery& delivery);
  [[noreturn]] void refuse_the_dead();
  [[noreturn]] void give_up(std::string_view bound);
  [[noreturn]] void misuse(const std::string& message);
  [[noreturn]] void fail(std::exception_ptr why);
  void note_failure(std::exception_ptr why);
  std::int64_t checked(Duration duration, std::string_view what);
  std::size_t ask(const Point& point, std::span<const Alternative> legal) {
    return questions_.skip() ? 0 : really_ask(point, legal);
  }
  std::size_t really_ask(const Point& point, std::span<const Alternative> legal);
  StepId step_named(std::string_view name);
  void expect_step(StepId step, std::string_view what);

  // Incarnations and what strikes them (incarnations.cpp).
  End run_incarnation(StartCause why);
  void run_until_returned(StartCause why);
  void run_beside(StartCause why);
  void record_fault(const Point& point, Alternative alternative);
  void crash();
  /// The running incarnation has ended: out of its coordinator, unless that sees for itself.
  void unwind() {
    if (!incarnations_.ends_quietly(incarnations_.running())) throw IncarnationEnds{};
  }
  void befall_coordinator(CoordinatorFate fate);
  void offer_at_resume();
  void offer_during(std::uint32_t call);
  void offer_crash(const Point& point);
  void offer_crash_before(const Point& point) {
    if (healed_ || !setup_.durable) return;
    // The instant after the last operation, if nothing has happened since, and has been offered as that.
    if (!instants_.is_offered(clock_.now()) || questions_.wants_synonyms()) offer_crash(point);
  }
  void offer_crash_after(const Point& point) {
    if (!healed_ && setup_.durable) offer_crash(point);
  }

  // The log (log_writes.cpp).
  LogWrite not_logged(const LogRecord& record, const Point& before, LogWrite why);
  LogFate strike_write(const Point& before, const LogRecord& record);
  void offer_after_write(const Point& after);
  std::span<const std::string_view> keep_steps(std::span<const std::string_view> names, EventType type);
  void create_stored_saga();
  void read_log_from_store();

  // Calls and messages (network.cpp).
  /// The number of a text that is most often `usual`.
  std::uint32_t number_of(std::string_view text, std::uint32_t usual) {
    return same_text(text, texts_.at(usual)) ? usual : texts_.intern(text);
  }
  std::uint32_t find_operation(const Request& request);
  void choose_fault(std::uint32_t number, const OperationInfo& info);
  void dispatch(std::uint32_t number);
  void hold(std::uint32_t number, HoldUntil until);
  void receive(std::uint32_t number);
  void pump_until(std::int64_t limit);
  void pump_one();
  const Call& checked(std::uint32_t incarnation, Pending pending);
  Reply complete(std::uint32_t number);

  // What comes at the same time (ties.cpp).
  struct Unheard {
    Message message;
    std::size_t place = 0;
  };
  bool is_overtaken(std::uint32_t call);
  Message pop_of_tie();
  std::size_t first_of_tie(std::span<const Pending> pending, std::size_t first);
  [[nodiscard]] std::optional<Unheard> unheard_reply(std::span<const Pending> pending, std::int64_t at) const;
  void hear(const Unheard& reply);

  // What arrives (deliveries.cpp).
  void deliver(const Message& message);
  Reply answer_of(Participant& participant, const Delivery& delivery);
  void answer(std::uint32_t number, Reply reply);
  Reply reply_instead(const Call& call);
  void release_compensated(StepId step);
  Effect& effect_of(StepId step);
  /// The event noted last is an answer; it is kept if its step declares results.
  [[nodiscard, gnu::noinline]] ReplyStatus meaning_of_results(const Call& call, std::string_view body);
  [[gnu::noinline]] void alter_results(const Call& call, Reply& reply);
  [[gnu::noinline]] void keep_answer(const Call& call, ReplyStatus meaning, std::string_view body);
  void record_effect(EventType type, const Delivery& delivery);

  Event& emit(EventType type) {
    return trace_.next() = {.at = clock_.now(),
                            .type = type,
                            .incarnation = static_cast<std::uint8_t>(incarnations_.running())};
  }
  Event& emit(EventType type, std::uint32_t call) {
    const Call& about = calls_[call];
    return trace_.next() = {.at = clock_.now(),
                            .call = call,
                            .step = about.operation.step,
                            .attempt = about.attempt,
                            .type = type,
                            .operation = about.operation.operation,
                            .incarnation = static_cast<std::uint8_t>(incarnations_.running())};
  }

  Engine& engine_;
  Setup setup_;
  const SagaIndex& saga_;
  ParticipantTable participant_table_;
  TextTable texts_;
  OperationTable operations_;
  KeyTable keys_;
  std::uint32_t token_text_ = 0;
  std::vector<std::uint8_t> skipped_;  // by step; empty: none
  internal::ResultChoices choices_;
  BoundPayloads bound_;
  OwningThread thread_;
  RunMemory memory_;
  Payloads payloads_{memory_, setup_.volatile_fields};

  // Of one run:
  RunClock clock_;
  MessageQueue queue_;
  HeldMessages held_;
  CallTable calls_;
  FaultWindows windows_;
  RateLimits rate_limits_;
  IncarnationTable incarnations_;
  CrashInstants instants_;
  SagaLog log_;
  StoredLog stored_;
  EffectCounts effects_;
  TraceRecorder trace_;
  std::vector<HeardAnswer> answers_;
  EarlierSagas earlier_;
  Questions questions_;
  RunLimits limits_;
  RunEnd end_;
  std::string_view saga_id_;
  std::uint32_t saga_text_ = 0;
  std::uint32_t saga_number_ = 0;
  std::int64_t started_at_ = 0;  // the saga, by its log
  bool cancel_requested_ = false;
  bool start_comes_again_ = false;
  bool healed_ = false;
  bool participant_dies_ = false;  // that which is being asked
  Outcome outcome_ = Outcome::kUnresolved;
  Observation observation_;
};

}  // namespace saga_harness
