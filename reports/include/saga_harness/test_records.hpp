#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace saga_harness {

enum class TestResult : std::uint8_t { kPassed, kFailed, kSkipped };
[[nodiscard]] std::string_view name_of(TestResult result);  ///< `passed`, `failed`, `skipped`

/// What a program of tests knows besides the runs it recorded, as lines of JSON each ended by `\n` (see
/// reports/README.md): without them a report could be upheld though a test failed, was skipped or never ran.
/// First the header, with every test that the program has, disabled ones left out; then for each test that it
/// began and how it ended; then the end.
[[nodiscard]] std::string tests_header(std::string_view program, const std::vector<std::string>& tests);
[[nodiscard]] std::string test_began(std::string_view test);
[[nodiscard]] std::string test_ended(std::string_view test, TestResult result);
[[nodiscard]] std::string tests_end();

}  // namespace saga_harness
