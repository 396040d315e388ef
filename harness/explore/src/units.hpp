#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include <saga_harness/explore.hpp>

namespace saga_harness {

/// Units of work are numbered from 0 in the order of the search: the same in every process. A unit is what
/// follows one run that lacks a single fault to be counted, or a batch of random schedules.
using Unit = std::uint64_t;

/// A set of units, kept as ranges.
class UnitSet {
 public:
  struct Range {
    Unit first = 0;
    Unit last = 0;  // included
    friend bool operator==(const Range&, const Range&) = default;
  };

  void insert(Unit unit) { insert({unit, unit}); }
  void insert(Range range);
  void insert(const UnitSet& other);
  [[nodiscard]] bool contains(Unit unit) const;
  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }  // ascending, apart
  friend bool operator==(const UnitSet&, const UnitSet&) = default;

 private:
  std::vector<Range> ranges_;
};

/// How far a search has come.
struct Frontier {
  UnitSet done = {};
  Unit unit = 0;             ///< the one in the middle of which it stopped, …
  std::uint64_t leaves = 0;  ///< … and how many of its schedules were counted
  int levels_done = 0;       ///< so many levels, from 0 faults on, were searched to their end
  bool finished = false;     ///< nothing is left to do
};

/// Which units a process is to do: those of its shard that were not done before, and that no other worker has
/// claimed.
class Units {
 public:
  /// `claims` counts the units that workers on the same shard have claimed; none if there is only one.
  Units(Shard shard, UnitSet done_before, std::atomic<std::uint64_t>* claims)
      : shard_(shard), done_before_(std::move(done_before)), claims_(claims) {}

  /// To be asked of every unit in ascending order.
  [[nodiscard]] bool take(Unit unit);

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  Shard shard_;
  UnitSet done_before_;
  std::atomic<std::uint64_t>* claims_;
  std::uint64_t claimed_ = kNone;  // the place in the row of units to do that is ours next
  std::uint64_t place_ = 0;        // of the unit asked for, in that row
};

}  // namespace saga_harness
