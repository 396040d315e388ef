#include <saga_harness_internal/output_file.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "failures.hpp"

namespace saga_harness::internal {

OutputLost::OutputLost(std::string_view path, std::string_view reason, std::string fix)
    : Error(ErrorText{.message = fmt::format("cannot write {}: {}", path, reason), .fix = std::move(fix)},
            ErrorKind::kInternal) {}

int write_fully(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written == 0) {
      return EIO;
    } else if (errno == EAGAIN) {
      pollfd waiting{.fd = descriptor, .events = POLLOUT, .revents = 0};
      static_cast<void>(::poll(&waiting, 1, -1));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

OutputFile::OutputFile(std::string path, Start start, std::uint64_t limit)
    : path_(std::move(path)), limit_(limit) {
  const int how = start == Start::kNew ? O_EXCL : 0;
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | how, kModeOfNewFiles);
  if (descriptor_ < 0) throw cannot_open(path_, errno);
  is_regular_ = is_regular(descriptor_);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      limit_(other.limit_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      is_regular_(other.is_regular_),
      size_(other.size_),
      size_before_last_(other.size_before_last_),
      lost_(std::move(other.lost_)),
      lost_fix_(std::move(other.lost_fix_)) {}

OutputFile::~OutputFile() { abandon(); }

void OutputFile::abandon() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void OutputFile::expect_kept() const {
  if (!lost_.empty()) throw OutputLost(path_, lost_, lost_fix_);
}

// Part of a record is worse than none: whoever reads it finds a line that is no record.
void OutputFile::lose(std::string reason, std::string fix) {
  withdraw();
  lost_ = std::move(reason);
  lost_fix_ = std::move(fix);
  throw OutputLost(path_, lost_, lost_fix_);
}

void OutputFile::withdraw() {
  if (!is_regular_) return;
  size_ = size_before_last_;
  static_cast<void>(::truncate(path_.c_str(), static_cast<off_t>(size_)));
  if (descriptor_ >= 0) static_cast<void>(::lseek(descriptor_, static_cast<off_t>(size_), SEEK_SET));
}

void OutputFile::empty() {
  size_ = size_before_last_ = 0;
  if (is_regular_ && ::ftruncate(descriptor_, 0) != 0) lose(reason_of(errno));
}

void OutputFile::write(std::string_view record) {
  expect_kept();
  size_before_last_ = size_;
  if (is_regular_ && record.size() > limit_ - size_)
    lose(fmt::format("it would grow beyond its limit of {} bytes", limit_),
         "allow more with --out-limit or SAGA_HARNESS_OUT_LIMIT, or search less");
  if (const int error = write_fully(descriptor_, record); error != 0) lose(reason_of(error));
  size_ += record.size();
}

void OutputFile::sync() {
  expect_kept();
  if (!is_regular_) return;
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) lose(reason_of(errno));
}

void OutputFile::close() {
  sync();
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) lose(reason_of(errno));
}

}  // namespace saga_harness::internal
