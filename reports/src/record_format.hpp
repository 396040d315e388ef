#pragma once

#include <string_view>

namespace saga_harness::reports {

inline constexpr std::string_view kRecordsFormat = "saga_harness.runs/2";
inline constexpr std::string_view kReportFormat = "saga_harness.report/1";

/// Part of every run id: another version of the harness may run a plan otherwise.
inline constexpr std::string_view kHarnessVersion = SAGA_HARNESS_VERSION;

}  // namespace saga_harness::reports
