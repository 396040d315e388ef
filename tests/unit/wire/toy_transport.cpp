#include "toy_transport.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <saga_harness_internal/run_registry.hpp>

namespace saga_harness::wire_tests {
namespace {

constexpr std::size_t kLengthBytes = 4;

bool send_bytes(int fd, std::string_view bytes) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

/// A whole number of bytes, or nothing.
std::string receive_bytes(int fd, std::size_t count) {
  std::string bytes(count, '\0');
  return ::recv(fd, bytes.data(), count, MSG_WAITALL) == static_cast<ssize_t>(count) ? bytes : std::string();
}

std::optional<OperationId> toy_operation(const SagaIndex& saga, std::string_view service,
                                         std::string_view action) {
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      const OperationId id{step, operation};
      if (saga.step(step).service == service && saga.action_of(id) == action) return id;
    }
  }
  return std::nullopt;
}

class ToyExchange final : public wire::Exchange {
 public:
  explicit ToyExchange(int fd) : fd_(fd), bell_(::eventfd(0, EFD_CLOEXEC)) {}
  ~ToyExchange() { ::close(bell_); }
  ToyExchange(const ToyExchange&) = delete;
  ToyExchange& operator=(const ToyExchange&) = delete;

  bool answer(const wire::Answer& answer) override { return send_bytes(fd_, toy_frame(text_of(answer))); }

  bool garble(const wire::Answer& answer, wire::Garbling how) override {
    const std::string frame = toy_frame(text_of(answer));
    switch (how) {
      case wire::Garbling::kCutHead:
        return send_bytes(fd_, std::string_view(frame).substr(0, kLengthBytes / 2));
      case wire::Garbling::kCutBody:
        return send_bytes(fd_, std::string_view(frame).substr(0, frame.size() / 2));
      case wire::Garbling::kBadJson:
      case wire::Garbling::kBadType:
        break;
    }
    return send_bytes(fd_, toy_frame("{"));
  }

  void cut() override {}  // the connection ends with the exchange
  // Who closes a Unix socket with something unread breaks it.
  void reset() override { leaves_last_byte_ = true; }

  wire::Waited hold(std::chrono::microseconds time) override {
    std::array<pollfd, 2> waits{
        {{.fd = fd_, .events = POLLRDHUP, .revents = 0}, {.fd = bell_, .events = POLLIN, .revents = 0}}};
    const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    if (::poll(waits.data(), waits.size(), static_cast<int>(most)) <= 0) return wire::Waited::kElapsed;
    if (waits[1].revents == 0) return wire::Waited::kPeerGone;
    std::uint64_t count = 0;
    static_cast<void>(::read(bell_, &count, sizeof count));
    return wire::Waited::kWoken;
  }
  void wake() override {
    const std::uint64_t one = 1;
    static_cast<void>(::write(bell_, &one, sizeof one));
  }
  [[nodiscard]] int code_of(const wire::Answer& /*answer*/) const override { return 0; }

  [[nodiscard]] bool leaves_last_byte() const noexcept { return leaves_last_byte_; }

 private:
  static std::string text_of(const wire::Answer& answer) {
    const bool is_refused = answer.refusal != wire::Refusal::kNone;
    return nlohmann::json{{"status", is_refused ? "refused" : name_of(answer.status)},
                          {"correlation", answer.correlation_id},
                          {"body", answer.body}}
        .dump();
  }

  int fd_;
  int bell_;
  bool leaves_last_byte_ = false;
};

}  // namespace

int toy_socket(const std::string& name, bool listens) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const auto* const raw = reinterpret_cast<const sockaddr*>(&address);
  constexpr int kBacklog = 16;
  const bool is_up =
      listens ? ::bind(fd, raw, size) == 0 && ::listen(fd, kBacklog) == 0 : ::connect(fd, raw, size) == 0;
  if (!is_up) throw std::system_error(errno, std::generic_category(), name);
  return fd;
}

std::string toy_frame(std::string_view json) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>((json.size() >> shift) & 0xFFU);
  return frame.append(json) + '\n';
}

std::string read_toy_frame(int fd) {
  std::size_t length = 0;
  const std::string head = receive_bytes(fd, kLengthBytes);
  for (const char c : head) length = length << 8U | static_cast<unsigned char>(c);
  return head.empty() ? head : receive_bytes(fd, length);
}

ToyTransport::ToyTransport(ObservedRuns& runs) : runs_(runs) {
  static std::atomic<int> count = 0;
  name_ = fmt::format("saga-harness-toy-{}-{}", ::getpid(), ++count);
  listener_ = toy_socket(name_, true);
  accepting_ = std::thread([this] { accept_connections(); });
}

ToyTransport::~ToyTransport() {
  ::shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const Connection& connection : connections_) ::shutdown(connection.fd, SHUT_RDWR);
  }
  for (Connection& connection : connections_) {
    connection.thread.join();
    ::close(connection.fd);
  }
  ::close(listener_);
}

void ToyTransport::accept_connections() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    connections_.push_back({.fd = fd, .thread = std::thread([this, fd] { serve(fd); })});
  }
}

void ToyTransport::serve(int fd) {
  const nlohmann::json said = nlohmann::json::parse(read_toy_frame(fd), nullptr, false);
  bool is_broken = false;
  if (said.is_object()) {
    const std::string service = said.value("service", "");
    const std::string action = said.value("action", "");
    const std::string body = said.value("body", "");
    wire::RequestSummary facts{.saga_id = said.value("saga", ""),
                               .key = said.value("key", ""),
                               .correlation_id = said.value("correlation", "")};
    wire::RunRegistry& runs = runs_.registry();
    const auto served = runs.served();
    const std::optional<OperationId> operation = toy_operation(*served->saga, service, action);
    wire::RoutedRequest request{.facts = facts, .body = body, .method = "toy", .path = name_};
    ToyExchange exchange(fd);
    if (operation) {
      request.operation = *operation;
      request.service = service;
      request.action = action;
      runs.serve(*served, request, exchange);
    } else {
      runs.turn_away(*served, request, exchange, {wire::Refusal::kNothingFits, "there is no such action"});
    }
    is_broken = exchange.leaves_last_byte();
  }
  const std::lock_guard lock(mutex_);
  if (stopping_) return;  // who stops closes
  if (!is_broken) static_cast<void>(receive_bytes(fd, 1));
  for (Connection& connection : connections_) {
    if (connection.fd == fd) connection.fd = -1;
  }
  ::close(fd);
}

}  // namespace saga_harness::wire_tests
