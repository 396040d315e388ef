#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <saga_harness/report.hpp>
#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::reports {

inline constexpr std::string_view kStudyFormat = "saga_harness.study/1";

/// The studies that records tell of, as a set: the same one twice is one.
class StudyBook {
 public:
  /// A header; what follows belongs to it until close(). @throws Error with source, pointer and fix, also of
  /// what contradicts itself.
  void open(const internal::JsonReader& object);
  void add(const internal::JsonReader& object);
  /// The study that was open, if one was, is over: cut off, if its end did not come.
  void close();
  [[nodiscard]] bool is_open() const { return open_.has_value(); }

  /// The studies, their findings, what they lack and what contradicts itself.
  /// `today`: as in MergeOptions.
  void conclude(Report& report, std::string_view today, std::set<std::string>& incomplete,
                std::set<std::string>& errors) const;

 private:
  void add_finding(const internal::JsonReader& object);
  void add_end(const internal::JsonReader& object);
  static void judge_known(Study& study, std::string_view today, std::set<std::string>& errors);

  std::optional<Study> open_;
  std::map<std::string, Study> studies_;  // by id
  std::set<std::string> contradicted_;    // ids
};

}  // namespace saga_harness::reports
