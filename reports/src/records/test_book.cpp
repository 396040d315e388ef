#include "records/test_book.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness_internal/names.hpp>

#include "json/json_text.hpp"
#include "text/drawing.hpp"

namespace saga_harness {

namespace {

constexpr std::array<std::string_view, 3> kTestResults{"passed", "failed", "skipped"};

}  // namespace

std::string_view name_of(TestResult result) { return internal::name_in(kTestResults, result); }

std::string tests_header(std::string_view program, const std::vector<std::string>& tests) {
  return reports::on_one_line({{"format", reports::kTestsFormat}, {"program", program}, {"tests", tests}}) +
         '\n';
}

std::string test_began(std::string_view test) { return reports::on_one_line({{"began", test}}) + '\n'; }

std::string test_ended(std::string_view test, TestResult result) {
  return reports::on_one_line({{"test", test}, {"result", name_of(result)}}) + '\n';
}

std::string tests_end() { return "{\"end\":\"complete\"}\n"; }

namespace reports {

namespace {

using internal::JsonReader;

TestResult read_result(const JsonReader& name) {
  for (std::size_t i = 0; i < kTestResults.size(); ++i) {
    if (name.string() == kTestResults.at(i)) return static_cast<TestResult>(i);
  }
  name.refuse("there is no such result of a test",
              "have the records read by the version of saga-harness that wrote them");
}

/// The first few names, and how many more there are.
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMostNames = 5;
  if (names.size() <= kMostNames) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + kMostNames, ", "),
                     names.size() - kMostNames);
}

}  // namespace

void TestBook::open(const JsonReader& object) {
  close();
  open_ = &programs_[object.at("program").string()];
  for (const JsonReader& test : object.at("tests").items()) open_->tests.insert(test.string());
}

void TestBook::add(const JsonReader& object) {
  if (const auto began = object.find("began")) {
    test_ = began->string();
  } else if (const auto test = object.find("test")) {
    open_->results[test->string()].insert(read_result(object.at("result")));
    test_.clear();
  } else {
    static_cast<void>(object.at("end").string());
    open_ = nullptr;
  }
}

void TestBook::close() {
  if (open_ != nullptr) open_->cut_off.insert(test_);
  open_ = nullptr;
  test_.clear();
}

void TestBook::conclude(std::set<std::string>& incomplete) const {
  for (const auto& [name, program] : programs_) {
    for (const std::string& test : program.cut_off) {
      incomplete.insert(test.empty() ? name + ": the tests were cut off"
                                     : fmt::format("{}: the tests were cut off in {}", name, test));
    }
    std::vector<std::string> missing;
    for (const std::string& test : program.tests) {
      const auto at = program.results.find(test);
      if (at == program.results.end() && !program.cut_off.contains(test)) missing.push_back(test);
    }
    if (!missing.empty())
      incomplete.insert(
          fmt::format("{}: {} did not run: {}", name, counted(missing.size(), "test"), some_of(missing)));
    for (const auto& [test, results] : program.results) {
      if (results.contains(TestResult::kFailed)) {
        incomplete.insert(fmt::format("{}: {} failed", name, test));
      } else if (!results.contains(TestResult::kPassed)) {
        incomplete.insert(fmt::format("{}: {} was skipped", name, test));
      }
    }
  }
}

}  // namespace reports

}  // namespace saga_harness
