#include <gtest/gtest.h>

#include <saga_harness/fakes.hpp>
#include <saga_harness/shared_values.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintFakesTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(AccessKind::kChange), "change");
  EXPECT_EQ(PrintToString(Undoes::kByKey), "by_key");
  EXPECT_EQ(PrintToString(Transactions::kKeyBeforeEffect), "key_before_effect");
}

TEST(PrintFakesTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(Access{.step = "some text"}), "Access{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(Countermeasures{.semantic_lock = false}),
            "Countermeasures{.semantic_lock = false}");
  EXPECT_EQ(PrintToString(ValueUse{.changes = "some text"}), "ValueUse{.changes = \"some text\"}");
}

}  // namespace
}  // namespace saga_harness
