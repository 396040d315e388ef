#include "record_files.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness::cli {

namespace {

namespace fs = std::filesystem;

/// A folder has the records of one search: of two, a report could not tell which was meant.
void refuse_another(const fs::path& runs, std::string_view header) {
  std::error_code failure;
  if (!fs::is_regular_file(runs, failure)) return;  // a device has no end
  std::ifstream file(runs, std::ios::binary);
  std::string first;
  if (!file || !std::getline(file, first) || header == first + '\n') return;
  throw Error(
      ErrorText{.source = "--out",
                .message = fmt::format("{} has the records of another search", runs.parent_path().string()),
                .fix = "name another directory, or remove it"});
}

std::string prepared(const std::string& directory, std::string_view header) {
  std::error_code failure;
  refuse_another(fs::path(directory) / "runs.jsonl", header);
  fs::create_directories(directory, failure);
  if (!failure && !fs::is_directory(directory, failure) && !failure) {
    failure = std::make_error_code(std::errc::not_a_directory);
  }
  if (!failure) fs::remove(fs::path(directory) / "exploration.json", failure);
  if (failure) {
    throw Error(ErrorText{.message = fmt::format("cannot write records to {}: {}", directory,
                                                 std::generic_category().message(failure.value())),
                          .fix = "name a directory that can be written with --out"});
  }
  return directory;
}

std::string path_in(const std::string& directory, std::string_view name) {
  return (fs::path(directory) / name).string();
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
  if (file_ == nullptr) {
    throw Error(ErrorText{
        .message = fmt::format("cannot write {}: {}", path_, std::generic_category().message(errno))});
  }
}

void OutputFile::fail() const {
  throw Error(
      ErrorText{.message = fmt::format("cannot write {}: {}", path_, std::generic_category().message(errno))},
      ErrorKind::kInternal);
}

void OutputFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) fail();
}

void OutputFile::flush_lines() { std::setvbuf(file_.get(), nullptr, _IOLBF, 1U << 16U); }

void OutputFile::close() {
  if (std::fclose(file_.release()) != 0) fail();
}

std::string read_whole(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream contents;
  if (file) contents << file.rdbuf();
  if (!file || file.bad() || fs::is_directory(path)) {
    throw Error(ErrorText{
        .message = fmt::format("cannot read {}: {}", path, std::generic_category().message(errno))});
  }
  return contents.str();
}

RecordFiles::RecordFiles(const std::string& directory, std::string_view header)
    : directory_(prepared(directory, header)), runs_(path_in(directory_, "runs.jsonl")) {
  runs_.flush_lines();
  runs_.write(header);
}

void RecordFiles::finish(std::string_view end_record, std::string_view document) {
  runs_.write(end_record);
  runs_.close();
  const std::string path = path_in(directory_, "exploration.json");
  const std::string unfinished = path + ".part";
  OutputFile file(unfinished);
  file.write(document);
  file.close();
  std::error_code failure;
  fs::rename(unfinished, path, failure);
  if (failure) {
    throw Error(ErrorText{.message = fmt::format("cannot write {}: {}", path,
                                                 std::generic_category().message(failure.value()))},
                ErrorKind::kInternal);
  }
}

StudyRecords::StudyRecords(const std::string& directory, Study study) : study_(std::move(study)) {
  if (!directory.empty()) files_.emplace(directory, study_header(study_));
}

void StudyRecords::finish(const std::function<Study(Study)>& conclude,
                          const std::function<std::string()>& document) {
  if (files_) files_->finish(study_end(conclude(std::move(study_))), document());
}

}  // namespace saga_harness::cli
