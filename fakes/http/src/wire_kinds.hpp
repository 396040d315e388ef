#pragma once

#include <cstdint>
#include <vector>

#include <saga_harness/http_fakes.hpp>

namespace saga_harness::http {

/// Whether a kind of fault can be made to happen at a call over HTTP.
enum class OverHttp : std::uint8_t {
  kAlways,
  kWithTimeout,  ///< if it is known how long the subject waits
  kNever,
};
[[nodiscard]] OverHttp over_http(FaultKind kind);

/// Can it be made to happen to a delivery by who stands in front of a bus, or by the fake behind it?
[[nodiscard]] bool over_a_bus(FaultKind kind);

/// Is `kind` among those asked for? None asked for: all but breaches of contract are.
[[nodiscard]] bool offers(const std::vector<FaultKind>& kinds, FaultKind kind);

/// @throws Error if a planned fault cannot strike over HTTP, or not with these options.
void check_doable(const Fault& fault, const Point& point, const SagaIndex& saga,
                  const HttpRunOptions& options);

}  // namespace saga_harness::http
