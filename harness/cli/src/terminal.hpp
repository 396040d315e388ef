#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <saga_harness/explore.hpp>
#include <saga_harness/search_reports.hpp>

#include "arguments.hpp"

namespace saga_harness::cli {

/// Empty if it is not set.
[[nodiscard]] std::string_view environment_variable(const char* name);

/// How to draw on standard output. Only on a terminal does the environment have a say (NO_COLOR, TERM, the
/// character set of the locale): what goes to a file or a pipe is the same everywhere.
[[nodiscard]] Style style_for(const Look& look);

/// Writes to standard output. That the reader has gone away is no error: the exit code still tells the
/// verdict.
/// @throws Error with ErrorKind::kInternal if it cannot be written for another reason (a full disk).
void print(std::string_view text);

/// Writes `saga-harness: MESSAGE` to standard error.
void complain(std::string_view message);

/// Progress of a search, on one line of standard error, if that is a terminal; else nothing. Counts only, no
/// clock.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const Exploration& exploration);
  void show(std::string_view line);
  void clear();

 private:
  bool enabled_;
  bool shown_ = false;
};

}  // namespace saga_harness::cli
