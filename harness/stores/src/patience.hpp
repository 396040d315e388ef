#pragma once

#include <fmt/format.h>

#include <saga_harness/duration.hpp>
#include <saga_harness/error.hpp>

namespace saga_harness {

/// @throws Error unless there is some.
inline Duration checked_patience(Duration patience) {
  if (patience > Duration::zero()) return patience;
  throw Error(ErrorText{.message = fmt::format("a store is to wait {} us for its server", patience.count()),
                        .fix = "give it some time, e.g. 5s"});
}

}  // namespace saga_harness
