#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness/run.hpp>

namespace saga_harness {

/// Where records come from.
struct RecordOrigin {
  /// Written by tests: sagas of one name may have several definitions.
  bool tests = false;
  /// What a coordinator or participant without a name of its own belongs to (a test): runs of different
  /// scopes are not compared.
  std::string scope = {};
  /// Cells are declared for runs that start with this; empty: with what the experiment starts with.
  Context context = {};
  /// The legal cells, where not all that the definition declares can be made to happen: see declared_cells()
  /// of a target.
  std::vector<Cell> cells = {};
};
void PrintTo(const RecordOrigin& value, std::ostream* out);

/// What tells subjects apart: runs of the same one are the same if their plans are.
[[nodiscard]] std::uint64_t subject_id(const Experiment& experiment, const RecordOrigin& origin);

/// Runs as lines of JSON, each ended by `\n`: what `runs.jsonl` consists of (see reports/README.md). First
/// header(), then record() after every run, then end(). A file without an end is that of a search that was
/// cut off; whatever stands before is good.
class RunRecords {
 public:
  /// Of a search. The experiment must outlive the records.
  RunRecords(const Experiment& experiment, const ExploreOptions& options, RecordOrigin origin = {});
  /// Of single runs, each for itself, as tests make them.
  explicit RunRecords(const Experiment& experiment, RecordOrigin origin = {});
  ~RunRecords();
  RunRecords(RunRecords&&) noexcept;
  RunRecords& operator=(RunRecords&&) noexcept;

  [[nodiscard]] std::string header() const;

  /// The line of a run, and before it a line for each violation that it is the first to show. Valid until the
  /// next call.
  /// @throws Error with ErrorKind::kInternal if what the schedule violates is not beside it.
  [[nodiscard]] std::string_view record(const Schedule& schedule);
  /// The same for a run made by itself, `input` being what it was started with if not the definition's
  /// context. All faults that struck are to blame for what it violates.
  [[nodiscard]] std::string_view record(const Run& run, const Context& input = {});

  /// Findings with other plans than those recorded (a random search makes them smaller when it is over),
  /// schedules that did not go alike twice, and how far the search came. `examples`: a run for each finding,
  /// of a subject whose runs cannot be had again.
  /// @throws Error with ErrorKind::kInternal if the search found what was not recorded.
  [[nodiscard]] std::string end(const Exploration& exploration, std::span<const Run> examples = {});
  /// Of single runs.
  [[nodiscard]] std::string end();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace saga_harness
