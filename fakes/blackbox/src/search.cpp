#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/judge.hpp>
#include <saga_harness_internal/picks.hpp>
#include <saga_harness_internal/rule_places.hpp>
#include <saga_harness_internal/tally.hpp>

#include <saga_harness_internal/real_time.hpp>
#include "in_order.hpp"
#include "observed.hpp"
#include "plan_set.hpp"

namespace saga_harness {
namespace blackbox {
namespace {

constexpr int kMostWorkers = 256;
constexpr int kMostFaults = 16;
constexpr std::uint64_t kProgressEvery = 100;
constexpr int kOfSteady = 4;  // times that what shows a violation is run again
constexpr int kOfNondeterministic = 11;

using Picks = std::vector<Pick>;

/// A plan to be run. `certain`: its parent met every point of it, so that it can be expected to strike.
struct Node {
  Picks picks;
  bool certain = true;
};

/// What came of a plan that was run once or several times.
struct Result {
  ObservedRun run;
  Judgement judgement;
  std::vector<Violation> violations;      // those that every run showed
  std::vector<Violation> unexplained;     // … and no smaller plan does
  std::vector<std::string> explanations;  // of the violations
  std::string difference;
  bool fired = true;
  bool key_changed = false;
};

/// A run that shows a violation.
struct Example {
  ObservedRun run;
  FaultPlan plan;
};

class RealSearch {
 public:
  RealSearch(const Experiment& experiment, const std::vector<Cell>& cells, const RunPlan& run,
             const ExploreOptions& options)
      : experiment_(experiment),
        saga_(*experiment.setup.saga),
        run_(run),
        options_(options),
        owed_(owed_by(experiment, options)),
        tally_(experiment, cells),
        tried_(kFaultKindCount) {
    for (const Cell& cell : cells) tried_[static_cast<std::size_t>(cell.kind)] = true;
    if (options.max_time > Duration::zero()) deadline_ = os::Clock::now() + options.max_time;
  }

  TargetExploration go() {
    std::vector<Node> level{Node{}};
    planned_.insert(PlanKey{});
    int done = 0;
    for (; done <= options_.max_faults && !stopped_; ++done) {
      tally_.open_level(done);
      next_.clear();
      run_level(level);
      if (stopped_) break;
      level = std::move(next_);
      for (auto& [picks, violations] : fresh_) shown_.note(picks, std::move(violations));
      fresh_.clear();
    }
    return conclude(done);
  }

 private:
  void run_level(const std::vector<Node>& level) {
    const auto worker = [&] {
      const auto judge =
          std::make_shared<Judge>(experiment_.setup.saga, experiment_.claims, experiment_.switched_off,
                                  experiment_.invariants, experiment_.setup.expects);
      return [&, judge](std::size_t at) { return examine(level[at], at, *judge); };
    };
    in_order<Result>(level.size(), options_.workers, worker, [&](std::size_t at, Result result) {
      if (is_over()) stopped_ = true;
      if (!stopped_) count(level[at], result);
      return !stopped_;
    });
  }

  [[nodiscard]] bool is_over() const {
    const bool enough = options_.max_schedules != 0 && tally_.so_far().schedules >= options_.max_schedules;
    return enough || (deadline_ && os::Clock::now() >= *deadline_);
  }

  // In a worker. What lower levels have shown does not change meanwhile.
  Result examine(const Node& node, std::size_t number, Judge& judge) const {
    const FaultPlan plan = plan_of(node.picks, saga_);
    Result result = once(plan, judge);
    result.unexplained = shown_.unexplained(node.picks, result.violations);
    const bool sampled = options_.recheck_every != 0 && (number + 1) % options_.recheck_every == 0;
    const bool first = node.picks.empty();
    if (result.unexplained.empty() && !sampled && !first && result.fired) return result;
    for (int i = 0; i < repetitions(result); ++i) {  // more, once another worker has seen runs differ
      Result again = once(plan, judge);
      if (unlike(result, again).empty()) continue;
      Result settled = settle(plan, std::move(result), std::move(again), judge);
      settled.unexplained = shown_.unexplained(node.picks, settled.violations);
      return settled;
    }
    return result;
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
    while (static_cast<int>(more.size()) < enough()) {
      more.push_back(once(plan, judge));
      if (!unlike(next, more.back()).empty()) break;
    }
    if (unlike(next, more.back()).empty()) return next;
    is_nondeterministic_ = true;
    odd.difference = unlike(odd, next);
    keep_common(odd, next);
    for (const Result& result : more) keep_common(odd, result);
    for (int i = 0; i < kOfNondeterministic && !odd.violations.empty(); ++i)
      keep_common(odd, once(plan, judge));
    odd.fired = odd.fired || next.fired;
    return odd;
  }

  [[nodiscard]] std::string unlike(const Result& first, const Result& second) const {
    if (first.fired != second.fired) return "a fault struck only sometimes";
    std::string what;
    for (const auto& [one, other] : {std::pair(&first, &second), std::pair(&second, &first)}) {
      for (const Violation& violation : one->violations) {
        if (std::ranges::find(other->violations, violation) != other->violations.end()) continue;
        const bool has_step = violation.step < saga_.step_count();
        what += fmt::format("it violated {}{} only sometimes; ", text_of(violation.rule, experiment_),
                            has_step ? " at " + saga_.step(violation.step).name : std::string());
      }
    }
    what += difference(first.run, second.run, saga_);
    if (what.ends_with("; ")) what.resize(what.size() - 2);
    return what;
  }

  // What is violated only sometimes is not known to be violated.
  static void keep_common(Result& result, const Result& again) {
    for (std::size_t i = result.violations.size(); i-- > 0;) {
      const Violation violation = result.violations[i];
      if (std::ranges::find(again.violations, violation) != again.violations.end()) continue;
      result.judgement[static_cast<std::size_t>(violation.rule)] = VerdictStatus::kUnknown;
      result.violations.erase(result.violations.begin() + static_cast<std::ptrdiff_t>(i));
      result.explanations.erase(result.explanations.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  Result once(const FaultPlan& plan, Judge& judge) const {
    Result result;
    result.run = run_(plan);
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
      result.explanations.push_back(
          with_time(verdicts[static_cast<std::size_t>(violation.rule)].explanation, result.run));
    }
    return result;
  }

  void count(const Node& node, Result& result) {
    const Picks& picks = node.picks;
    if (!result.fired && !node.certain) return;  // the two cannot both strike
    if (!result.fired && result.difference.empty())
      result.difference = "a fault struck nothing though its place had been reached before";
    if (!result.difference.empty()) nondeterministic_.push_back({plan_of(picks, saga_), result.difference});
    if (!result.fired) return;
    const View view(result.run);
    tally_.count(picks, view.observation(), result.judgement, result.violations, !result.unexplained.empty());
    if (result.key_changed) tally_.count_key_change();
    timed_ += result.run.rests_on_time ? 1 : 0;
    if (!result.violations.empty()) fresh_.emplace_back(picks, result.violations);
    for (std::size_t i = 0; i < result.violations.size(); ++i) show(picks, result, i);
    if (options_.on_schedule) show_schedule(picks, result, view.observation());
    if (options_.on_progress && tally_.so_far().schedules % kProgressEvery == 0)
      options_.on_progress(tally_.so_far());
    stopped_ = options_.stop_at_first_violation && !result.violations.empty();
    if (static_cast<int>(picks.size()) < options_.max_faults || picks.empty()) expand(picks, result.run);
  }

  // Whoever looks on cannot have the run again: what it violates comes with it.
  void show_schedule(const Picks& picks, const Result& result, const Observation& seen) const {
    const FaultPlan plan = plan_of(picks, saga_);
    std::optional<Run> run;
    if (!result.violations.empty()) run = judged_run(experiment_, plan, result.run);
    options_.on_schedule({.number = tally_.so_far().schedules,
                          .plan = plan,
                          .observation = seen,
                          .judgement = result.judgement,
                          .invariants = experiment_.invariants,
                          .violations = result.violations,
                          .blamed = !result.unexplained.empty(),
                          .run = run ? &*run : nullptr});
  }

  void show(const Picks& picks, const Result& result, std::size_t which) {
    const Violation& violation = result.violations[which];
    const bool is_own = std::ranges::find(result.unexplained, violation) != result.unexplained.end();
    if (!is_own && examples_.contains(violation)) return;
    if (!tally_.wants_example(violation, picks)) return;
    tally_.set_example(violation, picks, result.explanations[which]);
    examples_.insert_or_assign(violation, Example{result.run, plan_of(picks, saga_)});
  }

  // Every question that comes after the last fault, or may.
  void expand(const Picks& picks, const ObservedRun& run) {
    std::vector<Branch> branches;
    std::vector<bool> certain;
    if (gave_up(run)) return;  // what never ends has no end of questions either
    std::size_t after = 0;
    StepId last = kNoStep;
    for (std::size_t i = 0; i < run.questions.size(); ++i) {
      const auto is_here = [&](const Pick& pick) { return pick.point == run.questions[i].point; };
      if (std::ranges::none_of(picks, is_here)) continue;
      after = i + 1;
      last = run.questions[i].point.step;
    }
    for (std::size_t i = 0; i < run.questions.size(); ++i) {
      const ObservedQuestion& question = run.questions[i];
      const bool follows = i >= after;
      if (!follows && !are_unordered(question.point.step, last)) continue;
      if (std::ranges::any_of(picks, [&](const Pick& pick) { return covers(pick, question.point); }))
        continue;
      branches.push_back({place_in_order(question.point, saga_), question.point, question.legal});
      certain.push_back(follows);
    }
    tally_.count_reached(branches);
    if (static_cast<int>(picks.size()) >= options_.max_faults) return;
    for (std::size_t i = 0; i < branches.size(); ++i) branch_out(picks, branches[i], certain[i]);
  }

  [[nodiscard]] bool are_unordered(StepId a, StepId b) const {
    return a != b && a < saga_.step_count() && b < saga_.step_count() && !saga_.precedes(a, b) &&
           !saga_.precedes(b, a);
  }

  static bool covers(const Pick& pick, const Point& point) {
    if (pick.point.step != point.step || pick.point.operation != point.operation ||
        pick.point.instant != point.instant)
      return false;
    return pick.point.attempt == point.attempt ||
           (pick.alternative.window != FaultDuration::kOnce && pick.point.attempt < point.attempt);
  }

  void branch_out(const Picks& picks, const Branch& branch, bool certain) {
    for (std::size_t answer = 1; answer <= branch.legal.size(); ++answer) {
      const Alternative& alternative = branch.legal[answer - 1];
      if (!tried_[static_cast<std::size_t>(alternative.kind)]) continue;
      if (!options_.windows && alternative.window != FaultDuration::kOnce) continue;
      Node node{picks, certain};
      node.picks.push_back({branch.position, branch.point, alternative, static_cast<std::uint16_t>(answer)});
      std::ranges::sort(node.picks, {}, &Pick::position);
      if (planned_.insert(key_of(node.picks)).second) next_.push_back(std::move(node));
    }
  }

  /// Fewer faults, as long as the same rule is violated at the same step.
  void shrink(Finding& finding, const Violation& violation, Example& example) {
    Judge judge(experiment_.setup.saga, experiment_.claims, experiment_.switched_off, experiment_.invariants,
                experiment_.setup.expects);
    for (std::size_t i = 0; finding.plan.size() > 1 && i < finding.plan.size();) {
      FaultPlan fewer = finding.plan;
      fewer.faults.erase(fewer.faults.begin() + static_cast<std::ptrdiff_t>(i));
      Result result = once(fewer, judge);
      const auto found = std::ranges::find(result.violations, violation);
      if (found == result.violations.end() || !result.fired) {
        ++i;
        continue;
      }
      finding.explanation = result.explanations[static_cast<std::size_t>(found - result.violations.begin())];
      finding.plan = fewer;
      example = {std::move(result.run), std::move(fewer)};
    }
  }

  TargetExploration conclude(int levels_done) {
    TargetExploration result{.exploration = tally_.conclude(levels_done)};
    Exploration& exploration = result.exploration;
    exploration.max_faults = options_.max_faults;
    exploration.exhausted = !stopped_;
    exploration.nondeterministic = std::move(nondeterministic_);
    exploration.timed_schedules = timed_;
    std::vector<std::pair<Finding, Run>> found;
    for (Finding& finding : exploration.findings) {
      const StepId step = finding.step.empty() ? kNoStep : saga_.find_step(finding.step);
      const Violation violation{place_of(finding, experiment_), step};
      Example& example = examples_.at(violation);
      shrink(finding, violation, example);
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
    exploration.verdict = verdict_of(exploration, owed_, options_);
    exploration.verdict.notes = notes_on(experiment_, exploration.earned);
    return result;
  }

  const Experiment& experiment_;
  const SagaIndex& saga_;
  const RunPlan& run_;
  const ExploreOptions& options_;
  Owed owed_;
  Tally tally_;
  std::vector<bool> tried_;
  std::optional<os::Moment> deadline_ = std::nullopt;
  std::set<PlanKey> planned_;
  std::vector<Node> next_;
  Shown shown_;                                                  // by lower levels
  std::vector<std::pair<Picks, std::vector<Violation>>> fresh_;  // by this one
  std::map<Violation, Example> examples_;
  std::vector<Nondeterministic> nondeterministic_;
  std::uint64_t timed_ = 0;
  bool stopped_ = false;
  mutable std::atomic<bool> is_nondeterministic_ = false;  // set by workers
};

void check(const ExploreOptions& options) {
  if (options.max_faults < 0 || options.max_faults > kMostFaults)
    throw Error(fmt::format("max_faults is {}: it must be from 0 to {}", options.max_faults, kMostFaults));
  if (options.workers < 1 || options.workers > kMostWorkers)
    throw Error(fmt::format("workers is {}: it must be from 1 to {}", options.workers, kMostWorkers));
  const auto refuse = [](std::string_view what) {
    throw Error(fmt::format("{} cannot be had of a target in a process of its own: leave it out", what));
  };
  if (options.shard.count > 1) refuse("a shard");
  if (options.swarm) refuse("random search");
  if (!options.resume.empty()) refuse("a search that is taken up again");
  if (!options.tally.empty()) refuse("a tally");
}

}  // namespace
}  // namespace blackbox

TargetExploration explore_runs(const Experiment& experiment, const std::vector<Cell>& cells,
                               const RunPlan& run, const ExploreOptions& options) {
  blackbox::check(options);
  return blackbox::RealSearch(experiment, cells, run, options).go();
}

}  // namespace saga_harness
