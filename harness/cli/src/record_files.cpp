#include "record_files.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/input_file.hpp>

namespace saga_harness::cli {

namespace {

namespace fs = std::filesystem;

/// Also true if there is no whole line yet.
bool begins_with(const std::string& path, std::string_view header) {
  constexpr std::size_t kLongest = std::size_t{64} << 20U;
  std::string first;
  internal::read_in_parts(path, "name another directory", [&first](std::string_view part) {
    first += part;
    return part.find('\n') == std::string_view::npos && first.size() < kLongest;
  });
  const bool has_line = first.size() >= kLongest || first.find('\n') != std::string::npos;
  return !has_line || first.starts_with(header);
}

/// A folder has the records of one search: of two, a report could not tell which was meant.
void refuse_another(const fs::path& runs, std::string_view header) {
  std::error_code failure;
  if (!fs::is_regular_file(runs, failure)) return;  // a device has no end
  if (begins_with(runs.string(), header)) return;
  throw Error(
      ErrorText{.source = "--out",
                .message = fmt::format("{} has the records of another search", runs.parent_path().string()),
                .fix = "name another directory, or remove it"});
}

std::string path_in(const std::string& directory, std::string_view name) {
  return (fs::path(directory) / name).string();
}

std::string prepared(const std::string& directory) {
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (!failure && !fs::is_directory(directory, failure) && !failure) {
    failure = std::make_error_code(std::errc::not_a_directory);
  }
  if (failure) {
    throw Error(ErrorText{.message = fmt::format("cannot write records to {}: {}", directory,
                                                 std::generic_category().message(failure.value())),
                          .fix = "name a directory that can be written with --out"});
  }
  return directory;
}

/// While nobody else writes there.
internal::OutputFile opened(const std::string& directory, const Records& records, std::string_view header) {
  const std::string path = path_in(directory, kRunsFile);
  refuse_another(path, header);
  std::error_code failure;
  fs::remove(path_in(directory, kResultFile), failure);
  return internal::OutputFile(path, internal::OutputFile::Start::kKept, records.limit);
}

}  // namespace

RecordFiles::RecordFiles(const Records& records, std::string_view header)
    : directory_(prepared(records.directory)),
      lock_(path_in(directory_, kRunsFile)),
      runs_(opened(directory_, records, header)) {
  runs_.empty();
  runs_.write(header);
}

void RecordFiles::finish(std::string_view end_record, std::string document) {
  bool has_end = false;
  try {
    runs_.expect_kept();
    internal::ReplacementFile result(path_in(directory_, kResultFile), std::move(document));
    runs_.write(end_record);
    has_end = true;
    runs_.sync();
    result.commit();
    runs_.close();
  } catch (const internal::OutputLost&) {
    if (has_end) runs_.withdraw();
    std::error_code failure;
    fs::remove(path_in(directory_, kResultFile), failure);
    throw;
  }
}

StudyRecords::StudyRecords(const Records& records, Study study) : study_(std::move(study)) {
  if (!records.directory.empty()) files_.emplace(records, study_header(study_));
}

std::string StudyRecords::finish(const std::function<Study(Study)>& conclude,
                                 const std::function<std::string()>& document) {
  try {
    if (files_) files_->finish(study_end(conclude(std::move(study_))), document());
  } catch (const internal::OutputLost& lost) {
    return lost.what();
  }
  return {};
}

}  // namespace saga_harness::cli
