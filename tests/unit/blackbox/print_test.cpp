#include <gtest/gtest.h>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/target.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintBlackboxTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(OutcomeSource::kPoll), "poll");
  EXPECT_EQ(PrintToString(Isolation::kAlone), "alone");
  EXPECT_EQ(PrintToString(TargetBus::kNats), "nats");
}

TEST(PrintBlackboxTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(TargetExploration{.notes = {"slow"}}), "TargetExploration{.notes = [\"slow\"]}");
  EXPECT_EQ(PrintToString(RequestTemplate{.method = "some text"}),
            "RequestTemplate{.method = \"some text\"}");
  EXPECT_EQ(PrintToString(CommandTemplate{.folder = "some text"}),
            "CommandTemplate{.folder = \"some text\"}");
  EXPECT_EQ(PrintToString(ProcessTemplate{.ready_url = "some text"}),
            "ProcessTemplate{.ready_url = \"some text\"}");
  EXPECT_EQ(PrintToString(OutcomeTemplate{.pointer = "some text"}),
            "OutcomeTemplate{.pointer = \"some text\"}");
  EXPECT_EQ(PrintToString(TargetLimits{.calls = 7}), "TargetLimits{.calls = 7}");
  EXPECT_EQ(PrintToString(Target{.source = "some text"}), "Target{.source = \"some text\"}");
}

}  // namespace
}  // namespace saga_harness
