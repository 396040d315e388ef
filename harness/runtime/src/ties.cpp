// Orders that reality leaves open: of two things that come at one instant, the second may come first.

#include <algorithm>

#include <saga_harness/fault_catalogue.hpp>

#include "engine_impl.hpp"

namespace saga_harness {

// Is what would come after `call` to come before it?
bool Engine::Impl::is_overtaken(std::uint32_t number) {
  if (healed_) return false;
  const Call& call = calls_[number];
  const std::span<const Alternative> legal = operations_.at(call.info).at_tie;
  const Point point{call.operation.step, call.operation.operation, Instant::kTie,
                    instants_.reached(call.info, Instant::kTie)};
  const std::size_t picked = ask(point, legal);
  if (picked == 0) return false;
  record_fault(point, legal[picked - 1]);
  return true;
}

// Requests to different participants commute: neither can know of the other.
Message Engine::Impl::pop_of_tie() {
  const Message first = queue_.front();
  if (first.kind == MessageKind::kReply) return queue_.pop();
  const Participant* const participant = operations_.at(calls_[first.call].info).participant;
  const auto second = queue_.find_at(first.at, [&](const Message& other) {
    return other.order != first.order && other.kind != MessageKind::kReply &&
           operations_.at(calls_[other.call].info).participant == participant;
  });
  if (!second || !is_overtaken(first.call)) return queue_.pop();
  return queue_.take(*second);
}

// A reply that has come to one of these, but not been heard: its place among them.
std::optional<Engine::Impl::Unheard> Engine::Impl::unheard_reply(std::span<const Pending> pending,
                                                                 std::int64_t at) const {
  if (queue_.empty() || queue_.next_time() != at) return std::nullopt;
  const auto place_of = [&](const Message& message) {
    return static_cast<std::size_t>(std::ranges::find(pending, Pending(message.call)) - pending.begin());
  };
  const auto reply = queue_.find_at(at, [&](const Message& message) {
    if (message.kind != MessageKind::kReply) return false;
    const Call& call = calls_[message.call];
    return call.completed == 0 && call.deadline > at && place_of(message) < pending.size();
  });
  if (!reply) return std::nullopt;
  return Unheard{*reply, place_of(*reply)};
}

// Of requests that are waited for together and end at one instant: the one that is told first.
std::size_t Engine::Impl::first_of_tie(std::span<const Pending> pending, std::size_t first) {
  const Call& ended = calls_[pending[first].call_];
  if (ended.seen) return first;
  std::size_t second = pending.size();
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const Call& other = calls_[pending[i].call_];
    if (i == first || other.seen || other.ends_at != ended.ends_at) continue;
    if (second == pending.size() || other.completed < calls_[pending[second].call_].completed) second = i;
  }
  if (second < pending.size()) return is_overtaken(pending[first].call_) ? second : first;
  const std::optional<Unheard> reply = unheard_reply(pending, ended.ends_at);
  if (!reply || !is_overtaken(pending[first].call_)) return first;
  hear(*reply);
  return reply->place;
}

void Engine::Impl::hear(const Unheard& reply) { receive(queue_.take(reply.message).call); }

}  // namespace saga_harness
