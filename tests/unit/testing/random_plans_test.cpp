#include <saga_harness/random_plans.hpp>

#include <algorithm>
#include <set>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::HasSubstr;

constexpr int kDraws = 1000;

/// Every simplification must make this smaller, or shrinking would not end.
std::vector<int> weight(const FaultPlan& plan) {
  int windows = 0;
  int kinds = 0;
  int attempts = 0;
  for (const Fault& fault : plan.faults) {
    windows += static_cast<int>(fault.window);
    kinds += static_cast<int>(fault.kind);
    attempts += fault.attempt;
  }
  return {static_cast<int>(plan.size()), windows, kinds, attempts};
}

Saga saga_with_fallback() {
  Saga saga = order_saga();
  saga.steps[0].fallback = "reserve_elsewhere";
  return saga;
}

TEST(PlanSourceTest, DrawsOnlyLegalPlansThatAreCanonical) {
  const SagaIndex index(saga_with_fallback());
  const PlanSource source(saga_with_fallback(), {.max_faults = 4});
  const RandomBits bits = random_bits(1);
  for (int draw = 0; draw < kDraws; ++draw) {
    const FaultPlan plan = source.draw(bits);
    EXPECT_LE(plan.size(), 4U);
    ASSERT_EQ(resolve(plan, index), plan) << to_string(plan);
  }
}

TEST(PlanSourceTest, HeavyDrawsEveryNumberOfFaultsAndEveryAlternative) {
  const SagaIndex index(saga_with_fallback());
  const PlanSource source(saga_with_fallback(), {.max_faults = 3});
  const RandomBits bits = random_bits(2);
  std::set<std::size_t> sizes;
  std::set<std::string> drawn;
  std::set<int> attempts;
  for (int draw = 0; draw < 30 * kDraws; ++draw) {
    const FaultPlan plan = source.draw(bits);
    sizes.insert(plan.size());
    for (const Fault& fault : plan.faults) {
      drawn.insert(to_string(fault));
      attempts.insert(fault.attempt);
    }
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{0, 1, 2, 3}));
  for (const int attempt : {1, 2, 3}) EXPECT_TRUE(attempts.contains(attempt)) << attempt;
  for (const FaultPlan& plan : striking_plans(saga_with_fallback()))
    EXPECT_TRUE(drawn.contains(to_string(plan)));
  for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
    const OperationId id{0, operation};
    for (const Alternative& alternative : legal_alternatives(Instant::kCall, id, index)) {
      if (is_breach(alternative.kind)) continue;
      const Fault fault = fault_at({.step = 0, .operation = operation}, alternative, index);
      EXPECT_TRUE(drawn.contains(to_string(fault))) << to_string(fault);
    }
  }
}

/// What an exhaustive search of the reference struck, and how many plans it ran.
std::set<std::string> struck_by_a_search(const Saga& saga, int max_faults) {
  std::set<std::string> struck;
  Experiment reference = SagaTestHarness(saga).experiment();
  ExploreOptions options{.max_faults = max_faults};
  options.on_schedule = [&](const Schedule& schedule) {
    for (const Fault& fault : schedule.plan.faults) struck.insert(to_string(fault));
  };
  static_cast<void>(explore(reference, options));
  return struck;
}

/// How plans that are drawn fare with the reference.
struct Drawn {
  int empty = 0;
  int whole = 0;  // of those that are not empty: every fault strikes
  std::set<std::string> faults = {};
};
Drawn drawn_from(const Saga& saga, const FaultPlanOptions& options, int draws, int to_run) {
  const PlanSource source(saga, options);
  const Experiment reference = SagaTestHarness(saga).experiment();
  const RandomBits bits = random_bits(20);
  Drawn drawn;
  for (int draw = 0; draw < draws; ++draw) {
    const FaultPlan plan = source.draw(bits);
    for (const Fault& fault : plan.faults) drawn.faults.insert(to_string(fault));
    if (draw >= to_run) continue;
    if (plan.empty()) {
      ++drawn.empty;
    } else if (run_plan(reference, plan).unfired.empty()) {
      ++drawn.whole;
    }
  }
  return drawn;
}

Saga order_choreography() {
  return {.name = "order_by_events",
          .steps = {{.name = "reserve",
                     .service = "stock",
                     .compensation = "release",
                     .on_event = {"placed"},
                     .emits = {.success = "reserved", .failure = "not_reserved", .compensated = "released"},
                     .compensate_on = {"not_paid", "not_sent"}},
                    {.name = "pay",
                     .service = "bank",
                     .compensation = "refund",
                     .retry = {.attempts = 2},
                     .on_event = {"reserved"},
                     .emits = {.success = "paid", .failure = "not_paid", .compensated = "refunded"},
                     .compensate_on = {"not_sent"}},
                    {.name = "ship",
                     .service = "post",
                     .pivot = true,
                     .on_event = {"paid"},
                     .emits = {.success = "sent", .failure = "not_sent"}}},
          .choreography = Choreography{.starts_with = "placed"}};
}

TEST(PlanSourceTest, HeavyNearlyAllPlansStrikeWholeAndFewAreEmpty) {
  for (const Saga& saga : {order_saga(), saga_with_fallback(), order_choreography()}) {
    SCOPED_TRACE(saga.name);
    for (const int max_faults : {1, 2, 4}) {
      const Drawn drawn = drawn_from(saga, {.max_faults = max_faults}, kDraws, kDraws);
      EXPECT_LT(drawn.empty, kDraws / 10);
      EXPECT_GT(drawn.whole, (kDraws - drawn.empty) * 95 / 100);
    }
  }
}

TEST(PlanSourceHeavyTest, EveryFaultThatASearchStrikesIsDrawn) {
  for (const Saga& saga : {saga_with_fallback(), order_choreography()}) {
    SCOPED_TRACE(saga.name);
    const Drawn drawn = drawn_from(saga, {.max_faults = 2}, 100 * kDraws, 0);
    for (const std::string& fault : struck_by_a_search(saga, 2))
      EXPECT_TRUE(drawn.faults.contains(fault)) << fault;
  }
}

TEST(PlanSourceTest, DrawsTheSamePlansFromTheSameNumbers) {
  const PlanSource source(order_saga(), {.max_faults = 3});
  const RandomBits bits = random_bits(3);
  const RandomBits same_bits = random_bits(3);
  for (int draw = 0; draw < 100; ++draw) EXPECT_EQ(source.draw(bits), source.draw(same_bits));
}

TEST(PlanSourceTest, KeepsToTheKindsAndWindowsItIsGiven) {
  const PlanSource source(
      order_saga(),
      {.max_faults = 2, .windows = false, .kinds = {FaultKind::kReplyLost, FaultKind::kReplyLate}});
  const RandomBits bits = random_bits(4);
  for (int draw = 0; draw < kDraws; ++draw) {
    for (const Fault& fault : source.draw(bits).faults) {
      EXPECT_TRUE(fault.kind == FaultKind::kReplyLost || fault.kind == FaultKind::kReplyLate);
      EXPECT_EQ(fault.window, FaultDuration::kOnce);
    }
  }
}

TEST(PlanSourceTest, NeverPlansAFaultInsideTheWindowOfAnother) {
  const PlanSource source(order_saga(), {.max_faults = 6, .kinds = {FaultKind::kReplyLost}});
  const RandomBits bits = random_bits(5);
  for (int draw = 0; draw < kDraws; ++draw) {
    const FaultPlan plan = source.draw(bits);
    for (std::size_t at = 1; at < plan.size(); ++at) {
      const Fault& earlier = plan.faults[at - 1];
      const Fault& later = plan.faults[at];
      if (earlier.step != later.step || earlier.operation != later.operation) continue;
      EXPECT_LT(earlier.attempt, later.attempt) << to_string(plan);
      EXPECT_EQ(earlier.window, FaultDuration::kOnce) << to_string(plan);
    }
  }
}

TEST(PlanSourceTest, SimplifiesToLegalPlansThatAreReallySimpler) {
  const SagaIndex index(saga_with_fallback());
  const PlanSource source(saga_with_fallback(), {.max_faults = 3});
  const RandomBits bits = random_bits(6);
  for (int draw = 0; draw < 300; ++draw) {
    const FaultPlan plan = source.draw(bits);
    for (const FaultPlan& simpler : source.simpler(plan)) {
      EXPECT_LT(weight(simpler), weight(plan)) << to_string(plan) << " to " << to_string(simpler);
      ASSERT_EQ(resolve(simpler, index), simpler);
    }
  }
}

TEST(PlanSourceTest, SimplifiesToNothingInTheEnd) {
  const PlanSource source(order_saga(), {.max_faults = 4});
  const RandomBits bits = random_bits(7);
  for (int draw = 0; draw < 100; ++draw) {
    FaultPlan plan = source.draw(bits);
    for (std::vector<FaultPlan> next = source.simpler(plan); !next.empty(); next = source.simpler(plan)) {
      plan = next.back();  // the slowest way
    }
    EXPECT_TRUE(plan.empty()) << to_string(plan);
  }
}

TEST(PlanSourceTest, OffersEachKindOfSimplification) {
  const PlanSource source(order_saga());
  const auto simpler = source.simpler(parse_plan("pay.action#2..heal:request_lost, ship.action#1:rejected"));
  std::vector<std::string> texts;
  std::transform(simpler.begin(), simpler.end(), std::back_inserter(texts),
                 [](const FaultPlan& plan) { return to_string(plan); });
  EXPECT_THAT(texts,
              testing::ElementsAre("ship.action#1:rejected", "pay.action#2..heal:request_lost",
                                   "pay.action#2:request_lost, ship.action#1:rejected",
                                   "pay.action#2..budget:request_lost, ship.action#1:rejected",
                                   "pay.action#2..heal:unavailable, ship.action#1:rejected",
                                   "pay.action#2..heal:rate_limited, ship.action#1:rejected",
                                   "pay.action#2..heal:error_after_effect, ship.action#1:rejected",
                                   "pay.action#2..heal:participant_crash_before, ship.action#1:rejected",
                                   "pay.action#1..heal:request_lost, ship.action#1:rejected"));
}

TEST(PlanSourceMisuseTest, RefusesOptionsThatLeaveNothing) {
  Saga no_way_back{.name = "only", .steps = {{.name = "ship", .service = "post", .pivot = true}}};
  EXPECT_THAT(
      error_of([&] { PlanSource(no_way_back, {.kinds = {FaultKind::kRequestLateAfterCompensation}}); }),
      HasSubstr("none of the given kinds can strike"));
  EXPECT_THAT(error_of([] { PlanSource(order_saga(), {.max_faults = -1}); }),
              HasSubstr("max_faults is negative"));
}

std::vector<int> weight(const Saga& saga) {
  const Step plain;
  int peculiarities = saga.parallel_compensation + (saga.deadline ? 1 : 0);
  for (const Step& step : saga.steps) {
    peculiarities += !step.fallback.empty();
    peculiarities += !step.after.is_previous_step();
    peculiarities += !step.idempotent;
    peculiarities += !step.compensatable;
    peculiarities += step.pivot;
    peculiarities += step.retry.attempts > 1;
    peculiarities += step.compensation_retry.attempts > 1;
    peculiarities += step.retry != RetryPolicy{.attempts = step.retry.attempts};
    peculiarities += step.compensation_retry != RetryPolicy{.attempts = step.compensation_retry.attempts};
    peculiarities += step.timeout != plain.timeout;
    peculiarities += step.compensation_timeout != plain.compensation_timeout;
    peculiarities += step.service != "service_1";
    peculiarities += step.only_if.has_value();
    peculiarities += step.optional;
    peculiarities += !step.has_effect;
    peculiarities += step.compensated_if_refused;
  }
  return {static_cast<int>(saga.steps.size()), peculiarities};
}

TEST(DrawSagaTest, DrawsOnlyValidDefinitions) {
  const RandomBits bits = random_bits(8);
  for (int draw = 0; draw < kDraws; ++draw) {
    const Saga saga = draw_saga({.max_steps = 8, .max_attempts = 3}, bits);
    ASSERT_TRUE(find_problems(saga).empty()) << to_json(saga);
    EXPECT_LE(saga.steps.size(), 8U);
  }
}

TEST(DrawSagaTest, DrawsEverySizeAndEveryPeculiarity) {
  const RandomBits bits = random_bits(9);
  std::set<std::size_t> sizes;
  std::set<std::string> seen;
  for (int draw = 0; draw < kDraws; ++draw) {
    const Saga saga = draw_saga({.max_steps = 8, .max_attempts = 3}, bits);
    sizes.insert(saga.steps.size());
    const SagaIndex index(saga);
    if (index.pivot() != kNoStep) seen.insert("pivot");
    for (const StepId step : index.order()) {
      const Step& definition = index.step(step);
      if (!definition.compensatable) seen.insert("cannot be undone");
      if (!definition.idempotent) seen.insert("cannot be repeated");
      if (!definition.fallback.empty()) seen.insert("fallback");
      if (definition.retry.attempts == 3) seen.insert("three attempts");
      if (index.predecessors(step).size() > 1) seen.insert("join");
      if (step > 0 && !index.precedes(static_cast<StepId>(step - 1), step)) seen.insert("branch");
      if (index.pivot() != kNoStep && index.precedes(index.pivot(), step)) seen.insert("after the pivot");
    }
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(seen, (std::set<std::string>{"pivot", "cannot be undone", "cannot be repeated", "fallback",
                                         "three attempts", "join", "branch", "after the pivot"}));
}

TEST(DrawSagaTest, DrawsConditionsThatHoldAndSomeThatDoNotOnlyIfAskedFor) {
  const RandomBits bits = random_bits(13);
  std::size_t held = 0;
  std::size_t skipped = 0;
  for (int draw = 0; draw < 200; ++draw) {
    const Saga plain = draw_saga({}, bits);
    for (const Step& step : plain.steps) EXPECT_FALSE(step.only_if.has_value());
    const Saga saga = draw_saga({.conditions = true}, bits);
    ASSERT_TRUE(find_problems(saga).empty()) << to_json(saga);
    const std::vector<std::uint8_t> rest = skipped_steps(saga, saga.context);
    for (std::size_t step = 0; step < saga.steps.size(); ++step) {
      const bool is_skipped = !rest.empty() && rest[step] != 0;
      skipped += is_skipped ? 1 : 0;
      held += saga.steps[step].only_if && !is_skipped ? 1 : 0;
    }
  }
  EXPECT_GT(held, 50U);
  EXPECT_GT(skipped, 50U);
}

TEST(DrawSagaTest, TheReferenceSkipsWhatItShouldInWhateverIsDrawn) {
  const RandomBits bits = random_bits(14);
  for (int draw = 0; draw < 50; ++draw) {
    SagaTestHarness harness(draw_saga({.max_steps = 5, .conditions = true}, bits));
    const Exploration exploration = harness.explore({.max_faults = 1, .windows = false});
    ASSERT_EQ(exploration.violated_schedules, 0U) << to_json(harness.saga().saga());
    ASSERT_TRUE(exploration.undeclared.empty()) << to_json(harness.saga().saga());
  }
}

TEST(DrawSagaTest, TheReferenceGoesOnWithoutWhatIsOptionalInWhateverIsDrawn) {
  const RandomBits bits = random_bits(16);
  int optional = 0;
  for (int draw = 0; draw < 50; ++draw) {
    SagaTestHarness harness(draw_saga({.max_steps = 5, .optional_steps = true}, bits));
    for (const Step& step : harness.saga().saga().steps) optional += step.optional ? 1 : 0;
    const Exploration exploration = harness.explore({.max_faults = 1, .windows = false});
    ASSERT_EQ(exploration.violated_schedules, 0U) << to_json(harness.saga().saga());
  }
  EXPECT_GT(optional, 20);
}

TEST(DrawSagaTest, TheReferenceUndoesWhatWasRefusedInWhateverIsDrawn) {
  const RandomBits bits = random_bits(18);
  int owed = 0;
  for (int draw = 0; draw < 50; ++draw) {
    SagaTestHarness harness(
        draw_saga({.max_steps = 5, .optional_steps = true, .compensated_if_refused = true}, bits));
    for (const Step& step : harness.saga().saga().steps) owed += step.compensated_if_refused ? 1 : 0;
    const Exploration exploration = harness.explore({.max_faults = 1, .windows = false});
    ASSERT_EQ(exploration.violated_schedules, 0U) << to_json(harness.saga().saga());
  }
  EXPECT_GT(owed, 20);
}

TEST(DrawSagaTest, TheReferenceUndoesNothingOfWhatOnlyLooksInWhateverIsDrawn) {
  const RandomBits bits = random_bits(17);
  int checks = 0;
  for (int draw = 0; draw < 50; ++draw) {
    SagaTestHarness harness(draw_saga({.max_steps = 5, .optional_steps = true, .checks = true}, bits));
    for (const Step& step : harness.saga().saga().steps) checks += step.has_effect ? 0 : 1;
    const Exploration exploration = harness.explore({.max_faults = 1, .windows = false});
    ASSERT_EQ(exploration.violated_schedules, 0U) << to_json(harness.saga().saga());
  }
  EXPECT_GT(checks, 20);
}

TEST(DrawSagaTest, DrawsDeadlinesAndRetryPolicies) {
  const RandomBits bits = random_bits(15);
  int deadlines = 0;
  int policies = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    const Saga saga = draw_saga({}, bits);
    deadlines += saga.deadline ? 1 : 0;
    for (const Step& step : saga.steps)
      policies += step.retry != RetryPolicy{.attempts = step.retry.attempts} ? 1 : 0;
    const Saga plain = draw_saga({.deadlines = false, .retry_policies = false}, bits);
    EXPECT_FALSE(plain.deadline.has_value());
    for (const Step& step : plain.steps)
      EXPECT_EQ(step.compensation_retry, RetryPolicy{.attempts = step.compensation_retry.attempts});
  }
  EXPECT_GT(deadlines, kDraws / 5);
  EXPECT_GT(policies, kDraws / 5);
}

TEST(DrawSagaTest, DrawsChoreographiesIfAskedToWhichTheReferenceUpholds) {
  const RandomBits bits = random_bits(16);
  int choreographies = 0;
  int timers = 0;
  for (int draw = 0; draw < 200; ++draw) {
    const Saga saga = draw_saga({.max_steps = 4, .choreographies = true}, bits);
    ASSERT_TRUE(find_problems(saga).empty()) << to_json(saga);
    if (!saga.choreography) continue;
    ++choreographies;
    timers += saga.choreography->at_deadline.empty() ? 0 : 1;
    if (choreographies > 30) continue;
    const Exploration exploration = SagaTestHarness(saga).explore({.max_faults = 1});
    ASSERT_EQ(exploration.violated_schedules, 0U) << to_json(saga);
    ASSERT_TRUE(exploration.exhausted);
  }
  EXPECT_GT(choreographies, 50);
  EXPECT_GT(timers, 10);
}

TEST(DrawSagaTest, StartsSmallWhereSizeIsSmall) {
  const RandomBits bits = random_bits(10);
  for (int draw = 0; draw < 100; ++draw) EXPECT_EQ(draw_saga({}, bits, 0).steps.size(), 1U);
}

TEST(DrawSagaTest, SimplifiesToValidDefinitionsThatAreReallySimpler) {
  const RandomBits bits = random_bits(11);
  for (int draw = 0; draw < 50; ++draw) {
    const Saga saga = draw_saga({.parallel_compensation = true}, bits);
    for (const Saga& simpler : simpler_sagas(saga)) {
      EXPECT_LT(weight(simpler), weight(saga)) << to_json(saga) << " to " << to_json(simpler);
      ASSERT_TRUE(find_problems(simpler).empty()) << to_json(simpler);
    }
  }
}

TEST(DrawSagaTest, LetsStepsInheritWhatADroppedStepWaitedFor) {
  Saga saga = order_saga();
  saga.steps[2].after = {{"pay"}};
  const std::vector<Saga> candidates = simpler_sagas(saga);
  ASSERT_GT(candidates.size(), 1U);
  ASSERT_EQ(candidates[1].steps.size(), 2U) << "reserve and ship";
  EXPECT_EQ(candidates[1].steps[1].after, std::vector<std::string>{"reserve"});
}

TEST(DrawSagaTest, SimplifiesToOnePlainStepInTheEnd) {
  const RandomBits bits = random_bits(12);
  for (int draw = 0; draw < 10; ++draw) {
    Saga saga = draw_saga({.parallel_compensation = true}, bits);
    for (std::vector<Saga> next = simpler_sagas(saga); !next.empty(); next = simpler_sagas(saga))
      saga = next.back();
    EXPECT_EQ(weight(saga), (std::vector<int>{1, 0})) << to_json(saga);
  }
}

TEST(DrawSagaTest, DrawsParallelCompensationOnlyWhereAskedFor) {
  int parallel = 0;
  for (const bool is_asked_for : {false, true}) {
    const RandomBits bits = random_bits(13);
    for (int draw = 0; draw < 100; ++draw)
      parallel += draw_saga({.parallel_compensation = is_asked_for}, bits).parallel_compensation;
    if (!is_asked_for) {
      EXPECT_EQ(parallel, 0);
    }
  }
  EXPECT_GT(parallel, 25);
  EXPECT_LT(parallel, 75);
}

TEST(DrawSagaTest, RefusesOptionsThatLeaveNothing) {
  EXPECT_THAT(error_of([] { static_cast<void>(draw_saga({.max_steps = 0}, random_bits(1))); }),
              HasSubstr("max_steps or max_attempts is below 1; give at least 1"));
}

}  // namespace
}  // namespace saga_harness
