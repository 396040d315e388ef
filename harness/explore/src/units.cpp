#include "units.hpp"

#include <algorithm>

namespace saga_harness {

void UnitSet::insert(Range range) {
  // Mostly a continuation of the last range.
  if (!ranges_.empty() && ranges_.back().first <= range.first && range.first <= ranges_.back().last + 1) {
    ranges_.back().last = std::max(ranges_.back().last, range.last);
    return;
  }
  const auto at = std::ranges::lower_bound(ranges_, range.first, {}, &Range::first);
  ranges_.insert(at, range);
  std::vector<Range> joined;
  for (const Range& next : ranges_) {
    if (!joined.empty() && next.first <= joined.back().last + 1) {
      joined.back().last = std::max(joined.back().last, next.last);
    } else {
      joined.push_back(next);
    }
  }
  ranges_ = std::move(joined);
}

void UnitSet::insert(const UnitSet& other) {
  for (const Range& range : other.ranges_) insert(range);
}

bool UnitSet::contains(Unit unit) const {
  const auto after = std::ranges::upper_bound(ranges_, unit, {}, &Range::first);
  return after != ranges_.begin() && unit <= std::prev(after)->last;
}

bool Units::take(Unit unit) {
  if (unit % shard_.count != shard_.index || done_before_.contains(unit)) return false;
  if (claims_ == nullptr) return true;
  if (claimed_ == kNone) claimed_ = claims_->fetch_add(1);
  if (place_++ != claimed_) return false;
  claimed_ = kNone;
  return true;
}

}  // namespace saga_harness
