// Whatever a correct coordinator does one way or another, no rule takes it for wrong: five hundred of them,
// each with a definition of its own, every third with participants that fail by themselves; and two hundred
// choreographies.

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <saga_harness/fault_catalogue.hpp>

#include "generated_coordinator.hpp"
#include "own_failures.hpp"

namespace saga_harness::property_test {
namespace {

constexpr int kParts = 10;
constexpr int kCasesInAPart = 50;
constexpr int kChoreographiesInAPart = 20;
constexpr int kMaxSteps = 4;
constexpr int kFaultsByDefault = 2;

/// More of them, and less often: see tests/long.sh.
int max_faults() {
  const char* const wanted = std::getenv("SAGA_HARNESS_GENERATED_FAULTS");
  return wanted == nullptr ? kFaultsByDefault : std::stoi(wanted);
}

bool one_in(int count) { return *rc::gen::inRange(0, count) == 0; }

Habits draw_habits() {
  return {.keeps_log = !one_in(4),
          .sends_keys = !one_in(4),
          .asks_status = one_in(2),
          .uses_fallbacks = !one_in(4),
          .uses_whole_budget = !one_in(4),
          .at_a_time = *rc::gen::element(1, 1, 2, kMaxSteps),
          .undoes_last_begun_first = one_in(2),
          .heeds_cancel = !one_in(4),
          .looks_elsewhere = one_in(2),
          .undoes_at_once = one_in(2)};
}

struct Drawn {
  Saga saga;
  Habits habits;
  std::vector<Moment> moments = {};
};

Drawn draw() {
  Drawn drawn{.saga = *rc::gen::resize(100, gen::saga({.max_steps = kMaxSteps,
                                                       .conditions = one_in(4),
                                                       .optional_steps = one_in(3),
                                                       .checks = one_in(3),
                                                       .compensated_if_refused = one_in(3)})),
              .habits = draw_habits()};
  if (one_in(3)) drawn.moments.push_back(draw_moment(drawn.saga));
  return drawn;
}

Experiment experiment_of(const Drawn& drawn) {
  const auto board = std::make_shared<StatusBoard>();
  Experiment experiment = SagaTestHarness(drawn.saga).experiment();
  experiment.claims = claims_of(drawn.habits);
  experiment.setup.coordinator = generated_coordinator(drawn.habits, board);
  experiment.setup.durable = drawn.habits.keeps_log;
  experiment.coordinator_name = "generated";
  for (auto& [service, factory] : experiment.setup.participants) {
    if (!drawn.moments.empty())
      factory = [moments = drawn.moments] { return std::make_unique<FailsByItself>(moments); };
    factory = with_status(std::move(factory), board);
  }
  return experiment;
}

/// Nobody can mask a participant that has answered OK and then fails by itself.
std::vector<FaultKind> kinds_of(const Drawn& drawn, const Experiment& experiment) {
  std::vector<FaultKind> kinds = kinds_in_scope(experiment, {});
  if (!drawn.moments.empty()) std::erase_if(kinds, [](FaultKind kind) { return fate_of(kind).promises(); });
  return kinds;
}

/// As the participants bring it about, as far as it can be expected.
Outcome end_without_faults(const Experiment& subject) {
  const Outcome outcome = run_plan(subject, {}).outcome;
  const auto& steps = subject.setup.saga->saga().steps;
  const bool is_expectable =
      outcome != Outcome::kCompensated ||
      std::ranges::any_of(steps, [](const Step& step) { return !step.compensation.empty(); });
  return is_expectable ? outcome : Outcome::kFlagged;
}

Exploration explore_drawn(const Drawn& drawn, int faults) {
  RC_LOG() << drawn.habits << '\n';
  for (const Moment& moment : drawn.moments) RC_LOG() << moment << '\n';
  RC_LOG() << to_json(drawn.saga) << '\n';
  Experiment subject = experiment_of(drawn);
  if (!drawn.moments.empty()) subject.setup.expects = end_without_faults(subject);
  return explore(subject, {.max_faults = faults, .kinds = kinds_of(drawn, subject)});
}

class GeneratedCoordinatorsHeavyTest : public testing::TestWithParam<int> {};

TEST_P(GeneratedCoordinatorsHeavyTest, AreUpheld) {
  check(
      kCasesInAPart, 100, [] { expect_no_violation(explore_drawn(draw(), max_faults())); },
      static_cast<std::uint64_t>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Part, GeneratedCoordinatorsHeavyTest, testing::Range(0, kParts));

TEST(GeneratedCoordinatorsTest, HeavyDoWhatNotEveryCoordinatorDoes) {
  std::map<std::string, int> coordinators;
  for (int part = 0; part < kParts; ++part) {
    check(
        kCasesInAPart, 100,
        [&coordinators] {
          for (const std::string& mark : explore_drawn(draw(), 1).markers) ++coordinators[mark];
        },
        static_cast<std::uint64_t>(part));
  }
  constexpr int kSome = kParts * kCasesInAPart / 20;
  for (const std::string_view mark : marks::kAll) EXPECT_GE(coordinators[std::string(mark)], kSome) << mark;
}

/// A step hears of the failure of each that does not come before it, and may be done all the same.
Saga draw_choreography() {
  Saga saga{.name = "generated", .choreography = Choreography{.starts_with = "begun"}};
  const int count = *rc::gen::inRange(2, kMaxSteps + 1);
  std::vector<std::vector<bool>> precedes(static_cast<std::size_t>(count));
  for (std::size_t number = 0; number < precedes.size(); ++number) {
    Step& step = saga.steps.emplace_back();
    step.name = "step_" + std::to_string(number);
    step.service = "service_" + std::to_string(*rc::gen::inRange(1, 4));
    step.retry.attempts = *rc::gen::inRange(2, 4);
    step.emits = {.success = step.name + ".done", .failure = step.name + ".failed"};
    const bool is_last = number + 1 == precedes.size();
    precedes[number].assign(precedes.size(), false);
    for (std::size_t before = 0; before < number; ++before) {
      if (!is_last && !one_in(2)) continue;  // the last comes after all others
      step.on_event.push_back(saga.steps[before].emits.success);
      precedes[number][before] = true;
      for (std::size_t earlier = 0; earlier < before; ++earlier)
        precedes[number][earlier] = precedes[number][earlier] || precedes[before][earlier];
    }
    if (step.on_event.empty()) step.on_event = {"begun"};
    if (is_last && one_in(2)) {
      step.pivot = true;
    } else {
      step.compensation = "undo_" + step.name;
    }
  }
  const bool has_timer = one_in(4);
  if (has_timer) {
    saga.deadline = std::chrono::minutes(2);
    saga.choreography->at_deadline = "timed_out";
    saga.choreography->unless = saga.steps.back().name;
  }
  for (std::size_t number = 0; number < precedes.size(); ++number) {
    Step& step = saga.steps[number];
    if (step.compensation.empty()) continue;
    for (std::size_t other = 0; other < precedes.size(); ++other) {
      if (other != number && !precedes[number][other])
        step.compensate_on.push_back(saga.steps[other].emits.failure);
    }
    if (has_timer && number + 1 < precedes.size()) step.compensate_on.emplace_back("timed_out");
  }
  return saga;
}

class GeneratedChoreographiesHeavyTest : public testing::TestWithParam<int> {};

TEST_P(GeneratedChoreographiesHeavyTest, AreUpheld) {
  check(
      kChoreographiesInAPart, 100,
      [] {
        const Saga saga = draw_choreography();
        RC_LOG() << to_json(saga) << '\n';
        expect_no_violation(explore(SagaTestHarness(saga).experiment(), {.max_faults = max_faults()}));
      },
      static_cast<std::uint64_t>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Part, GeneratedChoreographiesHeavyTest, testing::Range(0, kParts));

}  // namespace
}  // namespace saga_harness::property_test
