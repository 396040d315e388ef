// What reaches a run from other threads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/target.hpp>

#include "driver.hpp"
#include "virtual_runs.hpp"

namespace saga_harness::blackbox_test {
namespace {

using blackbox::Clock;
using blackbox::Driver;
using blackbox::DriverSettings;
using blackbox::Processes;

constexpr std::string_view kShop = R"({
  "process": {"command": ["sh", "-c", "echo http://127.0.0.1:9; exec sleep 1000"], "ready": {"stdout": true}},
  "start": {"command": ["sh", "-c", "echo done"]},
  "outcome": {"from": "stdout", "statuses": {"done": "completed"}},
  "durable": true
})";

// Its process may serve another run by then.
TEST(DriverTest, NewsThatComesAfterTheEndOfItsRunKillsNothing) {
  const Target target = parse_target(kShop, "shop.json");
  const Experiment experiment = subject("reference");
  ObservedRuns runs(load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/order_processing.json"));
  HttpFakes fakes(runs);
  fakes.start();
  Processes processes(target, {});
  const auto lease = processes.take(false);
  const DriverSettings settings{
      .runs = runs, .fakes = fakes, .target = target, .saga = *experiment.setup.saga};
  const auto driver = std::make_shared<Driver>(settings, *lease, "saga-1", Clock::now());
  EXPECT_EQ(driver->run({}).outcome, Outcome::kCompleted);
  driver->crash();
  driver->abandon();
  EXPECT_EQ(lease->instance().obituary(), "");
  lease->instance().kill();
  EXPECT_NE(lease->instance().obituary(), "");
}

}  // namespace
}  // namespace saga_harness::blackbox_test
