#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "run_state.hpp"

namespace saga_harness::wire {

/// Requests of a run whose senders wait for an answer: which fault strikes, what the participant does, and
/// what is answered when.
class CallServer {
 public:
  explicit CallServer(RunState& run);

  void serve(const RoutedRequest& request, Exchange& exchange, const Surroundings& around);
  /// Under the run's lock: its faults have stopped.
  void heal();
  /// Under the run's lock: the requests so far wait no more, and what is held back is delivered.
  void drain();
  /// Under the run's lock: nobody waits any more.
  void wake_all();

 private:
  void serve_locked(const Serving& serving, Lock& lock);
  void serve_own(const Serving& serving, Lock& lock);
  bool refuse(const Serving& serving, Lock& lock);
  CallPtr begin(const Serving& serving);
  void note_attempt(const RoutedRequest& request);
  void note_context(const Call& call, Event& sent);
  void choose_fault(Call& call);
  bool choose_ordered_fault(Call& call);

  // what becomes of it: call_server.cpp
  void perform(const CallPtr& call, Lock& lock);
  void hold(const CallPtr& call, bool is_duplicate, HoldUntil until);

  // what the participant does and is answered: call_delivery.cpp
  void deliver(Call& call, bool is_duplicate);
  [[nodiscard]] Delivery delivery_of(const Call& call, bool is_duplicate) const;
  bool answer_instead(Call& call);
  bool claim_key(Call& call);
  void answered(Call& call);
  template <class IsDue>
  void release(IsDue is_due);
  void deliver_due();
  void answer(const CallPtr& call, Lock& lock);
  [[nodiscard]] Answer answer_of(const Call& call) const;
  static void write(const Call& call, const Answer& answer);
  void note(Call& call, Delivered delivered, int code);

  // what takes its time: call_waiting.cpp
  void perform_held(const CallPtr& call, HoldUntil until, Lock& lock);
  void perform_reordered(const CallPtr& call, Lock& lock);
  [[nodiscard]] bool came_beside_another(const Call& call) const;
  void perform_slow(const CallPtr& call, Lock& lock);
  void perform_delayed(const CallPtr& call, HoldUntil until, Lock& lock);
  void answer_late(const CallPtr& call, Lock& lock);
  void fall_silent(const CallPtr& call, Lock& lock, bool delivers_afterwards);
  Waited hang(const CallPtr& call, Lock& lock, Duration time);
  void no_longer_slow(const CallPtr& call);
  Waited pause(Call& call, Lock& lock, Duration time);
  void note_overdue(OperationId operation);
  bool strikes_coordinator(Instant instant, OperationId operation, std::uint32_t attempt);
  void crash_coordinator(const Serving& serving, Call* call, Lock& lock);

  RunState& run_;
  std::vector<std::uint16_t> crash_offers_;       // by operation: before a call
  std::vector<Clock::time_point> limited_until_;  // by operation
  std::vector<Clock::time_point> last_came_;      // by operation
  std::vector<Held> due_;
  std::vector<CallPtr> hanging_;
  std::vector<Exchange*> waiters_;
  std::string first_correlation_id_;
  bool has_token_ = false;           // some request had one
  std::uint64_t drained_calls_ = 0;  // the calls up to this one wait no more
};

}  // namespace saga_harness::wire
