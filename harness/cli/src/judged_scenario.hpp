#pragma once

#include <string>

#include <saga_harness/scenario.hpp>

#include "arguments.hpp"

namespace saga_harness::cli {

/// Sets the limit of runs, too. @throws Error if the scenario, the version of the rules or the limit is not
/// good.
[[nodiscard]] Scenario load_judged_scenario(const std::string& path, const JudgedBy& judged_by);

}  // namespace saga_harness::cli
