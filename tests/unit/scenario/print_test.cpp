#include <gtest/gtest.h>

#include <saga_harness/http_spec.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintScenariosTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(RequestPart::kBody), "body");
  EXPECT_EQ(PrintToString(FakeKind::kStock), "stock");
}

TEST(PrintScenariosTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(RequestField{.name = "some text"}), "RequestField{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(HttpReply{.body = "some text"}), "HttpReply{.body = \"some text\"}");
  EXPECT_EQ(PrintToString(HttpRoute{.method = "some text"}), "HttpRoute{.method = \"some text\"}");
  EXPECT_EQ(PrintToString(HttpSpec{.check_keys = false}), "HttpSpec{.check_keys = false}");
  EXPECT_EQ(PrintToString(ParticipantSpec{.partial_batch = true}), "ParticipantSpec{.partial_batch = true}");
  EXPECT_EQ(PrintToString(QuantityInvariant{.name = "some text"}),
            "QuantityInvariant{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(Scenario{.source = "some text"}), "Scenario{.source = \"some text\"}");
  EXPECT_EQ(PrintToString(Mutant{"some text", {}, {}, Rule::kTruthfulOutcome, 0, false, {}}),
            "Mutant{.name = \"some text\"}");
}

}  // namespace
}  // namespace saga_harness
