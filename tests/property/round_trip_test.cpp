// What we write, we read back.

#include <algorithm>

#include "properties.hpp"

namespace saga_harness::property_test {
namespace {

TEST(RoundTripTest, Definitions) {
  check(300, 100, [] {
    Saga saga = *gen::saga();
    if (*rc::gen::arbitrary<bool>()) saga.deadline = Duration(*rc::gen::inRange(1, 1'000'000'000));
    saga.context = Context{{"customer_id", *rc::gen::arbitrary<int>()}, {"note", "\"\\ü\n"}};
    saga.steps.front().retry.factor = *rc::gen::element(1.0, 1.5, 2.0, 3.25);
    const std::string json = to_json(saga);
    const Saga read = parse_saga(json, "generated");
    RC_ASSERT(read == saga);
    RC_ASSERT(to_json(read) == json);
    RC_ASSERT(definition_hash(read) == definition_hash(saga));
  });
}

TEST(RoundTripTest, DifferentDefinitionsHaveDifferentHashes) {
  check(100, 100, [] {
    const Saga saga = *gen::saga();
    Saga other = saga;
    other.steps.back().timeout += Duration(1);
    RC_ASSERT(definition_hash(other) != definition_hash(saga));
  });
}

TEST(RoundTripTest, PlansInOneLine) {
  check(300, 100, [] {
    const Saga saga = *gen::saga();
    const FaultPlan plan = *gen::fault_plan(saga, {.max_faults = 6});
    const SagaIndex index(saga);
    const std::string text = to_string(plan);
    RC_ASSERT(resolve(parse_plan(text), index) == plan);
    RC_ASSERT(to_string(parse_plan(text)) == text);
    std::string spaced;
    for (const char c : text) spaced += c == ',' ? std::string(" ,\t ") : std::string(1, c);
    RC_ASSERT(resolve(parse_plan("  " + spaced + "\n"), index) == plan);
  });
}

TEST(RoundTripTest, PlansInJson) {
  check(300, 100, [] {
    const Saga saga = *gen::saga();
    const FaultPlan plan = *gen::fault_plan(saga, {.max_faults = 6});
    const std::string json = to_json(plan);
    const FaultPlan read = parse_plan_json(json, "generated");
    RC_ASSERT(resolve(read, SagaIndex(saga)) == plan);
    RC_ASSERT(to_json(read) == json);
  });
}

TEST(RoundTripTest, PointsOfFaults) {
  check(300, 100, [] {
    const Saga saga = *gen::saga();
    const SagaIndex index(saga);
    for (const Fault& fault : (*gen::fault_plan(saga, {.max_faults = 6})).faults) {
      const Point point = point_of(fault, index);
      RC_ASSERT(fault_at(point, {fault.kind, fault.window}, index) == fault);
      const std::vector<Alternative> legal =
          legal_alternatives(point.instant, {point.step, point.operation}, index);
      RC_ASSERT(std::ranges::find(legal, Alternative{fault.kind, fault.window}) != legal.end());
    }
  });
}

TEST(RoundTripTest, Tokens) {
  check(300, 100, [] {
    const Saga saga = *gen::saga();
    const Token token{.definition_hash = *rc::gen::arbitrary<std::uint64_t>(),
                      .coordinator = *rc::gen::nonEmpty(rc::gen::string<std::string>()),
                      .participant = "reference",
                      .plan = *gen::fault_plan(saga, {.max_faults = 6})};
    if (token.coordinator.find('\n') != std::string::npos) RC_DISCARD("a token cannot hold a line break");
    const Token read = parse_token(to_string(token));
    RC_ASSERT(read.definition_hash == token.definition_hash);
    RC_ASSERT(read.coordinator == token.coordinator);
    RC_ASSERT(read.participant == token.participant);
    RC_ASSERT(resolve(read.plan, SagaIndex(saga)) == token.plan);
  });
}

}  // namespace
}  // namespace saga_harness::property_test
