#include <saga_harness_internal/repeat_line.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace internal {
namespace {

constexpr std::size_t kLongestPath = 4096;

}  // namespace

std::string shell_word(std::string_view word) {
  constexpr std::string_view kSafe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
  if (!word.empty() && word.find_first_not_of(kSafe) == std::string_view::npos) return std::string(word);
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + '\'';
}

std::string replay_command(std::string_view source, std::string_view what, std::string_view target) {
  const auto path = [](std::string_view text) { return shell_word(printable(text, kLongestPath)); };
  return fmt::format("saga-harness replay {} {}{}", source.empty() ? "SCENARIO" : path(source), what,
                     target.empty() ? std::string() : " --target " + path(target));
}

std::string replay_call(std::string_view token) { return fmt::format("harness.replay(\"{}\")", token); }

}  // namespace internal

std::string how_to_repeat(const Experiment& experiment, std::string_view token) {
  if (!experiment.target.empty())
    return internal::replay_command(experiment.source, token, experiment.target);
  const auto is_own = [](const Invariant& invariant) { return !invariant.from_scenario; };
  const bool command_knows_it =
      !experiment.source.empty() && std::ranges::none_of(experiment.invariants, is_own);
  return command_knows_it ? internal::replay_command(experiment.source, token, {})
                          : internal::replay_call(token);
}

}  // namespace saga_harness
