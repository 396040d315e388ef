#include <gtest/gtest.h>

#include <saga_harness/invariant.hpp>
#include <saga_harness/judge.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintCheckTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(Invariant{.name = "some text"}), "Invariant{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(SwitchedOff{.reason = "some text"}), "SwitchedOff{.reason = \"some text\"}");
}

}  // namespace
}  // namespace saga_harness
