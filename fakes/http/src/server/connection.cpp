#include "server/connection.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

namespace saga_harness::http {
namespace {

constexpr std::chrono::milliseconds kIdlePatience{60'000};  // between two requests
constexpr std::chrono::milliseconds kWritePatience{5'000};
constexpr std::chrono::milliseconds kLingering{2'000};
constexpr std::chrono::milliseconds kReadSlice{1'000};  // see prepare_socket()
constexpr std::size_t kReadSize = 16384;
constexpr std::size_t kLongestChunkLine = 1024;

std::chrono::milliseconds left_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

/// Looked for from `from` on. Who sends one may wait for an answer to a head that never ends.
bool has_bare_line_feed(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  return false;
}

}  // namespace

// Waits for more bytes; false if there are none to come.
bool RequestReader::fill(std::chrono::milliseconds patience) {
  if (at_ > 0) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  thread_local std::array<char, kReadSize> part;
  Clock::time_point deadline = {};
  for (;;) {
    // Returns after a while (see prepare_socket()) even if nothing comes.
    const ssize_t got = ::recv(fd_, part.data(), part.size(), 0);
    if (got > 0) {
      buffer_.append(part.data(), static_cast<std::size_t>(got));
      return true;
    }
    const bool may_come = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    if (deadline == Clock::time_point()) deadline = Clock::now() + patience - kReadSlice;
    if (!may_come || Clock::now() >= deadline) return false;
  }
}

bool RequestReader::refuse(HttpHead& head, int status, std::string_view why) {
  head.refusal = status;
  head.why = why;
  return false;
}

RequestReader::Head RequestReader::read_head(HttpHead& head, std::atomic<std::int64_t>& idle_since) {
  std::size_t searched = 0;
  deadline_ = {};
  head.clear();  // what it points to is about to go, even if no other head comes
  for (;;) {
    while (at_ < buffer_.size() && searched == 0 && (buffer_[at_] == '\r' || buffer_[at_] == '\n')) ++at_;
    const std::string_view seen = std::string_view(buffer_).substr(at_);
    const std::size_t end = seen.find("\r\n\r\n", searched);
    if (has_bare_line_feed(seen.substr(0, end), searched)) {
      refuse(head, 400, "a line of the head ends with LF alone: end it with CR LF");
      return Head::kRefused;
    }
    if (end != std::string_view::npos && end + 4 <= limits_.max_head) {
      head_size_ = end + 4;
      break;
    }
    if (seen.size() > limits_.max_head || end != std::string_view::npos) {
      refuse(head, 431, "the head is too large");
      return Head::kRefused;
    }
    searched = seen.size() < 3 ? 0 : seen.size() - 3;
    if (seen.empty()) {
      if (!fill(kIdlePatience)) return Head::kEnded;
      continue;
    }
    // Who sends a byte now and then is late, too.
    if (deadline_ == Clock::time_point()) deadline_ = Clock::now() + limits_.head_patience;
    if (Clock::now() < deadline_ && fill(left_until(deadline_))) continue;
    if (Clock::now() < deadline_) return Head::kEnded;
    refuse(head, 408, "the head did not come to its end in time");
    return Head::kRefused;
  }
  idle_since.store(0, std::memory_order_relaxed);
  scan_head(std::string_view(buffer_).substr(at_, head_size_), limits_.max_payload, head);
  at_ += head_size_;
  deadline_ = {};
  return head.refusal == 0 ? Head::kRead : Head::kRefused;
}

bool RequestReader::has_body(const HttpHead& head) const noexcept {
  return !head.chunked && head.content_length <= buffer_.size() - at_;
}

// The buffer is about to change: what the head points to must stay.
void RequestReader::keep_head(HttpHead& head) {
  head_bytes_.assign(buffer_, at_ - head_size_, head_size_);
  scan_head(head_bytes_, limits_.max_payload, head);
}

// At least so many bytes of the body.
bool RequestReader::want(HttpHead& head, std::size_t count) {
  while (buffer_.size() - at_ < count) {
    if (deadline_ == Clock::time_point()) deadline_ = Clock::now() + limits_.body_patience;
    if (Clock::now() < deadline_ && fill(left_until(deadline_))) continue;
    const bool is_late = Clock::now() >= deadline_;
    return refuse(
        head, is_late ? 408 : 400,
        is_late ? "the body did not come to its end in time" : "the body is shorter than announced");
  }
  return true;
}

bool RequestReader::read_body(HttpHead& head, std::string_view& body) {
  if (!has_body(head)) {
    keep_head(head);
    if (head.chunked) {
      if (!read_chunks(head)) return false;
      body = body_;
      return true;
    }
    if (!want(head, head.content_length)) return false;
  }
  body = std::string_view(buffer_).substr(at_, head.content_length);
  at_ += head.content_length;
  return true;
}

// Up to the next end of a line, without it. The view holds until more is read.
bool RequestReader::read_line(HttpHead& head, std::string_view& line) {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view seen = std::string_view(buffer_).substr(at_);
    const std::size_t end = seen.find("\r\n", searched);
    if (end != std::string_view::npos) {
      line = seen.substr(0, end);
      at_ += end + 2;
      return true;
    }
    if (seen.size() > kLongestChunkLine) return refuse(head, 400, "a line of a chunked body is too long");
    searched = seen.empty() ? 0 : seen.size() - 1;
    if (!want(head, seen.size() + 1)) return false;
  }
}

bool RequestReader::read_chunks(HttpHead& head) {
  body_.clear();
  for (;;) {
    std::string_view line;
    if (!read_line(head, line)) return false;
    const std::optional<std::size_t> given = chunk_size_in(line);
    if (!given) return refuse(head, 400, "a chunk of the body has no size");
    const std::size_t size = *given;
    if (size == 0) break;
    if (size > limits_.max_payload - body_.size()) return refuse(head, 413, "the body is too large");
    if (!want(head, size + 2)) return false;
    if (buffer_.compare(at_ + size, 2, "\r\n") != 0)
      return refuse(head, 400, "a chunk of the body is longer than it says");
    body_.append(buffer_, at_, size);
    at_ += size + 2;
  }
  std::size_t trailers = 0;  // they say nothing that is asked for
  for (std::string_view line = "-"; !line.empty(); trailers += line.size()) {
    if (trailers > limits_.max_head) return refuse(head, 431, "the trailers of the body are too large");
    if (!read_line(head, line)) return false;
  }
  return true;
}

void Connection::start_request(const HttpHead& head) {
  keep_alive_ = head.keep_alive;
  is_version_10_ = head.is_version_10;
  without_body_ = head.method == "HEAD";
  answered_ = false;
  const std::lock_guard lock(mutex_);
  woken_ = false;
}

void Connection::interrupt() {
  const std::lock_guard lock(mutex_);
  if (socket_.is_open()) ::shutdown(socket_.get(), SHUT_RDWR);
}

void Connection::close_socket() {
  const std::lock_guard lock(mutex_);
  socket_.reset();
  wake_event_.reset();
}

void Connection::write_reply(const ServerReply& reply, std::string& out) const {
  const fmt::format_int status(reply.status);
  const fmt::format_int length(reply.body.size());
  out.append("HTTP/1.1 ").append(status.data(), status.size()).append(" ");
  out.append(reason_phrase(reply.status)).append("\r\n");
  const bool may_have_body = status_has_body(reply.status);
  if (may_have_body) {
    if (!reply.content_type.empty()) out.append("Content-Type: ").append(reply.content_type).append("\r\n");
    out.append("Content-Length: ").append(length.data(), length.size()).append("\r\n");
  }
  out += reply.headers;
  if (!keep_alive_) {
    out += "Connection: close\r\n";
  } else if (is_version_10_) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (may_have_body && !without_body_) out += reply.body;
}

bool Connection::reply(const ServerReply& reply) {
  if (over_) return false;
  out_.clear();
  write_reply(reply, out_);
  answered_ = true;
  const bool is_sent = send_all(fd(), out_, kWritePatience);
  if (!is_sent) over_ = true;
  if (!keep_alive_) close();
  return is_sent;
}

std::string Connection::bytes_of(const ServerReply& reply) {
  std::string bytes;
  write_reply(reply, bytes);
  return bytes;
}

bool Connection::send(std::string_view bytes) {
  if (over_) return false;
  answered_ = true;
  if (!send_all(fd(), bytes, kWritePatience)) over_ = true;
  return !over_;
}

void Connection::close() {
  if (std::exchange(over_, true)) return;
  ::shutdown(fd(), SHUT_WR);
}

// What is still on its way to us must not turn an orderly end into a reset.
void Connection::linger() {
  const Clock::time_point deadline = Clock::now() + kLingering;
  char rest[4096];
  while (socket_.is_open() && Clock::now() < deadline) {
    const ssize_t got = ::recv(fd(), rest, sizeof rest, MSG_DONTWAIT);
    if (got == 0) return;
    if (got > 0) continue;
    pollfd waiting{.fd = fd(), .events = POLLIN, .revents = 0};
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return;
    if (::poll(&waiting, 1, static_cast<int>(left_until(deadline).count())) <= 0) return;
  }
}

void Connection::reset() {
  if (over_) return;
  over_ = true;
  const std::lock_guard lock(mutex_);
  arm_reset(socket_.get());
  socket_.reset();
}

wire::Waited Connection::wait(std::chrono::microseconds time) {
  const Clock::time_point deadline = Clock::now() + time;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(woken_, false)) return wire::Waited::kWoken;
    if (!wake_event_.is_open()) wake_event_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  }
  for (;;) {
    // Looks at least once, however little time was left when it came here.
    const auto left = std::max(std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - Clock::now()),
                               std::chrono::nanoseconds(0));
    const timespec limit{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
    pollfd waiting[] = {{.fd = fd(), .events = POLLRDHUP, .revents = 0},
                        {.fd = wake_event_.get(), .events = POLLIN, .revents = 0}};
    if (::ppoll(waiting, 2, &limit, nullptr) < 0 && errno != EINTR) return wire::Waited::kPeerGone;
    if (waiting[1].revents != 0) {
      std::uint64_t count = 0;
      if (::read(wake_event_.get(), &count, sizeof count) < 0) count = 0;
      const std::lock_guard lock(mutex_);
      woken_ = false;
      return wire::Waited::kWoken;
    }
    if (waiting[0].revents != 0) return wire::Waited::kPeerGone;
    if (left.count() == 0) return wire::Waited::kElapsed;
  }
}

void Connection::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  const std::uint64_t one = 1;
  if (wake_event_.is_open() && ::write(wake_event_.get(), &one, sizeof one) < 0) return;
}

}  // namespace saga_harness::http
