#include <saga_harness_internal/scratch.hpp>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "forked.hpp"

namespace saga_harness::os {
namespace {

std::string new_path() {
  std::array<unsigned char, 12> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw Error(ErrorText{.message = "the machine has no random numbers for the name of a folder"},
                ErrorKind::kInternal);
  std::string name = "saga-target-";
  for (const unsigned char byte : bytes) name += fmt::format("{:02x}", byte);
  return (std::filesystem::temp_directory_path() / name).string();
}

struct Removal {
  const char* path;
  int lifeline;
};

// In a process of its own, where only what a signal handler may do can be done: so another program removes.
void remove_in_the_end(const void* argument) {
  const Removal& removal = *static_cast<const Removal*>(argument);
  char dismissed = 0;
  ssize_t count = 0;
  while ((count = ::read(removal.lifeline, &dismissed, 1)) < 0 && errno == EINTR) {
  }
  if (count != 0) return;  // there is nothing to remove any more
  ::execl("/bin/rm", "rm", "-rf", "--", removal.path, static_cast<char*>(nullptr));
}

}  // namespace

// The remover comes first: there is no moment at which the folder is there and nobody would remove it.
Scratch::Scratch() : path_(new_path()) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Error(
        ErrorText{.message = std::string("no pipe can be had for a scratch folder: ") + std::strerror(errno)},
        ErrorKind::kInternal);
  const OwnedFd read(ends[0]);
  lifeline_.reset(ends[1]);
  const Removal removal{path_.c_str(), read.get()};
  const std::array<int, 1> kept{read.get()};
  remover_ = fork_helper("saga-scratch", kept, remove_in_the_end, &removal);
  if (::mkdir(path_.c_str(), S_IRWXU) == 0) return;
  const int failure = errno;
  dismiss_remover();
  throw Error(ErrorText{.message = fmt::format("the scratch folder {} cannot be made: {}",
                                               internal::in_quotes(path_), std::strerror(failure)),
                        .fix = "let TMPDIR name a folder that can be written to"},
              ErrorKind::kInternal);
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  dismiss_remover();
}

void Scratch::dismiss_remover() {
  static_cast<void>(::write(lifeline_.get(), "", 1));
  reap(remover_);
}

}  // namespace saga_harness::os
