#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace saga_harness::internal {

/// How a file is read whole.
struct ReadOptions {
  std::size_t limit = std::size_t{16} << 20U;  ///< bytes; whatever has no end is read no further
  std::string fix = {};                        ///< of the Error that says it cannot be read
};

/// All of it. @throws Error if it cannot be read or has more than the limit.
[[nodiscard]] std::string read_file(const std::string& path, const ReadOptions& options = {});

/// The same; nothing if there is none.
[[nodiscard]] std::optional<std::string> read_file_if_there(const std::string& path,
                                                            const ReadOptions& options = {});

/// Gives it to `take`, part by part, until there is no more or that says false: enough.
/// @throws Error if it cannot be read.
void read_in_parts(const std::string& path, const std::string& fix,
                   const std::function<bool(std::string_view)>& take);

}  // namespace saga_harness::internal
