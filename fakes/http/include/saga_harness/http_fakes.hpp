#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {

/// Where and within which bounds the fakes listen.
struct HttpFakesOptions {
  std::string bind = "127.0.0.1";  ///< any other address needs `token`
  int port = 0;                    ///< of the admin API; 0: a free one
  std::string token = {};  ///< what the admin API asks for as `Authorization: Bearer …`; empty: nothing
  std::size_t max_payload = 8U << 20U;  ///< bytes of a request's body; larger ones are answered 413
  std::size_t max_connections = 2048;
  std::size_t max_journal = 100'000;  ///< entries kept; what is dropped is counted
  bool bus = false;  ///< the saga is a choreography, and somebody stands in front of its bus: see BusDelivery
};
void PrintTo(const HttpFakesOptions& value, std::ostream* out);

/// What is to go wrong in one run over HTTP.
struct HttpRunOptions {
  FaultPlan plan = {};
  std::vector<FaultKind> kinds =
      {};  ///< which the recorded questions offer; empty: every one that the wire can do
  /// The longest that the subject waits for an answer; zero: unknown, and kinds that rest on it are not
  /// offered.
  Duration timeout = Duration::zero();
  std::uint64_t max_calls = 1000;  ///< requests of this run; more is a livelock, and answered 503
  /// Participants recognise a repeated request by its idempotency key; false, for subjects that promise none:
  /// always by step and operation.
  bool keys = true;
  /// Points are deliveries of a bus, not requests: what a service asks its fake is its own transaction, and
  /// fares as the delivery that it follows from. Faults last for one delivery.
  bool bus = false;
  /// What the saga is started with, by which conditions of its steps are judged; empty: as the scenario says.
  Context context = {};
  /// Called, outside of every lock, when `coordinator_crash` strikes: kills and restarts the subject.
  std::function<void()> crash = {};
  /// Called once, outside of every lock, when the subject has sent more than max_calls.
  std::function<void()> capped = {};
};
void PrintTo(const HttpRunOptions& value, std::ostream* out);

/// A question of a run that could have been answered with a fault, in the order met.
struct HttpQuestion {
  Point point = {};
  std::vector<Alternative> legal = {};
};
void PrintTo(const HttpQuestion& value, std::ostream* out);

/// A run over HTTP as the fakes saw it.
struct HttpRun {
  Trace trace = {};
  Ledger ledger = {};
  Outcome outcome = Outcome::kUnresolved;  ///< the last report
  std::vector<HttpQuestion> questions = {};
  FaultPlan fired = {};
  FaultPlan unfired = {};
  std::uint64_t calls = 0;
  std::uint64_t unmatched = 0;  ///< requests of this run that no service and action fitted
  bool hit_call_cap = false;
  bool rests_on_time = false;              ///< a fault of this run held a message back in real time
  std::vector<std::uint8_t> skipped = {};  ///< by step: see Observation::skipped
};
void PrintTo(const HttpRun& value, std::ostream* out);

/// Requests that were of no run that somebody opened, or that fitted nothing.
struct HttpStrays {
  std::map<std::string, std::uint64_t, std::less<>> late = {};  ///< by saga id: came after the run was closed
  std::vector<std::string> unknown = {};  ///< saga ids that nobody opened; "default" stands for none
  std::uint64_t unmatched = 0;
  std::string first_unmatched = {};  ///< what was answered to it
};
void PrintTo(const HttpStrays& value, std::ostream* out);

/// An event of a choreography on its way to a subscriber, as somebody sees it who stands between the bus and
/// its clients.
struct BusDelivery {
  std::string_view event = {};
  std::string_view service = {};  ///< the subscriber
  std::uint64_t message = 0;      ///< the event's number on the bus: the same when it is delivered again
};
void PrintTo(const BusDelivery& value, std::ostream* out);

/// The participants of a scenario, served over HTTP on free ports of their own, with an admin API beside
/// them. Each saga id has its own participants, ledgers and faults, so that many runs share one set of
/// servers; a saga id that nobody opened is opened, without faults, by its first request. Thread-safe.
class HttpFakes {
 public:
  /// @throws Error if the scenario does not fit (a service without a route, two actions with the same one),
  /// or a condition cannot be judged in its context.
  explicit HttpFakes(Scenario scenario, HttpFakesOptions options = {});
  ~HttpFakes();  ///< stops
  HttpFakes(const HttpFakes&) = delete;
  HttpFakes& operator=(const HttpFakes&) = delete;

  /// @throws Error if a port cannot be bound.
  void start();
  /// Ends every connection, hung ones too. The same object can be started again, on the same ports.
  void stop();

  [[nodiscard]] std::string admin_url() const;
  [[nodiscard]] std::map<std::string, std::string, std::less<>> service_urls() const;
  /// The same with a prefix of the path by which every request is known to be of `saga_id`, for subjects that
  /// do not pass it on.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> service_urls(std::string_view saga_id) const;

  /// @throws Error if there is a run of that id, the plan cannot strike over HTTP, or a condition cannot be
  /// judged.
  void open_run(std::string_view saga_id, HttpRunOptions options = {});
  /// The subject said how the saga ended.
  void note_report(std::string_view saga_id, Outcome outcome, const std::vector<std::string>& flagged = {});
  /// Faults of this run stop.
  void heal(std::string_view saga_id);
  /// Has every fault of its plan begun to strike?
  [[nodiscard]] bool has_struck(std::string_view saga_id);
  /// Whatever is held back of this run is delivered now; its calls so far wait no more.
  void drain(std::string_view saga_id);
  /// True once no request of this run is being served, and none came for `quiet_for`; false after `at_most`.
  [[nodiscard]] bool wait_quiet(std::string_view saga_id, std::chrono::milliseconds quiet_for,
                                std::chrono::milliseconds at_most);
  /// An event has reached the bus. Runs that are not there have no events.
  void bus_published(std::string_view saga_id, std::string_view event);
  /// The bus hands an event to a subscriber. `forward` lets it pass: it is called as often as it is to
  /// arrive, not at all, now, or later from any thread.
  void bus_delivers(std::string_view saga_id, const BusDelivery& delivery, std::function<void()> forward);
  /// The subscriber acknowledges it, or (not `done`) asks for it again. False: the bus is not to hear of it.
  [[nodiscard]] bool bus_acknowledged(std::string_view saga_id, const BusDelivery& delivery, bool done);
  /// Ends the run and forgets it; requests that still come for it are unmatched. @throws Error if there is
  /// none.
  [[nodiscard]] HttpRun close_run(std::string_view saga_id);
  /// The run as it stands. @throws Error if there is none.
  [[nodiscard]] HttpRun look_at(std::string_view saga_id);
  /// Since it was made.
  [[nodiscard]] HttpStrays strays() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The faults of `kinds` that the fakes can make happen at a call, with every window that means something
/// there.
[[nodiscard]] std::vector<Alternative> wire_alternatives(OperationId operation, const SagaIndex& saga,
                                                         const HttpRunOptions& options);

}  // namespace saga_harness
