#include "repeat.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <saga_harness/masks.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/random_numbers.hpp>
#include <saga_harness_internal/text.hpp>

#include "exhaustive.hpp"

namespace saga_harness {
namespace {

constexpr std::size_t kMostOfAPayload = 200;
constexpr std::uint32_t kNoEvent = std::numeric_limits<std::uint32_t>::max();
const std::string kContextItself = "the saga's context";

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
  return hash ^ hash >> 32U;
}

std::uint64_t data_of(const Observation& observation) {
  std::uint64_t hash = observation.payloads.size();
  for (const SentPayload& payload : observation.payloads)
    hash = mixed(mixed(hash, payload.event), hash_of(payload.text));
  return hash;
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

std::vector<std::vector<Event>> traces_of(const Observation& observation) {
  std::vector<std::vector<Event>> traces{{observation.events.begin(), observation.events.end()}};
  for (const Observation* other : observation.beside)
    traces.emplace_back(other->events.begin(), other->events.end());
  return traces;
}

/// The saga under test, or one of those beside it.
const Observation& saga_in(const Observation& observation, std::size_t number) {
  return number == 0 ? observation : *observation.beside[number - 1];
}

std::string event_text(std::size_t number, std::size_t at) {
  return number == 0 ? fmt::format("event {}", at + 1)
                     : fmt::format("event {} of the saga beside it ({})", at + 1, number);
}

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

std::string where_they_differ(std::string_view one, std::string_view other) {
  const std::optional<std::string> field = internal::first_difference(one, other);
  if (!field) return {};
  return fmt::format(
      "; they differ at {}: if that may be, declare it, with volatile_fields({{\"{}\"}}) or as "
      "\"volatile\" of the scenario",
      *field, *field);
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
  if (!observation.payloads.empty()) hash = mixed(hash, data_of(observation));
  for (const Quantity& quantity : observation.quantities) {
    hash = mixed(mixed(hash, static_cast<std::uint64_t>(quantity.at_start)),
                 static_cast<std::uint64_t>(quantity.at_end));
  }
  for (const Observation* other : observation.beside) hash = mixed(hash, fingerprint(*other));
  return hash;
}

const Observation& Repeat::run(std::span<const Pick> picks) {
  Again again(picks);
  return engine_.run(again);
}

Remembered::Remembered(const Observation& observation)
    : traces_(traces_of(observation)), fingerprint_(fingerprint(observation)) {
  for (const SentPayload& payload : observation.payloads) payloads_.emplace_back(payload.event, payload.text);
}

void Remembered::expect_same(const Observation& again, std::string_view plan, const SagaIndex& saga) const {
  for (std::size_t number = 0; number < traces_.size(); ++number) {
    const std::vector<Event>& before = traces_[number];
    const std::span<const Event> now = saga_in(again, number).events;
    const auto [a, b] = std::ranges::mismatch(before, now);
    if (a == before.end() && b == now.end()) continue;
    const auto at = static_cast<std::size_t>(a - before.begin());
    throw not_deterministic(
        fmt::format("plan \"{}\" came out differently when it was run again: {} was {} and then {}", plan,
                    event_text(number, at), text_of(before, at, again, saga), text_of(now, at, again, saga)));
  }
  if (fingerprint(again) == fingerprint_) return;
  expect_same_payloads(again, plan, saga);
  throw not_deterministic(
      fmt::format("plan \"{}\" left other business quantities behind when it was run again", plan));
}

void Remembered::expect_same_payloads(const Observation& again, std::string_view plan,
                                      const SagaIndex& saga) const {
  const auto is_alike = [](const auto& one, const SentPayload& other) {
    return one.first == other.event && one.second == other.text;
  };
  const auto [a, b] = std::ranges::mismatch(payloads_, again.payloads, is_alike);
  if (a == payloads_.end() && b == again.payloads.end()) return;
  const std::uint32_t event =
      std::min(a == payloads_.end() ? kNoEvent : a->first, b == again.payloads.end() ? kNoEvent : b->event);
  const bool had_own = a != payloads_.end() && a->first == event;
  const bool has_own = b != again.payloads.end() && b->event == event;
  const Masks masks(saga.saga(), again.context.empty() ? saga.saga().context : Context::parse(again.context));
  const auto shown = [&masks](std::string_view payload) {
    return internal::printable(masks.shown(payload), kMostOfAPayload);
  };
  throw not_deterministic(
      fmt::format("plan \"{}\" sent other data when it was run again: {} carried {} and then {}{}", plan,
                  text_of(traces_.front(), event, again, saga), had_own ? shown(a->second) : kContextItself,
                  has_own ? shown(b->text) : kContextItself,
                  had_own && has_own ? where_they_differ(a->second, b->text) : std::string()));
}

void Repeat::check(std::span<const Pick> picks) {
  const Remembered before(engine_.observation());
  const SagaIndex& saga = engine_.saga();
  before.expect_same(run(picks), to_string(plan_of(picks, saga)), saga);
}

const Observation& Repeat::expect_alike(std::span<const Pick> known, std::span<const Pick> pruned) {
  const Observation& first = run(known);
  before_ = traces_of(first);
  const std::uint64_t data = data_of(first);
  const Outcome outcome = first.outcome;
  const Observation& second = run(pruned);
  const SagaIndex& saga = engine_.saga();
  const auto refuse = [&](const std::string& what) {
    throw not_deterministic(
        fmt::format("plan \"{}\" was to be left out, since it should go like \"{}\", but {}",
                    to_string(plan_of(pruned, saga)), to_string(plan_of(known, saga)), what));
  };
  for (std::size_t number = 0; number < before_.size(); ++number) {
    const std::vector<Event>& there = before_[number];
    const std::span<const Event> here = saga_in(second, number).events;
    const auto [a, b] = std::ranges::mismatch(there, here, {}, without_window, without_window);
    if (a == there.end() && b == here.end()) continue;
    const auto at = static_cast<std::size_t>(a - there.begin());
    refuse(fmt::format("{} is {} and there {}", event_text(number, at), text_of(here, at, second, saga),
                       text_of(there, at, second, saga)));
  }
  if (outcome != second.outcome)
    refuse(fmt::format("it ended {} and there {}", name_of(second.outcome), name_of(outcome)));
  if (data != data_of(second)) refuse("other data was sent");
  return second;
}

void Repeat::check(std::span<const Pick> picks, std::uint64_t expected) {
  if (fingerprint(run(picks)) == expected) return;
  check(picks);  // may name the event
  throw not_deterministic(fmt::format("plan \"{}\" came out differently when it was run again",
                                      to_string(plan_of(picks, engine_.saga()))));
}

}  // namespace saga_harness
