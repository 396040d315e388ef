// The denominator is known before the search, and every cell says what became of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <saga_harness/fault_plans.hpp>

#include <algorithm>

#include <saga_harness_internal/coverage.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::IsEmpty;

/// What names a cell.
auto identity(const Cell& cell) {
  return std::tuple(cell.step, cell.operation, cell.instant, cell.kind, cell.declared);
}

const Cell& cell_at(const Exploration& exploration, StepId step, Operation operation, Instant instant,
                    FaultKind kind) {
  const auto found = std::ranges::find_if(exploration.cells, [&](const Cell& cell) {
    return cell.step == step && cell.operation == operation && cell.instant == instant && cell.kind == kind;
  });
  if (found == exploration.cells.end()) throw Error("the exploration has no such cell");
  return *found;
}

TEST(CoverageTest, CountsTheLegalCellsOfADefinition) {
  const Experiment experiment = subject(small_saga());
  const std::vector<Cell> cells = declared_cells(*experiment.setup.saga, experiment);
  // At calls 26 kinds for reserve, 25 for release and for pay, which have no compensation of their own to
  // come after; during them 5; a crash after each. At log writes a crash, an error, a torn record, an
  // unconfirmed one: two writes for an action, one for a compensation; started, compensating and end of the
  // saga. A second start after the end, a stale log on resuming.
  EXPECT_EQ(cells.size(),
            (26U + 5U + 1U + 2U * 4U) + (25U + 5U + 1U + 4U) + (25U + 5U + 1U + 2U * 4U) + 3U * 4U + 2U);
  for (const Cell& cell : cells) {
    EXPECT_EQ(cell.status, CellStatus::kNotReached);
    EXPECT_TRUE(cell.declared);
    EXPECT_EQ(cell.fired, 0U);
  }
}

Saga saga_for_gifts() {
  Saga saga = order_saga();
  saga.steps[3].only_if = Condition{.pointer = "/gift", .comparison = Comparison::kEquals};
  saga.context = Context{{"gift", true}};
  return saga;
}

std::size_t cells_of_step(const Experiment& experiment, StepId step) {
  const std::vector<Cell> cells = declared_cells(*experiment.setup.saga, experiment);
  return static_cast<std::size_t>(std::ranges::count(cells, step, &Cell::step));
}

TEST(CoverageTest, AStepThatTheContextRulesOutHasNoCells) {
  Experiment experiment = subject(saga_for_gifts());
  EXPECT_EQ(cells_of_step(experiment, 3), cells_of_step(subject(order_saga()), 3));
  experiment.setup.context = Context{{"gift", false}};
  EXPECT_EQ(cells_of_step(experiment, 3), 0U);
  EXPECT_EQ(cells_of_step(experiment, 2), cells_of_step(subject(order_saga()), 2));
}

TEST(CoverageTest, SearchingASagaThatSkipsAStepLeavesNothingOpen) {
  Experiment experiment = subject(saga_for_gifts());
  experiment.setup.context = Context{{"gift", false}};
  const Exploration exploration = explore(experiment, {.max_faults = 2});
  EXPECT_EQ(exploration.violated_schedules, 0U);
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration.undeclared, IsEmpty());
  for (const Cell& cell : exploration.cells)
    EXPECT_EQ(cell.status, CellStatus::kHeld) << cell_name(cell, *experiment.setup.saga);
}

TEST(CoverageTest, AStepDoneThoughItIsToBeSkippedHasUndeclaredCells) {
  Experiment experiment = subject(saga_for_gifts(), OrchestratorBug::kConditionIgnored);
  experiment.setup.context = Context{{"gift", false}};
  const Exploration exploration = explore(experiment, {.max_faults = 1});
  EXPECT_TRUE(std::ranges::any_of(exploration.undeclared, [](const Cell& cell) { return cell.step == 3; }));
}

TEST(CoverageTest, AnExclusionMayNameAStepThatThisContextRulesOut) {
  Experiment experiment = subject(saga_for_gifts());
  experiment.setup.context = Context{{"gift", false}};
  validate(Exclusion{.cells = "create_shipment.*", .reason = "r", .owner = "o", .expires = "2030-01-01"},
           experiment);
}

TEST(SingleFaultPlansTest, LeaveOutStepsThatTheDefinitionsContextRulesOut) {
  Saga saga = saga_for_gifts();
  const auto names_shipment = [](const FaultPlan& plan) {
    return std::ranges::any_of(plan.faults,
                               [](const Fault& fault) { return fault.step == "create_shipment"; });
  };
  EXPECT_TRUE(std::ranges::any_of(single_fault_plans(SagaIndex(saga)), names_shipment));
  EXPECT_TRUE(std::ranges::any_of(compensation_fault_plans(SagaIndex(saga)), names_shipment));
  saga.context = Context{{"gift", "no"}};
  EXPECT_FALSE(std::ranges::any_of(single_fault_plans(SagaIndex(saga)), names_shipment));
  EXPECT_FALSE(std::ranges::any_of(compensation_fault_plans(SagaIndex(saga)), names_shipment));
}

TEST(CoverageTest, ASubjectThatDoesNotSurviveCrashesIsNotCrashed) {
  Experiment experiment = subject(small_saga());
  experiment.setup.durable = false;
  for (const Cell& cell : declared_cells(*experiment.setup.saga, experiment)) {
    EXPECT_NE(cell.kind, FaultKind::kCoordinatorCrash);
  }
}

TEST(CoverageTest, LogRecordsAreForeseenOnlyOfASubjectThatPromisesThem) {
  Experiment experiment = subject(small_saga());
  experiment.claims.write_ahead = false;
  std::vector<Instant> crashes;
  for (const Cell& cell : declared_cells(*experiment.setup.saga, experiment)) {
    if (cell.kind == FaultKind::kCoordinatorCrash) crashes.push_back(cell.instant);
  }
  EXPECT_THAT(crashes, testing::ElementsAre(Instant::kAfterCall, Instant::kAfterCall, Instant::kAfterCall));
}

TEST(CoverageTest, TheDenominatorDoesNotDependOnTheSearch) {
  for (const Saga& saga : {small_saga(), order_saga()}) {
    const Experiment experiment = subject(saga);
    const std::vector<Cell> declared = declared_cells(*experiment.setup.saga, experiment);
    for (const int max_faults : {0, 1, 2}) {
      const Exploration exploration = explore(experiment, {.max_faults = max_faults});
      EXPECT_THAT(exploration.undeclared, IsEmpty());
      std::vector<Cell> foreseen = exploration.cells;  // which two things come together, nobody can foresee
      std::erase_if(foreseen, [](const Cell& cell) { return cell.instant == Instant::kTie; });
      ASSERT_EQ(foreseen.size(), declared.size());
      for (std::size_t i = 0; i < declared.size(); ++i)
        EXPECT_EQ(identity(foreseen[i]), identity(declared[i]));
    }
  }
}

TEST(CoverageTest, TwoFaultsFireEveryCellOfTheOrderSaga) {
  const Exploration exploration = explore(subject(order_saga()), {.max_faults = 2});
  for (const Cell& cell : exploration.cells) {
    EXPECT_EQ(cell.status, CellStatus::kHeld) << cell.step << ' ' << name_of(cell.operation) << ' '
                                              << name_of(cell.instant) << ' ' << name_of(cell.kind);
    EXPECT_GT(cell.fired, 0U);
    EXPECT_GT(cell.reached, 0U);
    EXPECT_EQ(cell.judged, cell.fired);
    EXPECT_EQ(cell.violated, 0U);
  }
  EXPECT_EQ(exploration.count(CellStatus::kHeld), exploration.cells.size());
}

TEST(CoverageTest, OutcomesOfACellAddUp) {
  const Exploration exploration = explore(subject(order_saga()), {.max_faults = 2});
  std::uint64_t fired = 0;
  for (const Cell& cell : exploration.cells) {
    std::uint64_t outcomes = 0;
    for (const std::uint64_t count : cell.outcomes) outcomes += count;
    EXPECT_EQ(outcomes, cell.fired);
    fired += cell.fired;
  }
  EXPECT_EQ(fired, exploration.levels[1].schedules + 2 * exploration.levels[2].schedules);
}

TEST(CoverageTest, CellsThatFiredAgreeWithTheSchedules) {
  const Experiment experiment = subject(small_saga());
  std::map<std::tuple<StepId, Operation, FaultKind>, std::uint64_t> struck;  // at calls
  ExploreOptions options{.max_faults = 2};
  options.on_schedule = [&](const Schedule& schedule) {
    for (const Fault& fault : schedule.plan.faults) {
      const Point point = point_of(fault, *experiment.setup.saga);
      if (point.instant == Instant::kCall) ++struck[{point.step, point.operation, fault.kind}];
    }
  };
  const Exploration exploration = explore(experiment, options);
  for (const Cell& cell : exploration.cells) {
    if (cell.instant != Instant::kCall) continue;
    EXPECT_EQ(cell.fired, (struck[{cell.step, cell.operation, cell.kind}]));
  }
}

TEST(CoverageTest, ReachedCountsTheSchedulesInWhichTheInstantCame) {
  const Experiment experiment = subject(small_saga());
  std::map<std::pair<StepId, Operation>, std::uint64_t> asked;
  ExploreOptions options{.max_faults = 1};
  options.on_schedule = [&](const Schedule& schedule) {
    std::set<std::pair<StepId, Operation>> met;
    for (const Event& event : schedule.observation.events) {
      if (event.type == EventType::kHealed) break;
      if (event.type == EventType::kSent) met.emplace(event.step, event.operation);
    }
    for (const auto& each : met) ++asked[each];
  };
  const Exploration exploration = explore(experiment, options);
  for (const Cell& cell : exploration.cells) {
    if (cell.instant != Instant::kCall) continue;
    EXPECT_EQ(cell.reached, (asked[{cell.step, cell.operation}]));
  }
}

TEST(CoverageTest, WithoutFaultsInstantsComeThatNothingStruck) {
  const Exploration exploration = explore(subject(small_saga()), {.max_faults = 0});
  for (const Cell& cell : exploration.cells) {
    const bool is_beyond = cell.operation == Operation::kCompensation ||
                           cell.instant == Instant::kAfterCompensating || cell.instant == Instant::kOnResume;
    EXPECT_EQ(cell.status, is_beyond ? CellStatus::kNotReached : CellStatus::kNotFired)
        << cell.step << ' ' << name_of(cell.instant) << ' ' << name_of(cell.kind);
    EXPECT_EQ(cell.reached, is_beyond ? 0U : 1U);
  }
}

TEST(CoverageTest, OneFaultLetsInstantsComeThatOnlyASecondCouldStrike) {
  const Exploration exploration = explore(subject(small_saga()), {.max_faults = 1});
  for (const Cell& cell : exploration.cells) {
    const bool is_beyond = cell.operation == Operation::kCompensation ||
                           cell.instant == Instant::kAfterCompensating || cell.instant == Instant::kOnResume;
    EXPECT_EQ(cell.status, is_beyond ? CellStatus::kNotFired : CellStatus::kHeld)
        << cell.step << ' ' << name_of(cell.instant) << ' ' << name_of(cell.kind);
    EXPECT_GT(cell.reached, 0U);
  }
  const Cell& cell = cell_at(exploration, 1, Operation::kAction, Instant::kCall, FaultKind::kRejected);
  EXPECT_EQ(cell.fired, 1U);
  EXPECT_EQ(cell.outcomes[static_cast<std::size_t>(Outcome::kCompensated)], 1U);
}

TEST(CoverageTest, KindsThatAreNotTriedAreReachedButNotFired) {
  const Exploration exploration =
      explore(subject(small_saga()), {.max_faults = 2, .kinds = {FaultKind::kRejected}});
  for (const Cell& cell : exploration.cells) {
    if (cell.instant == Instant::kOnResume) continue;  // without a crash nothing is resumed
    const CellStatus wanted = cell.kind == FaultKind::kRejected ? CellStatus::kHeld : CellStatus::kNotFired;
    EXPECT_EQ(cell.status, wanted) << cell.step << ' ' << name_of(cell.instant) << ' ' << name_of(cell.kind);
    EXPECT_GT(cell.reached, 0U);
  }
}

TEST(CoverageTest, WhatNeverComesInASearchOfEverythingIsUnreachable) {
  ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kRequestDuplicated}};  // makes nothing fail
  const auto status_of_undoing = [&](FaultKind kind) {
    const Exploration found = explore(subject(small_saga()), options);
    return cell_at(found, 0, Operation::kCompensation, Instant::kCall, kind).status;
  };
  EXPECT_EQ(status_of_undoing(FaultKind::kRequestDuplicated), CellStatus::kUnreachable);
  EXPECT_EQ(status_of_undoing(FaultKind::kRejected), CellStatus::kNotReached) << "it was not tried";
  options.max_schedules = 2;
  EXPECT_EQ(status_of_undoing(FaultKind::kRequestDuplicated), CellStatus::kNotReached);
  options.max_schedules = 0;
  options.max_faults = 0;
  EXPECT_EQ(status_of_undoing(FaultKind::kRequestDuplicated), CellStatus::kNotReached);
  options.max_faults = 1;
  options.shard = {.index = 0, .count = 2};
  EXPECT_EQ(status_of_undoing(FaultKind::kRequestDuplicated), CellStatus::kNotReached) << "half of it";
}

TEST(CoverageTest, WhatIsExcludedSaysSoUnlessItIsStruckOrTheDayIsOver) {
  Experiment experiment = subject(small_saga());
  const std::string step = experiment.setup.saga->step(0).name;
  experiment.exclusions = {{.cells = step + ".action@call:*",
                            .reason = "the service is not ours",
                            .owner = "ops",
                            .expires = "2027-06-30"}};
  ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kRejected}, .today = "2027-06-30"};
  const auto status_of_call = [&](FaultKind kind) {
    return cell_at(explore(experiment, options), 0, Operation::kAction, Instant::kCall, kind).status;
  };
  EXPECT_EQ(status_of_call(FaultKind::kReplyLost), CellStatus::kExcluded);
  EXPECT_EQ(status_of_call(FaultKind::kRejected), CellStatus::kHeld);
  options.today = "2027-07-01";
  EXPECT_EQ(status_of_call(FaultKind::kReplyLost), CellStatus::kNotFired);
}

TEST(CoverageTest, AViolationShowsInTheCellsThatFired) {
  const Exploration exploration =
      explore(subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated), {.max_faults = 1});
  const Cell& lost = cell_at(exploration, 0, Operation::kAction, Instant::kCall, FaultKind::kReplyLost);
  EXPECT_EQ(lost.status, CellStatus::kViolated);
  EXPECT_GT(lost.violated, 0U);
  EXPECT_LE(lost.violated, lost.judged);
  const Cell& rejected = cell_at(exploration, 0, Operation::kAction, Instant::kCall, FaultKind::kRejected);
  EXPECT_EQ(rejected.status, CellStatus::kHeld);
  EXPECT_EQ(rejected.violated, 0U);
}

TEST(CoverageTest, ACellThatNoRuleJudgedIsVacuous) {
  Experiment experiment = subject(small_saga());
  for (std::size_t i = 0; i < kRuleCount; ++i) {
    experiment.switched_off.push_back({static_cast<Rule>(i), "to see what a search without rules is worth"});
  }
  const Exploration exploration = explore(experiment, {.max_faults = 2});
  EXPECT_EQ(exploration.count(CellStatus::kVacuous), exploration.cells.size());
}

TEST(CoverageTest, NotesOfACoordinatorsOwnLogJoinTheCells) {
  Experiment experiment = subject(small_saga());
  experiment.claims = {.survives_crashes = true};
  experiment.setup.coordinator = [](Runtime& runtime) {
    if (runtime.records().empty()) runtime.append({.note = "begun"});
    runtime.report(Outcome::kCompensated);
  };
  const Exploration exploration = explore(experiment, {.max_faults = 1});
  const Cell& note =
      cell_at(exploration, kNoStep, Operation::kAction, Instant::kAfterNote, FaultKind::kCoordinatorCrash);
  EXPECT_TRUE(note.declared);
  EXPECT_EQ(note.fired, 2U);  // before and after the note
  EXPECT_EQ(&note, &exploration.cells.back());
}

TEST(CoverageTest, WhatTheDefinitionDoesNotForeseeIsAFinding) {
  const Experiment experiment = subject(small_saga());
  Coverage coverage(*experiment.setup.saga, experiment);
  const Pick pick{.point = {.step = 0, .operation = Operation::kFallback},
                  .alternative = {.kind = FaultKind::kReplyLost},
                  .answer = 1};
  coverage.count_fired(std::span(&pick, 1), Outcome::kCompleted, true, true);
  std::vector<Cell> cells;
  std::vector<Cell> undeclared;
  coverage.conclude(cells, undeclared);
  ASSERT_EQ(undeclared.size(), 1U);
  EXPECT_FALSE(undeclared[0].declared);
  EXPECT_EQ(undeclared[0].operation, Operation::kFallback);
  EXPECT_EQ(undeclared[0].status, CellStatus::kViolated);
  EXPECT_EQ(cells.size(), declared_cells(*experiment.setup.saga, experiment).size());
}

TEST(CoverageTest, StatusesHaveTheirNames) {
  EXPECT_EQ(name_of(CellStatus::kHeld), "held");
  EXPECT_EQ(name_of(CellStatus::kViolated), "violated");
  EXPECT_EQ(name_of(CellStatus::kVacuous), "vacuous");
  EXPECT_EQ(name_of(CellStatus::kNotFired), "not_fired");
  EXPECT_EQ(name_of(CellStatus::kNotReached), "not_reached");
}

}  // namespace
}  // namespace saga_harness::explore_test
