#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/over_http.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace saga_harness {
namespace {

Scenario load(const std::string& name) {
  return load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR "/") + name + ".json");
}

// Everything but who held it: a Run has no addresses in it.
TEST(OverHttpTest, APlanGivesTheSameRunAsInVirtualTime) {
  for (const char* name : {"order_processing", "travel_booking", "order_processing_second_order"}) {
    const Experiment here = experiment(load(name));
    const Experiment there = over_http(here);
    std::vector<FaultPlan> plans = single_fault_plans(*here.setup.saga);
    plans.resize(std::min<std::size_t>(plans.size(), 60));
    for (const FaultPlan& plan : plans) EXPECT_EQ(run_plan(there, plan), run_plan(here, plan)) << name;
  }
}

TEST(OverHttpTest, AnExplorationFindsTheSame) {
  const Experiment here = experiment(load("money_transfer"), "skips_first");
  const ExploreOptions options{.max_faults = 1, .recheck_every = 10};
  const Exploration found = explore(over_http(here), options);
  EXPECT_GT(found.violated_schedules, 0U);
  EXPECT_EQ(found.schedules, explore(here, options).schedules);
  EXPECT_EQ(found.violated_schedules, explore(here, options).violated_schedules);
}

TEST(OverHttpTest, OneLineSwitchesAHarnessToHttp) {
  std::atomic<bool> is_elsewhere{false};
  const std::thread::id test = std::this_thread::get_id();
  SagaTestHarness harness(load("order_processing"));
  harness.use_participant("payment_service",
                          participant_from([&](const Delivery& delivery, EffectRecorder& recorder) {
                            is_elsewhere = std::this_thread::get_id() != test;
                            recorder.apply(delivery);
                            return Reply{};
                          }));
  harness.use_http();
  const saga_harness::Run run = harness.start_saga();
  EXPECT_EQ(run.outcome, Outcome::kCompleted);
  EXPECT_TRUE(is_elsewhere);
  EXPECT_EQ(harness.effect("process_payment").applied, 1U);
}

TEST(OverHttpTest, AParticipantSeesWhatCameOverTheWire) {
  std::vector<std::string> seen;
  SagaTestHarness harness(load("order_processing").saga);
  harness.use_participant(
      "payment_service", participant_from([&](const Delivery& delivery, EffectRecorder& recorder) {
        seen = {std::string(delivery.saga_id),        std::string(delivery.action),
                std::string(delivery.step),           std::string(delivery.idempotency_key),
                std::string(delivery.correlation_id), std::string(delivery.auth_token),
                std::string(delivery.payload)};
        recorder.apply(delivery);
        return Reply{};
      }));
  harness.use_http().start_saga({{"customer_id", "CÜST \"1\"\n"}});
  EXPECT_THAT(seen,
              ::testing::ElementsAre("order_processing-1", "process_payment", "process_payment",
                                     "order_processing-1/process_payment/action", "order_processing-1",
                                     "token-of-order_processing-1", R"({"customer_id":"CÜST \"1\"\n"})"));
}

TEST(OverHttpTest, RoutesAndStatusesOfTheSpecAreUsed) {
  HttpSpec spec;
  HttpRoute& route = spec.routes["payment_service"]["process_payment"];
  route = {.method = "PUT", .path = "/payments/{customer_id}/charge"};
  route.replies[ReplyStatus::kRejected] = {.status = 402};
  SagaTestHarness harness(load("order_processing").saga);
  harness.use_participant("payment_service",
                          participant_from([](const Delivery& delivery, EffectRecorder& recorder) {
                            if (delivery.action == "process_payment")
                              return Reply{ReplyStatus::kRejected, {}};
                            recorder.undo(delivery);
                            return Reply{};
                          }));
  const saga_harness::Run run = harness.use_http(spec).start_saga({{"customer_id", "a b/c"}});
  EXPECT_EQ(run.outcome, Outcome::kCompensated);
  EXPECT_EQ(harness.call_count("payment_service", "process_payment"), 1U);
}

TEST(OverHttpTest, APathWhoseParameterIsMissingIsAnError) {
  HttpSpec spec;
  spec.routes["payment_service"]["process_payment"] = {.method = "PUT", .path = "/payments/{account}"};
  SagaTestHarness harness(load("order_processing"));
  harness.use_http(spec);
  EXPECT_THAT([&] { static_cast<void>(harness.start_saga()); },
              ::testing::ThrowsMessage<Error>(::testing::HasSubstr("no text or number \"account\"")));
}

TEST(OverHttpTest, WhatAParticipantThrowsIsAnErrorReplyAsWithoutHttp) {
  const auto throws = participant_from(
      [](const Delivery&, EffectRecorder&) -> Reply { throw std::runtime_error("the database is on fire"); });
  SagaTestHarness here(load("order_processing"));
  here.use_participant("payment_service", throws);
  SagaTestHarness there(load("order_processing"));
  there.use_participant("payment_service", throws).use_http();
  EXPECT_EQ(there.start_saga(), here.start_saga());
}

TEST(OverHttpTest, AMockCanBeAskedAfterwards) {
  ::testing::NiceMock<MockParticipant> payment;
  EXPECT_CALL(payment, handle(::testing::_, ::testing::_)).Times(1);
  SagaTestHarness harness(load("order_processing"));
  harness.use_participant("payment_service", payment).use_http();
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompleted);
}

}  // namespace
}  // namespace saga_harness
