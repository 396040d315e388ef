#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include <saga_harness_internal/output_file.hpp>

#include "failures.hpp"
#include "links.hpp"

namespace saga_harness::internal {
namespace {

/// Whoever had the lock before may have removed the file that we have just locked.
bool is_still_at(const std::string& path, int descriptor) {
  struct stat ours {};
  struct stat there {};
  return ::fstat(descriptor, &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

}  // namespace

FileLock::FileLock(const std::string& path) : path_(end_of_links(path) + ".lock"), owner_(::getpid()) {
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) return;  // a device, a pipe
  while (!try_to_take(path)) {
  }
}

// False if it is to be tried again. A record lock of POSIX: a process that is forked does not have it, and
// one that is killed has it no more.
bool FileLock::try_to_take(const std::string& of) {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kModeOfNewFiles);
  if (descriptor_ < 0) throw cannot_open(path_, errno);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(descriptor_, F_SETLK, &lock) != 0 && (errno == EACCES || errno == EAGAIN)) {
    struct flock holder = lock;
    const bool is_known =
        ::fcntl(descriptor_, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK && holder.l_pid > 0;
    ::close(std::exchange(descriptor_, -1));
    throw Error(ErrorText{.source = std::string(of),
                          .message = is_known ? fmt::format("process {} is writing it", holder.l_pid)
                                              : std::string("another process is writing it"),
                          .fix = "wait until that one has ended, or name another"});
  }
  if (is_still_at(path_, descriptor_)) return true;  // or the file system knows no locks
  ::close(std::exchange(descriptor_, -1));
  return false;
}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  if (owner_ == ::getpid()) static_cast<void>(::unlink(path_.c_str()));
  ::close(descriptor_);
}

}  // namespace saga_harness::internal
