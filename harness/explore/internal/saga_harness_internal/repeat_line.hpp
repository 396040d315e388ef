#pragma once

#include <string>
#include <string_view>

namespace saga_harness::internal {

/// As a shell reads it as one word.
[[nodiscard]] std::string shell_word(std::string_view word);

/// `saga-harness replay SOURCE WHAT [--target TARGET]`, where there is a scenario file.
[[nodiscard]] std::string replay_command(std::string_view source, std::string_view what,
                                         std::string_view target);

/// `harness.replay("TOKEN")`
[[nodiscard]] std::string replay_call(std::string_view token);

}  // namespace saga_harness::internal
