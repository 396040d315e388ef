#pragma once

#include <cstdint>

#include <saga_harness/explore.hpp>
#include <saga_harness/run_records.hpp>

#include "json/json_text.hpp"

namespace saga_harness::reports {

/// What the header of records says of the subject; `search` and `cells` are yet to come.
[[nodiscard]] OrderedJson subject_header(const Experiment& experiment, const RecordOrigin& origin,
                                         std::uint64_t subject);

}  // namespace saga_harness::reports
