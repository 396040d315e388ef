#pragma once

#include <string>
#include <vector>

#include "arguments.hpp"

namespace saga_harness::cli {

/// The files that a command reads, and those that it writes.
struct NamedFiles {
  std::vector<std::string> read = {};  ///< of a folder: every file in it
  std::vector<std::string> written = {};
};

[[nodiscard]] NamedFiles files_of(const PrintText& arguments);
[[nodiscard]] NamedFiles files_of(const ExploreArguments& arguments);
[[nodiscard]] NamedFiles files_of(const MergeArguments& arguments);
[[nodiscard]] NamedFiles files_of(const ReplayArguments& arguments);
[[nodiscard]] NamedFiles files_of(const RequireArguments& arguments);
[[nodiscard]] NamedFiles files_of(const InterleaveArguments& arguments);
[[nodiscard]] NamedFiles files_of(const MutantsArguments& arguments);
[[nodiscard]] NamedFiles files_of(const CheckArguments& arguments);
[[nodiscard]] NamedFiles files_of(const ListArguments& arguments);
[[nodiscard]] NamedFiles files_of(const ServeArguments& arguments);
[[nodiscard]] NamedFiles files_of(const ReportArguments& arguments);

/// @throws Error if one that is written is one that is read, or two that are written are the same.
void expect_apart(const NamedFiles& files);

}  // namespace saga_harness::cli
