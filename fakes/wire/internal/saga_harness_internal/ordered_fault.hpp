#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <saga_harness/duration.hpp>
#include <saga_harness/fault.hpp>

namespace saga_harness::wire {

/// What can go wrong on the wire, for those who speak of the wire and not of sagas.
enum class WireKind : std::uint8_t {
  kRefused,           ///< connections to the service are refused, until the fault is deleted
  kResetBefore,       ///< RST, nothing done
  kResetAfter,        ///< RST after the effect
  kClosedBefore,      ///< FIN without an answer, nothing done
  kClosedAfter,       ///< … after the effect
  kTruncatedBody,     ///< after the effect: less of the body than Content-Length says, then FIN
  kInvalidJson,       ///< after the effect: a body that is no JSON
  kWrongContentType,  ///< after the effect: a body that says it is something else
  kSlowFirstByte,     ///< after the effect: nothing for `delay`, then a whole answer
  kSlowBody,          ///< after the effect: the head at once, the body in pieces over `delay`
  kHang,              ///< no answer for `delay`, then FIN
  kStatus,            ///< an answer with `status`
};
inline constexpr std::size_t kWireKindCount = 12;
[[nodiscard]] std::string_view name_of(WireKind kind);

/// A fault that somebody orders for requests to come, beside the plans of their runs.
struct OrderedFault {
  std::uint64_t id = 0;
  // Scope: what is empty or 0 fits every request.
  std::string service = {};
  std::string action = {};
  std::string saga_id = {};
  std::string key = {};
  std::uint32_t attempt = 0;

  std::optional<WireKind> wire = std::nullopt;  ///< else `kind` is meant
  FaultKind kind = FaultKind::kRejected;        ///< of a wire fault: what it comes to for the saga
  Duration delay = Duration::zero();
  Duration timeout = Duration::zero();  ///< how long the subject waits, for kinds that rest on it
  int status = 0;                       ///< of kStatus: the number on the wire
  bool after_effect = false;
  std::int64_t times = 1;  ///< how often it strikes; 0: always
  std::int64_t struck = 0;
};
[[nodiscard]] std::string_view name_of(const OrderedFault& fault);

}  // namespace saga_harness::wire
