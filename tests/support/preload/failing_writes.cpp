// A disk that is full for a moment: loaded into a program before its libraries, this makes one of its calls
// that bring a file to the disk fail. Files are those below FAILING_WRITES_BELOW; of the calls that concern
// them, the one that FAILING_WRITES_AT counts to, from 1, fails. With FAILING_WRITES_SHORT a write does half
// of it first. That it has struck stands in the file FAILING_WRITES_LOG afterwards.

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool is_below(std::string_view path) {
  const std::string_view folder = variable("FAILING_WRITES_BELOW");
  return !folder.empty() && path.starts_with(folder);
}

bool is_below(int descriptor) {
  std::array<char, 64> link{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", descriptor);
  std::array<char, 4096> path{};
  const ssize_t length = ::readlink(link.data(), path.data(), path.size());
  return length > 0 && is_below(std::string_view(path.data(), static_cast<std::size_t>(length)));
}

/// Is this the call that is to fail?
bool strikes() {
  static int calls = 0;
  const std::string_view at = variable("FAILING_WRITES_AT");
  if (at.empty() || ++calls != std::atoi(at.data())) return false;
  const int log = ::open(variable("FAILING_WRITES_LOG").data(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  static_cast<void>(::syscall(SYS_write, log, "struck\n", 7));
  ::syscall(SYS_close, log);
  return true;
}

int full() {
  errno = ENOSPC;
  return -1;
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* text, size_t size) {
  static bool is_full = false;  // after a write that did half of it
  if (is_below(descriptor)) {
    if (is_full) {
      is_full = false;
      return full();
    }
    if (strikes()) {
      if (variable("FAILING_WRITES_SHORT").empty() || size < 2) return full();
      is_full = true;
      return ::syscall(SYS_write, descriptor, text, size / 2);
    }
  }
  return ::syscall(SYS_write, descriptor, text, size);
}

int fsync(int descriptor) {
  if (is_below(descriptor) && strikes()) return full();
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

int close(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  const bool is_written = flags >= 0 && (flags & O_ACCMODE) == O_WRONLY;
  const bool fails = is_written && is_below(descriptor) && strikes();
  const int result = static_cast<int>(::syscall(SYS_close, descriptor));
  return fails ? full() : result;
}

int rename(const char* from, const char* to) noexcept {
  if (is_below(from) && strikes()) return full();
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
}
