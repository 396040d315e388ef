#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include <saga_harness/duration.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/masks.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness {

/// Of a body so many bytes are kept in a CallMade; what is longer is cut.
inline constexpr std::size_t kMostBytesOfBody = 64U << 10U;

/// One request of a coordinator, what it carried, and what came of it.
struct CallMade {
  std::string service = {};
  std::string action = {};  ///< what was asked for: an action, fallback or compensation
  std::string step = {};
  Operation operation = Operation::kAction;
  int attempt = 1;                       ///< of this operation in the run
  int incarnation = 1;                   ///< of the coordinator that sent it
  Duration sent_at = Duration::zero();   ///< since the run began
  Duration ended_at = Duration::zero();  ///< when its caller was answered, or gave up
  std::string key = {};                  ///< idempotency key; empty: none
  std::string payload = {};              ///< JSON text
  /// As the coordinator got it; nothing: it never heard, since it died or never looked.
  std::optional<ReplyStatus> status = std::nullopt;
  std::string answer = {};  ///< the body that it got, JSON text
  Masks masks = {};         ///< what is shown neither of payload nor of answer when this is printed

  /// The value at a JSON pointer (RFC 6901) of the payload, or of the answer, in canonical JSON: a text has
  /// its quotes. Nothing if nothing stands there.
  [[nodiscard]] std::optional<std::string> payload_at(std::string_view pointer) const;
  [[nodiscard]] std::optional<std::string> answer_at(std::string_view pointer) const;

  friend bool operator==(const CallMade&, const CallMade&);
};
void PrintTo(const CallMade& value, std::ostream* out);

}  // namespace saga_harness
