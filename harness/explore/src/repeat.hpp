#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/engine.hpp>
#include <saga_harness_internal/picks.hpp>

namespace saga_harness {

/// Of everything that was observed, so that a difference shows; texts keep their numbers within one engine.
[[nodiscard]] std::uint64_t fingerprint(const Observation& observation);

/// What a run was like, to compare another of the same plan with.
class Remembered {
 public:
  explicit Remembered(const Observation& observation);

  /// @throws Error with ErrorKind::kInternal that names the first event that differs.
  void expect_same(const Observation& again, std::string_view plan, const SagaIndex& saga) const;

 private:
  void expect_same_payloads(const Observation& again, std::string_view plan, const SagaIndex& saga) const;

  std::vector<std::vector<Event>> traces_;  // of the saga under test, and of those beside it
  std::vector<std::pair<std::uint32_t, std::string>> payloads_;  // by event
  std::uint64_t fingerprint_;
};

/// Runs schedules again, to find out whether a subject depends on anything outside the run.
class Repeat {
 public:
  explicit Repeat(Engine& engine) : engine_(engine) {}

  /// Runs again what was just observed, and compares the whole traces.
  /// @throws Error with ErrorKind::kInternal that names the first event that differs.
  void check(std::span<const Pick> picks);

  /// Runs again a schedule of which only the fingerprint is known. @throws as check().
  void check(std::span<const Pick> picks, std::uint64_t expected);

  /// Runs a schedule, and returns what was observed.
  const Observation& run(std::span<const Pick> picks);

  /// Runs both schedules, and compares all but the window of their last faults; leaves the observation of the
  /// second behind. @throws Error with ErrorKind::kInternal that names the first event that differs.
  const Observation& expect_alike(std::span<const Pick> known, std::span<const Pick> pruned);

 private:
  Engine& engine_;
  std::vector<std::vector<Event>> before_;
};

}  // namespace saga_harness
