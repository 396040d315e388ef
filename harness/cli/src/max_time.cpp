#include "max_time.hpp"

#include <saga_harness/error.hpp>

namespace saga_harness::cli {

Duration parse_max_time(const std::string& text) {
  if (text.empty()) return Duration::zero();
  try {
    const Duration duration = parse_duration(text);
    if (duration > Duration::zero()) return duration;
  } catch (const Error& error) {
    throw error.within("--max-time");
  }
  throw Error(
      ErrorText{.source = "--max-time", .message = "it is nothing", .fix = "give more than that, e.g. 90s"});
}

}  // namespace saga_harness::cli
