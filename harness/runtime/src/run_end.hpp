#pragma once

#include <exception>
#include <utility>

namespace saga_harness {

/// Whether a run has to end although its subject would go on: at a bound, or because of a misuse.
class RunEnd {
 public:
  void reset() { *this = {}; }

  void give_up() { gave_up_ = true; }
  /// The first failure is kept. A subject that catches every exception must not hide it: run() throws it.
  void fail(std::exception_ptr why) {
    if (!failure_) failure_ = std::move(why);
    gave_up_ = true;
  }
  [[nodiscard]] bool gave_up() const { return gave_up_; }
  [[nodiscard]] bool has_failed() const { return failure_ != nullptr; }
  void throw_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  bool gave_up_ = false;
  std::exception_ptr failure_;
};

}  // namespace saga_harness
