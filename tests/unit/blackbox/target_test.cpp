// TARGET.json: what is read, and what is refused with a place and a fix.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <saga_harness/error.hpp>
#include <saga_harness/target.hpp>
#include <saga_harness_internal/identity.hpp>

namespace saga_harness::blackbox_test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

json good() {
  return json::parse(R"({
    "name": "shop",
    "process": {"command": ["./shop", "--port", "{port}"], "env": {"LEVEL": "debug"}, "cwd": "bin",
                "ready": {"url": "http://127.0.0.1:{port}/health", "within": "3s"}},
    "start": {"url": "{target}/orders", "headers": {"X-Saga-Id": "{saga_id}"},
              "body": {"id": "{saga_id}", "context": "{context}", "stock": "{service_url:inventory_service}"}},
    "outcome": {"from": "poll", "request": {"url": "{target}/orders/{saga_id}"}, "pointer": "/status",
                "interval": "5ms", "statuses": {"DONE": "completed", "UNDONE": "compensated", "STUCK": "flagged",
                                             "BUSY": "running"}},
    "durable": true,
    "limits": {"run": "4s", "quiet": "20ms", "patience": "300ms", "calls": 77},
    "timeout": "250ms",
    "claims": ["idempotency_keys", "retries"],
    "isolation": "alone"
  })");
}

std::string refusal(const json& document) {
  try {
    static_cast<void>(parse_target(document.dump(), "dir/target.json"));
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing is wrong";
}

TEST(TargetTest, EveryPartIsRead) {
  const Target target = parse_target(good().dump(), "/dir/target.json");
  EXPECT_EQ(target.name, "shop");
  ASSERT_TRUE(target.process && target.start_request);
  EXPECT_THAT(target.process->command.argv, ElementsAre("./shop", "--port", "{port}"));
  EXPECT_EQ(target.process->command.environment.at("LEVEL"), "debug");
  EXPECT_EQ(target.process->command.folder, "/dir/bin");
  EXPECT_EQ(target.process->ready_url, "http://127.0.0.1:{port}/health");
  EXPECT_EQ(target.process->ready_within, std::chrono::seconds(3));
  EXPECT_EQ(target.start_request->method, "POST");
  EXPECT_TRUE(target.start_request->is_json);
  EXPECT_EQ(target.outcome.source, OutcomeSource::kPoll);
  EXPECT_EQ(target.outcome.poll.method, "GET");
  EXPECT_EQ(target.outcome.statuses.at("DONE"), Outcome::kCompleted);
  EXPECT_EQ(target.outcome.statuses.at("BUSY"), Outcome::kUnresolved);
  EXPECT_EQ(target.limits.calls, 77U);
  EXPECT_EQ(target.limits.patience, std::chrono::milliseconds(300));
  EXPECT_EQ(target.timeout, std::chrono::milliseconds(250));
  EXPECT_TRUE(target.claims.idempotency_keys && target.claims.retries && target.claims.survives_crashes);
  EXPECT_FALSE(target.claims.silence);
  EXPECT_EQ(target.isolation, Isolation::kAlone);
}

TEST(TargetTest, WhatIsLeftOutHasItsUsualValue) {
  const Target target = parse_target(
      R"({"start": {"command": ["./one-saga"]},
          "outcome": {"from": "exit_code", "statuses": {"0": "completed", "1": "compensated"}}})",
      "/dir/one.json");
  EXPECT_EQ(target.name, "one");
  ASSERT_TRUE(target.start_command);
  EXPECT_EQ(target.start_command->folder, "/dir");
  EXPECT_EQ(target.isolation, Isolation::kShared);
  EXPECT_FALSE(target.durable);
  EXPECT_EQ(target.claims, Claims());
}

TEST(TargetTest, AnUnknownKeyIsRefusedWithTheNearest) {
  json document = good();
  document["limits"]["quite"] = "1s";
  EXPECT_THAT(refusal(document),
              AllOf(HasSubstr("dir/target.json"), HasSubstr("/limits"), HasSubstr("quiet")));
}

TEST(TargetTest, TemplatesAreCheckedWhereTheyStand) {
  json misspelt = good();
  misspelt["start"]["body"]["id"] = "x-{saga_ident}";
  EXPECT_THAT(refusal(misspelt), AllOf(HasSubstr("/start/body"), HasSubstr("saga_id")));
  json too_early = good();
  too_early["process"]["env"]["ID"] = "{saga_id}";
  EXPECT_THAT(refusal(too_early), HasSubstr("/process/env/ID"));
  json of_nobody = good();
  of_nobody["start"]["url"] = "{service_url}/x";
  EXPECT_THAT(refusal(of_nobody), HasSubstr("{service_url:SERVICE}"));
}

TEST(TargetTest, PartsThatDoNotGoTogetherAreRefused) {
  json no_process = good();
  no_process.erase("process");
  no_process.erase("durable");
  EXPECT_THAT(refusal(no_process), HasSubstr("{target} is of a process"));
  json undurable = good();
  undurable["durable"] = false;
  undurable["claims"].push_back("survives_crashes");
  EXPECT_THAT(refusal(undurable), HasSubstr("not durable"));
  json deaf = good();
  deaf["outcome"] = {{"from", "response"}, {"pointer", "/status"}, {"statuses", {{"DONE", "completed"}}}};
  EXPECT_THAT(refusal(deaf), HasSubstr("\"resume\""));
  json no_exit = good();
  no_exit["outcome"] = {{"from", "exit_code"}, {"statuses", {{"0", "completed"}}}};
  EXPECT_THAT(refusal(no_exit), HasSubstr("neither exit code nor output"));
  json unnamed = good();
  unnamed["claims"].push_back("names_flagged_steps");
  EXPECT_THAT(refusal(unnamed), HasSubstr("flagged_steps"));
}

TEST(TargetTest, ABusIsOfOursAndSharedByAllRuns) {
  json bus = good();
  bus.erase("durable");
  bus["bus"] = "nats";
  bus["process"]["env"]["BUS"] = "{nats_url}";
  const Target target = parse_target(bus.dump(), "target.json");
  EXPECT_EQ(target.bus, TargetBus::kNats);
  json fresh = bus;
  fresh["isolation"] = "fresh";
  EXPECT_THAT(refusal(fresh), AllOf(HasSubstr("/isolation"), HasSubstr("share the bus")));
  json durable = bus;
  durable["durable"] = true;
  EXPECT_THAT(refusal(durable), HasSubstr("are not killed"));
  json unknown = bus;
  unknown["bus"] = "nat";
  EXPECT_THAT(refusal(unknown), AllOf(HasSubstr("/bus"), HasSubstr("nats")));
  json none = bus;
  none.erase("bus");
  EXPECT_THAT(refusal(none), HasSubstr("{nats_url} is of a bus"));
}

TEST(TargetTest, TheOldNameOfTheStatusesIsReadWithAHint) {
  EXPECT_THAT(parse_target(good().dump(), "target.json").hints, testing::IsEmpty());
  json old = good();
  old["outcome"]["words"] = old["outcome"]["statuses"];
  EXPECT_THAT(refusal(old), AllOf(HasSubstr("/outcome/words"), HasSubstr("\"statuses\"")));
  old["outcome"].erase("statuses");
  const Target target = parse_target(old.dump(), "target.json");
  EXPECT_EQ(target.outcome.statuses, parse_target(good().dump(), "target.json").outcome.statuses);
  EXPECT_THAT(target.hints, testing::ElementsAre(
                                AllOf(HasSubstr("target.json: /outcome/words"), HasSubstr("\"statuses\""))));
}

TEST(TargetTest, StatusesClaimsAndSourcesAreRefusedWithTheNearest) {
  json word = good();
  word["outcome"]["statuses"]["X"] = "complete";
  EXPECT_THAT(refusal(word), AllOf(HasSubstr("/outcome/statuses/X"), HasSubstr("completed")));
  json claim = good();
  claim["claims"].push_back("idempotency_key");
  EXPECT_THAT(refusal(claim), AllOf(HasSubstr("/claims/2"), HasSubstr("idempotency_keys")));
  json log = good();
  log["claims"].push_back("write_ahead");
  EXPECT_THAT(refusal(log), HasSubstr("cannot be judged from outside"));
  json source = good();
  source["outcome"]["from"] = "polling";
  EXPECT_THAT(refusal(source), HasSubstr("poll"));
}

TEST(TargetTest, ADurationWithoutUnitAndAnEncryptedUrlAreRefused) {
  json unit = good();
  unit["timeout"] = 250;
  EXPECT_THAT(refusal(unit), HasSubstr("/timeout"));
  json url = good();
  url["start"]["url"] = "https://127.0.0.1/orders";
  EXPECT_THAT(refusal(url), HasSubstr("https is not spoken here"));
}

TEST(TargetTest, AServiceThatTheScenarioDoesNotHaveIsNamed) {
  const Target target = parse_target(good().dump(), "target.json");
  const Scenario scenario = parse_scenario(
      R"({"name": "s", "steps": [{"name": "a", "service": "inventory_services", "compensation": "b"}]})",
      "s.json");
  try {
    check_fit(target, scenario);
    FAIL() << "it fits";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("inventory_service"), HasSubstr("inventory_services")));
  }
}

TEST(TargetTest, AnotherFileOrVersionIsAnotherSubject) {
  const Scenario scenario{
      .saga = {.name = "s",
               .steps = {{.name = "a", .service = "inventory_service", .compensatable = false}}}};
  const auto fingerprint = [&](const json& document) {
    return fingerprint_of(experiment(scenario, parse_target(document.dump(), "/dir/target.json")));
  };
  json other = good();
  other["start"]["url"] = "{target}/v2/orders";
  EXPECT_NE(fingerprint(other), fingerprint(good()));
  other = good();
  other["version"] = "v12";
  EXPECT_NE(fingerprint(other), fingerprint(good()));
  EXPECT_EQ(fingerprint(good()), fingerprint(json::parse(good().dump(2))));
}

TEST(TargetTest, ItsClaimsAndNameAreWhatItIsJudgedBy) {
  const Target target = parse_target(good().dump(), "target.json");
  const Scenario scenario = parse_scenario(
      R"({"name": "s", "steps": [{"name": "a", "service": "inventory_service", "compensation": "b"}]})",
      "s.json");
  const Experiment subject = experiment(scenario, target);
  EXPECT_EQ(subject.coordinator_name, "shop");
  EXPECT_EQ(subject.claims, target.claims);
  EXPECT_EQ(subject.target, "target.json");
}

}  // namespace
}  // namespace saga_harness::blackbox_test
