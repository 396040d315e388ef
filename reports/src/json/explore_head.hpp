#pragma once

#include <string_view>

#include <saga_harness/explore.hpp>

#include "json/json_text.hpp"

namespace saga_harness::reports {

/// What documents and records about a search begin with: what was searched, and how far.
[[nodiscard]] OrderedJson head_json(std::string_view format, const Experiment& experiment,
                                    const ExploreOptions& options);

}  // namespace saga_harness::reports
