#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/picks.hpp>

#include "plan_runner.hpp"

namespace saga_harness {

/// Says whether the faults of a schedule are to blame for what it violates: only if it violates some rule at
/// some step that no smaller part of its plan violates by itself. Else a harmless fault would be blamed for
/// the company it was seen in.
///
/// Parts are run, each once: that does not depend on what else a search has run, or in what order.
class Blame {
 public:
  explicit Blame(const Experiment& experiment) : experiment_(experiment) {}

  [[nodiscard]] bool falls_on(std::span<const Pick> picks, std::span<const Violation> violations);

 private:
  using Part = std::vector<std::uint64_t>;  // its faults as numbers, sorted

  const std::vector<Violation>& shown_by(std::span<const Pick> picks, std::uint32_t chosen);
  /// Takes what the part shows from what is left to explain; true if nothing is left.
  bool explains_all(std::span<const Pick> picks, std::uint32_t chosen);

  const Experiment& experiment_;
  std::optional<PlanRunner> runner_;
  std::map<Part, std::vector<Violation>> known_;
  std::vector<Violation> left_;
  std::vector<Strike> strikes_;
  Part part_;
};

}  // namespace saga_harness
