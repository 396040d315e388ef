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

#include <saga_harness/nats_bus.hpp>

#include <saga_harness_internal/child_process.hpp>
#include <saga_harness_internal/scratch.hpp>
#include "nats_protocol.hpp"

namespace saga_harness {

/// See NatsBus.
class NatsBus::Impl {
 public:
  explicit Impl(ObservedRuns& runs);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  class Connection;
  void start_server();
  void accept_clients();
  void serve(const std::shared_ptr<Connection>& connection);
  /// What is to go on to the other side.
  [[nodiscard]] bool passes_to_server(const nats::NatsPiece& piece);
  void to_client(const nats::NatsPiece& piece, const std::shared_ptr<Connection>& connection);

  ObservedRuns& runs_;
  os::Scratch scratch_;
  std::optional<os::ChildProcess> server_;
  int server_port_ = 0;
  os::OwnedFd listener_;
  os::OwnedFd stop_;
  std::string url_;
  std::mutex mutex_;                                                    // guards what follows
  std::map<std::pair<std::string, std::uint64_t>, std::string> sagas_;  // of deliveries, to be acknowledged
  std::vector<std::thread> clients_;
  std::thread accepting_;
};

}  // namespace saga_harness
