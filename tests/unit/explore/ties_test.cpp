// Orders that reality leaves open, in a search: what they find, and what they cost.

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/replay.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

/// Two steps side by side whose coordinator leaves `left` where it is, if it had given up `right` before it.
Experiment forgets_what_it_gave_up_second() {
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(Saga{
      .name = "two",
      .steps = {{.name = "left", .service = "l", .compensation = "unleft", .after = kNoPredecessors},
                {.name = "right", .service = "r", .compensation = "unright", .after = kNoPredecessors}}});
  experiment.setup.durable = false;
  experiment.claims = {.idempotency_keys = true, .names_flagged_steps = true};
  experiment.switched_off = {{Rule::kReverseOrder, "both are undone side by side"}};
  for (const char* const service : {"l", "r"}) experiment.setup.participants[service] = ledger_fake();
  experiment.setup.coordinator = [](Runtime& runtime) {
    std::vector<Pending> pending = {
        runtime.start({.service = "l", .action = "left", .idempotency_key = "l"}),
        runtime.start({.service = "r", .action = "right", .idempotency_key = "r"})};
    std::string names = "lr";
    std::string given_up;
    std::string to_undo;
    bool has_failed = false;
    while (!pending.empty()) {
      const auto completion = runtime.wait_any(pending);
      const auto at = static_cast<std::ptrdiff_t>(completion->index);
      const char name = names[completion->index];
      const ReplyStatus status = completion->reply.status;
      has_failed = has_failed || status != ReplyStatus::kOk;
      if (status == ReplyStatus::kTimeout) given_up += name;
      if (!is_sure_no(status)) to_undo += name;
      pending.erase(pending.begin() + at);
      names.erase(names.begin() + at);
    }
    if (!has_failed) return runtime.report(Outcome::kCompleted);
    std::vector<std::string_view> left;
    for (const char name : to_undo) {
      if (given_up == "rl" && name == 'l') continue;  // the bug
      bool is_undone = false;
      for (int attempt = 0; attempt < 3 && !is_undone; ++attempt) {
        const Reply reply =
            name == 'l' ? runtime.call({.service = "l", .action = "unleft", .idempotency_key = "ul"})
                        : runtime.call({.service = "r", .action = "unright", .idempotency_key = "ur"});
        is_undone = reply.ok();
        if (!is_undone) runtime.sleep(std::max<Duration>(std::chrono::milliseconds(100), reply.retry_after));
      }
      if (!is_undone) left.push_back(name == 'l' ? "left" : "right");
    }
    runtime.report(left.empty() ? Outcome::kCompensated : Outcome::kFlagged, left);
  };
  return experiment;
}

std::vector<FaultKind> all_but_ties(const Experiment& experiment) {
  std::vector<FaultKind> kinds = kinds_in_scope(experiment, {});
  std::erase(kinds, FaultKind::kOrderSwapped);
  return kinds;
}

TEST(TiesHeavyTest, AnOrderThatNoOtherFaultBringsAboutIsFound) {
  const Experiment experiment = forgets_what_it_gave_up_second();
  EXPECT_EQ(explore(experiment, {.max_faults = 3, .kinds = all_but_ties(experiment)}).violated_schedules, 0U);
  const Exploration all = explore(experiment, {.max_faults = 3});
  ASSERT_FALSE(all.findings.empty());
  EXPECT_EQ(all.findings.front().rule, Rule::kTruthfulOutcome);
  EXPECT_EQ(all.findings.front().plan.size(), 3U);
  EXPECT_THAT(to_string(all.findings.front().plan), testing::HasSubstr("left.action#1@tie:order_swapped"));
  EXPECT_FALSE(run_plan(experiment, all.findings.front().plan).upholds_all_invariants());
}

TEST(TiesTest, CostASagaOfOneStepAfterTheOtherNextToNothing) {
  for (const int max_faults : {1, 2}) {
    const Experiment experiment = subject(small_saga());
    const std::uint64_t without =
        explore(experiment, {.max_faults = max_faults, .kinds = all_but_ties(experiment)}).schedules;
    const std::uint64_t with = explore(experiment, {.max_faults = max_faults}).schedules;
    EXPECT_GE(with, without);
    EXPECT_LE(2 * with, 3 * without) << max_faults;
  }
}

TEST(TiesTest, ThoseMetOnTheWayAreCellsOfTheirOwn) {
  const Experiment experiment = subject(small_saga());
  const Exploration exploration = explore(experiment, {.max_faults = 2});
  const auto is_tie = [](const Cell& cell) { return cell.kind == FaultKind::kOrderSwapped; };
  ASSERT_EQ(std::ranges::count_if(exploration.cells, is_tie), 2);  // of the copies of both actions
  for (const Cell& cell : exploration.cells) {
    if (is_tie(cell)) EXPECT_EQ(cell.status, CellStatus::kHeld);
  }
  EXPECT_THAT(exploration.undeclared, testing::IsEmpty());
}

}  // namespace
}  // namespace saga_harness::explore_test
