#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saga_harness::cli_tests {

/// What a run of the command left.
struct Result {
  int exit_code = -1;  ///< 128 + signal if it was killed by one
  std::string out = {};
  std::string err = {};
};

enum class Screen { kPipes, kTerminal, kNobodyReads, kFullDisk };

/// How to run the real binary. Nothing of what the environment says about terminals and languages is
/// inherited.
struct Command {
  std::vector<std::string> arguments = {};
  std::vector<std::pair<std::string, std::string>> environment = {};
  Screen screen =
      Screen::kPipes;        ///< a terminal gets both streams, and they come back together in Result::out
  std::string program = {};  ///< empty: saga-harness
};

[[nodiscard]] Result run(const Command& command);

/// Sends `signal` once `left`, which says for how long not to ask it again, says no time at all, unless the
/// process has ended by then.
[[nodiscard]] Result run_until(const std::function<std::chrono::nanoseconds()>& left, int signal,
                               const Command& command);

/// `saga-harness ARGUMENT...`
[[nodiscard]] Result run(std::vector<std::string> arguments);

/// The path of a scenario in `scenarios/`.
[[nodiscard]] std::string scenario(std::string_view name);

/// A path in the scratch directory that belongs to the running test alone.
[[nodiscard]] std::string scratch(std::string_view name);
/// Writes `text` to a file there and gives its path.
[[nodiscard]] std::string write_scratch(std::string_view name, std::string_view text);
[[nodiscard]] std::string read_file(const std::string& path);
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);
/// Text as it was before it was broken into lines, and before characters became `&#N;`: every space is one,
/// and quotes, which each format writes in its own way, are left out.
[[nodiscard]] std::string unwrapped(std::string_view text);

}  // namespace saga_harness::cli_tests
