#pragma once

#include <string_view>

#include <saga_harness/version.hpp>

namespace saga_harness::reports {

inline constexpr std::string_view kRecordsFormat = "saga_harness.runs/3";
/// Without `target`, without lines of defects, and without what the search said at its end.
inline constexpr std::string_view kOldRecordsFormat = "saga_harness.runs/2";
inline constexpr std::string_view kReportFormat = "saga_harness.report/1";

/// The defect of a schedule that did not go alike when it was run again.
inline constexpr std::string_view kNondeterministic = "nondeterministic";

/// Part of every run id: another version of the harness may run a plan otherwise.
inline constexpr std::string_view kHarnessVersion = kVersion;

}  // namespace saga_harness::reports
