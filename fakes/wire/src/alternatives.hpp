#pragma once

#include <vector>

#include <saga_harness/wire.hpp>

namespace saga_harness::wire {

/// Is `kind` among those asked for? None asked for: all but breaches of contract are.
[[nodiscard]] bool offers(const std::vector<FaultKind>& kinds, FaultKind kind);

/// @throws Error if a planned fault cannot strike at such points, or not with these options.
void check_doable(const Fault& fault, const Point& point, const SagaIndex& saga, PointKind points,
                  const ObservedRunOptions& options);

}  // namespace saga_harness::wire
