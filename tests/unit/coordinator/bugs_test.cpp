// The switchable bugs: each has a name, is reached by some run, and makes a difference there.

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace coordinator_test;
using testing::IsEmpty;

TEST(OrchestratorBugTest, NamesAreUniqueAndInSnakeCase) {
  std::set<std::string_view> names = {name_of(OrchestratorBug::kNone)};
  for (const OrchestratorBug bug : all_orchestrator_bugs()) {
    const std::string_view name = name_of(bug);
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(name_of(OrchestratorBug::kNone), "reference");
  EXPECT_EQ(names.size(), 89U);
  EXPECT_EQ(all_orchestrator_bugs().front(), OrchestratorBug::kAmbiguousNotCompensated);
  EXPECT_EQ(all_orchestrator_bugs().back(), OrchestratorBug::kTwoSagasSwapState);
}

/// Runs over all sagas here that between them meet every situation in which a bug can show.
const std::vector<std::string> kPlans = {
    "none",
    "hotel#1:unavailable",
    "hotel#1:reply_lost",
    "hotel:rejected",
    "car:rejected",
    "car#*:unavailable",
    "car:reply_lost",
    "car:error_after_effect",
    "hotel#1:reply_lost, hotel#2:rejected",
    "car:rejected, hotel.compensation#1:unavailable",
    "car:rejected, hotel.compensation#*:unavailable",
    "car:rejected, hotel.compensation#1:rate_limited",
    "flight@after_result:coordinator_crash",
    "hotel@after_call:coordinator_crash",
    "hotel@after_call:coordinator_crash, car:rejected",
    "car:rejected, saga@after_compensating:coordinator_crash",
    "car:rejected, hotel.compensation@after_call:coordinator_crash",
    "car:rejected, hotel.compensation@after_result:coordinator_crash",
    "flight:rejected, flight@after_result:coordinator_crash",
    "pay:reply_lost, pay#2:reply_lost",
    "mail:rejected",
    "flight:reply_corrupt_without_effect",
    "hotel:reply_mismatched",
    "hotel:rejected_in_body",
    "hotel#1:rate_limited",
    "car:rejected, hotel.compensation:reply_corrupt",
    "hotel@during_call:cancel",
    "car:rejected, hotel.compensation@during_call:cancel_during_compensation",
    "hotel@before_result:log_write_unconfirmed",
    "hotel@before_intent:log_write_error",
    "hotel@during_call:takeover",
    "hotel@during_call:start_duplicated",
    "hotel#*:request_lost",
};

/// Beside those, over the saga with an optional step.
const std::vector<std::string> kPlansOfOptional = {"hotel#*:reply_lost, car:rejected", "hotel:rejected"};

/// Beside those, over the saga that binds its requests to data.
const std::vector<std::string> kPlansOfData = {"plan:result_missing", "hotel:result_null"};

/// The hotel may not be asked twice.
Saga diamond_with_a_step_for_once() {
  Saga saga = diamond();
  for (Step& step : saga.steps) step.idempotent = step.name != "hotel";
  return saga;
}

/// It may go without its hotel.
Saga trip_with_optional_hotel() {
  Saga saga = trip();
  saga.steps[1].optional = true;
  return saga;
}

/// Its hotel depends on what the flight is answered.
Saga trip_with_a_choice() {
  Saga saga = trip();
  saga.steps[0].result = {{"id"}};
  saga.steps[1].only_if =
      Condition{.pointer = "/results/flight/id", .comparison = Comparison::kEquals, .value = "flight"};
  return saga;
}

struct Difference {
  std::set<std::string> markers = {};  // of all runs
  std::vector<std::string> plans =
      {};  // under which the trace differs from the reference's by more than markers
};

void compare(const Saga& saga, OrchestratorBug bug, const std::string& plan, Difference& difference) {
  const auto trace_under = [&](OrchestratorBug which, std::set<std::string>* markers) {
    Orchestra fixture(saga, which);
    Planned choices(plan, fixture.saga());
    fixture.run(choices);
    Trace trace = fixture.engine().trace();
    std::vector<std::string> lines;
    for (const SentPayload& sent : fixture.engine().observation().payloads) lines.emplace_back(sent.text);
    for (const Event& event : trace.events) {
      if (event.type != EventType::kMarked) {
        lines.push_back(to_string(event, trace.texts, fixture.saga()));
      } else if (markers != nullptr) {
        markers->insert(trace.texts[event.text]);
      }
    }
    return lines;
  };
  if (trace_under(bug, &difference.markers) != trace_under(OrchestratorBug::kNone, nullptr)) {
    difference.plans.push_back(plan);
  }
}

class EveryBugTest : public testing::TestWithParam<OrchestratorBug> {};

TEST_P(EveryBugTest, LeavesItsMarkerAndNoOtherAndMakesADifference) {
  Difference difference;
  for (const Saga& saga :
       {paid_trip(), diamond(), hurried_trip(), diamond_undone_in_parallel(), trip_without_visa(),
        diamond_with_a_step_for_once(), diamond_with_data(), trip_with_optional_hotel(), trip_with_a_choice(),
        trip_that_looks_first(), trip_with_owed_car()}) {
    const SagaIndex index(saga);
    std::vector<std::string> plans = kPlans;
    if (index.has_optional()) plans.insert(plans.end(), kPlansOfOptional.begin(), kPlansOfOptional.end());
    if (index.has_bindings()) plans.insert(plans.end(), kPlansOfData.begin(), kPlansOfData.end());
    for (const std::string& plan : plans) {
      if (plan.starts_with("pay") || plan.starts_with("mail")) {
        if (index.find_step("pay") == kNoStep) continue;
      }
      compare(saga, GetParam(), plan, difference);
    }
  }
  EXPECT_THAT(difference.markers, testing::ElementsAre(std::string(name_of(GetParam()))));
  EXPECT_FALSE(difference.plans.empty());
}

/// What takes several sagas is seen where they run at the same time: tests/unit/interleaving.
std::vector<OrchestratorBug> bugs_of_one_saga() {
  std::vector<OrchestratorBug> bugs(all_orchestrator_bugs().begin(), all_orchestrator_bugs().end());
  std::erase(bugs, OrchestratorBug::kTwoSagasSwapState);
  std::erase(bugs, OrchestratorBug::kOtherSagasResult);  // … at participants that served another before
  return bugs;
}

INSTANTIATE_TEST_SUITE_P(Orchestrator, EveryBugTest, testing::ValuesIn(bugs_of_one_saga()),
                         [](const auto& bug) { return std::string(name_of(bug.param)); });

TEST(OrchestratorBugTest, TheReferenceLeavesNoMarkerAndEndsProperlyUnderAllTheseFaults) {
  for (const std::string& plan : kPlans) {
    Orchestra fixture(paid_trip());
    Planned choices(plan, fixture.saga());
    fixture.run(choices);
    EXPECT_EQ(fixture.count(EventType::kMarked), 0U) << plan;
    EXPECT_EQ(faults_of(fixture), "") << plan;
  }
}

TEST(OrchestratorBugTest, OneCoordinatorServesEverySagaAndEveryRun) {
  const Coordinator coordinator = orchestrator();
  for (const Saga& saga : {trip(), diamond(), paid_trip()}) {
    EngineFixture fixture(saga, coordinator, [] { return std::make_unique<Honest>(); });
    fixture.run();
    const Trace first = fixture.engine().trace();
    fixture.run();
    EXPECT_EQ(fixture.engine().trace(), first);
    EXPECT_EQ(fixture.engine().observation().outcome, Outcome::kCompleted);
  }
}

}  // namespace
}  // namespace saga_harness
