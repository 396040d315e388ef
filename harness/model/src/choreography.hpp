#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/saga.hpp>

namespace saga_harness::internal {

/// One thing wrong with the events of a definition, and where.
struct EventProblem {
  std::optional<std::size_t> step = std::nullopt;  // nothing: the saga itself
  std::string_view key = {};
  std::string tail = {};  // of the JSON pointer
  std::string message = {};
  std::string fix = {};
};

/// What is wrong with the events, or that there are any where there is no choreography.
[[nodiscard]] std::vector<EventProblem> problems_with_events(const Saga& saga);

}  // namespace saga_harness::internal
