#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::in_quotes;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// The number of a saga, from 1 as written, from 0 as told.
std::size_t saga_of(std::string_view text, std::string_view part) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0 || number > kMostSagasAtOnce)
    throw Error(ErrorText{.message = fmt::format("{} in {} is no saga", in_quotes(text), in_quotes(part)),
                          .fix = fmt::format("they are counted from 1 to {}", kMostSagasAtOnce)});
  return number - 1;
}

void read_turns(std::string_view part, ConcurrentPlan& plan) {
  std::string_view rest = trimmed(part.substr(std::string_view("turns").size()));
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    plan.turns.push_back(static_cast<std::uint8_t>(saga_of(word, part)));
    rest = trimmed(rest.substr(word.size()));
  }
}

}  // namespace

std::string to_string(const ConcurrentPlan& plan) {
  std::string text;
  if (!plan.turns.empty()) {
    text = "turns";
    for (const std::uint8_t saga : plan.turns) text += fmt::format(" {}", saga + 1);
  }
  for (std::size_t saga = 0; saga < plan.faults.size(); ++saga) {
    if (plan.faults[saga].empty()) continue;
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", saga + 1, to_string(plan.faults[saga]));
  }
  return text.empty() ? "none" : text;
}

ConcurrentPlan parse_concurrent_plan(std::string_view text) {
  ConcurrentPlan plan;
  if (trimmed(text) == "none") return plan;
  for (std::string_view rest = text;;) {
    const std::size_t end = rest.find(';');
    const std::string_view part = trimmed(rest.substr(0, end));
    const std::size_t colon = part.find(':');
    if (part == "turns" || part.starts_with("turns ")) {
      read_turns(part, plan);
    } else if (colon == std::string_view::npos) {
      throw Error(
          ErrorText{.message = fmt::format("{} is no part of a plan for several sagas", in_quotes(part)),
                    .fix = "write \"turns 1 2 1\" or \"2: FAULT, …\""});
    } else {
      const std::size_t saga = saga_of(trimmed(part.substr(0, colon)), part);
      if (plan.faults.size() <= saga) plan.faults.resize(saga + 1);
      if (!plan.faults[saga].empty())
        throw Error(ErrorText{.message = fmt::format("saga {} has two plans", saga + 1),
                              .fix = "write its faults behind each other, with commas"});
      plan.faults[saga] = parse_plan(part.substr(colon + 1));
    }
    if (end == std::string_view::npos) return plan;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace saga_harness
