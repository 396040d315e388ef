#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <saga_harness/study.hpp>

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
  /// Makes the directory, with its parents, and begins its records with `header`. Those of the same search
  /// are written anew.
  /// @throws Error if that cannot be done, or the records of another search are there.
  RecordFiles(const std::string& directory, std::string_view header);

  void append(std::string_view run_record) { runs_.write(run_record); }
  /// `document`: the result as JSON.
  void finish(std::string_view end_record, std::string_view document);

 private:
  std::string directory_;
  OutputFile runs_;
};

/// The records of a study: its header as soon as it begins, the rest when it is over. Nothing without --out.
class StudyRecords {
 public:
  StudyRecords(const std::string& directory, Study study);

  /// `conclude`: the study with what came of it; `document`: that as JSON.
  void finish(const std::function<Study(Study)>& conclude, const std::function<std::string()>& document);

 private:
  Study study_;
  std::optional<RecordFiles> files_;
};

}  // namespace saga_harness::cli
