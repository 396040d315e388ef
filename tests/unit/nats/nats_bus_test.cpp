// The proxy before a real NATS server, with a client that is a socket.

#include <saga_harness/nats_bus.hpp>

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/wire.hpp>

#include "support/nats_service.hpp"

namespace saga_harness::nats {
namespace {

using testing::HasSubstr;

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

class NatsBusTest : public testing::Test {
 protected:
  void open(const std::string& plan) { runs_.open("one", {.plan = parse_plan(plan), .max_calls = 100}); }
  [[nodiscard]] std::size_t count(EventType type) {
    const ObservedRun run = runs_.look_at("one");
    return static_cast<std::size_t>(std::ranges::count(run.trace.events, type, &Event::type));
  }

  ObservedRuns runs_{shop(), {.points = PointKind::kDelivery}};
  NatsBus bus_{runs_};
  test::NatsService service_{bus_.url(), std::chrono::milliseconds(200)};
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
}  // namespace saga_harness::nats
