#include <saga_harness/exit_code.hpp>

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/search_verdict.hpp>

namespace saga_harness {
namespace {

TEST(ExitCodeTest, OfAnErrorSaysWhoseItIs) {
  EXPECT_EQ(exit_code_of(Error("bad input")), ExitCode::kUsage);
  EXPECT_EQ(exit_code_of(Error("a shard is missing", ErrorKind::kIncomplete)), ExitCode::kInconclusive);
  EXPECT_EQ(exit_code_of(Error("not deterministic", ErrorKind::kInternal)), ExitCode::kInternal);
}

TEST(ExitCodeTest, OfAVerdictIsThatOfItsWord) {
  EXPECT_EQ(exit_code_of(SearchVerdict{.word = VerdictWord::kUpheld}), ExitCode::kUpheld);
  EXPECT_EQ(exit_code_of(SearchVerdict{.word = VerdictWord::kViolated}), ExitCode::kViolated);
  EXPECT_EQ(exit_code_of(SearchVerdict{.word = VerdictWord::kInconclusive}), ExitCode::kInconclusive);
  EXPECT_EQ(exit_code_of(SearchVerdict{.word = VerdictWord::kUpheld, .error = "coins"}), ExitCode::kInternal);
}

}  // namespace
}  // namespace saga_harness
