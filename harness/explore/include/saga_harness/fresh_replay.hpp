#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/experiment.hpp>
#include <saga_harness/exploration.hpp>
#include <saga_harness/run.hpp>

namespace saga_harness {

inline constexpr std::size_t kMostReplayedFindings = 8;
inline constexpr std::size_t kMostSagasInARow = 8;

/// What came of sagas that were run one after the other where nothing had run before.
struct FreshAnswer {
  bool is_answer = false;
  std::string text = {};  ///< what the last of them violates: see violations_of_row(); else why nobody knows
};

/// Runs a row of sagas, each under its plan, where nothing ran before.
using RunFresh = std::function<FreshAnswer(std::span<const FaultPlan> row)>;

/// Runs the sagas here, one after the other, and says what the last of them violates: a line for each rule.
/// @throws Error as run_plan() does, but not of what differs.
[[nodiscard]] std::string violations_of_row(const Experiment& experiment, std::span<const FaultPlan> row);

/// The same of a run that is there.
[[nodiscard]] std::string violations_of(const Experiment& experiment, const Run& run);

/// A row of plans as text, and back. @throws Error if it is none.
[[nodiscard]] std::string row_to_text(std::span<const FaultPlan> row);
[[nodiscard]] std::vector<FaultPlan> row_from_text(std::string_view text, const SagaIndex& saga);

/// Replays the findings, each by its plan alone, where nothing ran before; at most kMostReplayedFindings, ten
/// seconds each. One that shows only after earlier sagas says after which: the shortest row that was found.
/// One that does not show at all is none: it goes to Exploration::nondeterministic, and the search has no
/// verdict. What could not be checked is said in SearchVerdict::not_checked. Returns which of the findings
/// were none, by position.
std::vector<std::size_t> replay_findings(const Experiment& experiment, const RunFresh& run_fresh,
                                         Exploration& exploration);

/// … and none could be, for this reason.
void leave_findings_unchecked(std::string_view why, Exploration& exploration);

/// A copy of this process from the time before anything ran. Made before a search, it runs rows of sagas for
/// it, each in a copy of its own.
class ForkedReplay {
 public:
  /// `experiment` must outlive it.
  explicit ForkedReplay(const Experiment& experiment);
  ~ForkedReplay();
  ForkedReplay(const ForkedReplay&) = delete;
  ForkedReplay& operator=(const ForkedReplay&) = delete;

  [[nodiscard]] FreshAnswer run(std::span<const FaultPlan> row);

 private:
  void start();
  void give_up(std::string why);

  const Experiment& experiment_;
  pid_t process_ = 0;
  int channel_ = -1;
  std::string why_not_ = {};
};

}  // namespace saga_harness
