#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <saga_harness/runtime.hpp>

#include "incarnation_table.hpp"

namespace saga_harness {

/// The saga log: its records, what each incarnation knows of them, and what faults have done to it.
class SagaLog {
 public:
  void reset() {
    records_.clear();
    lost_.clear();
    version_ = 0;
    stale_reader_ = 0;
    is_down_ = false;
  }

  [[nodiscard]] bool empty() const { return records_.empty(); }
  [[nodiscard]] std::size_t size() const { return records_.size(); }
  /// As far as the incarnation sees them.
  [[nodiscard]] std::span<const LogRecord> records(std::uint32_t incarnation) const {
    const std::span<const LogRecord> all = records_;
    return incarnation == stale_reader_ ? all.first(std::min(stale_size_, all.size())) : all;
  }

  LogRecord& append(std::uint32_t incarnation, const LogRecord& record) {
    known_version_[incarnation] = ++version_;
    return records_.emplace_back(record);
  }
  /// Of a write that a crash cut short.
  void append_torn() {
    records_.push_back({.kind = LogKind::kTorn});
    ++version_;
  }
  /// From a store: all that are there are appended again.
  void reread() { records_.clear(); }
  LogRecord& append_as_stored() { return records_.emplace_back(); }
  void count_as_written() { version_ = static_cast<std::uint32_t>(records_.size()); }

  /// The incarnation has read it to its end.
  void read_by(std::uint32_t incarnation) { known_version_[incarnation] = version_; }
  /// Others have written since it last read or wrote.
  [[nodiscard]] bool is_behind(std::uint32_t incarnation) const {
    return known_version_[incarnation] != version_;
  }
  void hide_last_from(std::uint32_t incarnation) {
    stale_reader_ = incarnation;
    stale_size_ = records_.size() - 1;
    --known_version_[incarnation];
  }

  /// The next record will be gone after a crash, though its writer is told that it is durable.
  void lose_next() { lost_.push_back(records_.size()); }
  [[nodiscard]] bool loses_next() const { return !lost_.empty() && lost_.back() == records_.size(); }
  void drop_lost() {
    if (lost_.empty()) return;
    for (std::size_t i = lost_.size(); i-- > 0;) {
      if (lost_[i] < records_.size())
        records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(lost_[i]));
    }
    lost_.clear();
    ++version_;
  }

  void set_down(bool is_down) { is_down_ = is_down; }
  [[nodiscard]] bool is_down() const { return is_down_; }

 private:
  std::vector<LogRecord> records_;
  std::vector<std::size_t> lost_;
  std::array<std::uint32_t, kIncarnationPlaces> known_version_ = {};
  std::uint32_t version_ = 0;
  std::uint32_t stale_reader_ = 0;  // the incarnation that does not see the last record; 0: none
  std::size_t stale_size_ = 0;
  bool is_down_ = false;
};

}  // namespace saga_harness
