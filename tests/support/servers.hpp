#pragma once

#include <sys/types.h>

#include <string>

namespace saga_harness::test {

/// What a command of the shell writes, without the ends of line behind it.
[[nodiscard]] std::string output_of(const std::string& command);

/// A server of the machine's, started for a test in a temporary folder that goes with it, listening on a
/// socket there and on no port. Is there none, `address()` is empty.
class Server {
 public:
  Server() = default;
  Server(Server&& other) noexcept;
  Server& operator=(Server&& other) noexcept;
  ~Server();

  [[nodiscard]] const std::string& address() const { return address_; }
  /// As if the power had failed, and up again over what is on the disk.
  void kill_and_restart();

 private:
  friend Server start_postgresql();
  friend Server start_redis();
  void spawn();
  void start();
  void stop();

  std::string folder_;
  std::string command_;  // of the shell, becomes the server
  std::string ready_;    // a command that succeeds once it answers
  std::string address_;
  pid_t process_ = -1;
};

/// For postgresql_store(): `host=FOLDER …`.
[[nodiscard]] Server start_postgresql();
/// For redis_store(): the path of a socket. Every write is on the disk before it is answered.
[[nodiscard]] Server start_redis();

}  // namespace saga_harness::test
