#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <saga_harness/study.hpp>
#include <saga_harness_internal/output_file.hpp>

#include "arguments.hpp"

namespace saga_harness::cli {

inline constexpr std::string_view kRunsFile = "runs.jsonl";
inline constexpr std::string_view kResultFile = "exploration.json";

/// The records of a search in a directory: `runs.jsonl`, which grows as the search goes on, and
/// `exploration.json`, which is there only once the search is over.
class RecordFiles {
 public:
  /// Makes the directory, with its parents, and begins its records with `header`. Those of the same search
  /// are written anew.
  /// @throws Error if that cannot be done, the records of another search are there, or another process is
  /// writing some.
  RecordFiles(const Records& records, std::string_view header);

  /// @throws internal::OutputLost if it cannot be written.
  void append(std::string_view run_record) { runs_.write(run_record); }
  /// `document`: the result as JSON. Either all is there afterwards, or neither end nor document.
  /// @throws internal::OutputLost
  void finish(std::string_view end_record, std::string document);

 private:
  std::string directory_;
  internal::FileLock lock_;
  internal::OutputFile runs_;
};

/// The records of a study: its header as soon as it begins, the rest when it is over. Nothing without --out.
class StudyRecords {
 public:
  StudyRecords(const Records& records, Study study);

  /// `conclude`: the study with what came of it; `document`: that as JSON. Why they are lost, if they are.
  [[nodiscard]] std::string finish(const std::function<Study(Study)>& conclude,
                                   const std::function<std::string()>& document);

 private:
  Study study_;
  std::optional<RecordFiles> files_;
};

}  // namespace saga_harness::cli
