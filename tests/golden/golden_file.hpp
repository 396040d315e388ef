#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace saga_harness::golden {

/// Succeeds if `text` is, byte for byte, what the file `name` of this folder holds. With
/// SAGA_HARNESS_UPDATE_GOLDEN set in the environment it writes the file instead: look at the difference
/// before keeping it.
[[nodiscard]] inline testing::AssertionResult matches_file(const std::string& name, std::string_view text) {
  const std::string path = std::string(SAGA_HARNESS_GOLDEN_DIR) + "/" + name;
  if (std::getenv("SAGA_HARNESS_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return testing::AssertionSuccess();
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return testing::AssertionFailure() << "there is no file tests/golden/" << name;
  std::ostringstream contents;
  contents << file.rdbuf();
  const std::string expected = contents.str();
  if (expected == text) return testing::AssertionSuccess();

  std::istringstream expected_lines(expected);
  std::istringstream lines{std::string(text)};
  for (int number = 1;; ++number) {
    std::string expected_line;
    std::string line;
    const bool more_expected = static_cast<bool>(std::getline(expected_lines, expected_line));
    const bool more = static_cast<bool>(std::getline(lines, line));
    if (more_expected == more && expected_line == line && more) continue;
    return testing::AssertionFailure()
           << "differs from tests/golden/" << name << " in line " << number
           << "\n  expected: " << (more_expected ? testing::PrintToString(expected_line) : "(nothing)")
           << "\n  got:      " << (more ? testing::PrintToString(line) : "(nothing)")
           << "\nIf the change is meant, run golden_tests with SAGA_HARNESS_UPDATE_GOLDEN=1.";
  }
}

}  // namespace saga_harness::golden
