// What we write, we read back.

#include <algorithm>
#include <filesystem>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/token.hpp>

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
    const SagaIndex saga(*gen::saga());
    const FaultPlan plan = *gen::fault_plan(saga.saga(), {.max_faults = 6});
    const auto coordinator = *rc::gen::nonEmpty(rc::gen::string<std::string>());
    const Token token = Token::of(saga, coordinator, "reference", plan);
    const Token read = parse_token(to_string(token));
    RC_ASSERT(read == token);
    RC_ASSERT(read.is_of(saga));
    RC_ASSERT(read.has_coordinator(coordinator));
    RC_ASSERT(read.has_participant("reference"));
    RC_ASSERT(read.plan(saga) == plan);
  });
}

class HeavyShippedScenarioTest : public testing::TestWithParam<std::string> {};

TEST_P(HeavyShippedScenarioTest, EveryPlanOfTwoFaultsHasATokenOfAtMostFortyCharacters) {
  const Experiment subject =
      experiment(load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + GetParam() + ".json"));
  const SagaIndex& saga = *subject.setup.saga;
  ExploreOptions options{.max_faults = 2};
  for (const FaultRow& row : kFaultCatalogue) options.kinds.push_back(row.kind);
  std::uint64_t seen = 0;
  options.on_schedule = [&](const Schedule& schedule) {
    const std::string token = to_string(Token::of(saga, "reference", "reference", schedule.plan));
    ASSERT_LE(token.size(), 40U) << to_string(schedule.plan) << ' ' << token;
    ASSERT_EQ(parse_token(token).plan(saga), schedule.plan);
    if (schedule.plan.size() == 2) ++seen;
  };
  static_cast<void>(explore(subject, options));
  EXPECT_GT(seen, 100U);
}

std::vector<std::string> shipped_scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SAGA_HARNESS_SCENARIOS_DIR)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(RoundTrip, HeavyShippedScenarioTest, testing::ValuesIn(shipped_scenarios()),
                         [](const auto& each) { return each.param; });

bool is_refused(const std::string& text) {
  try {
    static_cast<void>(parse_token(text));
    return false;
  } catch (const Error&) {
    return true;
  }
}

TEST(RoundTripTest, HeavyNoTokenIsReadWithAWrongCharacterOrTwoSwapped) {
  check(10, 100, [] {
    const SagaIndex saga(*gen::saga());
    const FaultPlan plan = *gen::fault_plan(saga.saga(), {.max_faults = 3});
    const std::string whole = to_string(Token::of(saga, "reference", "reference", plan));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string mistyped = whole;
        mistyped[at] = static_cast<char>(byte);
        RC_ASSERT(mistyped == whole || is_refused(mistyped));
      }
      for (std::size_t other = 0; other < at; ++other) {
        std::string swapped = whole;
        std::swap(swapped[at], swapped[other]);
        RC_ASSERT(swapped == whole || is_refused(swapped));
      }
    }
  });
}

}  // namespace
}  // namespace saga_harness::property_test
