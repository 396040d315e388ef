#pragma once

#include <memory>
#include <string>

#include <saga_harness/wire.hpp>

namespace saga_harness {

/// A NATS server of our own with JetStream, on a free port of 127.0.0.1, and between it and its clients a
/// proxy by which the runs learn what is published, delivered and acknowledged, and decide what of it passes.
/// Events are messages on `saga.ID.EVENT`; a subscriber is a push consumer named like its service.
class NatsBus {
 public:
  /// @throws Error if there is no nats-server, or it does not come up. The runs outlive the bus.
  explicit NatsBus(ObservedRuns& runs);
  ~NatsBus();
  NatsBus(const NatsBus&) = delete;
  NatsBus& operator=(const NatsBus&) = delete;

  /// Where clients are to connect: `nats://127.0.0.1:PORT`, the proxy's.
  [[nodiscard]] const std::string& url() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace saga_harness
