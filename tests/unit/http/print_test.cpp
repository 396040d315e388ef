#include <gtest/gtest.h>

#include <saga_harness/http_fakes.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintHttpTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(HttpFakesOptions{.bind = "some text"}), "HttpFakesOptions{.bind = \"some text\"}");
}

}  // namespace
}  // namespace saga_harness
