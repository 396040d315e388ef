#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <saga_harness/error.hpp>

namespace saga_harness::internal {

/// What was to be kept could not be written: nothing of it may be called complete.
class OutputLost : public Error {
 public:
  OutputLost(std::string_view path, std::string_view reason, std::string fix = {});
};

/// How many bytes a file may grow to, unless somebody says otherwise.
inline constexpr std::uint64_t kUsualOutputLimit = std::uint64_t{2} << 30U;

/// The path that means standard output.
inline constexpr std::string_view kStandardOutput = "-";

/// All of it, also where a signal comes between or a descriptor does not wait. An errno, 0 if all is written.
[[nodiscard]] int write_fully(int descriptor, std::string_view text);

/// A file that grows record by record. What was written is in it, whatever kills the process afterwards; of
/// a record that could not be written whole nothing is left, and no other follows it.
class OutputFile {
 public:
  enum class Start : std::uint8_t {
    kNew,   ///< it must not be there yet
    kKept,  ///< what is there stays until empty()
  };

  /// @throws Error if it cannot be opened.
  explicit OutputFile(std::string path, Start start, std::uint64_t limit = kUsualOutputLimit);
  ~OutputFile();
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  /// @throws OutputLost if something of it is lost.
  void expect_kept() const;
  void empty();
  /// @throws OutputLost if it cannot be written whole, or the file would grow beyond its limit; and ever
  /// after.
  void write(std::string_view record);
  /// What was written is on the disk. @throws OutputLost if it is not.
  void sync();
  /// sync(), and nothing is written any more.
  void close();
  /// Takes the last record back.
  void withdraw();
  /// Nothing of it is to be touched any more: it belongs to the process this one was forked from.
  void abandon();

 private:
  [[noreturn]] void lose(std::string reason, std::string fix = {});

  std::string path_;
  std::uint64_t limit_;
  int descriptor_ = -1;
  bool is_regular_ = false;
  std::uint64_t size_ = 0;
  std::uint64_t size_before_last_ = 0;
  std::string lost_;  // why; empty: nothing is
  std::string lost_fix_;
};

/// A file that is to be there whole or not at all: what it replaces stays until commit(). What is no regular
/// file (a device, a pipe, "-") is not replaced but written to; a link is followed.
class ReplacementFile {
 public:
  /// @throws OutputLost if it cannot be written.
  ReplacementFile(std::string path, std::string text);
  ~ReplacementFile();
  ReplacementFile(const ReplacementFile&) = delete;
  ReplacementFile& operator=(const ReplacementFile&) = delete;

  /// @throws OutputLost if it is not there whole afterwards.
  void commit();

 private:
  [[nodiscard]] bool prepare();
  void write_in_place() const;
  [[noreturn]] void lose(int error) const;

  std::string path_;    // as the user names it
  std::string target_;  // where its links lead
  std::string text_;
  std::string unfinished_;  // empty: nothing is prepared
};

/// A replacement that is committed at once.
void replace_file(const std::string& path, std::string_view text);

/// What can be known before there is anything to write. @throws Error if `path` cannot be written.
void expect_writable(const std::string& path);

/// While it lives, no other process has the lock of the same path. Processes that are forked do not hold it.
class FileLock {
 public:
  /// @throws Error that names the process which has it.
  explicit FileLock(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  [[nodiscard]] bool try_to_take(const std::string& of);

  std::string path_;
  int descriptor_ = -1;
  int owner_ = 0;
};

}  // namespace saga_harness::internal
