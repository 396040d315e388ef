#pragma once

namespace saga_harness::os {

/// Can the children of this process be listed? They are found in /proc.
[[nodiscard]] bool can_list_children() noexcept;

/// SIGKILL to every child of this process, and to nobody else. May be called by a signal handler.
void kill_children() noexcept;

}  // namespace saga_harness::os
