// A subject at the other end of the toy transport.

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "contract.hpp"
#include "toy_transport.hpp"

namespace saga_harness::wire_tests {
namespace {

ReplyStatus status_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(ReplyStatus::kTimeout); ++i) {
    if (name_of(static_cast<ReplyStatus>(i)) == name) return static_cast<ReplyStatus>(i);
  }
  return ReplyStatus::kCorrupt;
}

Sight toy_sight(const std::string& text) {
  const nlohmann::json answer = nlohmann::json::parse(text, nullptr, false);
  if (!answer.is_object()) return {.seen = Seen::kUnreadable};
  const bool says_no = answer.value("body", "").find(R"("success":false)") != std::string::npos;
  return {.seen = Seen::kAnswered,
          .status = says_no ? ReplyStatus::kRejected : status_named(answer.value("status", "")),
          .is_foreign = answer.value("correlation", "") != kSaga};
}

class ToyPeer final : public Peer {
 public:
  [[nodiscard]] ObservedRuns& runs() override { return runs_; }

  Sight attempt(OperationId operation, std::chrono::milliseconds patience) override {
    const SagaIndex saga(shop(PointKind::kCall).saga);
    const int fd = toy_socket(toy_.name(), false);
    const std::string frame = toy_frame(nlohmann::json{
        {"saga", kSaga},
        {"service", saga.step(operation.step).service},
        {"action", saga.action_of(operation)},
        {"correlation", kSaga}}.dump());
    EXPECT_EQ(::send(fd, frame.data(), frame.size(), MSG_NOSIGNAL), static_cast<ssize_t>(frame.size()));
    const Sight sight = look(fd, patience);
    ::close(fd);
    return sight;
  }

 private:
  static Sight look(int fd, std::chrono::milliseconds patience) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return {.seen = Seen::kNothing};
    char first = 0;
    const ssize_t count = ::recv(fd, &first, 1, MSG_PEEK);
    if (count == 0) return {.seen = Seen::kEnded};
    if (count < 0) return {.seen = errno == ECONNRESET ? Seen::kBroken : Seen::kNothing};
    return toy_sight(read_toy_frame(fd));
  }

  ObservedRuns runs_{shop(PointKind::kCall)};
  ToyTransport toy_{runs_};
};

}  // namespace

std::unique_ptr<Peer> toy_peer() { return std::make_unique<ToyPeer>(); }

}  // namespace saga_harness::wire_tests
