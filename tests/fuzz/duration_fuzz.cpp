// A duration with its unit, as in definitions and flags.

#include <saga_harness/duration.hpp>

#include "fuzz.hpp"

namespace saga_harness::fuzz {

void try_input(std::string_view input) {
  const auto duration = accepted([&] { return parse_duration(input); });
  if (!duration) return;
  require(*duration >= Duration::zero(), "durations are not negative");
  require(parse_duration(format_duration(*duration)) == *duration, "a duration is read back exactly");
}

}  // namespace saga_harness::fuzz
