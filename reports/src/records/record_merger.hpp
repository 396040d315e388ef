#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <saga_harness/report.hpp>

#include "records/record_reader.hpp"
#include "records/study_records.hpp"
#include "records/test_book.hpp"

namespace saga_harness::reports {

/// One subject, while its runs are counted.
class SubjectCounts {
 public:
  explicit SubjectCounts(const HeaderRecord& header);

  /// Takes in what another header says of the same subject.
  void add(const HeaderRecord& header);
  /// The position of a cell, added if it is not there; cells that no definition foresees stand apart.
  std::size_t cell(const ReportCell& like, bool is_declared);
  void count(const RunRecord& run, const std::vector<std::size_t>& cells,
             const std::vector<std::size_t>& slots);
  /// `cells`: as in count().
  void add_finding(const FindingRecord& record, const std::vector<std::size_t>& cells);
  /// A place in the saga, for which it is counted how often it was reached.
  [[nodiscard]] std::size_t slot(const ReportCell& cell) const;

  [[nodiscard]] const SagaIndex& saga() const { return *saga_; }
  [[nodiscard]] const SagaReport& so_far() const { return report_; }
  /// Everything sorted and summed up. `today`: see MergeOptions.
  [[nodiscard]] SagaReport conclude(const std::vector<ReportSearch>& searches, std::string_view today) const;

 private:
  using Violated = std::pair<std::size_t, int>;  // invariant, step or -1
  struct Shown {
    std::uint64_t runs = 0;
    ReportFinding finding = {};
    bool is_known = false;
    std::set<std::pair<std::string, std::uint64_t>> searched =
        {};  // by searches: plan, schedules that show it
  };
  using Caused = std::pair<Violated, std::string>;  // … and cause; empty: not known

  void count_rules(const RunRecord& run);
  void count_violations(const RunRecord& run);
  void count_fired(const RunRecord& run, std::size_t cell, bool is_judged);
  void count_compensations(const RunRecord& run);
  void conclude_cells(SagaReport& report, std::string_view today) const;
  void finish(ReportFinding& finding, int step, const SagaReport& report) const;
  void conclude_examples(SagaReport& report) const;
  void conclude_exclusions(SagaReport& report, std::string_view today) const;

  std::shared_ptr<const SagaIndex> saga_;
  SagaReport report_;  // its cells in the order in which they were met
  std::map<std::string, std::size_t, std::less<>> cell_by_name_;
  std::vector<bool> is_declared_;
  std::vector<std::uint64_t> reached_;  // by slot
  std::vector<std::uint64_t> levels_;
  std::map<Caused, Shown> shown_;
  std::map<std::size_t, FindingRecord> examples_;  // by cell
  std::set<std::tuple<std::string, std::string, std::string, std::string>> exclusions_;
  std::vector<CompensationCount> compensations_;  // by step
};

/// The searches that headers speak of, and which of their shards are there.
class SearchBook {
 public:
  /// An ended section: nothing else proves that a shard was run.
  void open(const std::string& subject, const SearchHead& head);
  void close(const std::string& subject, const SearchHead& head, const EndRecord& end);

  /// `today`: see MergeOptions.
  [[nodiscard]] std::vector<ReportSearch> of(const std::string& subject, std::string_view today = {}) const;
  /// What is missing of a subject's searches, as sentences about `name`.
  void list_missing(const std::string& subject, const std::string& name,
                    std::set<std::string>& incomplete) const;
  /// What its searches lack, likewise.
  void list_lacks(const std::string& subject, const std::string& name,
                  std::set<std::string>& incomplete) const;

 private:
  struct Part {
    bool ended = false;
    bool exhausted = false;
    std::optional<ClassCount> classes = std::nullopt;
    std::vector<LackFound> lacks;
    std::vector<std::string> notes;
    std::vector<ReportKnown> known;
    std::string error;
    Earned earned;
  };
  struct Shards {
    ReportSearch search;
    Owed owed;
    std::map<int, Part> parts;  // by number
  };
  [[nodiscard]] static ReportSearch summed(const Shards& shards, int count);
  static void judge_known(ReportSearch& search, std::string_view today);
  using Key = std::tuple<std::string, std::string>;  // subject, what was searched
  std::map<Key, std::map<int, Shards>> searches_;    // by the number of shards
};

/// What stands under one header, while it is read.
struct RecordSection {
  SubjectCounts* subject = nullptr;
  std::string id;
  RecordLimits limits;
  std::vector<std::size_t> cells;  // of the subject, by those of the header
  std::vector<std::size_t> slots;  // … by place
  std::optional<SearchHead> search;
  std::uint64_t runs = 0;
  std::uint64_t violated_runs = 0;
  std::uint64_t findings = 0;  // that the search itself says it has
  bool ended = false;
  bool is_old = false;
  bool has_defects = false;
  using Violated = std::pair<std::size_t, int>;  // invariant, step or -1
  std::set<Violated> violated;                   // by runs
  std::set<Violated> shown;                      // by findings

  /// @throws Error if what stands there is not what the end says, or a finding has no run or a violation no
  /// finding.
  void expect_consistent(const EndRecord& end, const internal::JsonReader& object) const;
};

/// Reads records line by line.
class RecordMerger {
 public:
  using Ids = std::unordered_set<std::uint64_t>;

  /// Runs in `left_out` are not counted.
  RecordMerger(MergeOptions options, const Ids* left_out);

  /// The lines of one text, in order. The last may be cut off.
  void begin(const std::string& name);
  void add_line(std::string_view line, bool is_whole);
  void end();

  /// Runs that came out differently.
  [[nodiscard]] Ids contradicted() const;
  [[nodiscard]] Report conclude() const;
  /// Takes over what was found out before those runs were left out.
  void keep_contradictions_of(const RecordMerger& other) { contradictions_ = other.contradictions_; }

 private:
  struct Seen {
    std::uint64_t digest = 0;
    Outcome outcome = Outcome::kUnresolved;
  };
  struct Differing {
    std::string saga;
    std::string plan;
    std::set<Outcome> outcomes;
    std::string difference;
  };

  void open(const internal::JsonReader& object);
  void open_section(const internal::JsonReader& object);
  void close_section();
  void add_run(const internal::JsonReader& object);
  void add_finding(const internal::JsonReader& object);
  void add_defect(const internal::JsonReader& object);
  void add_end(const internal::JsonReader& object);
  void check_definition(const HeaderRecord& header, const internal::JsonReader& object);

  MergeOptions options_;
  const Ids* left_out_;
  std::string name_;
  std::size_t line_ = 0;
  std::optional<RecordSection> section_;
  RunRecord run_;
  std::map<std::string, SubjectCounts> subjects_;
  std::map<std::string, std::map<std::uint64_t, bool>> definitions_;  // by name: hash, by tests alone
  SearchBook searches_;
  StudyBook studies_;
  TestBook tests_;
  std::unordered_map<std::uint64_t, Seen> seen_;
  std::map<std::uint64_t, Differing> contradictions_;
  std::map<std::string, Differing>
      nondeterministic_;  // by subject, plan and difference: what a search saw of itself
  std::set<std::string> incomplete_;
};

}  // namespace saga_harness::reports
