#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <saga_harness/wire.hpp>
#include <saga_harness_internal/exchange.hpp>
#include <saga_harness_internal/fault_board.hpp>
#include <saga_harness_internal/journal.hpp>
#include <saga_harness_internal/saga_run.hpp>
#include <saga_harness_internal/served_scenario.hpp>

namespace saga_harness::wire {

using RunPtr = std::shared_ptr<SagaRun>;

/// Why a request is turned away.
struct TurnedAway {
  Refusal refusal = Refusal::kNone;
  std::string why = {};
};

/// The runs of all saga ids, what came of their requests, and the faults that were ordered for them: what
/// requests find behind a transport. Thread-safe.
class RunRegistry {
 public:
  RunRegistry(Scenario scenario, ObservedRunsOptions options);

  [[nodiscard]] std::shared_ptr<const ServedScenario> served() const;
  /// Another scenario. Of the runs there were, requests find none any more; what comes is of new ones.
  /// Returns those runs, to be dropped or restored.
  using Runs = internal::ByText<RunPtr>;
  [[nodiscard]] Runs replace(std::shared_ptr<const ServedScenario> served, Runs runs = {});
  /// What was known of the runs of an earlier scenario.
  void forget_earlier(const Runs& ended);

  /// A request that the transport read while `served` was served. Its run is found or opened; then it is
  /// answered, and fares as the run's faults will.
  void serve(const ServedScenario& served, const RoutedRequest& request, Exchange& exchange);
  /// A request of `served` that no action fits, or not just one.
  void turn_away(const ServedScenario& served, const RoutedRequest& request, Exchange& exchange,
                 const TurnedAway& because);

  void open(std::string_view saga_id, ObservedRunOptions options);
  [[nodiscard]] ObservedRun close(std::string_view saga_id);
  /// nullptr if there is none.
  [[nodiscard]] RunPtr find(std::string_view saga_id) const;
  /// @throws Error
  [[nodiscard]] RunPtr find_or_throw(std::string_view saga_id) const;
  /// In the order of their ids.
  [[nodiscard]] std::vector<RunPtr> runs() const;
  /// Runs and journal as if it had just been made; of one saga, or all. Ordered faults stay.
  void reset(std::optional<std::string_view> saga_id);
  [[nodiscard]] StrayRequests strays() const;
  /// Runs that nobody opened, and that had to give way to younger ones.
  [[nodiscard]] std::uint64_t forgotten_runs() const;
  [[nodiscard]] PointKind points() const noexcept { return points_; }

  Journal journal;
  FaultBoard faults;

 private:
  [[nodiscard]] RunPtr find_or_open(const ServedScenario& served, const RoutedRequest& request,
                                    Exchange& exchange);
  [[nodiscard]] RunPtr find_or_open(const ServedScenario& served, const std::string& saga_id);
  [[nodiscard]] bool refuse_long_ids(const RoutedRequest& request, Exchange& exchange);
  void forget_oldest_guest();
  void forget_heavy_guests();
  void remember_closed(const std::string& saga_id);
  void refuse(const RoutedRequest& request, Exchange& exchange, const TurnedAway& because);
  void note_stray(const RoutedRequest& request, const TurnedAway& because);

  const PointKind points_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const ServedScenario> served_;
  Runs runs_;
  std::deque<std::string> guests_;  // runs that nobody opened, oldest first
  std::size_t guests_since_weighed_ = 0;
  std::unordered_set<std::string, TextHash, std::equal_to<>> closed_;
  std::deque<std::string> closed_in_order_;
  std::uint64_t forgotten_runs_ = 0;
  mutable std::mutex strays_mutex_;
  StrayRequests strays_;
};

}  // namespace saga_harness::wire
