#pragma once

#include <string_view>

#include <saga_harness/print.hpp>

namespace saga_harness {

class Error;
struct SearchVerdict;

/// What the command exits with, and with it every gate. The numbers are part of its contract; 64 and 70 are
/// `EX_USAGE` and `EX_SOFTWARE` of BSD's sysexits.
enum class ExitCode : int {
  kUpheld = 0,
  kViolated = 1,
  kCoverageMissed = 2,
  kInconclusive = 3,
  kUsage = 64,
  kInternal = 70,
};
/// `upheld`, `violated`, `coverage_missed`, `inconclusive`, `usage`, `internal`.
[[nodiscard]] std::string_view name_of(ExitCode code);

/// Of an error that ends the command: 64 for misuse, 3 where something is missing, 70 for the rest.
[[nodiscard]] ExitCode exit_code_of(const Error& error);
[[nodiscard]] ExitCode exit_code_of(const SearchVerdict& verdict);

}  // namespace saga_harness
