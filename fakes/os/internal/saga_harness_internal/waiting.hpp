#pragma once

#include <functional>
#include <optional>

#include <saga_harness_internal/real_time.hpp>

namespace saga_harness::os {

/// A file descriptor that is closed with its owner.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) noexcept : fd_(fd) {}
  ~OwnedFd() { reset(); }
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.release()) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

enum class Woken { kReady, kTimeIsUp, kInterrupted };

/// Waits of one run: for a descriptor or for a while, until the run's time is up or somebody interrupts.
/// Something can be done at a set time whatever is being waited for.
class Waiting {
 public:
  explicit Waiting(Moment deadline);

  /// kReady once `events` of `fd` are there, or, with a negative `fd`, at `until`. An interruption lasts
  /// until calm() is called.
  [[nodiscard]] Woken wait(int fd, short events, std::optional<Moment> until = std::nullopt);
  [[nodiscard]] Woken sleep_until(Moment until) { return wait(-1, 0, until); }

  /// From any thread.
  void interrupt() noexcept;
  void calm() noexcept;

  void set_deadline(Moment deadline) noexcept { deadline_ = deadline; }
  [[nodiscard]] Moment deadline() const noexcept { return deadline_; }
  void do_at(Moment when, std::function<void()> what);

 private:
  Moment deadline_;
  OwnedFd bell_;
  std::optional<Moment> when_ = std::nullopt;
  std::function<void()> what_;
};

}  // namespace saga_harness::os
