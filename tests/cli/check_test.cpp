#include <ostream>

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

/// A definition with one thing wrong, and what the error must say.
struct BadDefinition {
  std::string name;
  std::string text;
  std::string place;  ///< JSON pointer, or line and column of what is not JSON at all
  std::string fix;
};
void PrintTo(const BadDefinition& bad, std::ostream* out) { *out << bad.name; }

std::string scenario_of(const std::string& steps) {
  return R"({"saga": {"name": "bad", "steps": [)" + steps + "]}}";
}
std::string step_with(const std::string& more) {
  return R"({"name": "one", "service": "s", "compensation": "undo_one")" + more + "}";
}

std::vector<BadDefinition> bad_definitions() {
  const std::string other = R"({"name": "two", "service": "s", "compensation": "undo_two"})";
  constexpr std::size_t kMiB = 1U << 20U;
  constexpr std::size_t kDeep = 100'000;
  return {
      {"UnknownKey", scenario_of(step_with(R"(, "timeuot": "1s")")), "/saga/steps/0/timeuot",
       "did you mean \"timeout\"?; remove or rename it"},
      {"DuplicateStep", scenario_of(step_with("") + ", " + step_with("")), "/saga/steps/1/name",
       "give one of them another"},
      {"DependencyCycle", scenario_of(step_with(R"(, "after": ["two"])") + ", " + other),
       "/saga/steps/0/after", "break the circle at one of them"},
      {"MissingCompensation", scenario_of(R"({"name": "one", "service": "s"}, )" + other),
       "/saga/steps/0/compensation",
       "name one, or declare \"compensatable\": false, or \"has_effect\": false where it only looks"},
      {"CompensatableStepAfterPivot",
       scenario_of(R"({"name": "one", "service": "s", "pivot": true}, )" + other),
       "/saga/steps/1/compensation", "remove the compensation"},
      {"NonPositiveTimeout", scenario_of(step_with(R"(, "timeout": "0s")")), "/saga/steps/0/timeout",
       "give a positive duration"},
      {"WrongType", scenario_of(step_with(R"(, "pivot": "yes")")), "/saga/steps/0/pivot", "write"},
      {"DurationWithoutUnit", scenario_of(step_with(R"(, "timeout": 10)")), "/saga/steps/0/timeout",
       "write it as a string with us, ms, s, min or h"},
      {"BadUtf8", "{\"saga\": {\"name\": \"bad\xff\"}}", ":1:", "fix the text there"},
      {"TooLarge", std::string(64 * kMiB, ' '), "16 MiB", "split it"},
      {"TooDeep", R"({"saga": {"name": )" + std::string(kDeep, '[') + std::string(kDeep, ']') + "}}",
       "/saga/name/0/0", "flatten it"},
      {"NotJson", "{\"saga\": ", ":1:", "fix the text there"},
      {"Empty", "", ":1:1: ", "fix the text there"},
      {"UnknownFake",
       R"({"saga": {"name": "bad", "steps": [)" + step_with("") +
           R"(]}, "participants": {"s": {"fake": "stok"}}})",
       "/participants/s/fake", "did you mean \"stock\"?"},
  };
}

class BadDefinitionTest : public testing::TestWithParam<BadDefinition> {};

TEST_P(BadDefinitionTest, IsRefusedWithFilePlaceAndMend) {
  const std::string path = write_scratch("bad.json", GetParam().text);
  const std::vector<std::vector<std::string>> commands = {
      {"check", path}, {"explore", path}, {"replay", path, "--plan", "none"}, {"list", path}};
  for (const auto& arguments : commands) {
    const Result result = run(arguments);
    EXPECT_EQ(result.exit_code, 64) << arguments[0] << '\n' << result.out << result.err.substr(0, 1000);
    EXPECT_THAT(result.out, IsEmpty()) << arguments[0];
    EXPECT_THAT(result.err, HasSubstr("saga-harness: " + path)) << arguments[0];
    EXPECT_THAT(result.err, HasSubstr(GetParam().place)) << arguments[0];
    EXPECT_THAT(result.err, HasSubstr(GetParam().fix)) << arguments[0];
    EXPECT_LT(result.err.size(), 2000U) << arguments[0];
  }
}

INSTANTIATE_TEST_SUITE_P(EachKind, BadDefinitionTest, testing::ValuesIn(bad_definitions()),
                         [](const auto& test) { return test.param.name; });

TEST(CheckTest, SaysOkOfGoodOnes) {
  const Result result = run({"check", scenario("order_processing"), scenario("order_processing_fallback")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("order_processing.json: ok, saga order_processing, 5 steps\n"));
  EXPECT_THAT(result.out, HasSubstr("order_processing_fallback.json: ok, "));
  EXPECT_THAT(result.err, IsEmpty());
}

TEST(CheckTest, NamesEveryProblemOfEveryFile) {
  const std::string twice =
      write_scratch("twice.json", scenario_of(step_with(R"(, "timeout": "0s")") + ", " + step_with("")));
  const std::string missing = scratch("missing.json");
  const Result result = run({"check", twice, scenario("order_processing"), missing});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.out, HasSubstr("order_processing.json: ok"));
  EXPECT_THAT(result.err, HasSubstr("/saga/steps/0/timeout"));
  EXPECT_THAT(result.err, HasSubstr("/saga/steps/1/name"));
  EXPECT_THAT(result.err, HasSubstr("saga-harness: " + missing));
  EXPECT_THAT(result.err, HasSubstr("No such file"));
}

TEST(CheckTest, SaysWhatConditionalStepsDependOn) {
  const Result result = run({"check", scenario("trip_with_options")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("  apply_for_visa: only if /destination/needs_visa equals true, which does "
                        "not hold: skipped\n"));
  EXPECT_THAT(result.out, HasSubstr("  insure: only if /insured equals true, which holds\n"));
  const Result as_json =
      run({"check", "--json", scenario("trip_with_options"), scenario("order_processing")});
  const json document = json::parse(as_json.out);
  EXPECT_EQ(document[0]["conditions"][0]["step"], "apply_for_visa");
  EXPECT_EQ(document[0]["conditions"][0]["skipped"], true);
  EXPECT_EQ(document[0]["conditions"][2]["skipped"], false);
  EXPECT_EQ(document[1].count("conditions"), 0U);
}

TEST(CheckTest, RefusesAConditionThatItsContextLeavesOpen) {
  const std::string path = write_scratch(
      "open.json", scenario_of(step_with(R"(, "only_if": {"pointer": "/weight", "above": 1})")));
  for (const char* command : {"check", "explore", "list"}) {
    const Result result = run({command, path});
    EXPECT_EQ(result.exit_code, 64) << command;
    EXPECT_THAT(result.err, HasSubstr("step \"one\": the condition \"/weight above 1\" needs a number"));
  }
}

TEST(ListTest, ShowsTheConditionAtItsStep) {
  const Result text = run({"list", scenario("trip_with_options")});
  EXPECT_THAT(text.out,
              HasSubstr("\n  apply_for_visa only if /destination/needs_visa equals true: skipped\n"));
  EXPECT_THAT(text.out, HasSubstr("\n  insure only if /insured equals true\n"));
  const json document = json::parse(run({"list", "--json", scenario("trip_with_options")}).out);
  EXPECT_EQ(document["operations"][0]["only_if"], "/destination/needs_visa equals true");
  EXPECT_EQ(document["operations"][0]["skipped"], true);
  EXPECT_EQ(document["operations"][2].count("only_if"), 0U);
}

TEST(CheckTest, SaysWhichStepsDependOnAnAnswer) {
  EXPECT_THAT(
      run({"check", scenario("trade_audit")}).out,
      HasSubstr("  audit_big: only if /results/look_up/order_type equals 13, which its answer decides\n"));
  const json checked = json::parse(run({"check", "--json", scenario("trade_audit")}).out);
  EXPECT_EQ(checked[0]["conditions"][1]["decided_by"], "look_up");
  EXPECT_THAT(run({"list", scenario("trade_audit")}).out,
              HasSubstr("\n  audit_big only if /results/look_up/order_type equals 13\n"));
}

TEST(CheckTest, RefusesAPointerIntoNeitherContextNorResult) {
  const std::string path = write_scratch(
      "neither.json", scenario_of(step_with(R"(, "only_if": {"pointer": "/one/order_type", "equals": 13})")));
  for (const char* command : {"check", "explore", "list"}) {
    const Result result = run({command, path});
    EXPECT_EQ(result.exit_code, 64) << command;
    EXPECT_THAT(result.err,
                HasSubstr("/saga/steps/0/only_if/pointer: step \"one\": \"/one/order_type\" leads "
                          "neither into the context nor to a result of an earlier step"));
  }
}

TEST(CheckTest, SaysWhichStepsAreCompensatedThoughRefused) {
  EXPECT_THAT(run({"check", scenario("order_with_hold")}).out,
              HasSubstr("\n  hold_amount: compensated even if refused\n"));
  const json checked = json::parse(run({"check", "--json", scenario("order_with_hold")}).out);
  EXPECT_EQ(checked[0]["compensated_if_refused"], json::parse(R"(["hold_amount"])"));
  EXPECT_THAT(run({"list", scenario("order_with_hold")}).out,
              HasSubstr("hold_amount.compensation (even if refused)"));
  const json listed = json::parse(run({"list", "--json", scenario("order_with_hold")}).out);
  for (const json& operation : listed["operations"])
    EXPECT_EQ(operation.value("compensated_if_refused", false), operation["step"] == "hold_amount");
}

TEST(CheckTest, SaysWhichStepsOnlyLook) {
  EXPECT_THAT(run({"check", scenario("order_with_check")}).out,
              HasSubstr("\n  check_credit: no effect, nothing to undo\n"));
  const json checked = json::parse(run({"check", "--json", scenario("order_with_check")}).out);
  EXPECT_EQ(checked[0]["no_effect"], json::parse(R"(["look_up_stock","check_credit"])"));
  EXPECT_THAT(run({"list", scenario("order_with_check")}).out, HasSubstr("check_credit.action (no effect)"));
  const json listed = json::parse(run({"list", "--json", scenario("order_with_check")}).out);
  EXPECT_EQ(listed["operations"][0]["has_effect"], false);
  EXPECT_EQ(listed["operations"][1].count("has_effect"), 0U);
}

TEST(CheckTest, SaysWhichStepsAreOptional) {
  EXPECT_THAT(run({"check", scenario("order_with_gift")}).out, HasSubstr("\n  wrap_gift: optional\n"));
  const json checked = json::parse(run({"check", "--json", scenario("order_with_gift")}).out);
  EXPECT_EQ(checked[0]["optional"], json::parse(R"(["wrap_gift","send_receipt"])"));
  EXPECT_THAT(run({"list", scenario("order_with_gift")}).out, HasSubstr("wrap_gift.action (optional)"));
  const json listed = json::parse(run({"list", "--json", scenario("order_with_gift")}).out);
  EXPECT_EQ(listed["operations"][2]["optional"], true);
  EXPECT_EQ(listed["operations"][0].count("optional"), 0U);
}

TEST(ExploreConditionsTest, SaysWhatIsSkippedAndSeesWhoDoesNotSkip) {
  const Result upheld = run({"explore", scenario("trip_with_options"), "-k", "1"});
  EXPECT_EQ(upheld.exit_code, 0) << upheld.out;
  EXPECT_THAT(upheld.out, HasSubstr("Skipped: apply_for_visa, only if /destination/needs_visa equals true"));
  const Result violated =
      run({"explore", scenario("trip_with_options"), "-k", "0", "--coordinator", "condition_ignored"});
  EXPECT_EQ(violated.exit_code, 1);
  EXPECT_THAT(violated.out, HasSubstr("I1"));
}

TEST(CheckTest, RefusesADirectory) {
  const Result result = run({"check", SAGA_HARNESS_SCENARIOS_DIR});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("saga-harness: " SAGA_HARNESS_SCENARIOS_DIR));
}

TEST(CheckTest, WritesJson) {
  const std::string bad = write_scratch("bad.json", "[]");
  const Result result = run({"check", "--json", scenario("order_processing"), bad});
  EXPECT_EQ(result.exit_code, 64);
  const json document = json::parse(result.out);
  EXPECT_EQ(document[0]["ok"], true);
  EXPECT_EQ(document[1]["ok"], false);
  EXPECT_THAT(document[1]["problem"].get<std::string>(), Not(IsEmpty()));
}

TEST(CheckTest, SaysOkOfChoreographiesWithoutLooseEvents) {
  const Result result =
      run({"check", scenario("order_choreography"), scenario("order_choreography_parallel")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("order_choreography_parallel.json: ok, saga order_choreography_parallel, 5 steps"));
}

TEST(CheckTest, NamesEventsOfAChoreographyThatLeadNowhereOrComeFromNowhere) {
  constexpr const char* kLoose = R"({"saga": {
    "name": "loose", "choreography": {"starts_with": "start"},
    "steps": [
      {"name": "one", "service": "s", "compensation": "undo_one", "on_event": ["start"],
       "emits": {"success": "one.done"}, "compensate_on": ["two.flaied"]},
      {"name": "two", "service": "s", "pivot": true, "on_event": ["one.done"],
       "emits": {"success": "two.done", "failure": "two.failed"}}]}})";
  const std::string path = write_scratch("loose.json", kLoose);
  const Result result = run({"check", path});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err,
              HasSubstr(path + ": /saga/steps/0/compensate_on/0: step \"one\" waits for \"two.flaied\", "
                               "which nobody emits; did you mean \"two.failed\"?"));
  EXPECT_THAT(result.err,
              HasSubstr(path + ": /saga/steps/1/emits/failure: nobody subscribes to \"two.failed\": the "
                               "effect of \"one\" would be left"));
  EXPECT_EQ(run({"explore", path, "-k", "1"}).exit_code, 1);  // it can be run all the same, and shows
}

}  // namespace
}  // namespace saga_harness::cli_tests
