#include "stop_on_signal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include <saga_harness/error.hpp>

namespace saga_harness::cli {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};

// What the handler has to know.
std::atomic<int> signal_that_came = 0;
std::atomic<int> bell = -1;

extern "C" void note_signal(int signal) {
  const int error = errno;
  signal_that_came = signal;
  for (const int each : kSignals) ::signal(each, SIG_DFL);  // the next one is meant
  static_cast<void>(::write(bell, "!", 1));
  errno = error;
}

}  // namespace

StopOnSignal::StopOnSignal(SearchStop& stop) {
  if (::pipe2(pipe_.data(), O_CLOEXEC) != 0)
    throw Error(ErrorText{.message = std::string("no pipe can be had for signals: ") + std::strerror(errno)},
                ErrorKind::kInternal);
  signal_that_came = 0;
  bell = pipe_[1];
  listening_ = std::thread([this, &stop] {
    char what = 0;
    while (::read(pipe_[0], &what, 1) < 0 && errno == EINTR) {
    }
    if (what == '!') stop.request();
  });
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  for (const int each : kSignals) ::sigaction(each, &action, nullptr);
}

StopOnSignal::~StopOnSignal() {
  for (const int each : kSignals) ::signal(each, SIG_DFL);
  static_cast<void>(::write(pipe_[1], ".", 1));
  listening_.join();
  for (const int end : pipe_) ::close(end);
}

void StopOnSignal::end_if_asked() {
  if (const int signal = signal_that_came; signal != 0) ::raise(signal);
}

}  // namespace saga_harness::cli
