#pragma once

#include <sys/types.h>

#include <span>

namespace saga_harness::os {

/// A process that is a copy of this one and does nothing but `work`, which may only do what a signal handler
/// may: other threads of ours held their locks when it began. No signal but SIGKILL ends it, no terminal is
/// its own, and nothing of ours is open in it but `kept`. It is called `name` where processes are listed.
/// @throws Error if there can be none.
[[nodiscard]] pid_t fork_helper(const char* name, std::span<const int> kept, void (*work)(const void*),
                                const void* argument);

/// Waits until it has ended.
void reap(pid_t helper) noexcept;

}  // namespace saga_harness::os
