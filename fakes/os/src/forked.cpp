#include "forked.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <saga_harness/error.hpp>

namespace saga_harness::os {
namespace {

constexpr int kFirstOwn = 3;  // after stdin, stdout and stderr

void keep_only(std::span<const int> kept) noexcept {
  unsigned first = kFirstOwn;
  while (true) {
    unsigned next = ~0U;
    for (const int fd : kept) {
      if (const auto number = static_cast<unsigned>(fd); number >= first) next = std::min(next, number);
    }
    if (next != first) ::syscall(SYS_close_range, first, next == ~0U ? next : next - 1, 0);
    if (next == ~0U) return;
    first = next + 1;
  }
}

void open_nothing_of_ours(std::span<const int> kept) noexcept {
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < kFirstOwn; ++fd) ::dup2(nowhere, fd);
  keep_only(kept);
}

/// No signal is delivered to this thread while it lives.
class AllBlocked {
 public:
  AllBlocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllBlocked(const AllBlocked&) = delete;
  AllBlocked& operator=(const AllBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

pid_t fork_helper(const char* name, std::span<const int> kept, void (*work)(const void*),
                  const void* argument) {
  const AllBlocked blocked;  // in the helper, for ever
  const pid_t helper = ::fork();
  if (helper < 0)
    throw Error(ErrorText{.message = std::string("no process can be had to look after others: ") +
                                     std::strerror(errno)},
                ErrorKind::kInternal);
  if (helper > 0) return helper;
  ::setsid();
  ::syscall(SYS_prctl, PR_SET_NAME, name);  // a sanitizer's prctl() takes a lock
  ::signal(SIGCHLD, SIG_DFL);
  open_nothing_of_ours(kept);
  work(argument);
  ::_exit(0);
}

void reap(pid_t helper) noexcept {
  while (::waitpid(helper, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace saga_harness::os
