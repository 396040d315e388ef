#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <cstdint>

#include <saga_harness_internal/waiting.hpp>

namespace saga_harness::os {

/// What a supervisor says of the process it looks after.
enum class News : std::int32_t {
  kStarted,       ///< its pid
  kCannotStart,   ///< an errno
  kCannotFollow,  ///< an errno: what it would leave behind could not be found
  kEnded,         ///< a status as of waitpid(); descendants may be alive
  kAllGone,       ///< neither it nor a descendant is left
};
struct Notice {
  News news = News::kAllGone;
  std::int32_t value = 0;
};

/// How a process is to be spawned; what is pointed to has to last until it was.
struct Spawning {
  const posix_spawn_file_actions_t* actions = nullptr;
  const posix_spawnattr_t* attributes = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  int out = -1;       ///< open in the process alone, as stdout …
  int errors = -1;    ///< … and stderr
  int lifeline = -1;  ///< kept open until nothing of the process is left; -1: none
};

struct Supervisor {
  pid_t pid = -1;
  /// Where its notices come. Once this is closed, or shut for writing, or whoever holds it is dead, the
  /// supervisor kills whatever is below it, until nothing is left, and ends.
  OwnedFd notices = OwnedFd();
};

/// A process between us and another that we start. Whatever that one leaves behind becomes the supervisor's
/// child, whether or not it has left its process group or session.
[[nodiscard]] Supervisor start_supervisor(const Spawning& what);

}  // namespace saga_harness::os
