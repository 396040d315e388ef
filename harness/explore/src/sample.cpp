#include <saga_harness_internal/sample.hpp>

#include <algorithm>
#include <utility>

#include <saga_harness_internal/random_numbers.hpp>

namespace saga_harness {
namespace {

std::uint64_t stirred(std::uint64_t digest, std::uint64_t value) {
  digest = (digest ^ value) * 0x9E3779B97F4A7C15U;
  return digest ^ digest >> 32U;
}

}  // namespace

std::uint64_t Sample::rank_of(std::span<const Pick> picks) {
  if (picks.empty()) return 0;
  std::uint64_t hash = picks.size();
  for (const Pick& pick : picks) hash = stirred(stirred(hash, pick.position), pick.answer);
  // One in so many of all would leave most single faults out, and they show most of what differs; those that
  // stay most of all, since all that a subject does against a fault it has to do then.
  constexpr unsigned kPreferred = 8;
  const std::uint64_t rank = split_mix(hash);
  if (picks.size() != 1) return rank;
  const bool stays = picks.front().alternative.window != FaultDuration::kOnce;
  return rank >> (stays ? 2 * kPreferred : kPreferred);
}

std::size_t Sample::size_after(std::uint64_t schedules) {
  return std::clamp(static_cast<std::size_t>(schedules / kOneIn), kFewest, kMost);
}

bool Sample::wants(std::uint64_t rank, std::uint64_t schedules) const {
  return drawn_.size() < size_after(schedules) || rank < drawn_.back().rank;
}

void Sample::add(Drawn drawn, std::uint64_t schedules) {
  const auto begin = std::ranges::lower_bound(drawn_, drawn.rank, {}, &Drawn::rank);
  const auto end = std::ranges::upper_bound(drawn_, drawn.rank, {}, &Drawn::rank);
  if (std::find(begin, end, drawn) != end) return;
  drawn_.insert(end, std::move(drawn));
  if (const std::size_t size = size_after(schedules); drawn_.size() > size) drawn_.resize(size);
}

void Sample::merge(const Sample& other, std::uint64_t schedules) {
  for (const Drawn& drawn : other.drawn_) add(drawn, schedules);
}

// Texts by what they say: their numbers depend on what a process has run before.
std::uint64_t digest_of(const Observation& observation, const Judgement& judgement) {
  std::uint64_t digest = observation.events.size();
  for (const Event& event : observation.events) {
    digest = stirred(digest, static_cast<std::uint64_t>(event.at));
    digest = stirred(digest, has_text(event) ? hash_of(observation.texts[event.text]) : event.text);
    digest = stirred(digest, event.call);
    digest = stirred(digest, std::uint64_t{event.step} << 48U | std::uint64_t{event.attempt} << 32U |
                                 static_cast<std::uint64_t>(event.type) << 24U |
                                 static_cast<std::uint64_t>(event.operation) << 16U |
                                 std::uint64_t{event.detail} << 8U | event.incarnation);
  }
  for (const SentPayload& payload : observation.payloads)
    digest = stirred(stirred(digest, payload.event), hash_of(payload.text));
  for (const Quantity& quantity : observation.quantities) {
    digest = stirred(digest, hash_of(quantity.name));
    digest = stirred(digest, static_cast<std::uint64_t>(quantity.at_start));
    digest = stirred(digest, static_cast<std::uint64_t>(quantity.at_end));
  }
  for (const Observation* other : observation.beside) digest = stirred(digest, digest_of(*other, {}));
  for (const VerdictStatus status : judgement) digest = stirred(digest, static_cast<std::uint64_t>(status));
  return digest;
}

}  // namespace saga_harness
