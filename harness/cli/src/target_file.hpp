#pragma once

#include <string>

#include <saga_harness/target.hpp>

namespace saga_harness::cli {

/// load_target(), with a note on stderr for each of the target's hints. @throws as load_target().
[[nodiscard]] Target load_target_with_notes(const std::string& path);

}  // namespace saga_harness::cli
