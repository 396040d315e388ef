#pragma once

#include <cstdint>
#include <string_view>

#include <saga_harness/observation.hpp>

#include "choreography_end.hpp"
#include "effect_counts.hpp"
#include "trace_recorder.hpp"

namespace saga_harness {

/// A saga whose events are on a bus, and what is seen of it.
struct SagaOnBus {
  explicit SagaOnBus(const SagaIndex& saga) : effects(saga), conclusion(saga) {}

  void reset() {
    effects.reset();
    conclusion.reset();
    trace.reset();
    outcome = Outcome::kUnresolved;
  }

  std::uint32_t number = 0;       // of Delivery
  std::uint32_t id = 0;           // a text; what its events carry as their correlation id
  std::uint32_t auth_token = 0;   // a text
  std::string_view context = {};  // that it starts with
  EffectCounts effects;
  ChoreographyEnd conclusion;
  TraceRecorder trace;
  Outcome outcome = Outcome::kUnresolved;
};

}  // namespace saga_harness
