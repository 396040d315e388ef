#include "descendants.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace saga_harness::os {
namespace {

struct DirectoryEntry {  // as getdents64 writes it
  std::uint64_t inode;
  std::int64_t next;
  unsigned short size;
  unsigned char type;
};
constexpr std::size_t kNameAt = 19;  // of an entry: without padding

/// The process whose folder in /proc is called `name`; 0: it is something else.
pid_t pid_called(std::string_view name) noexcept {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  return error == std::errc() && end == name.data() + name.size() ? pid : 0;
}

pid_t parent_of(std::string_view name) noexcept {
  std::array<char, 64> path{"/proc/"};
  constexpr std::string_view kStat = "/stat";
  const std::size_t at = std::strlen(path.data());
  if (at + name.size() + kStat.size() >= path.size()) return 0;
  std::memcpy(path.data() + at, name.data(), name.size());
  std::memcpy(path.data() + at + name.size(), kStat.data(), kStat.size());
  const int file = ::open(path.data(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  std::array<char, 256> text{};
  const ssize_t count = ::read(file, text.data(), text.size());
  ::close(file);
  if (count <= 0) return 0;
  const std::string_view stat(text.data(), static_cast<std::size_t>(count));
  const std::size_t after_name = stat.rfind(") ");  // "PID (NAME) STATE PARENT …"
  constexpr std::size_t kParentAt = 4;
  if (after_name == std::string_view::npos || after_name + kParentAt >= stat.size()) return 0;
  pid_t parent = 0;
  std::from_chars(stat.data() + after_name + kParentAt, stat.data() + stat.size(), parent);
  return parent;
}

}  // namespace

bool can_list_children() noexcept { return ::access("/proc/self/stat", R_OK) == 0; }

void kill_children() noexcept {
  const pid_t self = ::getpid();
  const int folder = ::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  alignas(DirectoryEntry) std::array<char, 8192> buffer{};
  for (long count = 0; (count = ::syscall(SYS_getdents64, folder, buffer.data(), buffer.size())) > 0;) {
    for (long at = 0; at < count;) {
      DirectoryEntry entry{};
      std::memcpy(&entry, buffer.data() + at, kNameAt);
      const char* const name = buffer.data() + at + kNameAt;
      at += entry.size;
      const pid_t pid = pid_called(name);
      if (pid != 0 && parent_of(name) == self) ::kill(pid, SIGKILL);
    }
  }
  ::close(folder);
}

}  // namespace saga_harness::os
