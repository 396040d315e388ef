#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kReplayedMutant = "ambiguous_not_compensated";

/// The first finding of the mutant.
json finding() {
  const Result result =
      run({"explore", scenario("order_processing"), "-k", "1", "--coordinator", kReplayedMutant, "--json"});
  return json::parse(result.out)["findings"].at(0);
}

TEST(ReplayTest, ATokenAloneReproducesItsFinding) {
  const json found = finding();
  const Result result = run({"replay", scenario("order_processing"), found["token"]});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("REPRODUCED: every planned fault struck, violated: I1"));
  EXPECT_THAT(result.out, HasSubstr(std::string("coordinator ") + kReplayedMutant));
  EXPECT_THAT(result.out, HasSubstr("  plan     " + found["plan"].get<std::string>() + "\n"));
  EXPECT_THAT(result.out, HasSubstr(found["explanation"].get<std::string>()));
  EXPECT_THAT(result.out, Not(HasSubstr("has changed")));
  EXPECT_THAT(result.err, IsEmpty());
}

TEST(ReplayTest, ThePlanOfAFindingDoesTheSame) {
  const json found = finding();
  const Result result = run({"replay", scenario("order_processing"), "--plan", found["plan"], "--coordinator",
                             kReplayedMutant, "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["status"], "reproduced");
  EXPECT_EQ(document["token"], found["token"]);
  EXPECT_EQ(document["faults"], found["faults"]);
  EXPECT_EQ(document["fired"], found["faults"]);
}

TEST(ReplayTest, AnotherCoordinatorCanBeGivenTheSameToken) {
  const Result result =
      run({"replay", scenario("order_processing"), finding()["token"], "--coordinator", "reference"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("UPHELD: every planned fault struck"));
}

TEST(ReplayTest, NoFaultIsAPlanToo) {
  const Result result = run({"replay", scenario("order_processing"), "--plan", "none", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["outcome"], "completed");
  for (const json& effect : document["effects"]) EXPECT_EQ(effect["net"], 1) << effect;
}

TEST(ReplayTest, AFaultThatDoesNotStrikeIsStaleAndNamed) {
  const Result result = run({"replay", scenario("order_processing"), "--plan",
                             "create_order.action#1:rejected, create_shipment.action#2:reply_lost"});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("STALE: 1 of 2 planned faults did not strike:\n"
                                    "  create_shipment.action#2:reply_lost\n"));
}

TEST(ReplayTest, ATokenOfAnotherDefinitionSaysSo) {
  const std::string token = finding()["token"];
  std::string text = read_file(scenario("order_processing"));
  const std::string old_timeout = "\"timeout\": \"10s\"";
  ASSERT_NE(text.find(old_timeout), std::string::npos);
  text.replace(text.find(old_timeout), old_timeout.size(), "\"timeout\": \"11s\"");
  const Result result = run({"replay", write_scratch("changed.json", text), token});
  EXPECT_THAT(result.out, HasSubstr("The definition has changed since the token was made: "));
}

TEST(ReplayTest, ATokenWhosePlanNoLongerFitsIsStale) {
  const std::string path = write_scratch(
      "other.json",
      R"({"saga": {"name": "other", "steps": [{"name": "one", "service": "s", "pivot": true}]}})");
  const Result result = run({"replay", path, finding()["token"]});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  EXPECT_THAT(result.err, HasSubstr("saga-harness: STALE: the definition has changed"));
}

TEST(ReplayTest, ARunIsWrittenAsLogSpansAndMetrics) {
  const std::string order = scenario("order_processing");
  const auto replayed = [&](const char* format) {
    return run({"replay", order, "--plan", "process_payment#1:rejected", "--format", format});
  };
  const Result log = replayed("log");
  EXPECT_EQ(log.exit_code, 0) << log.err;
  EXPECT_THAT(log.out, HasSubstr("[SAGA-order_processing-1] Step 3/5: process_payment - FAILED\n"));
  EXPECT_THAT(replayed("prometheus").out, HasSubstr("saga_compensated_total{type=\"order_processing\"} 1\n"));
  const json spans = json::parse(replayed("otlp").out);
  EXPECT_EQ(spans["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"], "order_processing");
  EXPECT_EQ(json::parse(replayed("json").out)["outcome"], "compensated");
}

TEST(ReplayTest, TheExitCodeIsThatOfTheRunWhateverTheFormat) {
  const Result log =
      run({"replay", scenario("order_processing"), finding()["token"].get<std::string>(), "--format", "log"});
  EXPECT_EQ(log.exit_code, 1) << log.out << log.err;
}

TEST(ReplayTest, TwoFormatsOrAnUnknownOneAreRefused) {
  const std::string order = scenario("order_processing");
  EXPECT_EQ(run({"replay", order, "--plan", "none", "--format", "log", "--json"}).exit_code, 64);
  EXPECT_EQ(run({"replay", order, "--plan", "none", "--format", "xml"}).exit_code, 64);
}

TEST(ReplayTest, BadTokensAndPlansAreRefused) {
  const std::string token = finding()["token"];
  const std::string order = scenario("order_processing");
  EXPECT_EQ(run({"replay", order, "not-a-token"}).exit_code, 64);
  EXPECT_EQ(run({"replay", order, token.substr(0, token.size() - 3)}).exit_code, 64);
  EXPECT_EQ(run({"replay", order, token, "--plan", "none"}).exit_code, 64);
  EXPECT_EQ(run({"replay", order}).exit_code, 64);
  const Result misspelt = run({"replay", order, "--plan", "proces_payment#1:reply_lost"});
  EXPECT_EQ(misspelt.exit_code, 64);
  EXPECT_THAT(misspelt.err, HasSubstr("process_payment"));
}

}  // namespace
}  // namespace saga_harness::cli_tests
