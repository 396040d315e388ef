#include <gtest/gtest.h>

#include <saga_harness/saga_operations.hpp>
#include <saga_harness/stores.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintStoresTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(StoredState::kRunning), "running");
}

TEST(PrintStoresTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(SagaStatus{.saga_id = "some text"}), "SagaStatus{.saga_id = \"some text\"}");
  EXPECT_EQ(PrintToString(StoredOptions{.accept_definition = true}),
            "StoredOptions{.accept_definition = true}");
  EXPECT_EQ(PrintToString(MemoryStoreOptions{.fences = false}), "MemoryStoreOptions{.fences = false}");
}

}  // namespace
}  // namespace saga_harness
