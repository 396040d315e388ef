#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <saga_harness/wire.hpp>

#include "child_process.hpp"
#include "nats_protocol.hpp"
#include "scratch.hpp"

namespace saga_harness::blackbox {

/// A NATS server of our own with JetStream, on a free port of 127.0.0.1, and between it and its clients a
/// proxy by which the runs learn what is published, delivered and acknowledged, and decide what of it
/// passes. Events are messages on `saga.ID.EVENT`; a subscriber is a push consumer named like its service.
class NatsBus {
 public:
  /// @throws Error if there is no nats-server, or it does not come up.
  explicit NatsBus(ObservedRuns& runs);
  ~NatsBus();
  NatsBus(const NatsBus&) = delete;
  NatsBus& operator=(const NatsBus&) = delete;

  /// Where clients are to connect: `nats://127.0.0.1:PORT`, the proxy's.
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  class Connection;
  void start_server();
  void accept_clients();
  void serve(const std::shared_ptr<Connection>& connection);
  /// What is to go on to the other side.
  [[nodiscard]] bool passes_to_server(const NatsPiece& piece);
  void to_client(const NatsPiece& piece, const std::shared_ptr<Connection>& connection);

  ObservedRuns& runs_;
  Scratch scratch_;
  std::optional<ChildProcess> server_;
  int server_port_ = 0;
  OwnedFd listener_;
  OwnedFd stop_;
  std::string url_;
  std::mutex mutex_;                                                    // guards what follows
  std::map<std::pair<std::string, std::uint64_t>, std::string> sagas_;  // of deliveries, to be acknowledged
  std::vector<std::thread> clients_;
  std::thread accepting_;
};

}  // namespace saga_harness::blackbox
