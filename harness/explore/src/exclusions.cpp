#include <algorithm>

#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/set_aside.hpp>
#include <saga_harness_internal/skipped.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {

std::string cell_name(const Cell& cell, const SagaIndex& saga) {
  std::string name(internal::kSagaItself);
  if (cell.step < saga.step_count()) {
    name = saga.step(cell.step).name;
    name.append(".").append(name_of(cell.operation));
  }
  return name.append("@").append(name_of(cell.instant)).append(":").append(name_of(cell.kind));
}

bool matches_cell(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;  // the last one met
  std::size_t resumed = 0;                    // what it does not stand for yet
  std::size_t i = 0;
  while (i < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resumed = i;
    } else if (at < pattern.size() && pattern[at] == name[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++resumed;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

void validate(const Exclusion& exclusion, const Experiment& experiment) {
  const std::string which = "the exclusion of " + internal::in_quotes(exclusion.cells);
  if (exclusion.cells.empty()) {
    throw Error(ErrorText{.message = "an exclusion names no cell",
                          .fix = "write e.g. process_payment.action@call:reply_lost"});
  }
  internal::check_set_aside(which, {exclusion.reason, exclusion.owner, exclusion.expires},
                            "say why it cannot be tried");
  const SagaIndex& saga = *experiment.setup.saga;
  std::vector<FaultKind> kinds;
  for (std::size_t i = 0; i < kFaultKindCount; ++i) kinds.push_back(static_cast<FaultKind>(i));
  std::vector<std::string> names;
  for (const Cell& cell : internal::cells_in_any_context(saga, experiment, kinds))
    names.push_back(cell_name(cell, saga));
  if (std::ranges::any_of(names, [&](const auto& name) { return matches_cell(exclusion.cells, name); }))
    return;
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view nearest = nearest_name(exclusion.cells, views);
  throw Error(ErrorText{.message = which + " matches no cell of the saga",
                        .fix = nearest.empty() ? "write a cell like " + std::string(names.front())
                                               : "did you mean " + internal::in_quotes(nearest) + "?"});
}

bool operator==(const Exclusion&, const Exclusion&) = default;

}  // namespace saga_harness
