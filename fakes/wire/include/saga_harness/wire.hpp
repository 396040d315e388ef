#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness/fate.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {

namespace wire {
class RunRegistry;
}

/// What a point of an observed run is.
enum class PointKind : std::uint8_t {
  kCall,      ///< a request whose sender waits for its answer
  kDelivery,  ///< an event that a broker hands to a subscriber, of a choreography; what the subscriber then
              ///< asks its fake is its own transaction, and fares as the delivery that it follows from
};
void PrintTo(PointKind value, std::ostream* out);

/// What all runs of a set have in common.
struct ObservedRunsOptions {
  PointKind points = PointKind::kCall;
  std::size_t max_journal = 100'000;            ///< entries kept; what is dropped is counted
  std::size_t max_journal_bytes = 128U << 20U;  ///< of their texts, likewise
};
void PrintTo(const ObservedRunsOptions& value, std::ostream* out);

/// What is to go wrong in one observed run.
struct ObservedRunOptions {
  FaultPlan plan = {};
  std::vector<FaultKind> kinds =
      {};  ///< which the recorded questions offer; empty: every one that can be made to happen
  /// The longest that the subject waits for an answer; zero: unknown, and kinds that rest on it are not
  /// offered.
  Duration timeout = Duration::zero();
  std::uint64_t max_calls = 1000;  ///< requests of this run; more is a livelock, and turned away
  /// Participants recognise a repeated request by its idempotency key, and one that has none by step and
  /// operation; false: always by step and operation.
  bool keys = true;
  /// What the saga is started with, by which conditions of its steps are judged; empty: as the scenario says.
  Context context = {};
  /// Called, outside of every lock, when `coordinator_crash` strikes: kills and restarts the subject. By
  /// another thread, which close() does not wait for: what it uses must live as long as it does.
  std::function<void()> crash = {};
  /// Called once, likewise, when the subject has sent more than max_calls.
  std::function<void()> capped = {};
};
void PrintTo(const ObservedRunOptions& value, std::ostream* out);

/// A question of a run that could have been answered with a fault, in the order met.
struct ObservedQuestion {
  Point point = {};
  std::vector<Alternative> legal = {};
};
void PrintTo(const ObservedQuestion& value, std::ostream* out);

/// A request, or the copy of one, that has not reached its participant yet.
struct HeldBack {
  OperationId operation = {};
  std::uint32_t attempt = 0;
  HoldUntil until = HoldUntil::kEnd;
  bool is_duplicate = false;

  friend bool operator==(const HeldBack&, const HeldBack&) = default;
};
void PrintTo(const HeldBack& value, std::ostream* out);

/// The data that an event of a run carried: of a saga that binds requests to data.
struct DataOfEvent {
  std::uint32_t event = 0;  ///< which of the trace's
  std::string text = {};    ///< a request's payload, or the body of an answer: JSON text

  friend bool operator==(const DataOfEvent&, const DataOfEvent&) = default;
};
void PrintTo(const DataOfEvent& value, std::ostream* out);

/// A run of a subject that is not ours, as its participants saw it.
struct ObservedRun {
  Trace trace = {};
  Ledger ledger = {};
  Outcome outcome = Outcome::kUnresolved;  ///< the last report
  std::vector<ObservedQuestion> questions = {};
  FaultPlan fired = {};
  FaultPlan unfired = {};
  std::vector<HeldBack> held_back = {};
  std::uint64_t calls = 0;
  std::uint64_t unmatched = 0;  ///< requests of this run that no service and action fitted
  bool hit_call_cap = false;
  bool rests_on_time = false;              ///< a fault of this run held a message back in real time
  std::vector<std::uint8_t> skipped = {};  ///< by step: see Observation::skipped
  std::string context = {};                ///< what it was started with, JSON text
  std::vector<DataOfEvent> payloads = {};  ///< see Observation::payloads
  std::vector<DataOfEvent> answers = {};   ///< see Observation::answers
};
void PrintTo(const ObservedRun& value, std::ostream* out);

/// Requests that were of no run that somebody opened, or that fitted nothing.
struct StrayRequests {
  std::map<std::string, std::uint64_t, std::less<>> late = {};  ///< by saga id: came after the run was closed
  std::vector<std::string> unknown = {};  ///< saga ids that nobody opened; "default" stands for none
  std::uint64_t unmatched = 0;
  std::string first_unmatched = {};  ///< what was answered to it
};
void PrintTo(const StrayRequests& value, std::ostream* out);

/// An event of a choreography on its way to a subscriber, as somebody sees it who stands between the broker
/// and its clients.
struct BrokerDelivery {
  std::string_view event = {};
  std::string_view service = {};  ///< the subscriber
  std::uint64_t message = 0;      ///< the event's number at the broker: the same when it is delivered again
};
void PrintTo(const BrokerDelivery& value, std::ostream* out);

/// The participants of a scenario, and every run in which a subject asks something of them, whatever carries
/// the requests. Each saga id has its own participants, ledgers and faults; one that nobody opened is opened,
/// without faults, by its first request. Transports bring requests and deliveries: `HttpFakes`, `NatsBus`.
/// Thread-safe.
class ObservedRuns {
 public:
  /// @throws Error if the scenario is no choreography where points are deliveries, or is one where they are
  /// calls; or if a condition cannot be judged in its context.
  explicit ObservedRuns(Scenario scenario, ObservedRunsOptions options = {});
  ~ObservedRuns();
  ObservedRuns(const ObservedRuns&) = delete;
  ObservedRuns& operator=(const ObservedRuns&) = delete;

  /// @throws Error if there is a run of that id, the plan cannot strike, or a condition cannot be judged.
  void open(std::string_view saga_id, ObservedRunOptions options = {});
  /// The subject said how the saga ended.
  void note_report(std::string_view saga_id, Outcome outcome, const std::vector<std::string>& flagged = {});
  /// Faults of this run stop.
  void heal(std::string_view saga_id);
  /// How long ago the last fault of its plan began to strike; nothing: some have not.
  [[nodiscard]] std::optional<Duration> since_all_struck(std::string_view saga_id);
  /// How many requests of the run have come.
  [[nodiscard]] std::uint64_t calls(std::string_view saga_id);
  /// Whatever is held back of this run is delivered now; its calls so far wait no more.
  void drain(std::string_view saga_id);
  /// True once no request of this run is being served, and none came for `quiet_for`; false after `at_most`.
  [[nodiscard]] bool wait_quiet(std::string_view saga_id, std::chrono::milliseconds quiet_for,
                                std::chrono::milliseconds at_most);
  /// Ends the run and forgets it; requests that still come for it are turned away. @throws Error if there is
  /// none.
  [[nodiscard]] ObservedRun close(std::string_view saga_id);
  /// The run as it stands. @throws Error if there is none.
  [[nodiscard]] ObservedRun look_at(std::string_view saga_id);
  /// Since it was made.
  [[nodiscard]] StrayRequests strays() const;

  /// An event has reached the broker. Runs that are not there have no events.
  void published(std::string_view saga_id, std::string_view event);
  /// The broker hands an event to a subscriber. `deliver` lets it pass: it is called as often as it is to
  /// arrive, not at all, now, or later from any thread.
  void delivers(std::string_view saga_id, const BrokerDelivery& delivery, std::function<void()> deliver);
  /// The subscriber acknowledges it, or (not `done`) asks for it again. False: the broker is not to hear of
  /// it.
  [[nodiscard]] bool acknowledges(std::string_view saga_id, const BrokerDelivery& delivery, bool done);

  /// For transports.
  [[nodiscard]] wire::RunRegistry& registry() noexcept { return *registry_; }

 private:
  std::unique_ptr<wire::RunRegistry> registry_;
};

/// The faults of `kinds` that a transport can make happen at a point, with every window that means something
/// there.
[[nodiscard]] std::vector<Alternative> wire_alternatives(OperationId operation, const SagaIndex& saga,
                                                         PointKind points, const ObservedRunOptions& options);

}  // namespace saga_harness
