#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include <saga_harness/test_records.hpp>
#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::reports {

inline constexpr std::string_view kTestsFormat = "saga_harness.tests/1";

/// What programs of tests say of themselves, as a set union: several processes may have shared the tests of
/// one.
class TestBook {
 public:
  /// A header; what follows belongs to it until close(). @throws Error with source, pointer and fix.
  void open(const internal::JsonReader& object);
  void add(const internal::JsonReader& object);
  /// The program that was open, if one was, is over: cut off, if its end did not come.
  void close();
  [[nodiscard]] bool is_open() const { return open_ != nullptr; }

  /// What failed, was skipped, was cut off or never ran, in sentences.
  void conclude(std::set<std::string>& incomplete) const;

 private:
  struct Program {
    std::set<std::string> tests;
    std::map<std::string, std::set<TestResult>> results;
    std::set<std::string> cut_off;  ///< in these tests; empty text: between them
  };
  std::map<std::string, Program> programs_;  // by name
  Program* open_ = nullptr;
  std::string test_;  // that has begun and not ended
};

}  // namespace saga_harness::reports
