#pragma once

#include <string>

namespace saga_harness::internal {

/// Where the links lead that begin at `path`, whether anything is there or not. What is open (/dev/stdout,
/// /dev/fd/3) stays as it is: a name that it may have is not what is meant.
[[nodiscard]] std::string end_of_links(const std::string& path);
[[nodiscard]] bool is_open_file(const std::string& path);
[[nodiscard]] bool is_standard_output(const std::string& path);

}  // namespace saga_harness::internal
