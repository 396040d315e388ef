#include <gtest/gtest.h>

#include <saga_harness/interleaving.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintInterleavingTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(Anomaly::kDirtyRead), "dirty read");
}

TEST(PrintInterleavingTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(ConcurrentExperiment{.sagas = {Experiment{}}}),
            "ConcurrentExperiment{.sagas = [Experiment{}]}");
  EXPECT_EQ(PrintToString(Turn{.service = "some text"}), "Turn{.service = \"some text\"}");
  EXPECT_EQ(PrintToString(ConcurrentViolation{.rule = "some text"}),
            "ConcurrentViolation{.rule = \"some text\"}");
  EXPECT_EQ(PrintToString(ConcurrentRun{.unfired = parse_plan("a:rejected")}),
            "ConcurrentRun{.unfired = a#1:rejected}");
  EXPECT_EQ(PrintToString(InterleavingOptions{.max_faults = 7}), "InterleavingOptions{.max_faults = 7}");
  EXPECT_EQ(PrintToString(ConcurrentFinding{.schedules = 7}), "ConcurrentFinding{.schedules = 7}");
  EXPECT_EQ(PrintToString(ConcurrentKnown{.schedules = 7}), "ConcurrentKnown{.schedules = 7}");
}

TEST(PrintInterleavingTest, ShowsPlansAsTheyAreWritten) {
  const ConcurrentPlan plan = parse_concurrent_plan("turns 1 2; 2: pay#1:rejected");
  EXPECT_EQ(PrintToString(plan), to_string(plan));
  EXPECT_EQ(PrintToString(ConcurrentPlan{.turns = {0, 1}}), "turns 1 2");
  EXPECT_EQ(PrintToString(Interleavings{.schedules = 3}), "Interleavings{.schedules = 3}");
}

}  // namespace
}  // namespace saga_harness
