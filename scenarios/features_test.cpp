// README.md says what it says: its tests are there, its words are the code's, its example is one that runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <saga_harness/stores.hpp>

#include "foreign_statuses.hpp"

namespace sh = saga_harness;
namespace fs = std::filesystem;

namespace {

const fs::path kScenarios = SAGA_HARNESS_SCENARIOS_DIR;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \n");
  return first == std::string::npos ? std::string()
                                    : text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

// The rows of the tables below `heading`, up to the next one of the same depth, without their heads.
std::vector<std::vector<std::string>> rows_below(const std::string& heading) {
  std::istringstream lines(read(kScenarios / "README.md"));
  std::vector<std::vector<std::string>> rows;
  bool is_below = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) is_below = line == "## " + heading;
    if (!is_below || !line.starts_with("|")) continue;
    std::vector<std::string> cells;
    std::istringstream text(line.substr(1));
    for (std::string cell; std::getline(text, cell, '|');) cells.push_back(trimmed(cell));
    if (!cells.empty() && cells[0].starts_with("---") && !rows.empty())
      rows.pop_back();  // the head before it
    else
      rows.push_back(cells);
  }
  return rows;
}

std::vector<std::string> in_backquotes(const std::string& cell) {
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = cell.find('`', at)) != std::string::npos;) {
    const std::size_t end = cell.find('`', at + 1);
    if (end == std::string::npos) break;
    names.push_back(cell.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return names;
}

void add_tests_of(const std::string& text, std::set<std::string>& names) {
  for (const char* macro : {"TEST(", "TEST_F(", "TEST_P(", "RC_GTEST_PROP("}) {
    for (std::size_t at = 0; (at = text.find(macro, at)) != std::string::npos;) {
      at += std::string(macro).size();
      const std::size_t comma = text.find(',', at);
      const std::size_t end = comma == std::string::npos ? comma : text.find_first_of(",)", comma + 1);
      if (end == std::string::npos) break;
      names.insert(trimmed(text.substr(at, comma - at)) + "." +
                   trimmed(text.substr(comma + 1, end - comma - 1)));
    }
  }
}

std::set<std::string> all_tests() {
  std::set<std::string> names;
  for (const fs::path& folder : {kScenarios, kScenarios.parent_path() / "tests"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".cpp") add_tests_of(read(entry.path()), names);
    }
  }
  return names;
}

TEST(FeaturesTest, EveryFeatureHasATestThatIsThere) {
  const std::set<std::string> tests = all_tests();
  ASSERT_GT(tests.size(), 500U);
  const auto rows = rows_below("Features");
  EXPECT_GT(rows.size(), 60U);
  for (const std::vector<std::string>& row : rows) {
    ASSERT_EQ(row.size(), 3U) << row.at(0);
    const std::vector<std::string> shown_by = in_backquotes(row[2]);
    EXPECT_FALSE(shown_by.empty()) << row[0] << " is shown by no test";
    for (const std::string& name : shown_by)
      EXPECT_EQ(tests.count(name), 1U) << row[0] << ": there is no test " << name;
  }
}

// ---- words

TEST(StatusWordsTest, AreInTheDocumentationAsInTheCode) {
  const auto rows = rows_below("Status words");
  ASSERT_EQ(rows.size(), sh::kStatusWords.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const sh::StatusWord& word = sh::kStatusWords[i];
    const std::string back = std::string(to_status_word(word.system, word.ours));
    EXPECT_THAT(rows[i], testing::ElementsAre(
                             std::string(name_of(word.system)), "`" + std::string(word.theirs) + "`",
                             "`" + std::string(word.ours) + "`", "`" + back + "`", std::string(word.note)));
  }
}

TEST(StatusWordsTest, OursAreThoseOfAStoredSaga) {
  std::set<std::string_view> ours;
  for (int i = 0; i <= static_cast<int>(sh::StoredState::kFlagged); ++i)
    ours.insert(name_of(static_cast<sh::StoredState>(i)));
  std::set<std::string_view> used;
  for (const sh::StatusWord& word : sh::kStatusWords) {
    EXPECT_EQ(ours.count(word.ours), 1U) << word.ours;
    used.insert(word.ours);
  }
  EXPECT_EQ(used, ours) << "each is somebody's";
}

TEST(StatusWordsTest, GoThereAndBack) {
  for (const sh::StatusWord& word : sh::kStatusWords) {
    EXPECT_EQ(sh::from_status_word(word.system, word.theirs), word.ours) << word.theirs;
    const std::string_view back = sh::to_status_word(word.system, word.ours);
    EXPECT_EQ(back == word.theirs, word.is_usual) << word.theirs;
    EXPECT_EQ(sh::from_status_word(word.system, back), word.ours) << word.ours;
  }
  static_assert(sh::from_status_word(sh::SagaSystem::kTutorial, "STEP_COMPLETED") == "running");
  EXPECT_EQ(sh::from_status_word(sh::SagaSystem::kTutorial, "rolled_back"), "");
  EXPECT_EQ(sh::to_status_word(sh::SagaSystem::kDistributedSaga, "compensating"), "")
      << "it has no word for it";
}

// ---- the example

TEST(FeaturesTest, TheExampleIsTheOneThatRuns) {
  const std::string source = read(kScenarios / "harness_example_test.cpp");
  const std::string begin = "// begin example\n";
  const std::size_t at = source.find(begin) + begin.size();
  const std::string example = source.substr(at, source.find("// end example") - at);
  ASSERT_GT(example.size(), 300U);
  EXPECT_NE(read(kScenarios / "README.md").find("```cpp\n" + example + "```"), std::string::npos);
}

}  // namespace
