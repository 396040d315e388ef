#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "interleaving_scheduler.hpp"

namespace saga_harness {

/// Of orders that differ only in neighbouring turns of two sagas at two services, and so come to the same,
/// lets the one through in which the earlier saga goes first. The first order of every class has no such pair
/// the wrong way round, so no class is left out; others of a class may get through in part and are then
/// abandoned.
class TurnOrder {
 public:
  void begin() { last_.reset(); }
  void took(const Waiting& turn) { last_ = turn; }
  /// The places in `waiting` whose turn it may be: the saga that had the last turn first. Empty: whatever
  /// comes next repeats another order.
  void allowed(std::span<const Waiting> waiting, std::vector<std::uint8_t>& places) const {
    places.clear();
    for (std::size_t place = 0; place < waiting.size(); ++place) {
      if (last_ && waiting[place].saga == last_->saga) places.push_back(static_cast<std::uint8_t>(place));
    }
    for (std::size_t place = 0; place < waiting.size(); ++place) {
      const Waiting& next = waiting[place];
      if (last_ && next.saga == last_->saga) continue;
      if (last_ && next.saga < last_->saga && next.service != last_->service) continue;
      places.push_back(static_cast<std::uint8_t>(place));
    }
  }

 private:
  std::optional<Waiting> last_;
};

}  // namespace saga_harness
