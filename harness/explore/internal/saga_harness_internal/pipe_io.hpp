#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace saga_harness::internal {

/// Texts between processes over a pipe, each with its length in front. False if the other end is gone.
[[nodiscard]] bool send_text(int pipe, std::string_view text);
/// Nothing if the other end is gone, or nothing whole came until then.
[[nodiscard]] std::optional<std::string> receive_text(int pipe, std::chrono::steady_clock::time_point until);

/// Has this process but one thread?
[[nodiscard]] bool has_one_thread();

}  // namespace saga_harness::internal
