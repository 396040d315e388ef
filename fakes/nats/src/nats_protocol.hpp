#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace saga_harness::nats {

/// What one side of a NATS connection says, piece by piece: a line, with the payload that it announces.
struct NatsPiece {
  std::string_view bytes = {};  ///< all of it, as it came
  std::string_view verb = {};   ///< `MSG`, `PUB`, `HMSG`, `HPUB`; empty: something else
  std::string_view subject = {};
  std::string_view reply = {};    ///< the subject for an answer; empty: none
  std::string_view payload = {};  ///< without headers
};

/// Takes a NATS byte stream apart.
class NatsReader {
 public:
  void append(std::string_view bytes) { buffer_ += bytes; }
  /// The next piece, if it is there as a whole; its views live until the next call.
  /// @throws Error if this is not the NATS protocol.
  [[nodiscard]] std::optional<NatsPiece> next();

 private:
  std::string buffer_;
  std::size_t used_ = 0;  // of the piece that was given out last
};

/// A delivery as JetStream names it in the subject for its acknowledgement.
struct JetStreamDelivery {
  std::string_view consumer = {};
  std::uint64_t message = 0;  ///< number in the stream
};
/// Nothing if `reply` is no such subject.
[[nodiscard]] std::optional<JetStreamDelivery> jetstream_delivery(std::string_view reply);

/// `saga.ID.EVENT`: what of which saga happened.
struct NatsEvent {
  std::string_view saga_id = {};
  std::string_view event = {};
};
[[nodiscard]] std::optional<NatsEvent> nats_event(std::string_view subject);

}  // namespace saga_harness::nats
