// A choreography as somebody shows it to the fakes who stands in front of its bus: here the test.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/http_fakes.hpp>

#include "support/raw_client.hpp"

namespace saga_harness::http_tests {
namespace {

using testing::HasSubstr;

constexpr const char* kSaga = "one";
constexpr BusDelivery kPlaced{.event = "placed", .service = "stock", .message = 1};
constexpr BusDelivery kFailed{.event = "payment_failed", .service = "stock", .message = 2};

Scenario shop_on_a_bus() {
  Scenario scenario;
  scenario.source = "shop_on_a_bus.json";
  scenario.saga = {.name = "shop_on_a_bus",
                   .steps = {{.name = "reserve",
                              .service = "stock",
                              .compensation = "release",
                              .retry = {.attempts = 3},
                              .on_event = {"placed"},
                              .emits = {.success = "reserved", .failure = "out", .compensated = "released"},
                              .compensate_on = {"payment_failed"}},
                             {.name = "pay",
                              .service = "payments",
                              .pivot = true,
                              .on_event = {"reserved"},
                              .emits = {.success = "paid", .failure = "payment_failed"}}},
                   .choreography = Choreography{.starts_with = "placed"}};
  return scenario;
}

class BusTest : public testing::Test {
 protected:
  BusTest() { fakes_.start(); }

  void open(const std::string& plan) {
    fakes_.open_run(kSaga, {.plan = parse_plan(plan), .max_calls = 20, .bus = true});
  }
  void deliver(const BusDelivery& delivery) {
    fakes_.bus_delivers(kSaga, delivery,
                        [this, event = std::string(delivery.event)] { arrived_.push_back(event); });
  }
  [[nodiscard]] bool acknowledge(const BusDelivery& delivery, bool done = true) {
    return fakes_.bus_acknowledged(kSaga, delivery, done);
  }
  int ask(const std::string& action) {
    return post(fakes_.service_urls(kSaga).find("stock")->second + "/" + action).status;
  }
  [[nodiscard]] bool is_quiet() {
    using std::chrono_literals::operator""ms;
    return fakes_.wait_quiet(kSaga, 1ms, 20ms);
  }
  [[nodiscard]] static std::vector<std::string> story(const HttpRun& run) {
    std::vector<std::string> names;
    for (const Event& event : run.trace.events) names.emplace_back(name_of(event.type));
    return names;
  }

  HttpFakes fakes_{shop_on_a_bus(), {.bus = true}};
  std::vector<std::string> arrived_;
};

TEST_F(BusTest, ADeliveryIsAPointAndWhatFollowsIsTheServicesOwn) {
  open("none");
  fakes_.bus_published(kSaga, "placed");
  deliver(kPlaced);
  EXPECT_EQ(ask("reserve"), 200);
  fakes_.bus_published(kSaga, "reserved");
  EXPECT_TRUE(acknowledge(kPlaced));
  const HttpRun run = fakes_.close_run(kSaga);
  EXPECT_THAT(story(run), testing::ElementsAre("started", "published", "sent", "delivered", "applied",
                                               "published", "answered", "received"));
  ASSERT_EQ(run.questions.size(), 1U);
  EXPECT_EQ(run.questions[0].point, (Point{.step = 0, .operation = Operation::kAction}));
  for (const Alternative& each : run.questions[0].legal) EXPECT_EQ(each.window, FaultDuration::kOnce);
  EXPECT_EQ(run.ledger.effects[0].applied, 1U);
  EXPECT_EQ(static_cast<EventRole>(run.trace.events[5].detail), EventRole::kSuccess);
}

TEST_F(BusTest, WhoDoesNotListenIsNoPoint) {
  open("none");
  deliver({.event = "placed", .service = "payments", .message = 1});
  deliver({.event = "unheard_of", .service = "stock", .message = 2});
  EXPECT_EQ(arrived_.size(), 2U);
  EXPECT_TRUE(fakes_.close_run(kSaga).questions.empty());
}

TEST_F(BusTest, AnEventIsLostUntilTheBusDeliversItAgain) {
  open("reserve#1:request_lost");
  deliver(kPlaced);
  EXPECT_TRUE(arrived_.empty());
  EXPECT_FALSE(is_quiet()) << "the bus will come again";
  deliver(kPlaced);
  EXPECT_EQ(arrived_.size(), 1U);
  EXPECT_TRUE(acknowledge(kPlaced));
  EXPECT_TRUE(is_quiet());
  const HttpRun run = fakes_.close_run(kSaga);
  EXPECT_THAT(story(run), testing::ElementsAre("started", "sent", "fault", "timed_out", "sent", "delivered",
                                               "answered", "received"));
  EXPECT_EQ(run.fired.size(), 1U);
}

TEST_F(BusTest, ADuplicateArrivesTwice) {
  open("reserve#1:request_duplicated");
  deliver(kPlaced);
  EXPECT_EQ(arrived_.size(), 2U);
}

TEST_F(BusTest, ALateEventArrivesWithTheNextDeliveryOfIt) {
  open("reserve#1:request_late");
  deliver(kPlaced);
  deliver(kFailed);
  EXPECT_EQ(arrived_, std::vector<std::string>{"payment_failed"});
  deliver(kPlaced);
  EXPECT_EQ(arrived_, (std::vector<std::string>{"payment_failed", "placed", "placed"}));
}

TEST_F(BusTest, AnEventIsOvertakenByTheNext) {
  open("reserve#1:request_reordered");
  deliver(kPlaced);
  deliver(kFailed);
  EXPECT_EQ(arrived_.size(), 2U);
}

TEST_F(BusTest, ACopyWaitsForTheCompensation) {
  open("reserve#1:request_duplicated_later");
  deliver(kPlaced);
  EXPECT_TRUE(acknowledge(kPlaced));
  deliver(kFailed);
  EXPECT_EQ(arrived_.size(), 2U);
  EXPECT_TRUE(acknowledge(kFailed));
  EXPECT_EQ(arrived_, (std::vector<std::string>{"placed", "payment_failed", "placed"}));
}

TEST_F(BusTest, WhatIsHeldBackToTheEndComesWithTheDraining) {
  open("reserve#1:request_late_after_end");
  deliver(kPlaced);
  EXPECT_TRUE(arrived_.empty());
  fakes_.drain(kSaga);
  EXPECT_EQ(arrived_.size(), 1U);
}

TEST_F(BusTest, TheBusDoesNotHearALostAcknowledgement) {
  open("reserve#1:reply_lost");
  deliver(kPlaced);
  EXPECT_FALSE(acknowledge(kPlaced));
  deliver(kPlaced);
  EXPECT_TRUE(acknowledge(kPlaced));
  EXPECT_EQ(arrived_.size(), 2U);
}

TEST_F(BusTest, TheParticipantRefusesWhatFollowsFromThisDeliveryAlone) {
  open("reserve#1:unavailable");
  deliver(kPlaced);
  EXPECT_EQ(ask("reserve"), 503);
  EXPECT_TRUE(acknowledge(kPlaced, false));
  EXPECT_FALSE(is_quiet()) << "it has asked for it again";
  deliver(kPlaced);
  EXPECT_EQ(ask("reserve"), 200);
  EXPECT_TRUE(acknowledge(kPlaced));
  const HttpRun run = fakes_.close_run(kSaga);
  EXPECT_EQ(run.ledger.effects[0].applied, 1U);
  const auto refused = std::ranges::find(run.trace.events, EventType::kReceived, &Event::type);
  EXPECT_EQ(static_cast<ReplyStatus>(refused->detail), ReplyStatus::kUnavailable);
}

TEST_F(BusTest, DeliveriesWithoutEndAreALivelock) {
  open("none");
  for (std::uint64_t i = 1; i <= 30; ++i) deliver({.event = "placed", .service = "stock", .message = i});
  EXPECT_EQ(arrived_.size(), 20U);
  EXPECT_TRUE(fakes_.close_run(kSaga).hit_call_cap);
}

TEST_F(BusTest, WhatIsOfNoRunPasses) {
  deliver(kPlaced);
  EXPECT_EQ(arrived_.size(), 1U);
  EXPECT_TRUE(acknowledge(kPlaced));
  fakes_.bus_published(kSaga, "placed");
}

TEST_F(BusTest, WindowsCannotStrikeInFrontOfABus) {
  EXPECT_THROW(open("reserve#*:unavailable"), Error);
  EXPECT_THROW(open("reserve#1:participant_crash_before"), Error);
}

TEST(NoBusTest, WithoutItAChoreographyIsRefused) { EXPECT_THROW(HttpFakes{shop_on_a_bus()}, Error); }

}  // namespace
}  // namespace saga_harness::http_tests
