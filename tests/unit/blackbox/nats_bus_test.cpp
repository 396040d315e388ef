// The proxy before a real NATS server, with a client that is a socket.

#include "nats_bus.hpp"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/wire.hpp>

#include "support/raw_client.hpp"

namespace saga_harness::blackbox {
namespace {

using testing::HasSubstr;

constexpr const char* kConsumer =
    R"({"stream_name":"S","config":{"durable_name":"stock","deliver_subject":"to.stock","ack_policy":)"
    R"("explicit","deliver_policy":"all","ack_wait":200000000,"max_deliver":5}})";

Scenario shop() {
  Scenario scenario;
  scenario.saga = {.name = "shop",
                   .steps = {{.name = "reserve",
                              .service = "stock",
                              .retry = {.attempts = 3},
                              .pivot = true,
                              .on_event = {"placed"},
                              .emits = {.success = "reserved"}}},
                   .choreography = Choreography{.starts_with = "placed"}};
  return scenario;
}

/// A service, as far as NATS is concerned.
class Service {
 public:
  explicit Service(const std::string& url) : socket_("http" + url.substr(url.find("://"))) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    say("CONNECT {\"verbose\":false}\r\nSUB to.stock 1\r\nSUB answers 2\r\nPING\r\n");
    EXPECT_EQ(next("PONG").bytes.substr(0, 4), "PONG");
    request("$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["saga.>"],"storage":"memory"})");
    request("$JS.API.CONSUMER.DURABLE.CREATE.S.stock", kConsumer);
  }
  void say(const std::string& text) { socket_.send(text); }
  void publish(const std::string& subject, const std::string& payload, const std::string& reply = {}) {
    say(fmt::format("PUB {} {} {}\r\n{}\r\n", subject, reply, payload.size(), payload));
  }
  void request(const std::string& subject, const std::string& payload) {
    publish(subject, payload, "answers");
    EXPECT_THAT(next("answers").payload, testing::Not(HasSubstr("error")));
  }

  struct Heard {
    std::string bytes;
    std::string reply;
    std::string payload;
  };
  /// The next piece that has `word` in its first line. What comes before is let go.
  Heard next(const std::string& word) {
    while (true) {
      while (const auto piece = reader_.next()) {
        const std::string bytes(piece->bytes);
        if (bytes.substr(0, bytes.find("\r\n")).find(word) == std::string::npos) continue;
        return {bytes, std::string(piece->reply), std::string(piece->payload)};
      }
      char buffer[4096];
      const ssize_t count = ::recv(socket_.fd(), buffer, sizeof buffer, 0);
      if (count <= 0) throw std::runtime_error("the bus has gone, waiting for " + word);
      reader_.append({buffer, static_cast<std::size_t>(count)});
    }
  }

 private:
  http_tests::RawClient socket_;
  NatsReader reader_;
};

class NatsBusTest : public testing::Test {
 protected:
  void open(const std::string& plan) { runs_.open("one", {.plan = parse_plan(plan), .max_calls = 100}); }
  [[nodiscard]] std::size_t count(EventType type) {
    const ObservedRun run = runs_.look_at("one");
    return static_cast<std::size_t>(std::ranges::count(run.trace.events, type, &Event::type));
  }

  ObservedRuns runs_{shop(), {.points = PointKind::kDelivery}};
  NatsBus bus_{runs_};
  Service service_{bus_.url()};
};

TEST_F(NatsBusTest, WhatIsLostTheServerDeliversAgain) {
  open("reserve#1:request_lost");
  service_.publish("saga.one.placed", "{}");
  const auto heard = service_.next("saga.one.placed");
  EXPECT_THAT(heard.reply, HasSubstr("$JS.ACK.S.stock.2.1."));
  service_.publish(heard.reply, "+ACK");
  service_.request("$JS.API.CONSUMER.INFO.S.stock", "");
  EXPECT_EQ(count(EventType::kSent), 2U);
  EXPECT_EQ(count(EventType::kTimedOut), 1U);
  EXPECT_EQ(count(EventType::kReceived), 1U);
  EXPECT_EQ(count(EventType::kPublished), 1U);
}

TEST_F(NatsBusTest, AnAcknowledgementThatIsLostBringsTheEventBack) {
  open("reserve#1:reply_lost");
  service_.publish("saga.one.placed", "{}");
  const auto first = service_.next("saga.one.placed");
  service_.publish(first.reply, "+ACK");
  const auto second = service_.next("saga.one.placed");
  EXPECT_NE(first.reply, second.reply);
  EXPECT_EQ(count(EventType::kSent), 2U);
}

TEST_F(NatsBusTest, ADuplicateIsTheSameMessageTwice) {
  open("reserve#1:request_duplicated");
  service_.publish("saga.one.placed", "what it says");
  const auto first = service_.next("saga.one.placed");
  const auto second = service_.next("saga.one.placed");
  EXPECT_EQ(first.bytes, second.bytes);
  EXPECT_EQ(first.payload, "what it says");
}

TEST_F(NatsBusTest, WhatIsNoEventPassesAsItIs) {
  service_.say("SUB other 3\r\n");
  service_.publish("other", "saga.one.placed\r\nMSG saga.one.placed 1 0");
  EXPECT_EQ(service_.next("other").payload, "saga.one.placed\r\nMSG saga.one.placed 1 0");
}

}  // namespace
}  // namespace saga_harness::blackbox
