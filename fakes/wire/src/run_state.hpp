#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness_internal/saga_run.hpp>

#include "idempotency_keys.hpp"
#include "run_data.hpp"
#include "run_faults.hpp"
#include "run_participants.hpp"
#include "run_trace.hpp"

namespace saga_harness::wire {

/// A request while it is being served.
struct Serving {
  const RoutedRequest& request;
  Exchange& exchange;
  const Surroundings& around;
};

/// An attempt at an operation: a request, or the delivery of an event.
struct Call {
  std::uint32_t number = 0;
  OperationId operation = {};
  std::uint32_t key_number = 0;
  std::uint32_t attempt = 0;
  bool struck = false;
  bool timed_out = false;  // and that is in the trace
  bool hangs = false;
  bool delivered = false;
  bool sender_gone = false;
  bool has_claimed_key = false;
  bool is_own = false;  // a service's own transaction behind a broker: not in the trace
  bool resets = false;  // in place of the answer
  FaultKind fault = FaultKind::kRejected;
  OrderedFault ordered = {};                        // id 0: none
  std::optional<Garbling> garbling = std::nullopt;  // of the answer
  ReplyStatus status = ReplyStatus::kOk;
  ReplyStatus meaning = ReplyStatus::kOk;
  Duration retry_after = Duration::zero();
  Duration timeout = Duration::zero();  // how long its sender waits; zero: unknown
  Clock::time_point came = Clock::now();
  std::string_view payload = {};  // of the request, until it is held back
  std::string kept_payload = {};
  std::string body = {};     // of the answer
  std::string foreign = {};  // the correlation id of an answer to somebody else
  std::uint64_t entry = 0;   // in the journal
  RequestSummary facts = {};
  const Serving* serving = nullptr;

  [[nodiscard]] const Fate& fate() const { return struck ? fate_of(fault) : kNoFault; }
};
using CallPtr = std::shared_ptr<Call>;

/// What is held back: a request, or a delivery by what lets it pass.
struct Held {
  CallPtr call;
  HoldUntil until = HoldUntil::kEnd;
  bool is_duplicate = false;
  std::function<void()> deliver = {};
};

using Lock = std::unique_lock<std::mutex>;

/// What requests and deliveries of a run have in common. Guarded by its mutex.
struct RunState {
  RunState(std::shared_ptr<const ServedScenario> served_scenario, std::string id, ObservedRunOptions given,
           bool open_ended);

  const std::shared_ptr<const ServedScenario> served;
  const SagaIndex& saga;
  const std::string saga_id;
  const ObservedRunOptions options;
  const bool is_open_ended;

  std::mutex mutex;
  std::condition_variable quiet;
  RunTrace trace;
  RunData data;
  RunFaults faults;
  RunParticipants participants;
  IdempotencyKeys keys;
  std::vector<std::uint8_t> skipped;
  std::vector<std::uint32_t> attempts;               // by operation
  std::vector<std::optional<FaultKind>> own_faults;  // by operation: of the transaction that follows
  std::vector<ReplyStatus> own_answers;              // by operation: the last one
  std::vector<Held> held;
  std::vector<Held> slow;  // those that their participant does when their time has come
  Outcome outcome = Outcome::kUnresolved;
  std::uint64_t calls = 0;
  std::uint64_t unmatched = 0;
  std::uint32_t in_flight = 0;
  Clock::time_point last_activity = Clock::now();
  bool closed = false;
  bool hit_call_cap = false;
  bool rests_on_time = false;

  Event& emit(EventType type, const Call& call);
  void time_out(Call& call);
  /// What strikes the call stands in it, and in the trace.
  void strike(Call& call, Alternative what);
  std::uint32_t key_number(std::size_t operation, const std::string& key);
  void leave();
  /// Those that are due are no longer held.
  template <class IsDue>
  [[nodiscard]] std::vector<Held> release(IsDue is_due) {
    std::vector<Held> due;
    std::erase_if(held, [&](Held& each) {
      if (!is_due(each)) return false;
      due.push_back(std::move(each));
      return true;
    });
    return due;
  }
};

}  // namespace saga_harness::wire
