#include <saga_harness_internal/waiting.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <saga_harness/error.hpp>

namespace saga_harness::os {

void OwnedFd::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Waiting::Waiting(Moment deadline) : deadline_(deadline), bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (bell_.get() < 0)
    throw Error(
        ErrorText{.message = std::string("no descriptor can be had for a run: ") + std::strerror(errno)},
        ErrorKind::kInternal);
}

void Waiting::do_at(Moment when, std::function<void()> what) {
  when_ = when;
  what_ = std::move(what);
}

void Waiting::interrupt() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(::write(bell_.get(), &one, sizeof one));
}

void Waiting::calm() noexcept {
  std::uint64_t rung = 0;
  static_cast<void>(::read(bell_.get(), &rung, sizeof rung));
}

Woken Waiting::wait(int fd, short events, std::optional<Moment> until) {
  while (true) {
    const Moment now = Clock::now();
    if (when_ && now >= *when_) {
      when_.reset();
      std::exchange(what_, {})();
    }
    Moment next = deadline_;
    if (until) next = std::min(next, *until);
    if (when_) next = std::min(next, *when_);
    std::array<pollfd, 2> polled{pollfd{bell_.get(), POLLIN, 0}, pollfd{fd, events, 0}};
    const auto left = std::max(next - now, Clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{static_cast<time_t>(seconds.count()),
                           static_cast<long>(std::chrono::nanoseconds(left - seconds).count())};
    const int count = ::ppoll(polled.data(), fd < 0 ? 1 : 2, &timeout, nullptr);
    if (count < 0 && errno != EINTR) return Woken::kTimeIsUp;
    if (count > 0 && polled[0].revents != 0) return Woken::kInterrupted;
    if (count > 0 && polled[1].revents != 0) return Woken::kReady;
    const Moment then = Clock::now();
    if (then >= deadline_) return Woken::kTimeIsUp;
    if (until && then >= *until) return fd < 0 ? Woken::kReady : Woken::kTimeIsUp;
  }
}

}  // namespace saga_harness::os
