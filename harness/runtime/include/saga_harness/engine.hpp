#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/call_made.hpp>
#include <saga_harness/choices.hpp>
#include <saga_harness/handler_context.hpp>
#include <saga_harness/observation.hpp>
#include <saga_harness/participant.hpp>
#include <saga_harness/runtime.hpp>

namespace saga_harness {

class LogStore;

/// Bounds on one run: whatever a coordinator does, a run ends.
struct RunBounds {
  std::uint32_t max_calls = 0;  ///< 0: eight times what the definition's retry budgets allow, and 64
  std::uint32_t max_operations = 100'000;  ///< calls, waits, sleeps, log writes, reports, marks: all together
  int max_incarnations = 64;               ///< at most 200
};
void PrintTo(const RunBounds& value, std::ostream* out);

/// Everything a run needs beside its choices.
struct Setup {
  std::shared_ptr<const SagaIndex> saga = {};
  Coordinator coordinator = {};
  EventHandlerFactory handlers = {};  ///< instead of a coordinator, if the saga is a choreography
  std::map<std::string, ParticipantFactory, std::less<>> participants =
      {};  ///< by service; every service must have one
  Context context = {};
  std::string saga_id = {};     ///< empty: the saga's name and `-1`
  std::string auth_token = {};  ///< empty: `token-of-` and the saga id
  bool durable = true;  ///< the coordinator resumes from its log; if not, it is neither crashed nor run again
  bool carries_context = false;  ///< a request without correlation id or token is noted as such in the trace
  /// How a run without faults is expected to end; nothing: completed. See Owed.
  std::optional<Outcome> expects = std::nullopt;
  /// JSON pointers into the data that requests and events carry (`/requested_at`): what stands there may
  /// differ when a run is repeated, such as a time of day. Everything else must be the same.
  std::vector<std::string> volatile_fields = {};
  int earlier_sagas = 0;  ///< sagas of the same definition that the participants have served before
  /// Of a choreography: what further sagas of the same definition start with, whose events are on the same
  /// bus at the same time. Faults strike `saga_id`; all are judged. An event is of the saga whose id it
  /// carries as its correlation id.
  std::vector<Context> beside = {};
  RunBounds bounds = {};
  std::shared_ptr<LogStore> store =
      {};  ///< where the saga log is kept; nullptr: in the engine. See over_store()
  bool takes_up =
      false;  ///< a run is the saga `saga_id` of the store, taken up if it is there; not one of its own
  bool accepts_definition = false;  ///< … also one that was begun with another definition
};
void PrintTo(const Setup& value, std::ostream* out);

/// The virtual-time engine: runs a coordinator against participants, asks Choices at every instant where
/// something may go wrong, and keeps the trace. Single-threaded; one run after the other; after a few runs it
/// allocates nothing.
///
/// A run: the coordinator, restarted after every crash, until it returns; then the faults stop, late messages
/// drain, and recovery runs twice.
///
/// Of a choreography: the event that starts it is on the bus, and whatever follows from it, until nothing is
/// under way; then the faults stop, late events drain, and every service is started anew, twice. Nobody
/// reports how it ended, it shows: `completed` once the success of every last step is on the bus, unless a
/// failure was before that; else `flagged` if there are dead letters, naming the steps with an effect that
/// they account for; else `compensated` if a failure was on the bus; else `unresolved`. Where it shares the
/// bus, before it or beside it, services, databases and memory are the same for all sagas.
class Engine {
 public:
  /// @throws Error if a service of the saga has no participant (with the nearest name), or one is given for
  /// no service; or a condition of the saga cannot be judged in the context.
  explicit Engine(Setup setup);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// @throws Error only for misuse by the coordinator's code, with the faults that struck until then;
  /// whatever it does wrong as a coordinator is in the trace. What `choices` throws comes out as well. A
  /// coordinator that has crashed and cannot be stopped, because it swallows everything with catch (...) and
  /// goes on for max_operations, ends the process: nothing else would end the run.
  const Observation& run(Choices& choices);

  [[nodiscard]] const Observation& observation() const noexcept;
  [[nodiscard]] const SagaIndex& saga() const noexcept;
  /// The last run's events and texts as a value.
  [[nodiscard]] Trace trace() const;
  [[nodiscard]] Ledger ledger() const;
  /// What the coordinator asked for in the last run; of a choreography nothing.
  [[nodiscard]] std::vector<CallMade> calls() const;

 private:
  friend class Runtime;
  friend struct RuntimeMemory;
  friend class HandlerContext;
  [[nodiscard]] std::span<const Event> events() const noexcept;

  class Impl;
  class Bus;
  std::unique_ptr<Impl> impl_;
  std::unique_ptr<Bus> bus_;  // instead, for a choreography
};

}  // namespace saga_harness
