#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

#include <saga_harness/explore.hpp>

namespace saga_harness::explore_test {

/// A file of the running test that is not there yet.
inline std::string scratch(std::string_view name) {
  const auto directory = std::filesystem::path(SAGA_HARNESS_SCRATCH_DIR) / "explore" /
                         testing::UnitTest::GetInstance()->current_test_info()->name();
  std::filesystem::create_directories(directory);
  std::string path = (directory / name).string();
  std::filesystem::remove(path);
  return path;
}

/// Everything that a search says, as text; not what it ran for that.
inline std::string all_of(const Exploration& exploration) {
  std::ostringstream out;
  out << exploration.max_faults << ' ' << exploration.schedules << ' ' << exploration.exhausted << ' '
      << exploration.violated_schedules << '\n';
  for (const LevelCount& level : exploration.levels)
    out << level.faults << ' ' << level.schedules << ' ' << level.exhausted << '\n';
  for (const std::uint64_t count : exploration.outcomes) out << count << ' ';
  for (const RuleCount& rule : exploration.rules)
    out << rule.held << ' ' << rule.violated << ' ' << rule.unknown << ' ' << rule.not_applicable << '\n';
  for (const Finding& finding : exploration.findings) {
    out << id_of(finding.rule) << ' ' << finding.step << ' ' << finding.explanation << ' ' << finding.token
        << ' ' << to_string(finding.plan) << ' ' << finding.schedules << '\n';
  }
  for (const auto* cells : {&exploration.cells, &exploration.undeclared}) {
    for (const Cell& cell : *cells) {
      out << cell.step << ' ' << name_of(cell.operation) << ' ' << name_of(cell.instant) << ' '
          << name_of(cell.kind) << ' ' << name_of(cell.status) << ' ' << cell.reached << ' ' << cell.fired
          << ' ' << cell.judged << ' ' << cell.violated;
      for (const std::uint64_t count : cell.outcomes) out << ' ' << count;
      out << '\n';
    }
  }
  for (const std::string& marker : exploration.markers) out << marker << '\n';
  return out.str();
}

}  // namespace saga_harness::explore_test
