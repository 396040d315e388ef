#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/wire.hpp>

#include "admin/admin.hpp"

namespace saga_harness::http {

/// What keeps a run from being judged as it is.
enum class Outstanding : std::uint8_t {
  kHeldBack,   ///< requests are yet to reach their participants
  kUnfired,    ///< faults that were planned or ordered have not struck
  kUnmatched,  ///< requests fitted no service and action
};
inline constexpr std::array<std::string_view, 3> kOutstandingNames{"held_back", "unfired", "unmatched"};

struct OutstandingFound {
  Outstanding what = Outstanding::kHeldBack;
  std::string reason = {};  ///< with what to do
};
[[nodiscard]] std::vector<OutstandingFound> outstanding_of(const AdminCall& call, const wire::SagaRun& run,
                                                           const ObservedRun& seen);

/// `pay.action#1 until end`, `a copy of pay.action#1 until compensated`.
[[nodiscard]] std::string describe(const HeldBack& held, const SagaIndex& saga);

}  // namespace saga_harness::http
