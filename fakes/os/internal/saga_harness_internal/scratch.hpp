#pragma once

#include <string>

namespace saga_harness::os {

/// A folder for what a target keeps, empty at first, removed at the end, and on a signal that ends us.
class Scratch {
 public:
  /// @throws Error if none can be made.
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// Removes the folders that are there. May be called by a signal handler that ends the process.
void remove_all_scratch() noexcept;

}  // namespace saga_harness::os
