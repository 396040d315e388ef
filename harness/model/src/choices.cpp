#include <saga_harness_internal/choices.hpp>

#include <optional>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/json_reader.hpp>

#include "condition.hpp"

namespace saga_harness::internal {

std::optional<ResultPlace> result_place(const Condition& condition) {
  constexpr std::string_view kRoot = "/results/";
  const std::string_view pointer = condition.pointer;
  if (!pointer.starts_with(kRoot)) return std::nullopt;
  const std::string_view rest = pointer.substr(kRoot.size());
  const std::size_t end = std::min(rest.find('/'), rest.size());
  return ResultPlace{rest.substr(0, end), rest.substr(end)};
}

ResultChoices::ResultChoices(const SagaIndex& saga) : saga_(saga) {
  if (!saga.has_choices()) return;
  by_step_.resize(saga.step_count());
  for (StepId step = 0; step < saga.step_count(); ++step) {
    const std::optional<Condition>& condition = saga.step(step).only_if;
    const std::optional<ResultPlace> place = condition ? result_place(*condition) : std::nullopt;
    if (!place) continue;
    steps_.push_back(step);
    by_step_[step].from = saga.find_step(place->step);
  }
}

bool ResultChoices::holds(StepId step, std::string_view answer) {
  ByText<bool>& known = by_step_[step].known;
  if (const auto found = known.find(answer); found != known.end()) return found->second;
  return known.emplace(answer, holds_of_answer(*saga_.step(step).only_if, answer)).first->second;
}

void ResultChoices::forget_if_many() {
  constexpr std::size_t kMostKept = 4096;
  for (OfStep& step : by_step_) {
    if (step.known.size() > kMostKept) step.known.clear();
  }
}

}  // namespace saga_harness::internal
