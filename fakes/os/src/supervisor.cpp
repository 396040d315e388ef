// What runs in the supervisor does only what a signal handler may.

#include "supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <saga_harness/error.hpp>

#include "descendants.hpp"
#include "forked.hpp"

namespace saga_harness::os {
namespace {

struct Assignment {
  const Spawning& spawning;
  int notices;
};

class Overseer {
 public:
  explicit Overseer(const Assignment& assignment) noexcept
      : spawning_(assignment.spawning), notices_(assignment.notices) {}

  void work() noexcept {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || !can_list_children())
      return tell(News::kCannotFollow, errno);
    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    ends_ = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    const int failure = ::posix_spawnp(&leader_, spawning_.arguments[0], spawning_.actions,
                                       spawning_.attributes, spawning_.arguments, spawning_.environment);
    if (failure != 0) return tell(News::kCannotStart, failure);
    ::close(spawning_.out);
    ::close(spawning_.errors);
    tell(News::kStarted, leader_);
    watch();
    ::kill(-leader_, SIGKILL);
    while (reap_the_dead()) {
      kill_children();
      wait_for_an_end();
    }
    tell(News::kAllGone, 0);
  }

 private:
  void tell(News news, int value) const noexcept {
    const Notice notice{news, value};
    static_cast<void>(::send(notices_, &notice, sizeof notice, MSG_NOSIGNAL));
  }

  void watch() noexcept {
    while (true) {
      std::array<pollfd, 2> polled{pollfd{notices_, POLLIN, 0}, pollfd{ends_, POLLIN, 0}};
      if (::poll(polled.data(), polled.size(), -1) < 0) continue;
      if (polled[0].revents != 0) return;
      forget_signals();
      static_cast<void>(reap_the_dead());
    }
  }

  // False: there is no child, alive or dead.
  bool reap_the_dead() noexcept {
    while (true) {
      int status = 0;
      const pid_t dead = ::waitpid(-1, &status, WNOHANG);
      if (dead <= 0) return dead == 0;
      if (dead == leader_) tell(News::kEnded, status);
    }
  }

  // What had been started by a child that is dead is ours by then.
  void wait_for_an_end() noexcept {
    constexpr int kLookAgain = 10;
    pollfd end{ends_, POLLIN, 0};
    ::poll(&end, 1, kLookAgain);
    forget_signals();
  }

  void forget_signals() const noexcept {
    signalfd_siginfo info;
    while (::read(ends_, &info, sizeof info) > 0) {
    }
  }

  const Spawning& spawning_;
  int notices_;
  int ends_ = -1;
  pid_t leader_ = -1;
};

}  // namespace

Supervisor start_supervisor(const Spawning& what) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Error(
        ErrorText{.message = std::string("no socket can be had for a process: ") + std::strerror(errno)},
        ErrorKind::kInternal);
  Supervisor supervisor{.notices = OwnedFd(ends[0])};
  const OwnedFd theirs(ends[1]);
  const Assignment assignment{what, theirs.get()};
  const std::array<int, 4> kept{theirs.get(), what.out, what.errors, what.lifeline};
  supervisor.pid = fork_helper(
      "saga-supervisor", kept,
      [](const void* argument) { Overseer(*static_cast<const Assignment*>(argument)).work(); }, &assignment);
  return supervisor;
}

}  // namespace saga_harness::os
