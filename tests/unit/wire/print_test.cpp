#include <gtest/gtest.h>

#include <saga_harness/wire.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintWireTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(PointKind::kDelivery), "delivery");
  EXPECT_EQ(PrintToString(ObservedRunsOptions{.max_journal = 7}), "ObservedRunsOptions{.max_journal = 7}");
  EXPECT_EQ(PrintToString(ObservedRunOptions{.max_calls = 7}), "ObservedRunOptions{.max_calls = 7}");
  EXPECT_EQ(PrintToString(ObservedQuestion{.point = {.step = 1}}),
            "ObservedQuestion{.point = Point{.step = 1}}");
  EXPECT_EQ(PrintToString(HeldBack{.attempt = 7}), "HeldBack{.attempt = 7}");
  EXPECT_EQ(PrintToString(ObservedRun{.calls = 7}), "ObservedRun{.calls = 7}");
  EXPECT_EQ(PrintToString(StrayRequests{.first_unmatched = "some text"}),
            "StrayRequests{.first_unmatched = \"some text\"}");
  EXPECT_EQ(PrintToString(DataOfEvent{.event = 7}), "DataOfEvent{.event = 7}");
  EXPECT_EQ(PrintToString(BrokerDelivery{.event = "some text"}), "BrokerDelivery{.event = \"some text\"}");
}

}  // namespace
}  // namespace saga_harness
