#pragma once

#include <string>
#include <string_view>

#include <saga_harness/search_reports.hpp>

namespace saga_harness::reports {

/// The last line of a search for a person: `UPHELD: 0 of 12 orders found something, no faults tried`, with
/// what is lacking. `extent`: what was done.
[[nodiscard]] std::string verdict_line(const SearchVerdict& verdict, std::string_view extent,
                                       const Style& style);

/// `REASON; REASON`, not yet fit to be printed.
[[nodiscard]] std::string lacks_text(const SearchVerdict& verdict);

}  // namespace saga_harness::reports
