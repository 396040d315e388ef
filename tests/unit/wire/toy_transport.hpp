#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <saga_harness/wire.hpp>

namespace saga_harness::wire_tests {

/// The least that a transport is: a Unix socket, and on each connection one request and its answer, as JSON
/// texts with their length before them (four bytes, big-endian) and one byte after them.
class ToyTransport {
 public:
  explicit ToyTransport(ObservedRuns& runs);
  ~ToyTransport();
  ToyTransport(const ToyTransport&) = delete;
  ToyTransport& operator=(const ToyTransport&) = delete;

  /// Of the socket, in the abstract name space.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  struct Connection {
    int fd = -1;
    std::thread thread;
  };
  void accept_connections();
  void serve(int fd);

  ObservedRuns& runs_;
  std::string name_;
  int listener_ = -1;
  std::mutex mutex_;
  std::list<Connection> connections_;
  bool stopping_ = false;
  std::thread accepting_;
};

/// A socket of that name: listening, or connected to who listens.
[[nodiscard]] int toy_socket(const std::string& name, bool listens);
[[nodiscard]] std::string toy_frame(std::string_view json);
/// The text of the next frame, but for the byte after it; empty if there is no whole one.
[[nodiscard]] std::string read_toy_frame(int fd);

}  // namespace saga_harness::wire_tests
