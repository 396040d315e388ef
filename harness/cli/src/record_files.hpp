#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace saga_harness::cli {

/// A file that is written from beginning to end.
class OutputFile {
 public:
  /// Creates or empties it. @throws Error if that cannot be done.
  explicit OutputFile(std::string path);

  /// To be called before anything is written: whatever kills the process, whole lines are in the file.
  void flush_lines();
  /// @throws Error with ErrorKind::kInternal if it cannot be written.
  void write(std::string_view text);
  /// Everything written is in the file, or an Error is thrown.
  void close();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  [[noreturn]] void fail() const;

  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
};

/// The whole of a file. @throws Error if it cannot be read.
[[nodiscard]] std::string read_whole(const std::string& path);

/// The records of a search in a directory: `runs.jsonl`, which grows as the search goes on, and
/// `exploration.json`, which is there only once the search is over.
class RecordFiles {
 public:
  /// Makes the directory, with its parents, and removes the records of an earlier search.
  /// @throws Error if that cannot be done.
  explicit RecordFiles(const std::string& directory);

  void append(std::string_view run_record) { runs_.write(run_record); }
  void finish(std::string_view end_record, std::string_view exploration);

 private:
  std::string directory_;
  OutputFile runs_;
};

}  // namespace saga_harness::cli
