#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/http_fakes.hpp>

#include "fault_board.hpp"
#include "journal.hpp"
#include "served_scenario.hpp"
#include "sockets.hpp"
#include "wire.hpp"

namespace saga_harness::http {

/// How long who goes on after its run is over is kept waiting for the refusal, so that it does not spin.
inline constexpr std::chrono::milliseconds kBrake{200};

/// A request that has found its run.
struct RoutedRequest {
  const WireRequest& request;
  const Endpoint* endpoint = nullptr;
  OperationId operation = {};
  RequestSummary& facts;  ///< moved into the call once there is one
  WireExchange& exchange;
  Journal& journal;
  FaultBoard& faults;
};
/// The entry of a request before anything has become of it.
[[nodiscard]] JournalEntry journal_entry(const RoutedRequest& routed, const RequestSummary& facts);

/// One saga id: its participants, ledger, trace, faults, and what is held back of it.
class WireRun final : public Bookkeeper {
 public:
  /// `is_open_ended`: nobody opened it; it has no bound on calls, and what its trace does not hold is
  /// counted.
  /// @throws Error if the plan cannot strike over HTTP.
  WireRun(std::shared_ptr<const ServedScenario> served, std::string saga_id, HttpRunOptions options,
          bool is_open_ended);

  void serve(const RoutedRequest& routed);
  void note_unmatched();
  void note_report(Outcome outcome, const std::vector<std::string>& flagged);
  void heal();
  [[nodiscard]] bool has_struck();
  void drain();
  [[nodiscard]] bool wait_quiet(std::chrono::milliseconds quiet_for, std::chrono::milliseconds at_most);
  void bus_published(std::string_view event);
  void bus_delivers(const BusDelivery& delivery, std::function<void()> forward);
  [[nodiscard]] bool bus_acknowledged(const BusDelivery& delivery, bool done);
  /// @throws what a participant threw, if that was an Error: misuse is not a failure of the service.
  [[nodiscard]] HttpRun close();
  void drop();  ///< close(), for whom what it has seen is of no interest
  [[nodiscard]] HttpRun snapshot();
  /// Events that the trace had no room for.
  [[nodiscard]] std::uint64_t dropped_events();
  [[nodiscard]] bool is_open_ended() const noexcept { return is_open_ended_; }
  [[nodiscard]] const std::string& saga_id() const noexcept { return saga_id_; }

 private:
  enum class Ending : std::uint8_t { kAnswer, kCutBody, kCutHead, kBadJson, kBadType, kSlowBody, kReset };

  struct Call {
    std::uint32_t number = 0;
    std::size_t index = 0;  // of its operation
    OperationId operation = {};
    const Endpoint* endpoint = nullptr;
    std::uint32_t key_number = 0;
    std::uint16_t attempt = 0;
    bool struck = false;
    bool timed_out = false;  // and that is in the trace
    bool hangs = false;
    bool delivered = false;
    bool peer_gone = false;
    bool has_claimed_key = false;
    bool is_own = false;  // a service's own transaction behind a bus: not in the trace
    FaultKind fault = FaultKind::kRejected;
    AdminFault admin = {};  // id 0: none
    Ending ending = Ending::kAnswer;
    ReplyStatus status = ReplyStatus::kOk;
    ReplyStatus meaning = ReplyStatus::kOk;
    Duration retry_after = Duration::zero();
    Duration timeout = Duration::zero();  // how long its caller waits; zero: unknown
    Clock::time_point came = {};
    std::string_view payload = {};  // of the request, until it is held back
    std::string kept_payload = {};
    std::string body = {};     // of the answer
    std::string foreign = {};  // the correlation id of an answer to somebody else
    std::uint64_t entry = 0;   // in the journal
    RequestSummary facts = {};
    const RoutedRequest* routed = nullptr;  // while it is being served
  };
  using CallPtr = std::shared_ptr<Call>;

  struct Held {
    CallPtr call;
    bool is_duplicate = false;
    HoldUntil until = HoldUntil::kEnd;
  };

  /// An event for one subscriber, by its last delivery.
  struct Letter {
    CallPtr call;
    bool is_open = false;  // to be acknowledged
  };
  struct HeldDelivery {
    CallPtr call;
    std::function<void()> forward;
    HoldUntil until = HoldUntil::kEnd;
    bool is_duplicate = false;
  };
  using Forwards = std::vector<std::function<void()>>;

  struct ActiveWindow {
    bool active = false;
    FaultKind kind = FaultKind::kRejected;
    FaultDuration window = FaultDuration::kOnce;
    std::uint32_t last_attempt = 0;
  };

  /// What is known of an idempotency key of an operation.
  struct KeyState {
    std::size_t body_hash = 0;
    std::uint32_t claimed_by = 0;  // a call that is being worked on; 0: none
  };

  struct Planned {
    Point point = {};
    Alternative alternative = {};
    bool fired = false;
  };

  using Lock = std::unique_lock<std::mutex>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using TextNumbers = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;

  // Bookkeeper
  void apply(const Delivery& delivery) override;
  void undo(const Delivery& delivery) override;
  [[nodiscard]] const Effect& effect(StepId step) override { return effects_[step]; }
  void mark(std::string_view name) override;

  void take_plan();
  void measure(bool at_end);
  void serve_locked(const RoutedRequest& routed, Lock& lock);
  bool refuse_call(const RoutedRequest& routed, Lock& lock);
  CallPtr begin_call(const RoutedRequest& routed);
  void note_attempt(const RoutedRequest& routed);
  void note_context(const Call& call, Event& sent);
  std::uint32_t number_of_key(const Call& call);
  void forget_keys();
  const Alternative* ask(const Point& point, const std::vector<Alternative>& legal);
  void choose_fault(Call& call);
  bool choose_admin_fault(Call& call);
  void perform(const CallPtr& call, Lock& lock);
  [[nodiscard]] static const Fate& fate_of_call(const Call& call) {
    return call.struck ? fate_of(call.fault) : kNoFault;
  }
  void perform_slow(const CallPtr& call, Lock& lock);
  void garble(Call& call, const Fate& fate);
  void hold(const CallPtr& call, bool is_duplicate, HoldUntil until);
  void perform_held(const CallPtr& call, HoldUntil until, Lock& lock);
  void perform_reordered(const CallPtr& call, Lock& lock);
  void perform_delayed(const CallPtr& call, HoldUntil until, Lock& lock);
  void deliver(Call& call, bool is_duplicate);
  bool answer_instead(Call& call);
  bool claim_key(Call& call);
  void answered(Call& call);
  void release(HoldUntil until, StepId step, std::uint32_t before_call);
  void deliver_due();
  void answer(const CallPtr& call, Lock& lock);
  void answer_late(const CallPtr& call, Lock& lock);
  void write(const Call& call, int status, std::string_view headers, std::string_view body);
  void note(Call& call, Delivered delivered, int status);
  [[nodiscard]] std::string headers_of(const Call& call, const HttpReply* special) const;
  void fall_silent(const CallPtr& call, Lock& lock, bool delivers_afterwards);
  Waited pause(Call& call, Lock& lock, Duration time);
  void time_out(Call& call);
  void note_overdue(const RoutedRequest& routed);
  [[nodiscard]] OperationId operation_for(const BusDelivery& delivery) const;
  CallPtr hand_out(const BusDelivery& delivery, OperationId operation);
  void route(const CallPtr& call, const std::function<void()>& forward, Forwards& now);
  void pass(const Call& call, bool is_duplicate, const std::function<void()>& forward, Forwards& now);
  template <class IsDue>
  void pass_held(IsDue is_due, Forwards& now);
  void serve_own(const RoutedRequest& routed, Lock& lock);
  bool strikes_coordinator(Instant instant, OperationId operation, std::uint16_t attempt);
  void crash_coordinator(const RoutedRequest& routed, Call* call, Lock& lock);

  Event& emit(EventType type);
  Event& emit(EventType type, const Call& call);
  std::uint32_t text_number(std::string_view text);
  [[nodiscard]] std::size_t index_of(OperationId id) const {
    return static_cast<std::size_t>(id.step) * kOperationCount + static_cast<std::size_t>(id.operation);
  }
  [[nodiscard]] std::int64_t now() const;
  HttpRun snapshot_locked();
  void close_locked();
  [[nodiscard]] bool has_bus() const noexcept { return options_.bus && saga_.is_choreography(); }

  const std::shared_ptr<const ServedScenario> served_;
  const SagaIndex& saga_;
  const std::string saga_id_;
  const HttpRunOptions options_;
  const bool is_open_ended_;
  const Clock::time_point opened_ = Clock::now();

  std::mutex mutex_;
  std::condition_variable quiet_;
  std::vector<std::unique_ptr<Participant>> participants_;  // by service
  std::vector<std::vector<Alternative>> at_call_;           // by operation
  std::vector<Alternative> at_crash_;
  std::vector<Planned> planned_;
  std::vector<std::uint8_t> skipped_;
  std::vector<Effect> effects_;
  std::vector<Quantity> quantities_;
  std::vector<Event> events_;
  Event spare_event_;  // where those go that the trace has no room for
  std::vector<std::string> texts_ = {std::string()};
  TextNumbers text_numbers_;
  std::vector<TextNumbers> key_numbers_;  // by operation and text
  std::size_t key_count_ = 0;
  std::vector<ActiveWindow> windows_;  // by operation
  std::vector<std::uint16_t> attempts_;
  std::vector<std::uint16_t> crash_offers_;  // before a call
  std::vector<Clock::time_point> limited_until_;
  std::map<std::pair<std::string, std::uint64_t>, Letter> letters_;  // by subscriber and number
  std::vector<HeldDelivery> held_deliveries_;
  std::exception_ptr misuse_;                         // the first
  std::vector<std::optional<FaultKind>> own_faults_;  // by operation: of the transaction that follows
  std::vector<ReplyStatus> own_answers_;              // by operation: the last one
  std::vector<Held> held_;
  std::vector<Held> due_;
  std::vector<CallPtr> hanging_;
  std::vector<WireExchange*> waiters_;
  std::unordered_map<std::uint32_t, KeyState> key_states_;
  std::vector<HttpQuestion> questions_;
  std::string first_correlation_id_;
  bool has_token_ = false;  // some request had one
  Outcome outcome_ = Outcome::kUnresolved;
  std::uint64_t calls_ = 0;
  std::uint64_t drained_calls_ = 0;  // the calls up to this one wait no more
  std::uint64_t unmatched_ = 0;
  std::uint64_t dropped_events_ = 0;
  std::uint32_t in_flight_ = 0;
  std::uint8_t incarnation_ = 1;
  Clock::time_point last_activity_ = opened_;
  bool healed_ = false;
  bool closed_ = false;
  bool hit_call_cap_ = false;
  bool rests_on_time_ = false;
};

}  // namespace saga_harness::http
