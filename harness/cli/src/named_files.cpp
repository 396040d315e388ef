#include "named_files.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/search_reports.hpp>

#include "record_files.hpp"

namespace saga_harness::cli {
namespace {

namespace fs = std::filesystem;

void add(std::vector<std::string>& paths, const std::string& path) {
  if (!path.empty()) paths.push_back(path);
}

void add(std::vector<std::string>& paths, const Records& records) {
  if (records.empty()) return;
  for (const std::string_view name : {kRunsFile, kResultFile})
    paths.push_back((fs::path(records.directory) / name).string());
}

/// Devices and pipes lose nothing by being named twice.
bool is_file_or_nothing(const std::string& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  return path != internal::kStandardOutput && !path.starts_with("/dev/") &&
         (fs::is_regular_file(status) || !fs::exists(status));
}

bool are_same(const std::string& one, const std::string& other) {
  if (!is_file_or_nothing(one) || !is_file_or_nothing(other)) return false;
  std::error_code failure;
  if (fs::equivalent(one, other, failure) && !failure) return true;
  const fs::path first = fs::weakly_canonical(one, failure);
  return !failure && first == fs::weakly_canonical(other, failure) && !failure;
}

std::vector<std::string> files_at(const std::string& path) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return {path};
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, failure))
    files.push_back(entry.path().string());
  return files;
}

}  // namespace

NamedFiles files_of(const PrintText& /*arguments*/) { return {}; }

NamedFiles files_of(const ExploreArguments& arguments) {
  NamedFiles files{.read = {arguments.scenario}};
  add(files.read, arguments.target);
  for (const std::string* path : {&arguments.resume, &arguments.tally, &arguments.metrics})
    add(files.written, *path);
  add(files.written, arguments.out);
  return files;
}

NamedFiles files_of(const MergeArguments& arguments) {
  NamedFiles files{.read = arguments.files};
  add(files.read, arguments.scenario);
  return files;
}

NamedFiles files_of(const ReplayArguments& arguments) {
  NamedFiles files{.read = {arguments.scenario}};
  add(files.read, arguments.target);
  return files;
}

NamedFiles files_of(const RequireArguments& arguments) {
  NamedFiles files{.read = {arguments.scenario}};
  add(files.written, arguments.out);
  return files;
}

NamedFiles files_of(const InterleaveArguments& arguments) {
  NamedFiles files{.read = {arguments.scenario}};
  add(files.written, arguments.out);
  return files;
}

NamedFiles files_of(const MutantsArguments& arguments) {
  NamedFiles files{.read = {arguments.scenario.empty() ? arguments.scenarios : arguments.scenario}};
  add(files.written, arguments.out);
  return files;
}

NamedFiles files_of(const CheckArguments& arguments) { return {.read = arguments.scenarios}; }

NamedFiles files_of(const ListArguments& arguments) {
  NamedFiles files;
  add(files.read, arguments.scenario);
  return files;
}

NamedFiles files_of(const ServeArguments& arguments) {
  NamedFiles files{.read = {arguments.scenario}};
  add(files.read, arguments.token_file);
  return files;
}

NamedFiles files_of(const ReportArguments& arguments) {
  NamedFiles files{.read = arguments.records};
  add(files.read, arguments.baseline);
  add(files.written, arguments.output);
  return files;
}

void expect_apart(const NamedFiles& files) {
  const auto refuse = [](const std::string& path, std::string_view what) {
    throw Error(ErrorText{.source = printable(path),
                          .message = std::string(what),
                          .fix = "name another file for what is written"});
  };
  std::vector<std::string> read;
  if (!files.written.empty()) {
    for (const std::string& path : files.read) {
      for (std::string& file : files_at(path)) read.push_back(std::move(file));
    }
  }
  for (std::size_t i = 0; i < files.written.size(); ++i) {
    const std::string& path = files.written[i];
    for (const std::string& other : read) {
      if (are_same(path, other)) refuse(path, "is read and would be written over");
    }
    for (std::size_t before = 0; before < i; ++before) {
      if (are_same(path, files.written[before])) refuse(path, "would be written twice");
    }
  }
}

}  // namespace saga_harness::cli
