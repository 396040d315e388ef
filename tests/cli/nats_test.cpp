// Choreographies over a real NATS server, whose services are written in Python, with known bugs.

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kKinds =
    "rejected,unavailable,error_after_effect,request_lost,request_duplicated,request_late,reply_lost";

std::string target(const std::string& bug = {}) {
  return std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/../tests/http/targets/nats_choreography" +
         (bug.empty() ? "" : "_" + bug) + ".json";
}

json explored(const std::string& bug, const char* kinds, int wanted) {
  const Result result = run({"explore", scenario("order_choreography"), "--target", target(bug), "-k", "1",
                             "--workers", "4", "--kinds", kinds, "--json"});
  EXPECT_EQ(result.exit_code, wanted) << result.out.substr(0, 3000) << result.err;
  return json::parse(result.out, nullptr, false);
}

std::set<std::string> rules_in(const json& document) {
  std::set<std::string> rules;
  for (const json& finding : document["findings"]) rules.insert(finding["rule"].get<std::string>());
  return rules;
}

TEST(NatsHeavyTest, ACorrectChoreographyBearsEverySingleFaultOfTheBus) {
  const json document = explored("", kKinds, 0);
  EXPECT_EQ(document["verdict"], "upheld");
  EXPECT_EQ(document["exhausted"], true);
  EXPECT_EQ(document["findings"], json::array());
  EXPECT_EQ(document["schedules"], "36");  // none, and seven at each of five actions
  EXPECT_EQ(document["coverage"]["fired"], 35);
}

TEST(NatsHeavyTest, WithoutAnInboxADuplicateIsDoneTwice) {
  EXPECT_THAT(rules_in(explored("no_inbox", "request_duplicated", 1)), Contains("I5"));
}

TEST(NatsHeavyTest, WhoAcknowledgesFirstLosesWhatFailsAfterwards) {
  EXPECT_THAT(rules_in(explored("acks_first", "unavailable", 1)), Contains("I6"));
}

TEST(NatsHeavyTest, AFailureThatNobodyListensToLeavesAnEffect) {
  EXPECT_THAT(rules_in(explored("deaf_stock", "rejected", 1)), Contains("I6"));
}

TEST(NatsTest, AFaultOfTheBusIsReplayedFromItsPlan) {
  const Result result = run({"replay", scenario("order_choreography"), "--target", target(), "--plan",
                             "process_payment.action#1:reply_lost", "--format", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["outcome"], "completed");
  int deliveries = 0;
  for (const json& event : document["trace"]) {
    if (event["type"] == "sent" && event["step"] == "process_payment") ++deliveries;
  }
  EXPECT_EQ(deliveries, 2) << "what is not acknowledged, the server delivers again";
}

TEST(NatsTest, ABusNeedsAChoreography) {
  const Result result = run({"explore", scenario("order_processing"), "--target", target(), "-k", "0"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("order_processing is no choreography"));
}

TEST(NatsTest, AChoreographyNeedsABus) {
  const std::string choreography =
      std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/../tests/http/targets/choreography.json";
  const Result result = run({"explore", scenario("order_choreography"), "--target", choreography, "-k", "0"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("the saga is a choreography"));
}

TEST(NatsTest, WindowsAndOtherKindsAreRefusedByName) {
  const Result window = run({"replay", scenario("order_choreography"), "--target", target(), "--plan",
                             "process_payment.action#*:request_lost"});
  EXPECT_EQ(window.exit_code, 64);
  EXPECT_THAT(window.err, HasSubstr("in front of a real bus, single deliveries can be struck"));
}

}  // namespace
}  // namespace saga_harness::cli_tests
