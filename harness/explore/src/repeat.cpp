#include "repeat.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "exhaustive.hpp"

namespace saga_harness {
namespace {

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
  return hash ^ hash >> 32U;
}

/// Gives the same answers to the same questions.
class Again final : public Choices {
 public:
  explicit Again(std::span<const Pick> picks) : picks_(picks) {}

  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    const std::uint32_t position = position_++;
    if (next_ == picks_.size() || picks_[next_].position != position) return 0;
    const Pick& pick = picks_[next_];
    if (pick.point != point || pick.answer > legal.size()) return 0;  // the traces will differ
    ++next_;
    return pick.answer;
  }

 private:
  std::span<const Pick> picks_;
  std::size_t next_ = 0;
  std::uint32_t position_ = 0;
};

Event without_window(Event event) {
  if (event.type == EventType::kFault) event.text = pack(instant_of(event), FaultDuration::kOnce);
  return event;
}

std::string text_of(std::span<const Event> events, std::size_t at, const Observation& observation,
                    const SagaIndex& saga) {
  if (at >= events.size()) return "nothing";
  std::vector<std::string> texts(observation.texts.begin(), observation.texts.end());
  std::string text = to_string(events[at], texts, saga);
  text.erase(0, text.find_first_not_of(' '));
  return '"' + text + '"';
}

}  // namespace

std::uint64_t fingerprint(const Observation& observation) {
  std::uint64_t hash = observation.events.size();
  for (const Event& event : observation.events) {
    hash = mixed(hash, static_cast<std::uint64_t>(event.at));
    hash = mixed(hash, std::uint64_t{event.call} << 32U | event.text);
    hash = mixed(hash, std::uint64_t{event.step} << 48U | std::uint64_t{event.attempt} << 32U |
                           static_cast<std::uint64_t>(event.type) << 24U |
                           static_cast<std::uint64_t>(event.operation) << 16U |
                           std::uint64_t{event.detail} << 8U | event.incarnation);
  }
  for (const Quantity& quantity : observation.quantities) {
    hash = mixed(mixed(hash, static_cast<std::uint64_t>(quantity.at_start)),
                 static_cast<std::uint64_t>(quantity.at_end));
  }
  return hash;
}

const Observation& Repeat::run(std::span<const Pick> picks) {
  Again again(picks);
  return engine_.run(again);
}

void Repeat::check(std::span<const Pick> picks) {
  const Observation& first = engine_.observation();
  before_.assign(first.events.begin(), first.events.end());
  const std::uint64_t expected = fingerprint(first);
  const Observation& second = run(picks);
  const auto [a, b] = std::ranges::mismatch(before_, second.events);
  const bool is_same = a == before_.end() && b == second.events.end();
  if (is_same && fingerprint(second) == expected) return;
  const SagaIndex& saga = engine_.saga();
  const std::string plan = to_string(plan_of(picks, saga));
  if (is_same) {
    throw not_deterministic(
        fmt::format("plan \"{}\" left other business quantities behind when it was run again", plan));
  }
  const auto at = static_cast<std::size_t>(a - before_.begin());
  throw not_deterministic(
      fmt::format("plan \"{}\" came out differently when it was run again: event {} was {} and then {}", plan,
                  at + 1, text_of(before_, at, second, saga), text_of(second.events, at, second, saga)));
}

const Observation& Repeat::expect_alike(std::span<const Pick> known, std::span<const Pick> pruned) {
  const Observation& first = run(known);
  before_.assign(first.events.begin(), first.events.end());
  const Outcome outcome = first.outcome;
  const Observation& second = run(pruned);
  const auto [a, b] = std::ranges::mismatch(before_, second.events, {}, without_window, without_window);
  const bool is_alike = a == before_.end() && b == second.events.end();
  if (is_alike && outcome == second.outcome) return second;
  const SagaIndex& saga = engine_.saga();
  const auto at = static_cast<std::size_t>(a - before_.begin());
  throw not_deterministic(fmt::format(
      "plan \"{}\" was to be left out, since it should go like \"{}\", but event {} is {} and there {}",
      to_string(plan_of(pruned, saga)), to_string(plan_of(known, saga)), at + 1,
      text_of(second.events, at, second, saga), text_of(before_, at, second, saga)));
}

void Repeat::check(std::span<const Pick> picks, std::uint64_t expected) {
  if (fingerprint(run(picks)) == expected) return;
  check(picks);  // may name the event
  throw not_deterministic(fmt::format("plan \"{}\" came out differently when it was run again",
                                      to_string(plan_of(picks, engine_.saga()))));
}

}  // namespace saga_harness
