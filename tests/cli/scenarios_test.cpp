#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

std::vector<std::string> all_scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SAGA_HARNESS_SCENARIOS_DIR)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  return names;
}

class ScenariosHeavyTest : public testing::TestWithParam<std::string> {};

TEST_P(ScenariosHeavyTest, TheReferenceIsUpheldUnderEveryPairOfFaultsAndReported) {
  const std::string records = scratch("records");
  std::filesystem::remove_all(records);
  const Result search = run({"explore", scenario(GetParam()), "--max-faults", "2", "--out", records});
  EXPECT_EQ(search.exit_code, 0) << search.out << search.err;
  for (const char* format : {"html", "junit", "json"}) {
    const Result report = run({"report", records, "--format", format});
    EXPECT_EQ(report.exit_code, 0) << report.err;
    EXPECT_FALSE(report.out.empty()) << format;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ScenariosHeavyTest, testing::ValuesIn(all_scenarios()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace saga_harness::cli_tests
