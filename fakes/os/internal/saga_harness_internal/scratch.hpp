#pragma once

#include <string>

#include <saga_harness_internal/waiting.hpp>

namespace saga_harness::os {

/// A folder for what a target keeps, empty at first, removed at the end. If we end before that, however we
/// end, a process of its own removes it once nothing is left that writes there.
class Scratch {
 public:
  /// @throws Error if none can be made.
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The folder stays as long as this is open somewhere: see Command::scratch.
  [[nodiscard]] int lifeline() const noexcept { return lifeline_.get(); }

 private:
  void dismiss_remover();

  std::string path_;
  OwnedFd lifeline_;
  int remover_ = -1;
};

}  // namespace saga_harness::os
