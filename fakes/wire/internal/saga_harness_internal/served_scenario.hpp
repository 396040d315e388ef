#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/masks.hpp>
#include <saga_harness/participant.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/wire.hpp>
#include <saga_harness_internal/text_map.hpp>

namespace saga_harness::wire {

using internal::TextHash;

/// What all runs of a scenario share; immutable.
struct ServedScenario {
  /// @throws Error if the scenario's kind of saga has no such points, or a condition cannot be judged.
  ServedScenario(Scenario given, PointKind points);

  Scenario scenario;
  PointKind points;
  std::shared_ptr<const SagaIndex> saga;
  Masks masks;  ///< of the scenario's own context
  std::vector<std::string> services;
  std::vector<ParticipantFactory> participants;  ///< by service
  std::vector<std::size_t> service_of_step;
  std::vector<std::uint8_t> skipped;  ///< by step, with the scenario's own context; empty: none
  std::vector<bool> checks_keys;  ///< by step: whether a key is refused with another body, or in the works
};

}  // namespace saga_harness::wire
