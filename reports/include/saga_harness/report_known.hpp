#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include <saga_harness/known_finding.hpp>

namespace saga_harness {

/// A known finding, and what a search has seen of it.
struct ReportKnown {
  KnownFinding known = {};
  KnownState state = KnownState::kOutOfReach;
  bool in_reach = false;        ///< a whole search of these bounds would show it
  std::uint64_t schedules = 0;  ///< that show it
  std::string shown_by = {};    ///< the smallest plan; empty: none

  friend bool operator==(const ReportKnown&, const ReportKnown&) = default;
};
void PrintTo(const ReportKnown& value, std::ostream* out);

}  // namespace saga_harness
