#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/engine.hpp>
#include <saga_harness/fault_catalogue.hpp>

#include "message_queue.hpp"
#include "participant_table.hpp"
#include "run_memory.hpp"
#include "text_table.hpp"

namespace saga_harness {

/// What a definition may ask for at most, too. As long as nothing waits longer, virtual time cannot overflow.
inline constexpr std::int64_t kLongestWait = std::int64_t{366} * 24 * 3600 * 1'000'000;

/// The same within a thread, another in each.
[[nodiscard]] inline const void* this_thread() noexcept {
  // In every thread's own block: asking costs an instruction, where the usual model calls a function.
  [[gnu::tls_model("initial-exec")]] static thread_local char place;
  return &place;
}

/// Unwinds a coordinator that crashed, or that is to do nothing more. Not a std::exception, so that ordinary
/// handlers in a coordinator let it through; one that catches everything finds itself fenced.
struct IncarnationEnds {};

/// An operation of the definition with everything a call needs to know, worked out once.
struct OperationInfo {
  Delivery delivery;  // template: names filled in
  std::uint32_t service = 0;
  std::uint32_t action = 0;
  std::uint16_t next = 0;  // another operation with the same action name; 0: none (numbers are index + 1)
  bool is_alone = true;    // no other operation has that action of that service
  Participant* participant = nullptr;
  std::int64_t timeout = 0;
  std::uint16_t budget = 1;
  std::vector<Alternative> at_call;
  std::vector<Alternative> during_call;
};

/// The two instants around a log write, and whether the record is about a step.
struct LogInstants {
  Instant before = Instant::kBeforeNote;
  Instant after = Instant::kAfterNote;
  Operation operation = Operation::kAction;
  bool names_step = false;
};
[[nodiscard]] LogInstants instants_of(const LogRecord& record);

struct Call {
  OperationId operation;
  std::uint32_t info = 0;  // index into infos_
  std::uint32_t key = 0;
  std::uint32_t correlation_id = 0;
  std::uint32_t auth_token = 0;
  std::string_view payload;
  std::int64_t deadline = 0;
  std::int64_t latency = 0;
  std::int64_t ends_at = 0;     // when the reply came; the deadline until then
  std::uint32_t completed = 0;  // order in which replies came; 0: none did
  std::uint16_t attempt = 0;
  std::uint8_t incarnation = 0;
  bool seen = false;   // by the coordinator
  bool asked = false;  // what strikes while it is waited for
  bool struck = false;
  ReplyStatus meaning = ReplyStatus::kOk;  // of the reply, whatever status it bears
  FaultKind fault = FaultKind::kRejected;  // if struck
  Reply reply;
};

struct HeldMessage {
  std::uint32_t call = 0;
  MessageKind kind = MessageKind::kRequest;
  HoldUntil until = HoldUntil::kEnd;
};

/// A fault that goes on striking later attempts of its operation.
struct ActiveWindow {
  bool active = false;
  FaultKind kind = FaultKind::kRejected;
  FaultDuration window = FaultDuration::kOnce;
  std::uint16_t last_attempt = 0;
};

class Engine::Impl final : public Bookkeeper {
 public:
  Impl(Engine& engine, Setup setup);

  const Observation& run(Choices& choices);

  // The interface of the runtime; `incarnation` fences what has died.
  Pending start(std::uint32_t incarnation, const Request& request);
  Reply wait(std::uint32_t incarnation, Pending pending);
  std::optional<Runtime::Completion> wait_any(std::uint32_t incarnation, std::span<const Pending> pending,
                                              Time until);
  void sleep(std::uint32_t incarnation, Duration duration);
  LogWrite append(std::uint32_t incarnation, const LogRecord& record);
  [[nodiscard]] std::span<const LogRecord> records(std::uint32_t incarnation) const;
  [[nodiscard]] bool is_fenced(std::uint32_t incarnation) const {
    return is_behind(incarnation) && log_fences_;
  }
  [[nodiscard]] bool is_behind(std::uint32_t incarnation) const {
    return known_version_[incarnation] != log_version_;
  }
  void report(std::uint32_t incarnation, Outcome outcome, std::span<const std::string_view> flagged);
  void mark(std::string_view name) override;
  void enter(std::uint32_t incarnation) {
    if (ended_[incarnation]) [[unlikely]]
      refuse_the_dead();
    if (++operations_ > setup_.bounds.max_operations) [[unlikely]]
      give_up("the bound on operations");
  }
  /// A coordinator has one thread, the one it was called in. What another asks for is not done, and run()
  /// says so: thrown there, it would end the process.
  [[nodiscard]] bool is_elsewhere() noexcept {
    if (this_thread() == thread_) [[likely]]
      return false;
    was_used_elsewhere_.store(true, std::memory_order_relaxed);
    return true;
  }
  void apply(const Delivery& delivery) override;
  void undo(const Delivery& delivery) override;
  [[nodiscard]] const Effect& effect(StepId step) override { return effect_of(step); }
  StepId step_named(std::string_view name);
  Effect& effect_of(StepId step);

  Setup setup_;
  const SagaIndex& saga_;
  ParticipantTable participant_table_;
  TextTable texts_;
  RunMemory memory_;
  std::int64_t now_ = 0;
  std::int64_t clock_ahead_ = 0;  // the coordinator's clock, of the time
  bool cancel_requested_ = false;
  std::string_view saga_id_;
  std::array<StartCause, 256> causes_ = {};  // by incarnation
  std::vector<std::uint8_t> skipped_;        // by step; empty: none
  std::vector<LogRecord> log_;
  std::vector<Effect> effects_;
  std::vector<Event> events_;  // a buffer: the first event_count_ are of this run
  std::size_t event_count_ = 0;
  std::size_t event_room_ = 0;
  Observation observation_;

 private:
  enum class End : std::uint8_t { kReturned, kCrashed, kGaveUp };

  void index_operations();
  void make_room_for_events();
  void attach_participants();
  void reset();
  void run_earlier_sagas();
  End run_incarnation(StartCause why);
  void run_until_returned(StartCause why);
  void run_beside(StartCause why);
  void heal();
  void drain();

  const OperationInfo& find_operation(const Request& request);
  const OperationInfo& look_up_operation(const Request& request);
  /// The number of a text that is most often `usual`.
  std::uint32_t number_of(std::string_view text, std::uint32_t usual) {
    return same_text(text, texts_.at(usual)) ? usual : texts_.intern(text);
  }
  [[noreturn]] void misuse_of_unknown_operation(const Request& request);
  std::span<const std::string_view> keep_steps(std::span<const std::string_view> names, EventType type);

  void note_use_elsewhere();
  [[noreturn]] void refuse_the_dead();
  [[noreturn]] void give_up(std::string_view bound);
  [[noreturn]] void misuse(const std::string& message);
  [[noreturn]] void fail(std::exception_ptr why);
  void note_failure(std::exception_ptr why);
  std::int64_t checked(Duration duration, std::string_view what);
  std::size_t ask(const Point& point, std::span<const Alternative> legal) {
    if (indifferent_ == 0) return really_ask(point, legal);
    --indifferent_;
    return 0;
  }
  std::size_t really_ask(const Point& point, std::span<const Alternative> legal);
  /// The occurrence: each time a place is reached it is another Point.
  std::uint16_t reached(std::size_t place, Instant instant) {
    return ++occurrences_[place * kInstantCount + static_cast<std::size_t>(instant)];
  }
  void record_fault(const Point& point, Alternative alternative);
  [[noreturn]] void crash();
  void befall_coordinator(CoordinatorFate fate);
  void leave_out_restarts(std::vector<Alternative>& alternatives) const;
  void offer_at_resume();
  void offer_during(std::uint32_t call);
  LogWrite not_logged(const LogRecord& record, const Point& before, LogWrite why);
  LogFate strike_write(const Point& before, const LogRecord& record);
  void create_stored_saga();
  LogWrite store(std::uint32_t incarnation, const LogRecord& record);
  void store_torn(const LogRecord& record);
  void read_log_from_store();
  void offer_after_write(const Point& after);
  void drop_lost_writes();
  void offer_crash(const Point& point);
  void offer_crash_before(const Point& point) {
    if (healed_ || !setup_.durable) return;
    // The instant after the last operation, if nothing has happened since, and has been offered as that.
    if (offered_at_ != now_ || wants_synonyms_) offer_crash(point);
  }
  void offer_crash_after(const Point& point) {
    if (!healed_ && setup_.durable) offer_crash(point);
  }

  void choose_fault(std::uint32_t number, const OperationInfo& info);
  void dispatch(std::uint32_t number);
  void hold(std::uint32_t number, HoldUntil until);
  void deliver(const Message& message);
  void answer(std::uint32_t number, Reply reply);
  void receive(std::uint32_t number);
  void release_compensated(StepId step);
  void release_overtaken(std::uint32_t by);
  template <class IsDue>
  void release(std::int64_t at, IsDue is_due);
  Reply reply_instead(const Call& call);
  void pump_until(std::int64_t limit);
  void pump_one();
  const Call& checked(std::uint32_t incarnation, Pending pending);
  Reply complete(std::uint32_t number);
  void record_effect(EventType type, const Delivery& delivery);

  Event& emit(const Event& event) {
    if (event_count_ == event_room_) [[unlikely]]
      make_room_for_events();
    return events_[event_count_++] = event;
  }
  Event& emit(EventType type) {
    return emit({.at = now_, .type = type, .incarnation = static_cast<std::uint8_t>(incarnation_)});
  }
  Event& emit(EventType type, std::uint32_t call) {
    const Call& about = calls_[call];
    return emit({.at = now_,
                 .call = call,
                 .step = about.operation.step,
                 .attempt = about.attempt,
                 .type = type,
                 .operation = about.operation.operation,
                 .incarnation = static_cast<std::uint8_t>(incarnation_)});
  }
  [[nodiscard]] std::size_t index_of(StepId step, Operation operation) const {
    return static_cast<std::size_t>(step) * kOperationCount + static_cast<std::size_t>(operation);
  }

  Engine& engine_;
  std::vector<OperationInfo> infos_;            // by step and operation
  std::vector<std::uint16_t> first_by_action_;  // by text number, index + 1
  struct Found {
    const char* action = nullptr;
    std::uint16_t info = 0;
  };
  std::array<Found, 64> found_ = {};  // by where the text of the action lies: a guess, always verified
  std::uint32_t saga_text_ = 0;
  std::uint32_t token_text_ = 0;
  std::vector<StepId> step_by_text_;  // by text number
  // What is legal at the instants of the saga itself and around calls and writes.
  std::vector<Alternative> at_crash_;
  std::vector<Alternative> at_write_;
  std::vector<Alternative> after_end_;
  std::vector<Alternative> at_resume_;
  std::uint32_t call_bound_ = 0;
  std::uint32_t livelock_bound_ = 0;

  Choices* choices_ = nullptr;
  bool wants_synonyms_ = false;
  std::uint32_t indifferent_ = 0;  // questions that need not be asked
  MessageQueue queue_;
  std::vector<Call> calls_;  // [0] unused: call numbers start at 1
  std::vector<HeldMessage> held_;
  std::vector<ActiveWindow> windows_;    // by step and operation
  std::vector<std::uint16_t> attempts_;  // by step and operation
  std::vector<std::uint16_t>
      occurrences_;  // of log instants, by step and operation (the saga itself last) and Where
  std::vector<std::int64_t> limited_until_;  // by step and operation: 429 until then
  std::vector<std::size_t> lost_;            // positions in the log of what will be gone after a crash
  std::array<std::uint32_t, 256> known_version_ = {};  // of the log, by incarnation
  std::array<bool, 256> ended_ = {};                   // by incarnation: fenced for good
  std::uint32_t log_version_ = 0;
  bool log_fences_ = true;
  std::string stored_id_;  // of this run, in the store
  std::uint64_t stored_runs_ = 0;
  std::array<std::uint64_t, 256> stored_version_ = {};  // by incarnation: the records that it knows of
  std::uint64_t stored_count_ = 0;
  std::uint32_t stale_reader_ = 0;  // the incarnation that does not see the last record; 0: none
  std::size_t stale_size_ = 0;
  std::uint32_t incarnation_ = 0;  // the one that is running
  std::uint32_t incarnations_ = 0;
  std::uint32_t saga_number_ = 0;
  std::uint32_t calls_without_progress_ = 0;
  std::int64_t started_at_ = 0;  // the saga, by its log
  bool log_is_down_ = false;
  bool start_comes_again_ = false;
  std::uint32_t completed_ = 0;
  std::uint32_t operations_ = 0;
  std::uint32_t operations_of_the_dead_ = 0;
  std::int64_t offered_at_ = -1;  // when a crash was last offered; -1: something has happened since
  bool healed_ = false;
  bool gave_up_ = false;
  std::exception_ptr misuse_;
  const void* thread_ = nullptr;
  std::atomic<bool> was_used_elsewhere_ = false;
  Outcome outcome_ = Outcome::kUnresolved;
};

}  // namespace saga_harness
