#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/saga_index.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using model_test::order_saga;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

std::string saga_refusal(std::string_view json) {
  return error_of([&] { return parse_saga(json, "orders.json"); });
}

// A definition of one step, with `members` added to it.
std::string step_with(const std::string& members) {
  return R"({"name": "s", "steps": [{"name": "a", "service": "x", "compensation": "u", )" + members + "}]}";
}

TEST(ParseSagaTest, NeedsOnlyNamesAndServices) {
  const Saga saga =
      parse_saga(R"({"name": "s", "steps": [{"name": "a", "service": "x", "pivot": true}]})", "f");
  EXPECT_EQ(saga, (Saga{.name = "s", .steps = {{.name = "a", .service = "x", .pivot = true}}}));
}

TEST(ParseSagaTest, ReadsEveryKey) {
  const Saga saga = parse_saga(R"({
    "name": "s",
    "steps": [
      {"name": "a", "service": "x", "action": "do_a", "compensation": "undo_a", "fallback": "try_a",
       "timeout": "250ms", "retry": {"attempts": 4, "delay": "1ms", "factor": 1.5, "max_delay": "1min"},
       "compensation_timeout": "2h", "compensation_retry": {"attempts": 7}, "idempotent": false},
      {"name": "b", "service": "y", "compensation": null, "fallback": null, "compensatable": false,
       "after": ["a"]},
      {"name": "c", "service": "z", "pivot": true, "after": null}
    ],
    "deadline": "1.5s",
    "context": {"b": 1, "a": [true, null]}})",
                               "f");
  const Saga expected{
      .name = "s",
      .steps = {{.name = "a",
                 .service = "x",
                 .action = "do_a",
                 .compensation = "undo_a",
                 .fallback = "try_a",
                 .timeout = 250ms,
                 .retry = {.attempts = 4, .delay = 1ms, .factor = 1.5, .max_delay = 1min},
                 .compensation_timeout = 2h,
                 .compensation_retry = {.attempts = 7},
                 .idempotent = false},
                {.name = "b", .service = "y", .compensatable = false, .after = std::vector<std::string>{"a"}},
                {.name = "c", .service = "z", .pivot = true}},
      .deadline = 1500ms,
      .context = Context::parse(R"({"a":[true,null],"b":1})")};
  EXPECT_EQ(saga, expected);
}

TEST(ParseSagaTest, KeepsTheDefaultsOfAPartialRetryPolicy) {
  const Saga saga = parse_saga(step_with(R"("compensation_retry": {"delay": "5ms"})"), "f");
  EXPECT_EQ(saga.steps[0].compensation_retry, (RetryPolicy{.attempts = 3, .delay = 5ms}));
}

TEST(ParseSagaTest, RefusesAnUnknownKeyWithTheNearest) {
  EXPECT_EQ(saga_refusal(R"({"nam": "s"})"),
            "orders.json: /nam: a saga has no key \"nam\"; did you mean \"name\"?; remove or rename it");
  EXPECT_THAT(saga_refusal(step_with(R"("timeot": "1s")")),
              HasSubstr("/steps/0/timeot: a step has no key \"timeot\"; did you mean \"timeout\"?"));
  EXPECT_THAT(
      saga_refusal(step_with(R"("retry": {"zzzzzzzz": 1})")),
      HasSubstr("/steps/0/retry/zzzzzzzz: a retry policy has no key \"zzzzzzzz\"; expected attempts, delay, "
                "factor or max_delay"));
}

TEST(ParseSagaTest, RefusesAMissingKey) {
  EXPECT_EQ(saga_refusal(R"({"steps": []})"), "orders.json: the key \"name\" is missing; add it");
  EXPECT_EQ(saga_refusal(R"({"name": "s", "steps": [{"name": "a"}]})"),
            "orders.json: /steps/0: the key \"service\" is missing; add it");
}

TEST(ParseSagaTest, RefusesAWrongType) {
  EXPECT_EQ(saga_refusal("[]"),
            "orders.json: expected an object, found an array; a saga is written between { and }");
  EXPECT_EQ(saga_refusal(R"({"name": 7, "steps": []})"),
            "orders.json: /name: expected a string, found an integer; write it between double quotes");
  EXPECT_THAT(saga_refusal(R"({"name": "s", "steps": {}})"),
              HasSubstr("/steps: expected an array, found an object"));
  EXPECT_THAT(saga_refusal(R"({"name": "s", "steps": [null]})"),
              HasSubstr("/steps/0: expected an object, found null"));
  EXPECT_THAT(saga_refusal(step_with(R"("idempotent": 1)")),
              HasSubstr("expected a boolean, found an integer"));
  EXPECT_THAT(saga_refusal(step_with(R"("retry": {"attempts": 1.5})")),
              HasSubstr("expected an integer, found a number"));
  EXPECT_THAT(saga_refusal(step_with(R"("retry": {"factor": "2"})")),
              HasSubstr("expected a number, found a string"));
  EXPECT_THAT(saga_refusal(step_with(R"("after": ["a", 3])")),
              HasSubstr("/steps/0/after/1: expected a string"));
  EXPECT_THAT(saga_refusal(R"({"name": "s", "steps": [], "context": []})"),
              HasSubstr("/context: the context is not"));
}

TEST(ParseSagaTest, ReadsEveryComparison) {
  const auto read = [](const std::string& comparison) {
    return parse_saga(step_with(R"("only_if": {"pointer": "/x", )" + comparison + "}"), "f").steps[0].only_if;
  };
  const Json null = Json::parse("null");
  EXPECT_EQ(read(R"("equals": null)"), (Condition{"/x", Comparison::kEquals, null}));
  EXPECT_EQ(read(R"("differs_from": {"b": 1, "a": 2})"),
            (Condition{"/x", Comparison::kDiffersFrom, Json::parse(R"({"a":2,"b":1})")}));
  EXPECT_EQ(read(R"("above": 1.5)"), (Condition{"/x", Comparison::kAbove, 1.5}));
  EXPECT_EQ(read(R"("at_most": -3)"), (Condition{"/x", Comparison::kAtMost, -3}));
  EXPECT_EQ(read(R"("present": false)"), (Condition{"/x", Comparison::kPresent, false}));
  EXPECT_EQ(parse_saga(step_with(R"("only_if": null)"), "f").steps[0].only_if, std::nullopt);
}

TEST(ParseSagaTest, RefusesAConditionThatIsNone) {
  const auto refused = [](const std::string& members) {
    return saga_refusal(step_with(R"("only_if": {)" + members + "}"));
  };
  EXPECT_EQ(refused(R"("equals": 1)"),
            "orders.json: /steps/0/only_if: the key \"pointer\" is missing; add it");
  EXPECT_THAT(refused(R"("pointer": "/x")"), HasSubstr("/only_if: the condition compares with nothing; add"));
  EXPECT_THAT(refused(R"("pointer": "/x", "above": 1, "at_most": 3)"),
              HasSubstr("/only_if/at_most: the condition has a second comparison; keep one"));
  EXPECT_THAT(refused(R"("pointer": "/x", "equal": 1)"),
              HasSubstr("a condition has no key \"equal\"; did you mean \"equals\"?"));
  EXPECT_THAT(refused(R"("pointer": "x", "equals": 1)"),
              HasSubstr("/steps/0/only_if/pointer: the pointer \"x\" is no JSON pointer; begin it with /"));
  EXPECT_THAT(refused(R"("pointer": "/x~2", "equals": 1)"), HasSubstr("no JSON pointer"));
  EXPECT_THAT(refused(R"("pointer": "/x", "above": "1")"),
              HasSubstr("/steps/0/only_if/above: \"1\" is compared by \"above\", but no number"));
  EXPECT_THAT(refused(R"("pointer": "/x", "present": 1)"), HasSubstr("but neither true nor false"));
}

TEST(ToJsonTest, WritesAConditionOnlyWhereThereIsOne) {
  Saga saga = order_saga();
  EXPECT_THAT(to_json(saga), testing::Not(HasSubstr("only_if")));
  const std::uint64_t hash = definition_hash(saga);
  saga.steps[1].only_if = Condition{.pointer = "/items", .comparison = Comparison::kDiffersFrom, .value = 0};
  EXPECT_THAT(to_json(saga),
              HasSubstr(R"("after":null,"only_if":{"pointer":"/items","differs_from":0}},{"name":"process)"));
  EXPECT_EQ(parse_saga(to_json(saga), "f"), saga);
  EXPECT_NE(definition_hash(saga), hash);
}

/// A shape that few steps have.
struct Shape {
  std::string_view key;
  std::string_view json;  // between `pivot` and `after`
  void (*give)(Step& step);
  bool (SagaIndex::*is_there)() const noexcept;

  friend void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.key; }
};

class ShapeToJsonTest : public testing::TestWithParam<Shape> {};

TEST_P(ShapeToJsonTest, IsSaidOnlyOfAStepThatHasIt) {
  const Shape& shape = GetParam();
  Saga saga = order_saga();
  EXPECT_THAT(to_json(saga), testing::Not(HasSubstr(std::string(shape.key))));
  EXPECT_FALSE((SagaIndex(saga).*shape.is_there)());
  const std::uint64_t hash = definition_hash(saga);
  shape.give(saga.steps[1]);
  EXPECT_THAT(to_json(saga), HasSubstr("\"pivot\":false," + std::string(shape.json) + ",\"after\":null"));
  EXPECT_EQ(parse_saga(to_json(saga), "f"), saga);
  EXPECT_NE(definition_hash(saga), hash);
  EXPECT_TRUE((SagaIndex(saga).*shape.is_there)());
}

INSTANTIATE_TEST_SUITE_P(Each, ShapeToJsonTest,
                         testing::Values(Shape{"optional", R"("optional":true)",
                                               [](Step& step) { step.optional = true; },
                                               &SagaIndex::has_optional},
                                         Shape{"compensated_if_refused", R"("compensated_if_refused":true)",
                                               [](Step& step) { step.compensated_if_refused = true; },
                                               &SagaIndex::compensates_refused},
                                         Shape{"has_effect", R"("has_effect":false)",
                                               [](Step& step) {
                                                 step.has_effect = false;
                                                 step.compensation.clear();
                                               },
                                               &SagaIndex::has_checks}),
                         [](const auto& shape) { return std::string(shape.param.key); });

TEST(ParseSagaTest, RefusesADurationWithoutUnit) {
  EXPECT_EQ(saga_refusal(step_with(R"("timeout": 250)")),
            "orders.json: /steps/0/timeout: the duration 250 has no unit; write it as a string with us, ms, "
            "s, min or "
            "h, like \"250ms\"");
  EXPECT_THAT(saga_refusal(step_with(R"("timeout": "250")")),
              HasSubstr("/steps/0/timeout: \"250\" is not a duration"));
  EXPECT_THAT(saga_refusal(step_with(R"("timeout": null)")), HasSubstr("expected a string, found null"));
}

TEST(ParseSagaTest, ReportsEveryProblemOfADefinitionUnderItsPointer) {
  EXPECT_EQ(saga_refusal(R"({"name": "s", "steps": [{"name": "a", "service": "x", "timeout": "0s"}]})"),
            "orders.json: /steps/0/compensation: step \"a\" has no compensation; name one, or declare "
            "\"compensatable\": false, or \"has_effect\": false where it only looks\n"
            "orders.json: /steps/0/timeout: the timeout is 0s, not positive; give a positive duration, like "
            "\"10s\"");
}

TEST(SagaToJsonTest, IsCanonical) {
  const Saga saga{.name = "s",
                  .steps = {{.name = "a", .service = "x", .compensation = "u"},
                            {.name = "b",
                             .service = "y",
                             .action = "do_b",
                             .timeout = 250ms,
                             .retry = {.factor = 1.5},
                             .pivot = true,
                             .after = std::vector<std::string>{"a"}}},
                  .deadline = 90s,
                  .context = {{"k", "v"}}};
  EXPECT_EQ(
      to_json(saga),
      R"({"name":"s","steps":[{"name":"a","service":"x","action":null,"compensation":"u","fallback":null,)"
      R"("timeout":"10s","retry":{"attempts":1,"delay":"100ms","factor":2,"max_delay":"30s"},)"
      R"("compensation_timeout":"10s",)"
      R"("compensation_retry":{"attempts":3,"delay":"100ms","factor":2,"max_delay":"30s"},)"
      R"("idempotent":true,"compensatable":true,"pivot":false,"after":null},)"
      R"({"name":"b","service":"y","action":"do_b","compensation":null,"fallback":null,)"
      R"("timeout":"250ms","retry":{"attempts":1,"delay":"100ms","factor":1.5,"max_delay":"30s"},)"
      R"("compensation_timeout":"10s",)"
      R"("compensation_retry":{"attempts":3,"delay":"100ms","factor":2,"max_delay":"30s"},)"
      R"("idempotent":true,"compensatable":true,"pivot":true,"after":["a"]}],)"
      R"("deadline":"90s","context":{"k":"v"}})");
}

TEST(SagaToJsonTest, SaysThatCompensationIsParallelWhereItIs) {
  Saga saga = order_saga();
  EXPECT_THAT(to_json(saga), Not(HasSubstr("parallel_compensation")));
  const std::uint64_t hash = definition_hash(saga);
  saga.parallel_compensation = true;
  EXPECT_THAT(to_json(saga), HasSubstr(R"("deadline":null,"parallel_compensation":true,"context":)"));
  EXPECT_EQ(parse_saga(to_json(saga), "f"), saga);
  EXPECT_NE(definition_hash(saga), hash);
}

TEST(SagaToJsonTest, IsReadBackToAnEqualValue) {
  EXPECT_EQ(parse_saga(to_json(order_saga()), "f"), order_saga());

  Saga strange = order_saga();
  strange.name = "quote \" backslash \\ slash / \xF0\x9F\x98\x80";
  strange.steps[0].name = "\"\\/\xC3\xA9~";
  strange.steps[0].retry = {.attempts = 1000, .delay = 0us, .factor = 1.0000000000000002, .max_delay = 1us};
  strange.steps[1].after = std::vector<std::string>{};
  strange.steps[2].after = {strange.steps[0].name, strange.steps[1].name};
  strange.deadline = 1us;
  strange.context = {{"\n", 0.1}, {"", Json::parse("[1e-7,18014398509481985]")}};
  EXPECT_EQ(parse_saga(to_json(strange), "f"), strange);
}

// Tokens carry this number: another value makes every token in the world stale.
TEST(DefinitionHashTest, StaysWhatItIs) { EXPECT_EQ(definition_hash(order_saga()), 7888461654545063916U); }

TEST(DefinitionHashTest, TellsDefinitionsApart) {
  Saga other = order_saga();
  other.steps[0].timeout += 1us;
  EXPECT_NE(definition_hash(other), definition_hash(order_saga()));
}

TEST(DefinitionHashTest, IsTheSameWhetherAnActionIsSpelledOut) {
  Saga spelled_out = order_saga();
  spelled_out.steps[0].action = "create_order";
  EXPECT_EQ(definition_hash(spelled_out), definition_hash(order_saga()));
}

}  // namespace
}  // namespace saga_harness
