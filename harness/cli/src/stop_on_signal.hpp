#pragma once

#include <array>
#include <thread>

#include <saga_harness/blackbox.hpp>

namespace saga_harness::cli {

/// While it lives, the first SIGINT or SIGTERM asks a search for its end; the second ends this process as if
/// nobody listened. One at a time.
class StopOnSignal {
 public:
  explicit StopOnSignal(SearchStop& stop);
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  /// Ends this process by the signal that came, if one did: a shell sees 130 or 143.
  void end_if_asked();

 private:
  std::array<int, 2> pipe_ = {};
  std::thread listening_;
};

}  // namespace saga_harness::cli
