#include "fiber.hpp"

#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <saga_harness/error.hpp>

#if defined(__SANITIZE_ADDRESS__)
#define SAGA_HARNESS_FIBERS_UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SAGA_HARNESS_FIBERS_UNDER_ASAN 1
#endif
#endif
#ifdef SAGA_HARNESS_FIBERS_UNDER_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

#ifdef _LIBCPP_VERSION  // libc++abi has it, as the ABI says, but does not declare it
namespace __cxxabiv1 {
struct __cxa_eh_globals;
extern "C" __cxa_eh_globals* __cxa_get_globals() noexcept;
}  // namespace __cxxabiv1
#endif

namespace saga_harness {
namespace {

// Coordinators of users run on it, JSON parsers and all; only what is touched takes memory.
constexpr std::size_t kStackBytes = std::size_t{1} << 20U;

std::size_t guard_bytes() {
  static const auto kPage = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return kPage;
}

void leaves_stack([[maybe_unused]] void** keeps_fake, [[maybe_unused]] const void* bottom,
                  [[maybe_unused]] std::size_t size) {
#ifdef SAGA_HARNESS_FIBERS_UNDER_ASAN
  __sanitizer_start_switch_fiber(keeps_fake, bottom, size);
#endif
}

void is_on_stack([[maybe_unused]] void* fake, [[maybe_unused]] const void** came_from,
                 [[maybe_unused]] std::size_t* its_size) {
#ifdef SAGA_HARNESS_FIBERS_UNDER_ASAN
  __sanitizer_finish_switch_fiber(fake, came_from, its_size);
#endif
}

}  // namespace

Fiber::Fiber() {
  memory_ = ::mmap(nullptr, kStackBytes + guard_bytes(), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory_ == MAP_FAILED)
    throw Error(ErrorText{.message = std::string("there is no memory for the stack of another saga: ") +
                                     std::strerror(errno)},
                ErrorKind::kInternal);
  ::mprotect(memory_, guard_bytes(), PROT_NONE);
}

Fiber::~Fiber() { ::munmap(memory_, kStackBytes + guard_bytes()); }

void Fiber::prepare(std::function<void()> body) {
  if (!done_)
    throw Error(
        ErrorText{.message = "Fiber::prepare() while its body is under way", .fix = "let it end first"});
  body_ = std::move(body);
  failure_ = nullptr;
  done_ = false;
  inside_globals_ = {};
  inside_fake_ = nullptr;
  ::getcontext(&inside_);
  inside_.uc_stack.ss_sp = static_cast<char*>(memory_) + guard_bytes();
  inside_.uc_stack.ss_size = kStackBytes;
  inside_.uc_link = nullptr;
  const auto self = reinterpret_cast<std::uintptr_t>(this);  // makecontext() hands on nothing but ints
  ::makecontext(&inside_, reinterpret_cast<void (*)()>(&Fiber::entry), 2,
                static_cast<unsigned int>(self >> 32U), static_cast<unsigned int>(self & 0xFFFFFFFFU));
}

void Fiber::entry(unsigned int high, unsigned int low) {
  reinterpret_cast<Fiber*>((static_cast<std::uintptr_t>(high) << 32U) | low)->run();
}

void Fiber::run() {
  is_on_stack(nullptr, &outside_bottom_, &outside_size_);
  try {
    body_();
  } catch (...) {
    failure_ = std::current_exception();
  }
  done_ = true;
  leaves_stack(nullptr, outside_bottom_, outside_size_);
  switch_to(inside_, outside_, inside_globals_, outside_globals_);
}

void Fiber::resume() {
  if (done_)
    throw Error(ErrorText{.message = "Fiber::resume() after its body has ended", .fix = "prepare() another"});
  leaves_stack(&outside_fake_, inside_.uc_stack.ss_sp, kStackBytes);
  switch_to(outside_, inside_, outside_globals_, inside_globals_);
  is_on_stack(outside_fake_, nullptr, nullptr);
  if (done_ && failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Fiber::pause() {
  leaves_stack(&inside_fake_, outside_bottom_, outside_size_);
  switch_to(inside_, outside_, inside_globals_, outside_globals_);
  is_on_stack(inside_fake_, &outside_bottom_, &outside_size_);
}

// Without the exchange of globals, a saga that waits inside a catch block would end the handler of another.
void Fiber::switch_to(ucontext_t& from, ucontext_t& to, ExceptionGlobals& keeps,
                      const ExceptionGlobals& gets) {
  auto* const globals = reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
  keeps = *globals;
  *globals = gets;
  ::swapcontext(&from, &to);
}

}  // namespace saga_harness
