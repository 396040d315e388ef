#pragma once

#include <string>
#include <vector>

#include <saga_harness/saga_index.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness::internal {

/// The steps that the last report names.
[[nodiscard]] inline std::vector<std::string> flagged_steps(const Trace& trace, const SagaIndex& saga) {
  std::vector<std::string> flagged;
  for (const Event& event : trace.events) {
    if (event.type == EventType::kReported) flagged.clear();
    if (event.type == EventType::kReportedStep) flagged.push_back(saga.step(event.step).name);
  }
  return flagged;
}

}  // namespace saga_harness::internal
