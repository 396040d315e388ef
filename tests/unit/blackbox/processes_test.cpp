// Which process a run gets, and when a killed one is gone.

#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/http_fakes.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/target.hpp>

#include "processes.hpp"

namespace saga_harness::blackbox_test {
namespace {

using blackbox::Addresses;
using blackbox::Instance;
using blackbox::Processes;
using testing::HasSubstr;

/// Says where it is, which is nowhere unless `url` says otherwise, and waits to be killed.
Target shop(const std::string& url = "http://127.0.0.1:9", const std::string& memory = "{scratch}") {
  const std::string json = R"({
    "process": {"command": ["sh", "-c", "echo )" +
                           url + R"(; exec sleep 1000", ")" + memory + R"("], "ready": {"stdout": true}},
    "start": {"url": "{target}/orders"},
    "outcome": {"from": "response", "pointer": "/status", "statuses": {"done": "completed"}}
  })";
  return parse_target(json, "shop.json");
}

std::string scratch_of(const Processes::Lease& lease) {
  return lease.instance().values().texts.at("scratch");
}

constexpr bool kKills = true;

TEST(ProcessesTest, RunsThatKillHaveAProcessEach) {
  const Target target = shop();
  Processes processes(target, {}, 2);
  const auto shared = processes.take(!kKills);
  auto one = processes.take(kKills);  // though another run is under way
  auto two = processes.take(kKills);
  EXPECT_NE(scratch_of(*one), scratch_of(*two));
  EXPECT_NE(scratch_of(*one), scratch_of(*shared));
  EXPECT_NE(scratch_of(*two), scratch_of(*shared));
  EXPECT_EQ(scratch_of(*processes.take(!kKills)), scratch_of(*shared));

  const std::string again = scratch_of(*one);
  one.reset();
  one = processes.take(kKills);
  EXPECT_EQ(scratch_of(*one), again);
  const std::string spoiled = scratch_of(*two);
  two->spoil();
  two.reset();
  EXPECT_NE(scratch_of(*processes.take(kKills)), spoiled);
}

TEST(ProcessesTest, NoMoreOfThemThanAllowed) {
  const Target target = shop();
  Processes processes(target, {}, 1);
  auto one = processes.take(kKills);
  const std::string first = scratch_of(*one);
  std::string second;
  std::thread waits([&] { second = scratch_of(*processes.take(kKills)); });
  one.reset();
  waits.join();
  EXPECT_EQ(second, first);
}

TEST(ProcessesTest, WhereTwoWouldShareTheirMemoryOneIsThereAndRunsTakeTurns) {
  const Target target = shop("http://127.0.0.1:9", "/var/lib/shop");
  Processes processes(target, {}, 2);
  const Instance* shared = &processes.take(!kKills)->instance();
  EXPECT_EQ(&processes.take(kKills)->instance(), shared);
}

TEST(ProcessesTest, AnAddressThatAnotherProcessOfTheTargetHasTakenIsNoSurvivor) {
  ObservedRuns runs{load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/order_processing.json")};
  HttpFakes somebody{runs};
  somebody.start();
  const Target target = shop(somebody.admin_url());
  Addresses addresses;
  Instance killed(target, {}, addresses);
  killed.start();
  killed.kill();
  try {
    killed.expect_dead();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("somebody answers at " + somebody.admin_url()));
  }
  Instance other(target, {}, addresses);
  other.start();
  EXPECT_NO_THROW(killed.expect_dead());
  other.kill();
  EXPECT_THROW(killed.expect_dead(), Error);
}

}  // namespace
}  // namespace saga_harness::blackbox_test
