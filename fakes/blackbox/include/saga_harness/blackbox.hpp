#pragma once

#include <atomic>
#include <functional>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness/http_fakes.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/target.hpp>

namespace saga_harness {

/// A target and the fakes it talks to, up and running. Thread-safe: runs go side by side as far as the
/// target's isolation lets them.
class TargetSession {
 public:
  /// Starts the fakes, and the target's process if it has one.
  /// @throws Error if the two do not fit, or the target does not come up: with the end of what it wrote to
  /// stderr.
  /// `busy`: so many sagas are started at a time; one whose end is known is no longer busy.
  TargetSession(Scenario scenario, Target target, const std::vector<FaultKind>& kinds = {}, int busy = 256);
  /// Kills whatever it started.
  ~TargetSession();
  TargetSession(const TargetSession&) = delete;
  TargetSession& operator=(const TargetSession&) = delete;

  /// Kills the target; runs that are under way end soon, with something that says nothing, and later ones
  /// throw. From any thread.
  void stop();

  /// One saga from its start to its end under `plan`. What the target does wrong is in what comes back.
  /// @throws Error if the target cannot be reached, or says a word that TARGET.json does not explain.
  [[nodiscard]] ObservedRun run(const FaultPlan& plan);

  /// Every cell that can be struck over HTTP with the kinds the session was made for.
  [[nodiscard]] const std::vector<Cell>& cells() const noexcept;
  [[nodiscard]] const Experiment& experiment() const noexcept;
  /// What its user should know of the runs so far: requests that were of no run, or came too late.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// What a search over real runs has to say.
struct TargetExploration {
  Exploration exploration = {};
  std::vector<Run> examples = {};       ///< a run that shows it for each of the findings
  std::vector<std::string> notes = {};  ///< as of TargetSession
};
void PrintTo(const TargetExploration& value, std::ostream* out);

/// Asks a search for its end, from any thread: what is under way is cut short, and what is known by then is
/// its result, not exhausted.
class SearchStop {
 public:
  void request();
  [[nodiscard]] bool is_requested() const noexcept { return requested_; }
  /// What is called at a request: at once if there was one. Another call replaces it, an empty one takes it
  /// away; it is not being called any more then.
  void on_request(std::function<void()> what);

 private:
  std::mutex mutex_;
  std::atomic<bool> requested_ = false;
  std::function<void()> what_;
};

/// Runs one plan for a search. Called from several threads at once.
using RunPlan = std::function<ObservedRun(const FaultPlan&)>;

/// Every schedule of 0, 1, … max_faults faults, by re-execution: after each run, every question that came
/// after its last fault, answered in every way of the kinds that `cells` hold. Sets of faults are run once,
/// in whatever order they strike. `options.workers` runs go at a time, and the result does not depend on how
/// many. Whatever violates a rule is run again, and so is every `recheck_every`th schedule: what does not
/// come out alike is in Exploration::nondeterministic, and only what is violated every time is a finding.
/// Once `options.max_time` is over no run is begun; what has finished counts, in whatever order. What is run
/// again takes a third of the time of all runs at most, but the first twenty seconds of it.
/// @throws Error that `run` throws; one of ErrorKind::kInternal after some schedule is in the verdict
/// instead, with what was found before it.
[[nodiscard]] TargetExploration explore_runs(const Experiment& experiment, const std::vector<Cell>& cells,
                                             const RunPlan& run, const ExploreOptions& options,
                                             const SearchStop* stop = nullptr);

/// The legal cells of a saga that this target runs, of the kinds in scope or `asked` for: what can be made to
/// happen to it over its wires. The denominator of its coverage.
[[nodiscard]] std::vector<Cell> declared_cells(const Scenario& scenario, const Target& target,
                                               const std::vector<FaultKind>& asked = {});

/// The same of a target.
[[nodiscard]] TargetExploration explore_target(const Scenario& scenario, const Target& target,
                                               const ExploreOptions& options, SearchStop* stop = nullptr);

/// What was seen of one run, judged.
[[nodiscard]] Run judged_run(const Experiment& experiment, const FaultPlan& plan, const ObservedRun& seen);

/// Runs one plan. @throws Error if it cannot strike over a real wire, too.
[[nodiscard]] Run run_target(const Scenario& scenario, const Target& target, const FaultPlan& plan);

}  // namespace saga_harness
