#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <saga_harness_internal/wire_clock.hpp>

namespace saga_harness::http {

using wire::Clock;

/// A file descriptor with one owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  int release() noexcept;
  void reset() noexcept;

 private:
  int fd_ = -1;
};

/// A socket bound to `address` (a numeric one, or `localhost`) and `port`, 0: a free one; not listening yet.
/// @throws Error
[[nodiscard]] Descriptor bind_socket(const std::string& address, int port);
/// Clients could connect, and nobody would ever accept them. @throws Error
void expect_room_for_a_connection(const Descriptor& listening);
/// @throws Error
void start_listening(const Descriptor& socket);
[[nodiscard]] int port_of(const Descriptor& socket);
/// How a client on this machine writes `address` in a URL.
[[nodiscard]] std::string url_host(const std::string& address);
[[nodiscard]] bool is_loopback(const std::string& address);

/// Sends everything; false if the peer is gone or takes nothing for `patience`.
bool send_all(int fd, std::string_view bytes, std::chrono::milliseconds patience);
/// Makes reads of an accepted socket return about every second.
void prepare_socket(const Descriptor& socket);
/// The next close of `fd` sends RST.
void arm_reset(int fd);

}  // namespace saga_harness::http
