#include <saga_harness/version.hpp>

#include <string>

#include <gtest/gtest.h>

#if SAGA_HARNESS_VERSION < 100
#error "0.1.0 or newer"
#endif

namespace saga_harness {
namespace {

TEST(VersionTest, IsTheSameToThePreprocessorAndAsText) {
  EXPECT_EQ(kVersion, std::to_string(SAGA_HARNESS_VERSION / 10000) + "." +
                          std::to_string(SAGA_HARNESS_VERSION / 100 % 100) + "." +
                          std::to_string(SAGA_HARNESS_VERSION % 100));
}

TEST(VersionTest, IsThatOfTheLinkedLibrary) { EXPECT_EQ(library_version(), kVersion); }

}  // namespace
}  // namespace saga_harness
