#include <gtest/gtest.h>

#include <saga_harness/http_fakes.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintHttpTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(HttpFakesOptions{.bind = "some text"}), "HttpFakesOptions{.bind = \"some text\"}");
  EXPECT_EQ(PrintToString(HttpRunOptions{.max_calls = 7}), "HttpRunOptions{.max_calls = 7}");
  EXPECT_EQ(PrintToString(HttpQuestion{.point = {.step = 1}}), "HttpQuestion{.point = Point{.step = 1}}");
  EXPECT_EQ(PrintToString(HttpRun{.calls = 7}), "HttpRun{.calls = 7}");
  EXPECT_EQ(PrintToString(HttpStrays{.first_unmatched = "some text"}),
            "HttpStrays{.first_unmatched = \"some text\"}");
  EXPECT_EQ(PrintToString(BusDelivery{.event = "some text"}), "BusDelivery{.event = \"some text\"}");
}

}  // namespace
}  // namespace saga_harness
