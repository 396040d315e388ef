#pragma once

#include <string>
#include <string_view>

namespace saga_harness::support {

/// What a person reads, whatever the format: references to characters and the escapes of GitHub's commands
/// resolved, every space one, and quotes, which each format writes in its own way, left out.
[[nodiscard]] std::string plain_text(std::string_view text);

}  // namespace saga_harness::support
