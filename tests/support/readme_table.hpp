#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace saga_harness::support {

/// Succeeds if the README at `path` (from the top of the source tree) has `table` between the lines
/// `<!-- table NAME, from the catalogue -->` and `<!-- end -->`. With SAGA_HARNESS_UPDATE_GOLDEN set in the
/// environment it writes the table there instead.
[[nodiscard]] inline testing::AssertionResult has_table(const std::string& path, const std::string& name,
                                                        const std::string& table) {
  const std::string file_name = std::string(SAGA_HARNESS_SOURCE_DIR) + "/" + path;
  std::ostringstream contents;
  contents << std::ifstream(file_name, std::ios::binary).rdbuf();
  const std::string text = contents.str();
  const std::string head = "<!-- table " + name + ", from the catalogue -->\n";
  const std::size_t begin = text.find(head);
  if (begin == std::string::npos) return testing::AssertionFailure() << path << " has no line " << head;
  const std::size_t from = begin + head.size();
  const std::size_t end = text.find("<!-- end -->\n", from);
  if (end == std::string::npos)
    return testing::AssertionFailure() << path << ": the table " << name << " has no line <!-- end -->";
  if (text.substr(from, end - from) == table) return testing::AssertionSuccess();
  if (std::getenv("SAGA_HARNESS_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file_name, std::ios::binary) << text.substr(0, from) << table << text.substr(end);
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "the table " << name << " of " << path
                                     << " is not what the catalogue says. Run this test with "
                                        "SAGA_HARNESS_UPDATE_GOLDEN=1, or paste:\n"
                                     << table;
}

}  // namespace saga_harness::support
