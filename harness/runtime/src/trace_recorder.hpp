#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <saga_harness/trace.hpp>

namespace saga_harness {

/// The events of a run, in a buffer that is kept from run to run.
class TraceRecorder {
 public:
  TraceRecorder() { make_room(); }

  void reset() { next_ = events_.data(); }
  /// To be filled; valid until the next one.
  [[gnu::always_inline]] Event& next() {
    if (next_ == end_) [[unlikely]]
      make_room();
    return *next_++;
  }
  [[nodiscard]] std::span<const Event> events() const { return {events_.data(), next_}; }

 private:
  void make_room() {
    const std::size_t used = events_.size();
    events_.resize(std::max<std::size_t>(1024, used * 2));
    next_ = events_.data() + used;
    end_ = events_.data() + events_.size();
  }

  std::vector<Event> events_;
  Event* next_ = nullptr;
  Event* end_ = nullptr;
};

}  // namespace saga_harness
