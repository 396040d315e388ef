#pragma once

#include <ucontext.h>

#include <cstddef>
#include <exception>
#include <functional>

namespace saga_harness {

/// A function on a stack of its own, which can stop in the middle and go on later: what lets several sagas be
/// under way at the same time in one thread, each in plain blocking code. Used again and again: a stack is
/// made once. By ucontext of the C library, which costs two system calls a switch, some 0.3 us each, and
/// needs no package.
class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Readies `body`, which is run by resume(). Only where is_done().
  void prepare(std::function<void()> body);
  /// Runs the body until it pauses or is done. What it throws comes out here.
  void resume();
  /// From within the body: back to who called resume().
  void pause();
  [[nodiscard]] bool is_done() const noexcept { return done_; }

 private:
  // What the C++ runtime knows of exceptions being handled belongs to a stack, but is kept by thread.
  struct ExceptionGlobals {
    void* caught = nullptr;
    unsigned int uncaught = 0;
  };

  static void entry(unsigned int high, unsigned int low);
  void run();
  void switch_to(ucontext_t& from, ucontext_t& to, ExceptionGlobals& keeps, const ExceptionGlobals& gets);

  std::function<void()> body_;
  std::exception_ptr failure_;
  void* memory_ = nullptr;
  ucontext_t inside_ = {};
  ucontext_t outside_ = {};
  ExceptionGlobals inside_globals_;
  ExceptionGlobals outside_globals_;
  bool done_ = true;
  // For AddressSanitizer, which must be told of every change of stacks.
  void* inside_fake_ = nullptr;
  void* outside_fake_ = nullptr;
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
};

}  // namespace saga_harness
