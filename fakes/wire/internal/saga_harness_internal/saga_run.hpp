#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/wire.hpp>
#include <saga_harness_internal/exchange.hpp>
#include <saga_harness_internal/fault_board.hpp>
#include <saga_harness_internal/journal.hpp>
#include <saga_harness_internal/served_scenario.hpp>

namespace saga_harness::wire {

/// How long who goes on after its run is over is kept waiting for the refusal, so that it does not spin.
inline constexpr std::chrono::milliseconds kBrake{200};

/// What the requests of all runs are noted in and struck by, besides the run's own plan.
struct Surroundings {
  Journal& journal;
  FaultBoard& faults;
};

/// One saga id: its participants, effects, trace, faults, and what is held back of it. Thread-safe.
class SagaRun {
 public:
  /// `is_open_ended`: nobody opened it; it has no bound on calls, and what its trace does not hold is
  /// counted. `opened_after`: the id of the journal's last entry before the run.
  /// @throws Error if the plan cannot strike.
  SagaRun(std::shared_ptr<const ServedScenario> served, std::string saga_id, ObservedRunOptions options,
          bool is_open_ended, std::uint64_t opened_after);
  ~SagaRun();
  SagaRun(const SagaRun&) = delete;
  SagaRun& operator=(const SagaRun&) = delete;

  void serve(const RoutedRequest& request, Exchange& exchange, const Surroundings& surroundings);
  void published(std::string_view event);
  void delivers(const BrokerDelivery& delivery, std::function<void()> deliver);
  [[nodiscard]] bool acknowledges(const BrokerDelivery& delivery, bool done);

  void note_unmatched();
  void note_report(Outcome outcome, const std::vector<std::string>& flagged);
  void heal();
  [[nodiscard]] std::optional<Duration> since_all_struck();
  [[nodiscard]] std::uint64_t calls();
  void drain();
  [[nodiscard]] bool wait_quiet(std::chrono::milliseconds quiet_for, std::chrono::milliseconds at_most);
  /// @throws what a participant threw, if that was an Error: misuse is not a failure of the service.
  [[nodiscard]] ObservedRun close();
  void drop();  ///< close(), for whom what it has seen is of no interest
  [[nodiscard]] ObservedRun snapshot();
  /// Events that the trace had no room for.
  [[nodiscard]] std::uint64_t dropped_events();
  [[nodiscard]] bool is_open_ended() const noexcept;
  [[nodiscard]] const std::string& saga_id() const noexcept;
  [[nodiscard]] std::uint64_t opened_after() const noexcept;
  [[nodiscard]] const ServedScenario& served() const noexcept;
  /// Of its trace and the keys it knows, roughly.
  [[nodiscard]] std::size_t kept_bytes();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The entry of a request before anything has become of it. `facts`: those of the request, wherever they are
/// now.
[[nodiscard]] JournalEntry journal_entry(const RoutedRequest& request, const RequestSummary& facts);

}  // namespace saga_harness::wire
