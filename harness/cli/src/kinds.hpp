#pragma once

#include <string>
#include <vector>

#include <saga_harness/fault.hpp>

namespace saga_harness::cli {

/// Kinds of fault by their names, each once, in the order of the catalogue.
/// @throws Error with the nearest name.
[[nodiscard]] std::vector<FaultKind> parse_kinds(const std::vector<std::string>& names);

}  // namespace saga_harness::cli
