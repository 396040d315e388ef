#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <saga_harness/shrink.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness {
namespace {

using internal::JsonValue;

std::vector<std::string> predecessors(const Saga& saga, std::size_t number) {
  const Predecessors& after = saga.steps[number].after;
  if (!after.is_previous_step()) return after.names();
  if (number == 0) return {};
  return {saga.steps[number - 1].name};
}

/// Whoever waited for the dropped step waits for what it waited for.
Saga without_step(const Saga& saga, std::size_t dropped) {
  Saga fewer = saga;
  const std::string& name = saga.steps[dropped].name;
  const std::vector<std::string> inherited = predecessors(saga, dropped);
  for (Step& step : fewer.steps) {
    std::vector<std::string> after = step.after.names();
    const auto place = std::find(after.begin(), after.end(), name);
    if (place == after.end()) continue;
    after.erase(place);
    for (const std::string& before : inherited) {
      if (std::find(after.begin(), after.end(), before) == after.end()) after.push_back(before);
    }
    step.after = std::move(after);
  }
  fewer.steps.erase(fewer.steps.begin() + static_cast<std::ptrdiff_t>(dropped));
  return fewer;
}

Saga without_pivot(const Saga& saga) {
  Saga plainer = saga;
  for (Step& step : plainer.steps) {
    step.pivot = false;
    if (step.compensatable && step.has_effect && step.compensation.empty())
      step.compensation = "undo_" + step.name;
  }
  return plainer;
}

Saga one_undone_after_the_other(const Saga& saga) {
  Saga plainer = saga;
  plainer.parallel_compensation = false;
  return plainer;
}

// Each takes one peculiarity away, or changes nothing.
constexpr std::array<void (*)(Step&), 16> kPlainer{
    [](Step& step) { step.fallback.clear(); },
    [](Step& step) { step.only_if.reset(); },
    [](Step& step) { step.optional = false; },
    [](Step& step) { step.compensated_if_refused = false; },
    [](Step& step) { step.has_effect = true; },
    [](Step& step) {
      if (step.has_effect) return;
      step.has_effect = step.compensatable = true;
      step.compensation = "undo_" + step.name;
    },
    [](Step& step) { step.after = kPreviousStep; },
    [](Step& step) { step.idempotent = true; },
    [](Step& step) {
      if (step.compensatable) return;
      step.compensatable = true;
      step.compensation = "undo_" + step.name;
    },
    [](Step& step) { step.retry.attempts = std::min(step.retry.attempts, 1); },
    [](Step& step) { step.compensation_retry.attempts = std::min(step.compensation_retry.attempts, 1); },
    [](Step& step) { step.retry = {.attempts = step.retry.attempts}; },
    [](Step& step) { step.compensation_retry = {.attempts = step.compensation_retry.attempts}; },
    [](Step& step) { step.timeout = Step{}.timeout; },
    [](Step& step) { step.compensation_timeout = Step{}.compensation_timeout; },
    [](Step& step) { step.service = "service_1"; },
};

// Every value that is a little smaller than `value`, the smallest first.
std::vector<JsonValue> simpler_values(const JsonValue& value) {
  std::vector<JsonValue> candidates;
  const auto plainer = [&](JsonValue plain) { candidates.push_back(std::move(plain)); };
  switch (value.type) {
    case JsonValue::Type::kNull:
      break;
    case JsonValue::Type::kBoolean:
      if (value.boolean) plainer({.type = value.type});
      break;
    case JsonValue::Type::kInteger:
      if (value.integer != 0) plainer({.type = value.type});
      break;
    case JsonValue::Type::kNumber:
      plainer({.type = JsonValue::Type::kInteger});
      break;
    case JsonValue::Type::kString:
      if (!value.string.empty()) plainer({.type = value.type});
      break;
    case JsonValue::Type::kArray:
    case JsonValue::Type::kObject:
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        JsonValue fewer = value;
        fewer.items.erase(fewer.items.begin() + static_cast<std::ptrdiff_t>(i));
        if (!fewer.keys.empty()) fewer.keys.erase(fewer.keys.begin() + static_cast<std::ptrdiff_t>(i));
        plainer(std::move(fewer));
      }
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        for (JsonValue& simpler : simpler_values(value.items[i])) {
          JsonValue changed = value;
          changed.items[i] = std::move(simpler);
          plainer(std::move(changed));
        }
      }
      break;
  }
  return candidates;
}

}  // namespace

std::vector<Saga> simpler_sagas(const Saga& saga) {
  std::vector<Saga> candidates;
  if (saga.choreography) return candidates;  // whoever is left out is missed by those who listen
  const auto try_instead = [&](Saga candidate) {
    if (candidate != saga && find_problems(candidate).empty()) candidates.push_back(std::move(candidate));
  };
  for (std::size_t step = 0; step < saga.steps.size(); ++step) try_instead(without_step(saga, step));
  try_instead(without_pivot(saga));
  try_instead(one_undone_after_the_other(saga));
  Saga in_its_own_time = saga;
  in_its_own_time.deadline.reset();
  try_instead(std::move(in_its_own_time));
  for (std::size_t step = 0; step < saga.steps.size(); ++step) {
    for (const auto make_plainer : kPlainer) {
      Saga plainer = saga;
      make_plainer(plainer.steps[step]);
      try_instead(std::move(plainer));
    }
  }
  return candidates;
}

std::vector<Context> simpler_contexts(const Context& context) {
  std::vector<Context> candidates;
  for (const JsonValue& value : simpler_values(internal::parse_json(context.text(), "context"))) {
    std::string text;
    internal::append_json(text, value);
    candidates.push_back(Context::parse(text));
  }
  return candidates;
}

}  // namespace saga_harness
