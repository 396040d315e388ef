#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <saga_harness/experiment.hpp>

namespace saga_harness {

/// Names and values, compared one by one, so that an error can say which differs.
using Traits = std::vector<std::pair<std::string, std::string>>;

/// All that decides how the runs of a subject are judged, whatever bounds they are searched in: what two
/// subjects do not have in common makes them two. The same over compilers, locales, and the order of keys in
/// the files that they were made from.
/// @throws Error if nothing tells versions of the subject's code apart: see build_id().
[[nodiscard]] Traits identity_of(const Experiment& experiment);

/// Of the identity.
[[nodiscard]] std::uint64_t fingerprint_of(const Experiment& experiment);

/// Two subjects, of which `fingerprint_of()` says that they are one, may differ in code that is told apart by
/// nothing but the executable. Within one process that says nothing.
[[nodiscard]] inline bool is_known_by_fingerprint(const Experiment& experiment) {
  return !experiment.has_own_code || !experiment.version.empty();
}

}  // namespace saga_harness
