#include <saga_harness_internal/input_file.hpp>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

namespace saga_harness::internal {
namespace {

using testing::StartsWith;

template <class Work>
std::string refusal_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "(no error)";
}

TEST(InputFileTest, WhatHasNoEndIsReadUpToTheLimit) {
  EXPECT_EQ(refusal_of([] { return read_file("/dev/zero", {.limit = 100'000}); }),
            "/dev/zero: the file has more than 100000 bytes; split it");
}

TEST(InputFileTest, WhatCannotBeReadIsSaidWithItsReason) {
  EXPECT_EQ(refusal_of([] { return read_file("no/such/file", {.fix = "name one"}); }),
            "no/such/file: the file cannot be read: No such file or directory; name one");
  EXPECT_THAT(refusal_of([] { return read_file(SAGA_HARNESS_SCRATCH_DIR); }),
              StartsWith(SAGA_HARNESS_SCRATCH_DIR ": the file cannot be read: Is a directory"));
  EXPECT_EQ(read_file_if_there("no/such/file"), std::nullopt);
  EXPECT_EQ(read_file_if_there("/dev/null"), "");
}

TEST(InputFileTest, WhoeverHasEnoughGetsNoMore) {
  int parts = 0;
  read_in_parts("/dev/zero", "", [&parts](std::string_view) { return ++parts < 3; });
  EXPECT_EQ(parts, 3);
}

}  // namespace
}  // namespace saga_harness::internal
