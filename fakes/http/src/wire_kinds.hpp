#pragma once

#include <vector>

#include <saga_harness/http_fakes.hpp>

namespace saga_harness::http {

/// Is `kind` among those asked for? None asked for: all but breaches of contract are.
[[nodiscard]] bool offers(const std::vector<FaultKind>& kinds, FaultKind kind);

/// @throws Error if a planned fault cannot strike over HTTP, or not with these options.
void check_doable(const Fault& fault, const Point& point, const SagaIndex& saga,
                  const HttpRunOptions& options);

}  // namespace saga_harness::http
