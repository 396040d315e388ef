#include <gtest/gtest.h>

#include <saga_harness/choreography.hpp>
#include <saga_harness/imperative.hpp>
#include <saga_harness/orchestrator.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintCoordinatorTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(ChoreographyBug::kAckBeforeEffect), "ack_before_effect");
  EXPECT_EQ(PrintToString(ImperativeState::kExecuting), "executing");
  EXPECT_EQ(PrintToString(OrchestratorBug::kAmbiguousNotCompensated), "ambiguous_not_compensated");
}

TEST(PrintCoordinatorTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(ImperativeStatus{.saga_id = "some text"}),
            "ImperativeStatus{.saga_id = \"some text\"}");
  EXPECT_EQ(PrintToString(CircuitBreaker{.failures = 7}), "CircuitBreaker{.failures = 7}");
}

}  // namespace
}  // namespace saga_harness
