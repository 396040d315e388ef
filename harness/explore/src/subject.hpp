#pragma once

#include <saga_harness/explore.hpp>

namespace saga_harness {

/// The set-up of an engine that is to run `experiment`: what follows from its claims filled in.
[[nodiscard]] inline Setup setup_of(const Experiment& experiment) {
  Setup setup = experiment.setup;
  setup.carries_context = experiment.claims.carries_context;
  return setup;
}

}  // namespace saga_harness
