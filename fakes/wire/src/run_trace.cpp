#include "run_trace.hpp"

#include <chrono>

namespace saga_harness::wire {
namespace {

constexpr std::size_t kMostEvents = 200'000;

}  // namespace

std::int64_t RunTrace::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - opened_).count();
}

Event& RunTrace::emit(EventType type) {
  if (closed_) return spare();
  if (events_.size() >= kMostEvents) {
    ++dropped_;
    return spare();
  }
  Event& event = events_.emplace_back();
  event.at = now();
  event.type = type;
  event.incarnation = incarnation_;
  return event;
}

std::uint32_t RunTrace::text_number(std::string_view text) {
  if (text.empty()) return 0;
  if (const auto known = text_numbers_.find(text); known != text_numbers_.end()) return known->second;
  if (events_.size() >= kMostEvents) return 0;  // nobody will ask for it
  if (text_bytes_ + text.size() > kMostTextBytesOfRun) {
    note_gap();
    return 0;
  }
  text_bytes_ += text.size();
  const auto number = static_cast<std::uint32_t>(texts_.size());
  text_numbers_.emplace(text, number);
  texts_.emplace_back(text);
  return number;
}

}  // namespace saga_harness::wire
