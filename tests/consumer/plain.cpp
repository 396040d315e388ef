// The library without gtest, by its one header.
#include <saga_harness/saga_harness.hpp>

#if !defined(SAGA_HARNESS_VERSION) || SAGA_HARNESS_VERSION < 100
#error "the version is not there"
#endif
#ifdef GTEST_INCLUDE_GTEST_GTEST_H_
#error "gtest came with it"
#endif

int main() {
  const saga_harness::Saga saga{.name = "order_processing"};
  const bool is_one_version = saga_harness::library_version() == saga_harness::kVersion;
  return saga.name == "order_processing" && is_one_version ? 0 : 1;
}
