#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "server/messages.hpp"

namespace saga_harness::http {

struct ServerLimits {
  std::size_t max_payload = 8U << 20U;
  std::size_t max_head = 64U << 10U;
  std::size_t max_connections = 2048;  ///< over all listeners; the one idle for longest makes room
  std::chrono::milliseconds head_patience{10'000};  ///< from the first byte of a head to its last
  std::chrono::milliseconds body_patience{30'000};  ///< for a whole body
};

/// Listens, reads requests, and gives each to a handler on a thread of its connection. A handler may take as
/// long as it likes: nobody else waits for it.
class HttpServer {
 public:
  explicit HttpServer(ServerLimits limits);
  ~HttpServer();  ///< stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds and listens at once; `number` is what requests over it bear. Returns the port.
  /// @throws Error
  int listen(const std::string& address, int port, std::uint32_t number, ServerHandler& handler);
  /// Refuses connections on that listener (nothing listens, the port stays ours), or accepts them again.
  void refuse_connections(std::uint32_t number, bool refuse);
  /// Ends listeners and connections; handlers that wait are woken. Returns when all threads have ended.
  void stop();
  [[nodiscard]] std::size_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace saga_harness::http
