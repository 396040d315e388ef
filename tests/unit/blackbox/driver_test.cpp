// What reaches a run from other threads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/target.hpp>

#include "driver.hpp"
#include "virtual_runs.hpp"

namespace saga_harness::blackbox_test {
namespace {

using blackbox::Clock;
using blackbox::Driver;
using blackbox::DriverSettings;
using blackbox::Processes;

/// A process that is ours to start, and sagas that another command runs.
constexpr std::string_view kShop = R"({
  "process": {"command": ["sh", "-c", "echo http://127.0.0.1:9; exec sleep 1000"], "ready": {"stdout": true}},
  "start": {"command": ["sh", "-c", "echo done"]},
  "outcome": {"from": "stdout", "statuses": {"done": "completed"}},
  "durable": true
})";

/// … and sagas that are to be started where nobody listens.
constexpr std::string_view kDeafShop = R"({
  "process": {"command": ["sh", "-c", "echo http://127.0.0.1:9; exec sleep 1000"], "ready": {"stdout": true}},
  "start": {"url": "http://127.0.0.1:9/"},
  "outcome": {"from": "response", "pointer": "/status", "statuses": {"done": "completed"}}
})";

/// One run, with what it needs.
struct Drive {
  explicit Drive(std::string_view target_json) : target(parse_target(target_json, "shop.json")) {
    fakes.start();
  }
  std::string obituary() { return lease->instance().obituary(); }

  Target target;
  Experiment experiment = subject("reference");
  ObservedRuns runs{load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/order_processing.json")};
  HttpFakes fakes{runs};
  Processes processes{target, {}};
  std::unique_ptr<Processes::Lease> lease = processes.take(false);
  DriverSettings settings{.runs = runs, .fakes = fakes, .target = target, .saga = *experiment.setup.saga};
  std::shared_ptr<Driver> driver = std::make_shared<Driver>(settings, *lease, "saga-1", Clock::now());
};

// Its process may serve another run by then.
TEST(DriverTest, NewsThatComesAfterTheEndOfItsRunKillsNothing) {
  Drive drive(kShop);
  EXPECT_EQ(drive.driver->run({}).outcome, Outcome::kCompleted);
  drive.driver->crash();
  EXPECT_EQ(drive.obituary(), "");
  drive.driver->abandon();
  EXPECT_EQ(drive.obituary(), "");
  drive.lease->instance().kill();
  EXPECT_NE(drive.obituary(), "");
}

TEST(DriverTest, NorDoesItAfterARunThatCouldNotBeStarted) {
  Drive drive(kDeafShop);
  EXPECT_THROW(static_cast<void>(drive.driver->run({})), Error);
  drive.driver->crash();
  drive.driver->abandon();
  EXPECT_EQ(drive.obituary(), "");
}

/// It is given a tenth of a second, and takes three.
constexpr std::string_view kSlowShop = R"({
  "start": {"command": ["sh", "-c", "sleep 0.3; echo done"]},
  "outcome": {"from": "stdout", "statuses": {"done": "completed"}},
  "timeout": "10ms",
  "limits": {"run": "100ms"}
})";

TEST(DriverTest, WhatAFaultAsksToBeWaitedForIsNotCountedAgainstTheTarget) {
  EXPECT_EQ(Drive(kSlowShop).driver->run({}).outcome, Outcome::kUnresolved);
  const FaultPlan limited = parse_plan("process_payment.action#1..budget:rate_limited");
  EXPECT_EQ(Drive(kSlowShop).driver->run(limited).outcome, Outcome::kCompleted);
  const FaultPlan rejected = parse_plan("process_payment.action#1:rejected");
  EXPECT_EQ(Drive(kSlowShop).driver->run(rejected).outcome, Outcome::kUnresolved);
}

}  // namespace
}  // namespace saga_harness::blackbox_test
