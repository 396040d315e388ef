#pragma once

#include <stdexcept>
#include <string>

namespace saga_harness {

/// What a process that met an error or a verdict should exit with. The numbers are part of the command's
/// contract; 64 and 70 are `EX_USAGE` and `EX_SOFTWARE` of BSD's sysexits.
enum class ExitCode : int {
  kUpheld = 0,
  kViolated = 1,
  kCoverageMissed = 2,
  kInconclusive = 3,
  kUsage = 64,
  kInternal = 70,
};

/// Misuse or bad input. The message says what is wrong, where (file, JSON pointer or call) and the fix.
/// What a run shows of the saga under test is never an Error: verdicts are values.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode exit_code = ExitCode::kUsage)
      : std::runtime_error(message), exit_code_(exit_code) {}

  [[nodiscard]] ExitCode exit_code() const noexcept { return exit_code_; }

 private:
  ExitCode exit_code_;
};

}  // namespace saga_harness
