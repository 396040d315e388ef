#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <saga_harness/engine.hpp>
#include <saga_harness/fault.hpp>

namespace saga_harness::internal {

/// A fault as a run meets it.
struct Met {
  Point point = {};
  Alternative alternative = {};
};

/// The reference of a saga, run with the faults that are given: what they make it reach can be struck, too.
class ReferenceRun {
 public:
  /// `dies_between`: its participants end transactions on their way, so that they can die between two.
  ReferenceRun(const Saga& saga, bool dies_between);

  /// What could strike once all of `faults` have, in the order of the run. Nothing: not all of them did.
  [[nodiscard]] std::optional<std::vector<Met>> run(std::span<const Met> faults);

 private:
  Engine engine_;
};

}  // namespace saga_harness::internal
