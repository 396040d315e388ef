#include "connection.hpp"

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
constexpr std::chrono::milliseconds kHeadPatience{10'000};  // from the first byte of a head to its last
constexpr std::chrono::milliseconds kBodyPatience{30'000};  // for the whole body
constexpr std::chrono::milliseconds kWritePatience{5'000};
constexpr std::chrono::milliseconds kLingering{2'000};
constexpr std::size_t kReadSize = 16384;

std::chrono::milliseconds left_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

}  // namespace

// Waits for more bytes; false if there are none to come.
bool RequestStream::fill(std::chrono::milliseconds patience) {
  if (at_ > 0) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  thread_local std::array<char, kReadSize> part;
  const Clock::time_point deadline = Clock::now() + patience;
  for (;;) {
    // Returns after a while (see prepare_socket()) even if nothing comes.
    const ssize_t got = ::recv(fd_, part.data(), part.size(), 0);
    if (got > 0) {
      buffer_.append(part.data(), static_cast<std::size_t>(got));
      return true;
    }
    const bool may_come = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    if (!may_come || Clock::now() >= deadline) return false;
  }
}

RequestStream::Head RequestStream::read_head(HttpHead& head, std::atomic<std::int64_t>& idle_since) {
  refusal_ = 0;
  std::size_t searched = 0;
  Clock::time_point deadline = {};
  for (;;) {
    while (at_ < buffer_.size() && searched == 0 && (buffer_[at_] == '\r' || buffer_[at_] == '\n')) ++at_;
    const std::string_view seen = std::string_view(buffer_).substr(at_);
    const std::size_t end = seen.find("\r\n\r\n", searched);
    if (end != std::string_view::npos && end + 4 <= limits_.max_head) {
      head_bytes_.assign(seen.substr(0, end + 4));
      break;
    }
    if (seen.size() > limits_.max_head || end != std::string_view::npos) {
      head.refusal = refusal_ = 431;
      head.why = "the head is too large";
      return Head::kRefused;
    }
    searched = seen.size() < 3 ? 0 : seen.size() - 3;
    if (seen.empty()) {
      if (!fill(kIdlePatience)) return Head::kEnded;
      continue;
    }
    if (deadline == Clock::time_point()) deadline = Clock::now() + kHeadPatience;
    if (!fill(left_until(deadline))) {
      if (Clock::now() < deadline) return Head::kEnded;
      head.refusal = refusal_ = 408;
      head.why = "the head did not come to its end in time";
      return Head::kRefused;
    }
  }
  idle_since.store(0, std::memory_order_relaxed);
  scan_head(head_bytes_, limits_.max_payload, head);
  refusal_ = head.refusal;
  head_left_ = head_bytes_.size();
  body_left_ = head.chunked ? limits_.max_payload + 4096 : head.content_length;
  chunked_ = head.chunked;
  body_deadline_ = {};
  return head.refusal == 0 ? Head::kRead : Head::kRefused;
}

ssize_t RequestStream::read(char* to, std::size_t size) {
  if (head_left_ > 0) {
    const std::size_t count = std::min(size, head_left_);
    std::copy_n(buffer_.data() + at_, count, to);
    at_ += count;
    head_left_ -= count;
    return static_cast<ssize_t>(count);
  }
  if (body_left_ == 0) {
    if (!chunked_) return 0;
    refusal_ = 413;
    return -1;
  }
  if (at_ == buffer_.size()) {
    if (body_deadline_ == Clock::time_point()) body_deadline_ = Clock::now() + kBodyPatience;
    if (!fill(left_until(body_deadline_))) {
      refusal_ = Clock::now() < body_deadline_ ? 400 : 408;
      return -1;
    }
  }
  const std::size_t count = std::min({size, body_left_, buffer_.size() - at_});
  std::copy_n(buffer_.data() + at_, count, to);
  at_ += count;
  body_left_ -= count;
  return static_cast<ssize_t>(count);
}

void RequestStream::finish_request() {
  // What httplib did not care to read is still of this request.
  if (!chunked_) {
    const std::size_t unread = std::min(head_left_ + body_left_, buffer_.size() - at_);
    at_ += unread;
  }
  head_left_ = body_left_ = 0;
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

void Connection::write_reply(const WireReply& reply, std::string& out) const {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", reply.status, reason_phrase(reply.status));
  if (!reply.content_type.empty()) {
    out += "Content-Type: ";
    out += reply.content_type;
    out += "\r\n";
  }
  fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", reply.body.size());
  out += reply.headers;
  if (!keep_alive_) {
    out += "Connection: close\r\n";
  } else if (is_version_10_) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (!without_body_) out += reply.body;
}

bool Connection::reply(const WireReply& reply) {
  if (over_) return false;
  out_.clear();
  write_reply(reply, out_);
  answered_ = true;
  const bool is_sent = send_all(fd(), out_, kWritePatience);
  if (!is_sent) over_ = true;
  if (!keep_alive_) close();
  return is_sent;
}

std::string Connection::bytes_of(const WireReply& reply) {
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

Waited Connection::wait(std::chrono::microseconds time) {
  const Clock::time_point deadline = Clock::now() + time;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(woken_, false)) return Waited::kWoken;
    if (!wake_event_.is_open()) wake_event_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  }
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - Clock::now());
    if (left.count() <= 0) return Waited::kElapsed;
    const timespec limit{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
    pollfd waiting[] = {{.fd = fd(), .events = POLLRDHUP, .revents = 0},
                        {.fd = wake_event_.get(), .events = POLLIN, .revents = 0}};
    if (::ppoll(waiting, 2, &limit, nullptr) < 0 && errno != EINTR) return Waited::kPeerGone;
    if (waiting[1].revents != 0) {
      std::uint64_t count = 0;
      if (::read(wake_event_.get(), &count, sizeof count) < 0) count = 0;
      const std::lock_guard lock(mutex_);
      woken_ = false;
      return Waited::kWoken;
    }
    if (waiting[0].revents != 0) return Waited::kPeerGone;
  }
}

void Connection::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  const std::uint64_t one = 1;
  if (wake_event_.is_open() && ::write(wake_event_.get(), &one, sizeof one) < 0) return;
}

}  // namespace saga_harness::http
