#pragma once

#include <string>

#include <saga_harness/scenario.hpp>

#include "arguments.hpp"

namespace saga_harness::cli {

/// @throws Error if the scenario or the version of the rules is not good.
[[nodiscard]] Scenario load_judged_scenario(const std::string& path, const JudgedBy& judged_by);

}  // namespace saga_harness::cli
