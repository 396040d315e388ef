// What a page shows of the command is what the command says.
//
// A block of a page that is marked `console` is run as a shell would: a line that begins with "$ " is a
// command, what stands below it is all that it prints. With SAGA_HARNESS_UPDATE_GOLDEN set in the environment
// the page is written anew.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

const fs::path kSource = SAGA_HARNESS_SOURCE_DIR;
constexpr std::string_view kPrompt = "$ ";
constexpr std::string_view kShown = "console ";

/// Every page of ours but those that are recorded output themselves, from the top of the source tree.
std::vector<std::string> pages() {
  std::vector<std::string> found = {"README.md"};
  for (const char* folder : {".github", "harness", "fakes", "reports", "scenarios", "tests"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kSource / folder)) {
      const std::string page = fs::relative(entry.path(), kSource).string();
      if (entry.path().extension() == ".md" && !page.starts_with("tests/golden/")) found.push_back(page);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

struct PageLine {
  std::string text = {};
  std::string block = {};  ///< the language of the block that it stands in and a blank; empty: in none
};

std::vector<PageLine> lines_with_blocks(const std::string& page) {
  std::vector<PageLine> lines;
  std::string block;
  for (const std::string& line : lines_of(read_file(kSource / page))) {
    if (!line.starts_with("```")) {
      lines.push_back({line, block});
      continue;
    }
    lines.push_back({line, {}});
    block = block.empty() ? line.substr(3) + " " : "";
  }
  return lines;
}

bool is_command(const PageLine& line) { return line.block == kShown && line.text.starts_with(kPrompt); }

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string output_of(const std::string& command, const fs::path& folder) {
  const std::string whole = "cd " + quoted(folder) +
                            " && PATH=" + quoted(fs::path(SAGA_HARNESS_COMMAND).parent_path()) +
                            ":$PATH LC_ALL=C.UTF-8 bash -c " + quoted(command) + " 2>&1";
  std::FILE* pipe = ::popen(whole.c_str(), "r");
  if (pipe == nullptr) return "cannot be run";
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  ::pclose(pipe);
  return output;
}

/// A command of a page, with what stands below it there, and what it prints today.
struct Shown {
  std::string command = {};
  std::string on_page = {};
  std::string today = {};
};

std::vector<Shown> shown_on(const std::vector<PageLine>& lines, const fs::path& folder) {
  std::vector<Shown> all;
  for (const PageLine& line : lines) {
    if (is_command(line)) {
      const std::string command = line.text.substr(kPrompt.size());
      all.push_back({.command = command, .today = output_of(command, folder)});
    } else if (line.block == kShown && !all.empty()) {
      all.back().on_page += line.text + "\n";
    }
  }
  return all;
}

/// The page with what its commands print today below each of them.
std::string rewritten(const std::vector<PageLine>& lines, const std::vector<Shown>& all) {
  std::string page;
  std::size_t next = 0;
  for (const PageLine& line : lines) {
    if (line.block != kShown || is_command(line)) page += line.text + "\n";
    if (is_command(line)) page += all[next++].today;
  }
  return page;
}

/// An empty folder for the commands of a page, where the scenarios are as at the top of the source tree.
fs::path folder_for(std::string page) {
  std::replace(page.begin(), page.end(), '/', '_');
  const fs::path folder = scratch(page);
  fs::remove_all(folder);
  fs::create_directories(folder);
  fs::create_directory_symlink(kSource / "scenarios", folder / "scenarios");
  return folder;
}

TEST(ShownOutputHeavyTest, IsWhatTheCommandPrints) {
  std::size_t commands = 0;
  for (const std::string& page : pages()) {
    const std::vector<PageLine> lines = lines_with_blocks(page);
    if (std::none_of(lines.begin(), lines.end(), is_command)) continue;
    const std::vector<Shown> all = shown_on(lines, folder_for(page));
    commands += all.size();
    if (std::getenv("SAGA_HARNESS_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(kSource / page, std::ios::binary) << rewritten(lines, all);
      continue;
    }
    for (const Shown& shown : all)
      EXPECT_EQ(shown.on_page, shown.today)
          << page << ": " << shown.command << "\nRun this test with SAGA_HARNESS_UPDATE_GOLDEN=1.";
  }
  EXPECT_GT(commands, 6U);  // those of README.md
}

TEST(ShownOutputTest, StandsInBlocksThatAreChecked) {
  for (const std::string& page : pages()) {
    std::vector<std::string> unchecked;
    for (const PageLine& line : lines_with_blocks(page))
      if (!line.block.empty() && line.text.starts_with(kPrompt) && !is_command(line))
        unchecked.push_back(line.text);
    EXPECT_THAT(unchecked, IsEmpty()) << page << ": mark the block `console`";
  }
}

}  // namespace
}  // namespace saga_harness::cli_tests
