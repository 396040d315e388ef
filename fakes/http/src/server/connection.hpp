#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "server/http_head.hpp"
#include "server/http_server.hpp"
#include "server/messages.hpp"
#include "server/sockets.hpp"

namespace saga_harness::http {

/// Reads requests from a socket, one after the other.
class RequestReader {
 public:
  RequestReader(int fd, const ServerLimits& limits) : fd_(fd), limits_(limits) {}

  enum class Head : std::uint8_t { kRead, kRefused, kEnded };
  /// Reads up to the end of the next head. `idle_since` is told when a request begins.
  Head read_head(HttpHead& head, std::atomic<std::int64_t>& idle_since);
  /// Is what comes after the head here already?
  [[nodiscard]] bool has_body(const HttpHead& head) const noexcept;
  /// Reads what comes after the head. `head` may be read anew: views into it and the body hold until the next
  /// head. False: it is to be refused, as the head says.
  bool read_body(HttpHead& head, std::string_view& body);

 private:
  bool fill(std::chrono::milliseconds patience);
  void keep_head(HttpHead& head);
  bool read_chunks(HttpHead& head);
  bool read_line(HttpHead& head, std::string_view& line);
  bool want(HttpHead& head, std::size_t count);
  bool refuse(HttpHead& head, int status, std::string_view why);

  int fd_;
  const ServerLimits& limits_;
  std::string buffer_;  // what has come; its first `at_` bytes are of what has been dealt with
  std::size_t at_ = 0;
  std::size_t head_size_ = 0;
  std::string head_bytes_;  // of a request whose body was still to come
  std::string body_;        // that came in chunks
  Clock::time_point deadline_ = {};
};

/// One connection: its socket, its thread, and what a handler may do with it.
class Connection final : public ServerExchange {
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

  bool reply(const ServerReply& reply) override;
  std::string bytes_of(const ServerReply& reply) override;
  bool send(std::string_view bytes) override;
  void close() override;
  void reset() override;
  wire::Waited wait(std::chrono::microseconds time) override;
  void wake() override;

  std::thread thread;
  std::uint32_t listener = 0;
  std::atomic<bool> finished{false};
  std::atomic<std::int64_t> idle_since{0};  ///< microseconds of the clock; 0: a request is being handled
  std::atomic<bool> to_end{false};          ///< no further request is read

 private:
  void write_reply(const ServerReply& reply, std::string& out) const;

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
