#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <httplib.h>

#include "http_head.hpp"
#include "sockets.hpp"
#include "wire.hpp"
#include "wire_server.hpp"

namespace saga_harness::http {

/// What httplib reads a request from. What it writes is thrown away: answers are written by the exchange,
/// which may have to break them.
class RequestStream final : public httplib::Stream {
 public:
  RequestStream(int fd, const WireLimits& limits) : fd_(fd), limits_(limits) {}

  enum class Head : std::uint8_t { kRead, kRefused, kEnded };
  /// Reads up to the end of the next head. `idle_since` is told when a request begins.
  Head read_head(HttpHead& head, std::atomic<std::int64_t>& idle_since);
  /// The body was not as long as announced, or longer than allowed.
  [[nodiscard]] int refusal() const noexcept { return refusal_; }
  /// Forgets the request that was read.
  void finish_request();

  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* /*from*/, std::size_t size) override { return static_cast<ssize_t>(size); }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  [[nodiscard]] socket_t socket() const override { return fd_; }

 private:
  bool fill(std::chrono::milliseconds patience);

  int fd_;
  const WireLimits& limits_;
  std::string buffer_;
  std::string head_bytes_;  // of the current request: its views must outlive changes of the buffer
  std::size_t at_ = 0;      // what of the buffer has been read
  std::size_t head_left_ = 0;
  std::size_t body_left_ = 0;
  bool chunked_ = false;
  int refusal_ = 0;
  Clock::time_point body_deadline_ = {};
};

/// One connection: its socket, its thread, and what a handler may do with it.
class Connection final : public WireExchange {
 public:
  Connection(Descriptor socket, std::uint64_t number) : socket_(std::move(socket)), number_(number) {}

  void start_request(const HttpHead& head);
  [[nodiscard]] bool is_over() const noexcept { return over_; }
  [[nodiscard]] bool has_answered() const noexcept { return answered_; }
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  /// Ends the connection from another thread; its own closes the socket.
  void interrupt();
  void close_socket();
  /// Waits a little for the peer to close after us.
  void linger();

  bool reply(const WireReply& reply) override;
  std::string bytes_of(const WireReply& reply) override;
  bool send(std::string_view bytes) override;
  void close() override;
  void reset() override;
  Waited wait(std::chrono::microseconds time) override;
  void wake() override;

  std::thread thread;
  std::uint32_t listener = 0;
  std::atomic<bool> finished{false};
  std::atomic<std::int64_t> idle_since{0};  ///< microseconds of the clock; 0: a request is being handled

 private:
  void write_reply(const WireReply& reply, std::string& out) const;

  std::mutex mutex_;  // guards what other threads may touch: the sockets' closing and the waking
  Descriptor socket_;
  Descriptor wake_event_;
  bool woken_ = false;
  std::uint64_t number_;
  std::string out_;
  bool keep_alive_ = true;
  bool is_version_10_ = false;
  bool without_body_ = false;
  bool over_ = false;
  bool answered_ = false;
};

}  // namespace saga_harness::http
