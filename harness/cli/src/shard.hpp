#pragma once

#include <functional>
#include <string_view>

#include <saga_harness/explore.hpp>

namespace saga_harness::cli {

/// What an environment variable says; empty if it is not set.
using Environment = std::function<std::string_view(const char* name)>;

/// Which part of a search `text` means: `I/N` counts from 1, as people do; `auto` asks the test runner or the
/// scheduler, which count from 0; `auto/N` asks one that does not tell how many there are.
/// @throws Error that says what was found and what is expected.
[[nodiscard]] Shard parse_shard(std::string_view text, const Environment& environment);

}  // namespace saga_harness::cli
