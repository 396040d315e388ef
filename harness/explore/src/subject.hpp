#pragma once

#include <saga_harness/explore.hpp>
#include <saga_harness/token.hpp>

namespace saga_harness {

/// The set-up of an engine that is to run `experiment`: what follows from its claims filled in.
[[nodiscard]] inline Setup setup_of(const Experiment& experiment) {
  Setup setup = experiment.setup;
  setup.carries_context = experiment.claims.carries_context;
  return setup;
}

/// What its runs are judged by. Where events of several sagas come to the services, each has to say of which
/// it is, whether that is claimed or not.
[[nodiscard]] inline Claims judged_claims(const Experiment& experiment) {
  Claims claims = experiment.claims;
  const bool is_on_shared_bus = experiment.setup.saga->is_choreography() &&
                                (experiment.setup.earlier_sagas > 0 || !experiment.setup.beside.empty());
  claims.carries_context = claims.carries_context || is_on_shared_bus;
  return claims;
}

/// The token of a plan in canonical form.
[[nodiscard]] inline std::string token_of(const Experiment& experiment, const FaultPlan& plan) {
  return to_string(
      Token::of(*experiment.setup.saga, experiment.coordinator_name, experiment.participant_name, plan));
}

}  // namespace saga_harness
