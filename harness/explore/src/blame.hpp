#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/cause.hpp>
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

  [[nodiscard]] bool falls_on(std::span<const Pick> picks, std::span<const CausedViolation> violations);
  /// After falls_on(): the same violations, each with the cause of the smallest part that explains it; its
  /// own, if none does. See explains().
  [[nodiscard]] std::span<const CausedViolation> caused() const { return caused_; }

 private:
  using Part = std::vector<std::uint64_t>;  // its faults as numbers, sorted

  /// What is known so far of one of the violations.
  struct Explained {
    bool is_shown = false;  // by a part
    bool has_cause = false;
  };
  const std::vector<CausedViolation>& shown_by(std::span<const Pick> picks, std::uint32_t chosen);
  /// Looks what of the violations the part shows; true if nothing is left to explain.
  bool explains_all(std::span<const Pick> picks, std::uint32_t chosen);
  void look_at_parts(std::span<const Pick> picks);

  const Experiment& experiment_;
  std::optional<PlanRunner> runner_;
  std::map<Part, std::vector<CausedViolation>> known_;
  std::vector<CausedViolation> caused_;
  std::vector<Explained> explained_;  // beside them
  std::vector<Strike> strikes_;
  Part part_;
};

}  // namespace saga_harness
