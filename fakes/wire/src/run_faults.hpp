#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/wire.hpp>
#include <saga_harness_internal/served_scenario.hpp>
#include <saga_harness_internal/wire_clock.hpp>

namespace saga_harness::wire {

[[nodiscard]] inline std::size_t index_of(OperationId id) {
  return static_cast<std::size_t>(id.step) * kOperationCount + static_cast<std::size_t>(id.operation);
}

/// The points of a run, and which fault of its plan strikes at each.
class RunFaults {
 public:
  /// @throws Error if the plan cannot strike.
  RunFaults(const ServedScenario& served, const ObservedRunOptions& options, bool is_open_ended);

  /// What has begun at an earlier attempt and lasts until this one.
  [[nodiscard]] std::optional<Alternative> lasting(OperationId operation, std::uint32_t attempt) const;
  /// A point at an attempt: what strikes there, if anything does.
  std::optional<Alternative> at_attempt(OperationId operation, std::uint32_t attempt);
  /// A point at an instant of the coordinator, where there is a way to kill it.
  bool at_coordinator(const Point& point);
  /// Is an instant of the coordinator a point at all?
  [[nodiscard]] bool can_crash_coordinator() const noexcept { return !healed_ && !at_crash_.empty(); }

  /// Nothing begins to strike any more, and what lasts until then has ended. What lasts by count goes on
  /// until its count is up. False: they had stopped already.
  bool stop();
  /// How long ago the last of the plan began to; nothing: some have not.
  [[nodiscard]] std::optional<Duration> since_all_struck() const;
  /// Questions, and what of the plan has struck.
  void describe(ObservedRun& run) const;

 private:
  struct Planned {
    Point point = {};
    Alternative alternative = {};
    bool fired = false;
  };
  struct ActiveWindow {
    bool active = false;
    FaultKind kind = FaultKind::kRejected;
    FaultDuration window = FaultDuration::kOnce;
    std::uint32_t last_attempt = 0;
  };
  const Alternative* ask(const Point& point, const std::vector<Alternative>& legal);

  const SagaIndex& saga_;
  const bool keeps_questions_;
  std::vector<std::vector<Alternative>> at_call_;  // by operation
  std::vector<Alternative> at_crash_;
  std::vector<Planned> planned_;
  std::vector<ActiveWindow> windows_;  // by operation
  std::vector<ObservedQuestion> questions_;
  Clock::time_point last_struck_ = {};
  bool healed_ = false;
};

}  // namespace saga_harness::wire
