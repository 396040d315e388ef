#pragma once

#include <cstdint>
#include <string>

namespace saga_harness {

/// A run is under way in this thread for as long as this lives. One that takes more processor time than
/// run_limit() ends the process: see there.
class RunWatch {
 public:
  /// The plan that struck in a run until now, for `run`.
  using PlanOf = std::string (*)(const void* run);

  /// @throws Error if the environment sets no good limit.
  RunWatch(const void* run, PlanOf plan_of);
  ~RunWatch();
  RunWatch(const RunWatch&) = delete;
  RunWatch& operator=(const RunWatch&) = delete;

 private:
  const void* run_;
};

}  // namespace saga_harness
