#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/judge.hpp>
#include <saga_harness_internal/cause.hpp>
#include <saga_harness_internal/known_findings.hpp>
#include <saga_harness_internal/output_file.hpp>
#include <saga_harness_internal/picks.hpp>
#include <saga_harness_internal/rule_places.hpp>
#include <saga_harness_internal/tally.hpp>

#include <saga_harness_internal/real_time.hpp>
#include "classed_levels.hpp"
#include "in_order.hpp"
#include "likely_order.hpp"
#include "next_level.hpp"
#include "observed.hpp"
#include "plan_set.hpp"
#include "search_bounds.hpp"
#include "search_result.hpp"

namespace saga_harness {
namespace blackbox {
namespace {

constexpr int kMostWorkers = 256;
constexpr int kMostFaults = 16;
constexpr std::uint64_t kProgressEvery = 100;
constexpr std::size_t kMostLikely = 100'000;  // plans whose runs are remembered until those before are over
constexpr int kOfSteady = 4;                  // times that what shows a violation is run again
constexpr int kOfNondeterministic = 11;
constexpr std::size_t kNoLevel = std::numeric_limits<std::size_t>::max();

using Picks = std::vector<Pick>;

/// A run that shows a violation.
struct Example {
  ObservedRun run;
  FaultPlan plan;
};

class RealSearch {
 public:
  RealSearch(const Experiment& experiment, const std::vector<Cell>& cells, const RunPlan& run,
             const ExploreOptions& options, const SearchStop* stop)
      : experiment_(experiment),
        saga_(*experiment.setup.saga),
        run_(run),
        options_(options),
        owed_(owed_by(experiment, options)),
        tally_(experiment, cells),
        known_(experiment),
        next_(options, kinds_of(cells)),
        classed_(saga_),
        bounds_(options.max_time, stop) {}

  TargetExploration go() {
    std::vector<Node> level{Node{}};
    int done = 0;
    for (; done <= options_.max_faults && !stopped_; ++done) {
      tally_.open_level(done);
      run_level(level);
      if (stopped_) break;
      level = next_.take();
      for (auto& [picks, violations] : fresh_) shown_.note(picks, std::move(violations));
      fresh_.clear();
    }
    return conclude(done);
  }

 private:
  static std::vector<bool> kinds_of(const std::vector<Cell>& cells) {
    std::vector<bool> tried(kFaultKindCount);
    for (const Cell& cell : cells) tried[static_cast<std::size_t>(cell.kind)] = true;
    return tried;
  }

  // By their places in it. A search that goes to its end comes to the same in any order.
  [[nodiscard]] std::vector<std::size_t> running_order(const std::vector<Node>& level) const {
    const bool is_for_a_bug = options_.stop_at_first_violation && options_.likely_first;
    if (is_for_a_bug && level.size() <= kMostLikely) return likely_order(level, saga_);
    std::vector<std::size_t> order(level.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
  }

  void run_level(const std::vector<Node>& level) {
    if (!options_.classes) return run_those(level, running_order(level));
    classed_.open(level);
    for (auto order = classed_.next(); !order.empty() && !stopped_; order = classed_.next())
      run_those(level, order);
    if (!classed_.is_whole())
      first_level_in_part_ = std::min(first_level_in_part_, level.front().picks.size());
  }

  void run_those(const std::vector<Node>& level, const std::vector<std::size_t>& order) {
    const auto worker = [&] {
      const auto judge =
          std::make_shared<Judge>(experiment_.setup.saga, experiment_.claims, experiment_.switched_off,
                                  experiment_.invariants, experiment_.setup.expects);
      return [&, judge](std::size_t at) { return finish(level[order[at]], at, *judge); };
    };
    const auto take = [&](std::size_t at, Result result) {
      ++taken_;
      if (options_.max_schedules != 0 && tally_.so_far().schedules >= options_.max_schedules) stopped_ = true;
      if (!result.error.empty()) end_by(std::move(result.error));
      if (!stopped_) count(order[at], level[order[at]], result);
      return !stopped_;
    };
    taken_ = 0;
    in_order<Result>(order.size(), options_.workers, worker, take, [this] { return bounds_.is_over(); });
    if (taken_ < order.size()) stopped_ = true;
  }

  void end_by(std::string error) {
    error_ = std::move(error);
    stopped_ = true;
  }

  // In a worker. Nothing, if the search was cut short meanwhile.
  std::optional<Result> finish(const Node& node, std::size_t number, Judge& judge) const {
    std::optional<Result> result;
    try {
      result = examine(node, number, judge);
    } catch (const Error& error) {
      if (bounds_.is_cut_short()) return std::nullopt;
      const bool is_alone = number == 0 && node.picks.empty();  // nothing is known yet
      if (is_alone || error.kind() != ErrorKind::kInternal) throw;
      result.emplace().error = error.what();
    }
    if (bounds_.is_cut_short()) return std::nullopt;
    return result;
  }

  // In a worker. What lower levels have shown does not change meanwhile.
  Result examine(const Node& node, std::size_t number, Judge& judge) const {
    const FaultPlan plan = plan_of(node.picks, saga_);
    Result result = once(plan, judge);
    explain(node, result);
    const bool sampled = options_.recheck_every != 0 && (number + 1) % options_.recheck_every == 0;
    const bool first = node.picks.empty();
    if (result.unexplained.empty() && !sampled && !first && result.fired) return result;
    const bool is_news = !bounds_.are_confirmed(result.unexplained) || !result.fired;
    if (!is_news && !first && !bounds_.may_run_again()) return result;
    if (!first && bounds_.is_over()) return result;
    for (int i = 0; i < repetitions(result); ++i) {  // more, once another worker has seen runs differ
      if (i > 0 && !bounds_.may_run_again()) break;
      Result again = once(plan, judge, SearchBounds::Run::kAgain);
      if (unlike(result, again, experiment_).empty()) continue;
      Result settled = settle(plan, std::move(result), std::move(again), judge);
      explain(node, settled);
      return settled;
    }
    bounds_.note_confirmed(result.unexplained);
    return result;
  }

  void explain(const Node& node, Result& result) const {
    result.caused = with_causes(result);
    result.unexplained = shown_.unexplained(node.picks, result.caused);
  }

  static std::vector<CausedViolation> with_causes(const Result& result) {
    std::vector<CausedViolation> caused;
    for (std::size_t i = 0; i < result.violations.size(); ++i)
      caused.push_back({result.violations[i], result.causes[i]});
    return caused;
  }

  // How often a schedule is run again. A subject that draws at random may show the same a few times in a row.
  [[nodiscard]] int repetitions(const Result& result) const {
    if (result.unexplained.empty() || gave_up(result.run)) return 1;
    return is_nondeterministic_ ? kOfNondeterministic : kOfSteady;
  }

  // Two runs were not alike. A machine that stood still for a while makes one run odd, and those after it
  // agree; a random draw goes on differing.
  Result settle(const FaultPlan& plan, Result odd, Result next, Judge& judge) const {
    constexpr int kAgree = 4;
    std::vector<Result> more;
    const auto enough = [&] {
      return is_nondeterministic_ || !next.violations.empty() ? kOfNondeterministic : kAgree;
    };
    while (static_cast<int>(more.size()) < enough() && (more.empty() || bounds_.may_run_again())) {
      more.push_back(once(plan, judge, SearchBounds::Run::kAgain));
      if (!unlike(next, more.back(), experiment_).empty()) break;
    }
    if (unlike(next, more.back(), experiment_).empty()) return next;
    is_nondeterministic_ = true;
    odd.difference = unlike(odd, next, experiment_);
    keep_common(odd, next);
    for (const Result& result : more) keep_common(odd, result);
    for (int i = 0; i < kOfNondeterministic && !odd.violations.empty() && bounds_.may_run_again(); ++i)
      keep_common(odd, once(plan, judge, SearchBounds::Run::kAgain));
    odd.fired = odd.fired || next.fired;
    return odd;
  }

  Result once(const FaultPlan& plan, Judge& judge,
              SearchBounds::Run which = SearchBounds::Run::kFirst) const {
    Result result;
    const os::Moment began = os::Clock::now();
    result.run = run_(plan);
    bounds_.note(which, os::Clock::now() - began);
    const View view(result.run);
    result.judgement = judge.judge(view.observation());
    result.key_changed = judge.saw_key_change();
    result.fired = result.run.unfired.empty();
    for (std::size_t i = 0; i < result.judgement.size(); ++i) {
      if (result.judgement[i] == VerdictStatus::kViolated)
        result.violations.push_back({static_cast<Rule>(i), judge.culprit(i)});
    }
    if (result.violations.empty()) return result;
    const std::vector<Verdict> verdicts = judge.explain(view.observation());
    for (const Violation& violation : result.violations) {
      result.causes.push_back(cause_of(view.observation(), violation.step));
      result.explanations.push_back(
          with_time(verdicts[static_cast<std::size_t>(violation.rule)].explanation, result.run));
    }
    return result;
  }

  void count(std::size_t at, const Node& node, Result& result) {
    const Picks& picks = node.picks;
    if (options_.classes) classed_.note(at, result);
    if (!result.fired && !node.certain) return next_.add(at, node, {});  // the two cannot both strike
    if (!result.fired && result.difference.empty())
      result.difference = "a fault struck nothing though its place had been reached before";
    if (!result.difference.empty()) nondeterministic_.push_back({plan_of(picks, saga_), result.difference});
    if (!result.fired) return next_.add(at, node, {});
    const View view(result.run);
    const Counted counted = without_known(known_, result.judgement, result.caused);
    const bool is_blamed = std::ranges::any_of(result.unexplained, [&](const Violation& each) {
      return std::ranges::find(counted.violations, each) != counted.violations.end();
    });
    tally_.count(picks, view.observation(), result.judgement, result.caused, is_blamed);
    if (result.key_changed) tally_.count_key_change();
    timed_ += result.run.rests_on_time ? 1 : 0;
    if (!result.violations.empty()) fresh_.emplace_back(picks, with_causes(result));
    for (std::size_t i = 0; i < result.violations.size(); ++i) show(picks, result, i);
    if (options_.on_schedule) show_schedule(picks, result.run, counted, is_blamed, view.observation());
    if (options_.on_progress && tally_.so_far().schedules % kProgressEvery == 0)
      options_.on_progress(tally_.so_far());
    stopped_ = stopped_ || (options_.stop_at_first_violation && !counted.violations.empty());
    if (static_cast<int>(picks.size()) < options_.max_faults) expand(at, node, result.run);
  }

  // What was found before an output was lost is found.
  void show_to_others(const Schedule& schedule) {
    try {
      options_.on_schedule(schedule);
    } catch (const internal::OutputLost& lost) {
      end_by(lost.what());
    }
  }

  // Whoever looks on cannot have the run again: what it violates comes with it.
  void show_schedule(const Picks& picks, const ObservedRun& observed, const Counted& counted, bool is_blamed,
                     const Observation& seen) {
    const FaultPlan plan = plan_of(picks, saga_);
    std::optional<Run> run;
    if (!counted.violations.empty()) run = judged_run(experiment_, plan, observed);
    show_to_others({.number = tally_.so_far().schedules,
                    .plan = plan,
                    .observation = seen,
                    .judgement = counted.judgement,
                    .invariants = experiment_.invariants,
                    .violations = counted.violations,
                    .blamed = is_blamed,
                    .run = run ? &*run : nullptr});
  }

  void show(const Picks& picks, const Result& result, std::size_t which) {
    const CausedViolation& violation = result.caused[which];
    const bool is_own =
        std::ranges::find(result.unexplained, violation.violation) != result.unexplained.end();
    if (!is_own && examples_.contains(violation)) return;
    if (!tally_.wants_example(violation, picks)) return;
    tally_.set_example(violation, picks, result.explanations[which]);
    examples_.insert_or_assign(violation, Example{result.run, plan_of(picks, saga_)});
  }

  void expand(std::size_t at, const Node& node, const ObservedRun& run) {
    std::vector<OpenQuestion> questions;
    // What never ends has no end of questions either.
    if (!gave_up(run)) questions = open_questions(node.picks, run, saga_);
    next_.add(at, node, std::move(questions));
  }

  /// Fewer faults, as long as the same rule is violated at the same step.
  void shrink(Finding& finding, const CausedViolation& violation, Example& example) {
    Judge judge(experiment_.setup.saga, experiment_.claims, experiment_.switched_off, experiment_.invariants,
                experiment_.setup.expects);
    for (std::size_t i = 0; finding.plan.size() > 1 && i < finding.plan.size() && !bounds_.is_over();) {
      FaultPlan fewer = finding.plan;
      fewer.faults.erase(fewer.faults.begin() + static_cast<std::ptrdiff_t>(i));
      Result result = once(fewer, judge, SearchBounds::Run::kAgain);
      if (bounds_.is_cut_short()) return;
      const std::vector<CausedViolation> caused = with_causes(result);
      const auto found = std::ranges::find(caused, violation);
      if (found == caused.end() || !result.fired) {
        ++i;
        continue;
      }
      finding.explanation = result.explanations[static_cast<std::size_t>(found - caused.begin())];
      finding.plan = fewer;
      example = {std::move(result.run), std::move(fewer)};
    }
  }

  std::pair<const CausedViolation, Example>& example_of(const Finding& finding) {
    const StepId step = finding.step.empty() ? kNoStep : saga_.find_step(finding.step);
    const Violation violation{place_of(finding, experiment_), step};
    return *std::ranges::find_if(examples_, [&](const auto& each) {
      const auto& [shown, cause] = each.first;
      return shown == violation && cause.outcome == finding.outcome && to_string(cause) == finding.cause;
    });
  }

  TargetExploration conclude(int levels_done) {
    TargetExploration result{.exploration = tally_.conclude(levels_done)};
    Exploration& exploration = result.exploration;
    exploration.max_faults = options_.max_faults;
    const bool is_whole = first_level_in_part_ == kNoLevel;
    exploration.exhausted = !stopped_ && is_whole;
    if (!stopped_ && !is_whole) exploration.classes = classed_.count();
    for (LevelCount& level : exploration.levels)
      level.exhausted = level.exhausted && static_cast<std::size_t>(level.faults) < first_level_in_part_;
    exploration.nondeterministic = std::move(nondeterministic_);
    exploration.timed_schedules = timed_;
    std::vector<std::pair<Finding, Run>> found;
    for (Finding& finding : exploration.findings) {
      auto& [violation, example] = example_of(finding);
      try {
        shrink(finding, violation, example);
      } catch (const Error& error) {
        if (!bounds_.is_cut_short()) error_ = error.what();
      }
      finding.rests_on_time = example.run.rests_on_time;
      finding.token = token_of(finding.plan, saga_);
      Run run = judged_run(experiment_, example.plan, example.run);
      found.emplace_back(std::move(finding), std::move(run));
    }
    std::ranges::stable_sort(found, {}, [](const auto& each) { return each.first.plan.size(); });
    exploration.findings.clear();
    for (auto& [finding, run] : found) {
      exploration.findings.push_back(std::move(finding));
      result.examples.push_back(std::move(run));
    }
    const std::vector<std::size_t> known = set_aside_known(experiment_, exploration);
    for (auto place = known.rbegin(); place != known.rend(); ++place)
      result.examples.erase(result.examples.begin() + static_cast<std::ptrdiff_t>(*place));
    exploration.verdict = verdict_of(exploration, owed_, options_);
    if (!error_.empty()) exploration.verdict.error = error_;
    exploration.verdict.notes = notes_on(experiment_, exploration.earned);
    ExploreOptions searched = options_;
    searched.kinds = kinds_in_scope(experiment_, searched.kinds);
    conclude_statuses(experiment_, searched, exploration);
    judge_known(experiment_, searched, exploration);
    return result;
  }

  const Experiment& experiment_;
  const SagaIndex& saga_;
  const RunPlan& run_;
  const ExploreOptions& options_;
  Owed owed_;
  Tally tally_;
  KnownFindings known_;
  NextLevel next_;
  ClassedLevels classed_;
  Shown shown_;                                                        // by lower levels
  std::vector<std::pair<Picks, std::vector<CausedViolation>>> fresh_;  // by this one
  std::map<CausedViolation, Example> examples_;
  std::vector<Nondeterministic> nondeterministic_;
  std::uint64_t timed_ = 0;
  mutable SearchBounds bounds_;                 // workers note what they take of it
  std::size_t first_level_in_part_ = kNoLevel;  // the fewest faults of a plan that was left out
  std::size_t taken_ = 0;                       // results of this level
  std::string error_;
  bool stopped_ = false;
  mutable std::atomic<bool> is_nondeterministic_ = false;  // set by workers
};

void check(const ExploreOptions& options) {
  if (options.max_faults < 0 || options.max_faults > kMostFaults)
    throw Error(ErrorText{.message = fmt::format("max_faults is {}", options.max_faults),
                          .fix = fmt::format("it must be from 0 to {}", kMostFaults)});
  if (options.workers < 1 || options.workers > kMostWorkers)
    throw Error(ErrorText{.message = fmt::format("workers is {}", options.workers),
                          .fix = fmt::format("it must be from 1 to {}", kMostWorkers)});
  const auto refuse = [](std::string_view what) {
    throw Error(
        ErrorText{.message = fmt::format("{} cannot be had of a target in a process of its own", what),
                  .fix = "leave it out"});
  };
  if (options.shard.count > 1) refuse("a shard");
  if (options.swarm) refuse("random search");
  if (!options.resume.empty()) refuse("a search that is taken up again");
  if (!options.tally.empty()) refuse("a tally");
}

}  // namespace
}  // namespace blackbox

TargetExploration explore_runs(const Experiment& experiment, const std::vector<Cell>& cells,
                               const RunPlan& run, const ExploreOptions& options, const SearchStop* stop) {
  blackbox::check(options);
  return blackbox::RealSearch(experiment, cells, run, options, stop).go();
}

}  // namespace saga_harness
