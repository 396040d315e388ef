#pragma once

#include <cstdint>
#include <vector>

#include <saga_harness/fault_catalogue.hpp>

#include "message_queue.hpp"

namespace saga_harness {

/// Messages that a fault keeps back until something else happens.
class HeldMessages {
 public:
  struct Held {
    std::uint32_t call = 0;
    MessageKind kind = MessageKind::kRequest;
    HoldUntil until = HoldUntil::kEnd;
  };

  void clear() { held_.clear(); }
  [[nodiscard]] bool empty() const { return held_.empty(); }
  void hold(std::uint32_t call, MessageKind kind, HoldUntil until) { held_.push_back({call, kind, until}); }

  /// Those for which `is_due` arrive at a time.
  template <class IsDue>
  void release(MessageQueue& queue, std::int64_t at, IsDue is_due) {
    std::erase_if(held_, [&](const Held& message) {
      if (!is_due(message)) return false;
      queue.push(at, message.call, message.kind);
      return true;
    });
  }
  void release_all(MessageQueue& queue, std::int64_t at) {
    for (const Held& message : held_) queue.push(at, message.call, message.kind);
    held_.clear();
  }
  void release_overtaken(MessageQueue& queue, std::int64_t at, std::uint32_t by) {
    if (held_.empty()) return;
    release(queue, at, [by](const Held& message) {
      return message.until == HoldUntil::kNextRequest && message.call < by;
    });
  }

 private:
  std::vector<Held> held_;
};

}  // namespace saga_harness
