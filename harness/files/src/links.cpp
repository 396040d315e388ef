#include "links.hpp"

#include <filesystem>
#include <system_error>

#include <saga_harness_internal/output_file.hpp>

namespace saga_harness::internal {

bool is_open_file(const std::string& path) {
  return path.starts_with("/proc/") || path.starts_with("/dev/fd/");
}

bool is_standard_output(const std::string& path) {
  const std::string end = end_of_links(path);
  return path == kStandardOutput || end == "/proc/self/fd/1" || end == "/dev/fd/1";
}

std::string end_of_links(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the system has it
  std::filesystem::path at = path;
  std::error_code failure;
  for (int i = 0; i < kMostLinks && !is_open_file(at.string()); ++i) {
    if (!std::filesystem::is_symlink(at, failure)) break;
    const std::filesystem::path next = std::filesystem::read_symlink(at, failure);
    if (failure) break;
    at = next.is_absolute() ? next : at.parent_path() / next;
  }
  return at.string();
}

}  // namespace saga_harness::internal
