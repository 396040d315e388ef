#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace saga_harness {

/// A message takes a millisecond, or less where timeouts are short.
inline constexpr std::int64_t kMaxLatency = 1'000;

/// One way. Small against the timeout, so that a fault-free call never comes near it.
[[nodiscard]] inline std::int64_t latency_of(std::int64_t timeout) {
  return std::clamp<std::int64_t>(timeout / 8, 1, kMaxLatency);
}

enum class MessageKind : std::uint8_t {
  kRequest,
  kDuplicate,
  kReply,
  // Of a bus alone:
  kAckTimeout,
  kRedelivery,
  kRelay,
  kTimer,
};

struct Message {
  std::int64_t at = 0;
  std::uint32_t order = 0;  // ties are delivered in the order of sending
  std::uint32_t call = 0;   // or what else its kind is about
  MessageKind kind = MessageKind::kRequest;
};

/// Messages under way, earliest first.
class MessageQueue {
 public:
  void clear() {
    heap_.clear();
    sent_ = 0;
  }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] std::int64_t next_time() const { return heap_.front().at; }

  [[nodiscard]] const Message& front() const { return heap_.front(); }
  /// Does another come at the same time as the first?
  [[nodiscard]] bool has_tie() const {
    if (heap_.size() < 2) return false;
    return heap_[1].at == next_time() || (heap_.size() > 2 && heap_[2].at == next_time());
  }
  /// The first to come at that time of those that `fits`.
  template <class Fits>
  [[nodiscard]] std::optional<Message> find_at(std::int64_t at, Fits fits) const {
    std::optional<Message> found;
    for (const Message& message : heap_) {
      if (message.at != at || (found && found->order < message.order) || !fits(message)) continue;
      found = message;
    }
    return found;
  }
  /// It comes now.
  Message take(const Message& message) {
    std::erase_if(heap_, [&](const Message& other) { return other.order == message.order; });
    std::make_heap(heap_.begin(), heap_.end(), later);
    return message;
  }

  void push(std::int64_t at, std::uint32_t call, MessageKind kind) {
    heap_.push_back({at, sent_++, call, kind});
    if (heap_.size() > 1) std::push_heap(heap_.begin(), heap_.end(), later);
  }
  Message pop() {
    if (heap_.size() > 1) std::pop_heap(heap_.begin(), heap_.end(), later);
    const Message message = heap_.back();
    heap_.pop_back();
    return message;
  }

 private:
  static bool later(const Message& a, const Message& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  std::vector<Message> heap_;
  std::uint32_t sent_ = 0;
};

}  // namespace saga_harness
