#pragma once

#include <string>

namespace saga_harness {

/// What tells this executable from one that was built from other code: its build id, or else a hash of its
/// bytes. Code in shared libraries has none of it.
/// @throws Error if there is neither.
[[nodiscard]] const std::string& build_id();

}  // namespace saga_harness
