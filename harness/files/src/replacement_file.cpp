#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <saga_harness_internal/output_file.hpp>

#include "failures.hpp"
#include "links.hpp"

namespace saga_harness::internal {
namespace {

/// Of what is there; nothing is there if `is_there` is false.
struct FileStatus {
  explicit FileStatus(const std::string& path) : is_there(::stat(path.c_str(), &status) == 0) {}
  [[nodiscard]] bool is_special() const { return is_there && !S_ISREG(status.st_mode); }

  struct stat status {};
  bool is_there;
};

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "./" : folder + '/';  // which only a folder can be
}

}  // namespace

ReplacementFile::ReplacementFile(std::string path, std::string text)
    : path_(std::move(path)), target_(end_of_links(path_)), text_(std::move(text)) {
  if (is_standard_output(path_) || is_open_file(target_) || FileStatus(target_).is_special()) return;
  if (!prepare()) unfinished_.clear();
}

ReplacementFile::~ReplacementFile() {
  if (!unfinished_.empty()) static_cast<void>(::unlink(unfinished_.c_str()));
}

void ReplacementFile::lose(int error) const { throw OutputLost(path_, reason_of(error)); }

// Beside the target, as renaming demands. False if its folder does not let us, though the file itself may.
bool ReplacementFile::prepare() {
  const FileStatus old(target_);
  int file = -1;
  for (int attempt = 1; file < 0; ++attempt) {
    unfinished_ = fmt::format("{}.{}-{}.part", target_, ::getpid(), attempt);
    file = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kModeOfNewFiles);
    if (file >= 0 || errno == EEXIST) continue;
    const int error = errno;
    unfinished_.clear();
    if (old.is_there && (error == EACCES || error == EPERM)) return false;
    lose(error);
  }
  if (old.is_there) static_cast<void>(::fchmod(file, old.status.st_mode & 07777U));
  int error = write_fully(file, text_);
  if (error == 0 && ::fsync(file) != 0 && errno != EINVAL) error = errno;
  if (::close(file) != 0 && error == 0 && errno != EINTR) error = errno;
  if (error == 0) return true;
  static_cast<void>(::unlink(unfinished_.c_str()));
  unfinished_.clear();
  lose(error);
}

void ReplacementFile::write_in_place() const {
  const bool is_ours = is_standard_output(path_);
  const int how = is_open_file(target_) ? O_APPEND : O_TRUNC;
  const int file = is_ours ? STDOUT_FILENO : ::open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | how);
  if (file < 0) lose(errno);
  int error = write_fully(file, text_);
  if (error == EPIPE && is_ours) return;  // that the reader has gone away is no error
  if (error == 0 && ::fsync(file) != 0 && errno != EINVAL && errno != EROFS) error = errno;
  if (!is_ours && ::close(file) != 0 && error == 0 && errno != EINTR) error = errno;
  if (error != 0) lose(error);
}

void ReplacementFile::commit() {
  if (unfinished_.empty()) return write_in_place();
  if (::rename(unfinished_.c_str(), target_.c_str()) == 0) return unfinished_.clear();
  if (errno != EBUSY) lose(errno);
  write_in_place();  // it is mounted there
}

void replace_file(const std::string& path, std::string_view text) {
  ReplacementFile(path, std::string(text)).commit();
}

void expect_writable(const std::string& path) {
  if (is_standard_output(path)) return;
  const std::string target = end_of_links(path);
  const FileStatus there(target);
  if (there.is_there && S_ISDIR(there.status.st_mode)) throw cannot_open(path, EISDIR);
  if (there.is_there && ::access(target.c_str(), W_OK) == 0) return;
  if (!there.is_special() && ::access(folder_of(target).c_str(), W_OK) == 0) return;
  throw cannot_open(path, errno);
}

}  // namespace saga_harness::internal
