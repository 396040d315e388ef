// Exploring coordinators in processes of their own, written in Python, with known bugs.

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "python_targets.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

const std::vector<std::string> kPairs{"-k", "2", "--faults", "reply_lost,rejected", "--no-windows"};
const std::vector<std::string> kSingles{"-k", "1"};

TEST_F(TargetCommandTest, ACorrectOneIsUpheld) {
  const Result result = explore(server("none"), kPairs);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("UPHELD: no violation"));
  EXPECT_THAT(result.out, HasSubstr("coordinator python"));
}

TEST_F(TargetCommandTest, ACorrectOneIsUpheldUnderEverySingleFault) {
  const Result result = explore(server("none"), kSingles);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

TEST_F(TargetCommandTest, ACorrectOneThatIsAProcessPerSagaIsUpheld) {
  const Result result =
      explore(process_per_saga("none"), {"-k", "1", "--faults", "reply_lost,rejected", "--no-windows"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

TEST_F(TargetCommandTest, AnOldKeyIsReadWithANoteByExploreAndReplay) {
  json target = server("none");
  target["outcome"]["words"] = target["outcome"]["statuses"];
  target["outcome"].erase("statuses");
  const auto is_noted = AllOf(HasSubstr("note: "), HasSubstr("/outcome/words"), HasSubstr("\"statuses\""));
  const Result explored = explore(target, {"-k", "0"});
  EXPECT_EQ(explored.exit_code, 0) << explored.out << explored.err;
  EXPECT_THAT(explored.err, is_noted);
  const Result replayed =
      run({"replay", shop(), "--plan", "none", "--target", write_scratch("old.json", target.dump())});
  EXPECT_EQ(replayed.exit_code, 0) << replayed.out << replayed.err;
  EXPECT_THAT(replayed.err, is_noted);
}

TEST_F(TargetCommandTest, AStepInDoubtThatIsForgottenIsFoundAndItsTokenReplays) {
  const Result result = explore(server("forgets_in_doubt"), {"-k", "1", "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  const json document = json::parse(result.out);
  const json& finding = document["findings"][0];
  EXPECT_EQ(finding["rule"], "I1");
  EXPECT_EQ(finding["rests_on_time"], false);
  const std::string token = finding["token"];
  const Result again = run(
      {"replay", shop(), token, "--target", write_scratch("again.json", server("forgets_in_doubt").dump())});
  EXPECT_EQ(again.exit_code, 1) << again.out << again.err;
  const Result reference = run({"replay", shop(), token});
  EXPECT_EQ(reference.exit_code, 0) << reference.out << reference.err;
}

TEST_F(TargetCommandTest, BugsAreFoundByTheRulesTheyBreak) {
  const struct {
    const char* bug;
    const char* rule;
    std::vector<std::string> options;
  } kBugs[] = {{"stops_at_first", "I1", {"-k", "2", "--faults", "rejected,unavailable"}},
               {"wrong_order", "I2", {"-k", "1", "--faults", "reply_lost"}},
               {"completes_on_error", "I1", {"-k", "1", "--faults", "request_lost"}},
               {"pays_first", "I17", {"-k", "0"}},
               {"only_flags", "I1", {"-k", "0"}},
               {"always_back", "compensated though nothing failed", {"-k", "0"}}};
  for (const auto& [bug, rule, options] : kBugs) {
    std::vector<std::string> arguments = options;
    arguments.emplace_back("--json");
    const Result result = explore(server(bug), arguments);
    EXPECT_EQ(result.exit_code, 1) << bug << result.out << result.err;
    EXPECT_EQ(json::parse(result.out)["findings"][0]["rule"], rule) << bug;
  }
}

// Nobody has claimed that keys are sent: those that are are used all the same.
TEST_F(TargetCommandTest, HeavyKeysThatChangeBetweenAttemptsAreUsedAndSaidEverywhere) {
  const std::string note = "an operation changed its idempotency key between attempts";
  const std::string records = scratch("records");
  const Result found = explore(
      server("fresh_keys"), {"-k", "1", "--faults", "error_after_effect", "--no-windows", "--out", records});
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(found.out, AllOf(HasSubstr("I5 at most once, step create_order"), HasSubstr("note: " + note)));
  EXPECT_THAT(json::parse(read_file(records + "/exploration.json"))["notes"][0].get<std::string>(),
              HasSubstr(note));
  for (const char* format : {"terminal", "json", "markdown", "html", "junit", "github"})
    EXPECT_THAT(unwrapped(run({"report", records, "--format", format}).out), HasSubstr(note)) << format;
}

TEST_F(TargetCommandTest, HeavyKnownFindingsOfATargetAreSetAside) {
  const std::vector<std::string> options{"-k", "1", "--faults", "request_lost", "--no-windows", "--json"};
  const Result unknown = explore(server("completes_on_error"), options);
  ASSERT_EQ(unknown.exit_code, 1) << unknown.out << unknown.err;
  json scenario{{"saga", json::parse(read_file(shop()))}};
  const json shown = json::parse(unknown.out);
  for (const json& finding : shown["findings"]) {
    scenario["known"].push_back({{"rule", finding["rule"]},
                                 {"step", finding["step"]},
                                 {"outcome", finding["outcome"]},
                                 {"reason", "legacy"},
                                 {"owner", "payments"},
                                 {"expires", "2027-01-31"}});
  }
  const std::string file = write_scratch("shop_known.json", scenario.dump());
  const std::string target = write_scratch("completes.json", server("completes_on_error").dump());
  const std::string records = scratch("known");
  std::vector<std::string> arguments{"explore", file,         "--target", target,
                                     "--today", "2027-01-01", "--out",    records};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Result found = run(arguments);
  EXPECT_NE(found.exit_code, 1) << found.out << found.err;
  const json document = json::parse(found.out);
  EXPECT_EQ(document["findings"].size(), 0U);
  EXPECT_EQ(document["violated_schedules"], "0");
  EXPECT_EQ(document["known"][0]["state"], "shown");
  const Result reported = run({"report", records, "--format", "json", "--today", "2027-01-01"});
  EXPECT_EQ(reported.exit_code, found.exit_code) << reported.out;
  EXPECT_EQ(json::parse(reported.out)["sagas"][0]["searches"][0]["known"], document["known"]);
}

TEST_F(TargetCommandTest, ItsRecordsReportWhatItFoundInEveryFormat) {
  const std::string records = scratch("records");
  const Result found =
      explore(server("forgets_in_doubt"), {"-k", "1", "--faults", "reply_lost", "--out", records});
  ASSERT_EQ(found.exit_code, 1) << found.out << found.err;
  for (const char* format : {"terminal", "json", "markdown", "html", "junit", "github", "timeline", "diagram",
                             "diagram-svg", "badge", "prometheus"}) {
    EXPECT_EQ(run({"report", records, "--format", format}).exit_code, 1) << format;
  }
  EXPECT_EQ(run({"report", records, "--gate"}).exit_code, 1);
  const json report = json::parse(run({"report", records, "--format", "json"}).out);
  EXPECT_EQ(report["verdict"], "violated");
  const json& finding = report["sagas"][0]["findings"][0];
  EXPECT_THAT(finding["command"], HasSubstr(" --target "));
  EXPECT_FALSE(finding["trace"].empty());
  EXPECT_THAT(run({"report", records, "--format", "junit"}).out, HasSubstr("<failure"));
}

TEST_F(TargetCommandTest, BothOfWhatItTreatsAlikeNeedNotBeCombinedAndEveryOutputSaysSo) {
  const std::string records = scratch("by_classes");
  const Result found =
      explore(server("none"), {"-k", "2", "--faults", "rejected,unavailable,error_after_effect",
                               "--no-windows", "--classes", "--out", records});
  ASSERT_EQ(found.exit_code, 0) << found.out << found.err;
  const json exploration = json::parse(read_file(records + "/exploration.json"));
  EXPECT_EQ(exploration["verdict"], "upheld");
  EXPECT_EQ(exploration["exhausted"], false);
  const json& classes = exploration["classes"];
  const auto number = [&classes](const char* key) { return std::stoi(classes[key].get<std::string>()); };
  EXPECT_LT(number("run"), number("of"));
  const std::string extent = "exhausted up to classes, " + classes["run"].get<std::string>() + " of " +
                             classes["of"].get<std::string>() + " plans run";
  EXPECT_EQ(exploration["scope"], extent);
  EXPECT_THAT(found.out, HasSubstr(extent));

  const Result report = run({"report", records});
  EXPECT_EQ(report.exit_code, 0) << report.out << report.err;
  EXPECT_THAT(report.out, HasSubstr(extent));
  const json told = json::parse(run({"report", records, "--format", "json"}).out);
  EXPECT_EQ(told["sagas"][0]["searches"][0]["classes"], classes);
  EXPECT_EQ(told["sagas"][0]["searches"][0]["exhausted"], false);
  EXPECT_EQ(run({"report", records, "--gate"}).exit_code, 0);
  EXPECT_EQ(run({"report", records, "--gate", "--exhausted"}).exit_code, 3);
}

TEST_F(TargetCommandTest, OneThatRetriesForEverIsALivelockAndNoHang) {
  json target = server("retries_for_ever");
  target["limits"] = {{"calls", 24}};  // which also a slow machine reaches before the limit of a run's time
  const Result result = explore(target, {"-k", "2", "--faults", "rejected,unavailable", "--stop-at-first"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("I6 terminates"), HasSubstr("the bound on calls")));
}

// That faults are kept up no longer is the driver's own doing: no clock decides whether it would have gone
// on.
TEST_F(TargetCommandTest, OneThatRetriesForEverDoesSoHoweverShortThePatience) {
  json target = server("retries_for_ever");
  target["process"]["env"] = {{"BACK_OFF", "0.02"}};  // it is the target that is slow, on any machine
  target["limits"] = {{"patience", "100ms"}, {"calls", 24}};
  const Result result =
      run({"replay", shop(), "--target", write_scratch("target.json", target.dump()), "--plan",
           "reserve_inventory.action#1:rejected, create_order.compensation#1..heal:unavailable"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("the bound on calls"));
}

TEST_F(TargetCommandTest, OneThatTossesCoinsIsNotDeterministic) {
  const Result result = explore(server("flips_coins"), {"-k", "1", "--faults", "reply_lost,unavailable"});
  EXPECT_EQ(result.exit_code, 70) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("\nERROR: "));
}

TEST_F(TargetCommandTest, ADurableOneSurvivesCrashes) {
  const Result result = explore(durable_server("none"), {"-k", "1", "--faults", "coordinator_crash"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("compensated"));
}

TEST_F(TargetCommandTest, HeavyADurableOneThatForgetsIsFound) {
  const Result result =
      explore(durable_server("forgets_on_restart"), {"-k", "1", "--faults", "coordinator_crash"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("I1 truthful outcome"));
}

TEST_F(TargetCommandTest, ADurableOneIsAskedAgainByARequestOfItsOwn) {
  for (const auto& [bug, exit_code] : {std::pair("none", 0), std::pair("forgets_on_restart", 1)}) {
    json target = durable_server(bug);
    target["start"] = start_by("/orders");
    target["resume"] = {{"method", "GET"}, {"url", "{target}/orders/{saga_id}?wait=1"}};
    target["outcome"] = {{"from", "response"}, {"pointer", "/status"}, {"statuses", statuses()}};
    const Result result = explore(target, {"-k", "1", "--faults", "coordinator_crash,reply_lost"});
    EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
  }
}

TEST_F(TargetCommandTest, HeavyADurableProcessOfOneSagaIsRunAgain) {
  for (const auto& [bug, exit_code] : {std::pair("none", 0), std::pair("forgets_on_restart", 1)}) {
    json target = process_per_saga(bug);
    target["start"]["command"].push_back("--log");
    target["start"]["command"].push_back("{scratch}/{saga_id}.db");
    target["durable"] = true;
    const Result result = explore(target, {"-k", "1", "--faults", "coordinator_crash"});
    EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
    target["resume"] = target["start"];
    EXPECT_EQ(explore(target, {"-k", "1", "--faults", "coordinator_crash"}).exit_code, exit_code);
  }
}

TEST_F(TargetCommandTest, HeavyAProcessForEachSagaIsStartedAfresh) {
  json target = durable_server("none");
  target["isolation"] = "fresh";
  const Result result = explore(target, {"-k", "1", "--faults", "coordinator_crash,rejected"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  json broken = server("forgets_in_doubt");
  broken["isolation"] = "fresh";
  EXPECT_EQ(explore(broken, {"-k", "1", "--faults", "reply_lost"}).exit_code, 1);
}

TEST_F(TargetCommandTest, AnEndThatNeverComesRestsOnTime) {
  json target = server("sleeps");
  target["limits"] = {{"run", "700ms"}};
  const Result result = explore(target, {"-k", "1", "--faults", "rejected"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("I6 terminates"), HasSubstr("the limit of 700ms"),
                                HasSubstr("this rests on a timeout of real time")));
}

TEST_F(TargetCommandTest, HeavyHowManyRunAtATimeDoesNotShow) {
  std::vector<std::string> one{"-k", "1", "--json", "--workers", "1", "--faults", "reply_lost,unavailable"};
  std::vector<std::string> many = one;
  many[4] = "8";
  EXPECT_EQ(explore(server("forgets_in_doubt"), one).out, explore(server("forgets_in_doubt"), many).out);
}

TEST_F(TargetCommandTest, WhatItWroteBeforeItDiedIsShown) {
  json target = server("none");
  target["process"]["command"] = {"sh", "-c", "echo the port is taken >&2; exit 9"};
  const Result result = explore(target);
  EXPECT_EQ(result.exit_code, 64) << result.out << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("ended with exit code 9"), HasSubstr("the port is taken")));
}

// One run at a time: what was under way when it died would end otherwise the second time, which is not the
// same twice.
TEST_F(TargetCommandTest, OneThatDiesIsFoundAndDisturbsNoLaterRun) {
  const Result result = explore(
      server("dies"), {"-k", "2", "--workers", "1", "--faults", "rejected,unavailable", "--no-windows"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("VIOLATED: 1 finding,"), HasSubstr("ended with exit code 3"),
                                HasSubstr("it wrote to stderr: out of luck")));
}

TEST_F(TargetCommandTest, AnUnknownWordIsNamed) {
  json target = server("none");
  target["outcome"]["statuses"] = {{"complete", "completed"}};
  const Result result = explore(target);
  EXPECT_EQ(result.exit_code, 64) << result.out << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("\"completed\""), HasSubstr("complete")));
}

TEST_F(TargetCommandTest, APointerThatLeadsNowhereIsAMistakeInTargetJsonAndNoViolation) {
  json target = server("none");
  target["outcome"]["pointer"] = "/stauts";
  const Result result = explore(target, kSingles);
  EXPECT_EQ(result.exit_code, 64) << result.out << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("/outcome/pointer"), HasSubstr("/stauts"),
                                HasSubstr("did you mean \"status\"?")));
  json process = process_per_saga("none");
  process["outcome"] = {
      {"from", "stdout"}, {"pointer", "/stauts"}, {"statuses", target["outcome"]["statuses"]}};
  EXPECT_EQ(explore(process, kSingles).exit_code, 64);
}

TEST_F(TargetCommandTest, OneThatCannotBeReachedIsAnError) {
  json target = server("none");
  target.erase("process");
  target["start"]["url"] = "http://127.0.0.1:1/orders";
  const Result result = explore(target);
  EXPECT_EQ(result.exit_code, 64) << result.out << result.err;
  EXPECT_THAT(result.err, HasSubstr("cannot be reached at http://127.0.0.1:1/orders"));
}

TEST_F(TargetCommandTest, FaultsThatNeedADeclarationSayWhich) {
  const Result crash = explore(server("none"), {"--faults", "coordinator_crash"});
  EXPECT_EQ(crash.exit_code, 64);
  EXPECT_THAT(crash.err, HasSubstr("\"durable\""));
  const Result late = explore(server("none"), {"--faults", "reply_late"});
  EXPECT_EQ(late.exit_code, 64);
  EXPECT_THAT(late.err, HasSubstr("\"timeout\""));
}

TEST_F(TargetCommandTest, OneThatUndoesAfterItHasSaidSoIsWaitedFor) {
  const Result result = explore(server("undoes_later"), {"-k", "1", "--faults", "rejected"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

TEST_F(TargetCommandTest, RequestsThatNameNoSagaAreSaidToBeTheCause) {
  json target = server("anonymous");
  target["start"]["body"]["services"] = "{shared_urls}";
  const Result result = explore(target);
  EXPECT_EQ(result.exit_code, 64) << result.out << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("name no saga"), HasSubstr("{service_url:NAME}")));
}

TEST_F(TargetCommandTest, RequestsThatFitNothingAreSaidToBeTheCause) {
  const Result result = explore(server("misspells"));
  EXPECT_EQ(result.exit_code, 64) << result.out << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("reserve_inventoryx"), HasSubstr("reserve_inventory")));
}

TEST_F(TargetCommandTest, ARunWithoutFaultsThatGoesBackForNoReasonIsViolated) {
  const Result result = explore(server("gives_up"), {"-k", "0"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("no fault struck and nothing failed, but the saga ended compensated"));
  EXPECT_THAT(result.err, HasSubstr("without any fault, the saga ended compensated"));
}

TEST_F(TargetCommandTest, OptionsThatDoNotGoWithATargetAreRefused) {
  EXPECT_EQ(explore(server("none"), {"--swarm", "x"}).exit_code, 64);
  EXPECT_EQ(explore(server("none"), {"--coordinator", "skips_last"}).exit_code, 64);
  EXPECT_EQ(run({"explore", scenario("order_processing"), "--classes"}).exit_code, 64);
}

}  // namespace
}  // namespace saga_harness::cli_tests
