#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <saga_harness/wire.hpp>

namespace saga_harness::wire_tests {

inline constexpr const char* kSaga = "one";
/// How long a subject waits for an answer, where a fault rests on it; the saga's deadline is shorter.
inline constexpr std::chrono::milliseconds kTimeout{300};
inline constexpr std::chrono::milliseconds kDeadline{150};

/// What whoever sent an attempt knows of it afterwards.
enum class Seen : std::uint8_t {
  kAnswered,    ///< it was answered: see Sight::status. Of a broker: the attempt was acknowledged, or refused
  kUnreadable,  ///< something came that is no answer
  kEnded,       ///< nothing came, and the connection ended
  kBroken,      ///< nothing came, and the connection broke
  kNothing,     ///< it has given up. Of a broker: it delivers again
};

struct Sight {
  Seen seen = Seen::kNothing;
  ReplyStatus status = ReplyStatus::kOk;
  bool is_foreign = false;  ///< it bears somebody else's correlation id

  friend bool operator==(const Sight&, const Sight&) = default;
  friend void PrintTo(const Sight& sight, std::ostream* out) {
    constexpr const char* kNames[] = {"answered", "unreadable", "ended", "broken", "nothing"};
    *out << kNames[static_cast<int>(sight.seen)] << ' ' << name_of(sight.status)
         << (sight.is_foreign ? ", of somebody else" : "");
  }
};

/// A transport under test, and a subject at its other end that tries one operation of one saga. The saga's
/// steps are `reserve`, which `release` undoes, and `pay`.
class Peer {
 public:
  virtual ~Peer() = default;
  [[nodiscard]] virtual ObservedRuns& runs() = 0;
  /// Sends an attempt, and waits for what becomes of it, at most for `patience`.
  virtual Sight attempt(OperationId operation, std::chrono::milliseconds patience) = 0;
};

using PeerFactory = std::unique_ptr<Peer> (*)();

/// The saga as requests or deliveries reach it.
[[nodiscard]] Scenario shop(PointKind points);

[[nodiscard]] std::unique_ptr<Peer> http_peer();
[[nodiscard]] std::unique_ptr<Peer> nats_peer();
[[nodiscard]] std::unique_ptr<Peer> toy_peer();

}  // namespace saga_harness::wire_tests
