#include "failures.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace saga_harness::internal {

std::string reason_of(int error) { return std::generic_category().message(error); }

Error cannot_open(const std::string& path, int error) {
  const bool is_of_machine =
      error == ENOSPC || error == EDQUOT || error == EIO || error == ENFILE || error == EMFILE;
  return Error(ErrorText{.message = fmt::format("cannot write {}: {}", path, reason_of(error)),
                         .fix = is_of_machine ? "" : "name a file that can be written"},
               is_of_machine ? ErrorKind::kInternal : ErrorKind::kMisuse);
}

bool is_regular(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace saga_harness::internal
