#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <saga_harness/participant.hpp>
#include <saga_harness/scenario.hpp>

#include "routes.hpp"

namespace saga_harness::http {

/// What all runs of a scenario share; immutable.
struct ServedScenario {
  explicit ServedScenario(Scenario given);

  Scenario scenario;
  std::shared_ptr<const SagaIndex> saga;
  Routes routes;
  std::vector<ParticipantFactory> participants;  ///< by service, in the order of the index
  std::vector<std::size_t> service_of_step;
  std::vector<std::uint8_t> skipped;  ///< by step, with the scenario's own context; empty: none
  std::vector<bool> checks_keys;  ///< by step: whether a key is refused with another body, or in the works
};

}  // namespace saga_harness::http
