#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/cause.hpp>
#include <saga_harness_internal/coverage.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/known_findings.hpp>
#include <saga_harness_internal/picks.hpp>
#include <saga_harness_internal/sample.hpp>

namespace saga_harness {

/// What a search has counted. Tallies of disjoint parts of a search, merged in whatever order, are the tally
/// of the whole; a tally survives being written and read.
class Tally {
 public:
  /// The experiment must outlive the tally.
  /// `asked`: kinds of fault that are searched for though the claims do not put them in scope.
  explicit Tally(const Experiment& experiment, const std::vector<FaultKind>& asked = {});
  /// Of a search whose every legal cell is in `declared`.
  Tally(const Experiment& experiment, std::vector<Cell> declared);

  /// There is a level of so many faults, even if nothing is counted in it.
  void open_level(int faults);
  /// Counts one judged schedule. Known findings among the violations are kept, and count for nothing else.
  /// `is_blamed`: see Blame.
  void count(std::span<const Pick> picks, const Observation& observation, const Judgement& judgement,
             std::span<const CausedViolation> violations, bool is_blamed);
  /// Some operation changed its idempotency key.
  void count_key_change() { counts_.earned.key_changed = true; }
  /// The schedule that is counted next was not run; one that goes alike met these instants.
  void count_pruned(std::span<const std::uint32_t> instants) {
    ++counts_.pruned;
    coverage_.count_met_like(instants);
    has_met_ = true;
  }
  [[nodiscard]] std::vector<std::uint32_t> instants_in(const Observation& observation) const {
    return coverage_.instants_in(observation.events);
  }

  /// Is this the first schedule that shows the violation, or before the one that stands for it?
  [[nodiscard]] bool wants_example(const CausedViolation& violation, std::span<const Pick> picks) const;
  /// Of all schedules that show a violation, the first in the exhaustive sequence stands for them.
  void set_example(const CausedViolation& violation, std::span<const Pick> picks, std::string explanation);

  /// May keep how the schedule that is counted next came out: who may have to take the search up again calls
  /// it.
  void draw(std::span<const Pick> picks, const Observation& observation, const Judgement& judgement);
  [[nodiscard]] const Sample& sample() const { return sample_; }

  void merge(const Tally& other);

  /// Counts only: no cells, findings without order.
  [[nodiscard]] const Exploration& so_far() const { return counts_; }
  /// `levels_done`: so many levels, from 0 faults on, were searched to their end. `is_random`: the plans are
  /// not the smallest yet, and say nothing of one another.
  [[nodiscard]] Exploration conclude(int levels_done, bool is_random = false) const;

  [[nodiscard]] std::string to_json() const;
  /// @throws Error with source, JSON pointer and fix.
  [[nodiscard]] static Tally read(const internal::JsonReader& object, const Experiment& experiment,
                                  const std::vector<FaultKind>& asked = {});

 private:
  struct Known {
    CausedViolation violation;
    ScheduleOrder order;
  };
  Tally(const Experiment& experiment, Coverage coverage);
  [[nodiscard]] static bool explains_longer(const Known& shorter, const Known& longer);
  [[nodiscard]] std::size_t find(const CausedViolation& violation) const;
  std::size_t find_or_add(const CausedViolation& violation);
  void collect_earned(std::span<const Pick> picks, const Observation& observation,
                      const Judgement& judgement);
  void note_marker(const Event& event, const Observation& observation);
  void add_marker(std::string_view marker);
  void read_counts(const internal::JsonReader& object);
  void read_findings(const internal::JsonReader& object);
  void read_sample(const internal::JsonReader& array);

  const Experiment* experiment_;
  const SagaIndex* saga_;
  KnownFindings set_aside_;
  Coverage coverage_;
  Exploration counts_;
  std::set<std::string, std::less<>> markers_;  // those of counts_, to be found
  std::vector<Known> known_;                    // parallel to the findings
  std::uint32_t last_marker_ = 0;
  bool has_met_ = false;  // instants of the schedule that is counted next are counted
  Sample sample_;
};

}  // namespace saga_harness
