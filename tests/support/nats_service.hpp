#pragma once

#include <sys/socket.h>
#include <sys/time.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nats_protocol.hpp"
#include "support/raw_client.hpp"

namespace saga_harness::test {

/// The service `stock`, as far as NATS is concerned: a push consumer of the stream of all sagas' events.
class NatsService {
 public:
  /// What is not acknowledged within `ack_wait` is delivered again.
  NatsService(const std::string& url, std::chrono::nanoseconds ack_wait)
      : socket_("http" + url.substr(url.find("://"))) {
    patient_for(std::chrono::seconds(20));
    say("CONNECT {\"verbose\":false}\r\nSUB to.stock 1\r\nSUB answers 2\r\nPING\r\n");
    EXPECT_EQ(next("PONG").bytes.substr(0, 4), "PONG");
    request("$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["saga.>"],"storage":"memory"})");
    request(
        "$JS.API.CONSUMER.DURABLE.CREATE.S.stock",
        fmt::format(R"({{"stream_name":"S","config":{{"durable_name":"stock","deliver_subject":"to.stock",)"
                    R"("ack_policy":"explicit","deliver_policy":"all","ack_wait":{},"max_deliver":5}}}})",
                    ack_wait.count()));
  }
  void say(const std::string& text) { socket_.send(text); }
  void publish(const std::string& subject, const std::string& payload, const std::string& reply = {}) {
    say(fmt::format("PUB {} {} {}\r\n{}\r\n", subject, reply, payload.size(), payload));
  }
  void request(const std::string& subject, const std::string& payload) {
    publish(subject, payload, "answers");
    EXPECT_THAT(next("answers").payload, testing::Not(testing::HasSubstr("error")));
  }

  struct Heard {
    std::string bytes;
    std::string reply;
    std::string payload;

    [[nodiscard]] std::string line() const { return bytes.substr(0, bytes.find("\r\n")); }
  };
  /// The next piece, if it comes within the patience.
  std::optional<Heard> next() {
    while (true) {
      if (const auto piece = reader_.next())
        return Heard{std::string(piece->bytes), std::string(piece->reply), std::string(piece->payload)};
      char buffer[4096];
      const ssize_t count = ::recv(socket_.fd(), buffer, sizeof buffer, 0);
      if (count <= 0) return std::nullopt;
      reader_.append({buffer, static_cast<std::size_t>(count)});
    }
  }
  /// The next piece that has `word` in its first line. What comes before is let go.
  Heard next(const std::string& word) {
    while (auto heard = next()) {
      if (heard->line().find(word) != std::string::npos) return *heard;
    }
    throw std::runtime_error("the bus has gone, waiting for " + word);
  }
  void patient_for(std::chrono::microseconds time) {
    constexpr auto kSecond = std::chrono::microseconds(std::chrono::seconds(1));
    const timeval patience{.tv_sec = time / kSecond, .tv_usec = (time % kSecond).count()};
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

 private:
  http_tests::RawClient socket_;
  nats::NatsReader reader_;
};

}  // namespace saga_harness::test
