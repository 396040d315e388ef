#include <saga_harness_internal/order.hpp>

#include <algorithm>
#include <functional>
#include <queue>
#include <string_view>
#include <unordered_map>

namespace saga_harness::internal {

using Number = std::uint16_t;

namespace {

/// In a choreography: whoever emits the success that a step waits for.
std::vector<std::vector<Number>> emitters_before(const Saga& saga) {
  std::unordered_map<std::string_view, Number> emitters;
  for (std::size_t step = 0; step < saga.steps.size(); ++step)
    emitters.emplace(saga.steps[step].emits.success, static_cast<Number>(step));
  std::vector<std::vector<Number>> predecessors(saga.steps.size());
  for (std::size_t step = 0; step < saga.steps.size(); ++step) {
    for (const std::string& event : saga.steps[step].on_event) {
      const auto found = event.empty() ? emitters.end() : emitters.find(event);
      if (found != emitters.end()) predecessors[step].push_back(found->second);
    }
  }
  return predecessors;
}

}  // namespace

std::vector<std::vector<Number>> predecessors_of(const Saga& saga) {
  if (saga.choreography) return emitters_before(saga);
  // Only looked up in, never walked: its order shows nowhere.
  std::unordered_map<std::string_view, Number> numbers;
  for (std::size_t step = 0; step < saga.steps.size(); ++step) {
    numbers.emplace(saga.steps[step].name, static_cast<Number>(step));
  }
  std::vector<std::vector<Number>> predecessors(saga.steps.size());
  for (std::size_t step = 0; step < saga.steps.size(); ++step) {
    const Predecessors& after = saga.steps[step].after;
    if (after.is_previous_step()) {
      if (step > 0) predecessors[step].push_back(static_cast<Number>(step - 1));
      continue;
    }
    for (const std::string& name : after.names()) {
      const auto found = numbers.find(name);
      if (found != numbers.end()) predecessors[step].push_back(found->second);
    }
  }
  return predecessors;
}

std::vector<Number> topological_order(const std::vector<std::vector<Number>>& predecessors) {
  std::vector<std::size_t> waiting_for(predecessors.size());
  std::vector<std::vector<Number>> successors(predecessors.size());
  std::priority_queue<Number, std::vector<Number>, std::greater<>> ready;
  for (std::size_t step = 0; step < predecessors.size(); ++step) {
    waiting_for[step] = predecessors[step].size();
    if (waiting_for[step] == 0) ready.push(static_cast<Number>(step));
    for (const Number before : predecessors[step]) successors[before].push_back(static_cast<Number>(step));
  }
  std::vector<Number> order;
  order.reserve(predecessors.size());
  while (!ready.empty()) {
    const Number step = ready.top();
    ready.pop();
    order.push_back(step);
    for (const Number next : successors[step]) {
      if (--waiting_for[next] == 0) ready.push(next);
    }
  }
  return order;
}

std::vector<std::uint8_t> precedence(const std::vector<std::vector<Number>>& predecessors,
                                     const std::vector<Number>& order) {
  const std::size_t count = predecessors.size();
  // Built by successor, since a step inherits what its predecessors have, and turned over at the end.
  std::vector<std::uint8_t> before(count * count);
  for (const Number step : order) {
    std::uint8_t* row = before.data() + step * count;
    for (const Number direct : predecessors[step]) {
      const std::uint8_t* inherited = before.data() + direct * count;
      for (std::size_t other = 0; other < count; ++other) row[other] |= inherited[other];
      row[direct] = 1;
    }
  }
  std::vector<std::uint8_t> precedes(count * count);
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = 0; b < count; ++b) precedes[a * count + b] = before[b * count + a];
  }
  return precedes;
}

std::vector<Number> find_cycle(const std::vector<std::vector<Number>>& predecessors,
                               const std::vector<Number>& order) {
  if (order.size() == predecessors.size()) return {};
  std::vector<std::uint8_t> ordered(predecessors.size());
  for (const Number step : order) ordered[step] = 1;

  // A step that could not be ordered waits for another such; going from one to the next must come round.
  auto step = static_cast<Number>(std::find(ordered.begin(), ordered.end(), 0) - ordered.begin());
  std::vector<Number> path;
  while (true) {
    const auto met = std::find(path.begin(), path.end(), step);
    if (met != path.end()) return {met, path.end()};
    path.push_back(step);
    for (const Number before : predecessors[step]) {
      if (ordered[before] == 0) {
        step = before;
        break;
      }
    }
  }
}

}  // namespace saga_harness::internal
