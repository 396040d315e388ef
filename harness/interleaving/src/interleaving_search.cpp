// Every order of turns under every plan of faults: depth first, by running again from the start with another
// last answer.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness_internal/deadline.hpp>
#include <saga_harness_internal/random_numbers.hpp>

#include "concurrent_judge.hpp"
#include "concurrent_known.hpp"
#include "interleaving_scheduler.hpp"
#include "interleaving_verdict.hpp"
#include "turn_order.hpp"

namespace saga_harness {
namespace {

/// A question of a run and its answers: places of turns, or numbers of alternatives (0: no fault).
struct Question {
  bool is_turn = false;
  std::uint16_t saga = 0;  // of a fault
  Point point = {};
  std::vector<std::uint16_t> answers = {};
  std::size_t chosen = 0;
};

/// What kinds a saga may be struck by. A lock that is to be taken later protects nothing, and no
/// countermeasure can help it: that strikes only if asked for.
std::vector<std::vector<FaultKind>> kinds_of(const ConcurrentExperiment& experiment,
                                             const InterleavingOptions& options) {
  std::vector<std::vector<FaultKind>> kinds;
  for (const Experiment& saga : experiment.sagas) {
    kinds.push_back(kinds_in_scope(saga, options.kinds));
    if (options.kinds.empty())
      std::erase_if(kinds.back(), [](FaultKind kind) { return fate_of(kind).promises(); });
  }
  return kinds;
}

/// What is common to every way of choosing: which answers there are, and what was done.
class Chooser : public ConcurrentChoices {
 public:
  Chooser(const ConcurrentExperiment& experiment, const InterleavingOptions& options)
      : kinds_(kinds_of(experiment, options)), windows_(options.windows), max_faults_(options.max_faults) {}

  void begin() {
    faults_ = 0;
    turns_.clear();
    struck_.clear();
    order_.begin();
  }
  [[nodiscard]] int faults() const noexcept { return faults_; }
  [[nodiscard]] const std::vector<std::uint8_t>& turns() const noexcept { return turns_; }

  [[nodiscard]] ConcurrentPlan plan(const InterleavingScheduler& scheduler) const {
    ConcurrentPlan plan{.turns = turns_};
    plan.faults.resize(scheduler.saga_count());
    for (const auto& [saga, point, alternative] : struck_)
      plan.faults[saga].faults.push_back(fault_at(point, alternative, scheduler.engine(saga).saga()));
    return plan;
  }

 protected:
  void collect(std::size_t saga, std::span<const Alternative> legal,
               std::vector<std::uint16_t>& answers) const {
    answers.assign(1, 0);
    for (std::size_t i = 0; i < legal.size(); ++i) {
      const bool fits = std::ranges::find(kinds_[saga], legal[i].kind) != kinds_[saga].end();
      if (fits && (windows_ || legal[i].window == FaultDuration::kOnce))
        answers.push_back(static_cast<std::uint16_t>(i + 1));
    }
  }
  std::size_t takes(std::span<const Waiting> waiting, std::size_t place) {
    order_.took(waiting[place]);
    turns_.push_back(static_cast<std::uint8_t>(waiting[place].saga));
    return place;
  }
  std::size_t strikes(std::size_t saga, const Point& point, std::span<const Alternative> legal,
                      std::uint16_t answer) {
    if (answer == 0) return 0;
    ++faults_;
    struck_.push_back({saga, point, legal[answer - 1U]});
    return answer;
  }

  TurnOrder order_;
  std::vector<std::vector<FaultKind>> kinds_;
  bool windows_;
  int max_faults_;
  int faults_ = 0;

 private:
  struct Struck {
    std::size_t saga;
    Point point;
    Alternative alternative;
  };
  std::vector<std::uint8_t> turns_;
  std::vector<Struck> struck_;
};

class Tree final : public Chooser {
 public:
  using Chooser::Chooser;

  void begin_run() {
    begin();
    position_ = 0;
    repeats_ = false;
  }
  /// The run is another in another order: it is not to be counted.
  [[nodiscard]] bool repeats() const noexcept { return repeats_; }

  std::size_t turn(std::span<const Waiting> waiting) override {
    if (repeats_) return 0;
    if (waiting.size() == 1) {  // nothing to decide, but it may still be out of order
      order_.allowed(waiting, places_);
      repeats_ = places_.empty();
      return takes(waiting, 0);
    }
    if (position_ == path_.size()) {
      order_.allowed(waiting, places_);
      if (places_.empty()) {
        repeats_ = true;
        return 0;
      }
      Question& asked = path_.emplace_back(Question{.is_turn = true});
      asked.answers.assign(places_.begin(), places_.end());
    }
    const Question& question = next(true);
    const std::uint16_t place = question.answers[question.chosen];
    if (place >= waiting.size()) throw not_deterministic();
    return takes(waiting, place);
  }

  std::size_t fault(std::size_t saga, const Point& point, std::span<const Alternative> legal) override {
    if (repeats_ || faults_ >= max_faults_) return 0;
    if (position_ == path_.size()) {
      Question& asked =
          path_.emplace_back(Question{.saga = static_cast<std::uint16_t>(saga), .point = point});
      collect(saga, legal, asked.answers);
    }
    const Question& question = next(false);
    if (question.saga != saga || question.point != point) throw not_deterministic();
    return strikes(saga, point, legal, question.answers[question.chosen]);
  }

  /// On to the next run; false if there is none.
  bool advance() {
    path_.resize(position_);  // a run that was left early has not come to the rest
    while (!path_.empty() && path_.back().chosen + 1 == path_.back().answers.size()) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().chosen;
    return true;
  }

 private:
  const Question& next(bool is_turn) {
    const Question& question = path_[position_++];
    if (question.is_turn != is_turn) throw not_deterministic();
    return question;
  }
  static Error not_deterministic() {
    return Error(ErrorText{.message = "the same choices led to other questions: a coordinator or a "
                                      "participant is not deterministic"},
                 ErrorKind::kInternal);
  }

  std::vector<Question> path_;
  std::size_t position_ = 0;
  bool repeats_ = false;
  std::vector<std::uint8_t> places_;
};

/// At random: how many faults, where about, whose turn.
class Dice final : public Chooser {
 public:
  Dice(const ConcurrentExperiment& experiment, const InterleavingOptions& options, std::string_view seed)
      : Chooser(experiment, options), numbers_(hash_of(seed)) {}

  void begin_run() {
    begin();
    wanted_ = static_cast<int>(numbers_.below(static_cast<std::uint32_t>(max_faults_) + 1));
    // One in 8 to one in 1024 questions, drawn anew for each run: some runs are struck early, some late.
    one_in_ = 8U << numbers_.below(8);
    stays_ = numbers_.below(4);
  }
  std::size_t turn(std::span<const Waiting> waiting) override {
    // Runs differ in how often they change from one saga to another, too.
    if (!turns().empty() && numbers_.below(4) < stays_) {
      const auto same = std::ranges::find(waiting, std::size_t{turns().back()}, &Waiting::saga);
      if (same != waiting.end()) return takes(waiting, static_cast<std::size_t>(same - waiting.begin()));
    }
    return takes(waiting, numbers_.below(static_cast<std::uint32_t>(waiting.size())));
  }
  std::size_t fault(std::size_t saga, const Point& point, std::span<const Alternative> legal) override {
    if (faults_ >= wanted_ || numbers_.below(one_in_) != 0) return 0;
    collect(saga, legal, answers_);
    if (answers_.size() == 1) return 0;
    const std::uint32_t drawn = 1 + numbers_.below(static_cast<std::uint32_t>(answers_.size() - 1));
    return strikes(saga, point, legal, answers_[drawn]);
  }

 private:
  RandomNumbers numbers_;
  int wanted_ = 0;
  std::uint32_t one_in_ = 8;
  std::uint32_t stays_ = 0;
  std::vector<std::uint16_t> answers_;
};

std::size_t changes(const std::vector<std::uint8_t>& turns) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < turns.size(); ++i) count += turns[i] != turns[i - 1] ? 1 : 0;
  return count;
}

/// Counts what was run and keeps the plainest plan for each thing that was found.
class Findings {
 public:
  Findings(const ConcurrentExperiment& experiment, const InterleavingOptions& options, bool is_sample)
      : experiment_(experiment),
        options_(options),
        is_sample_(is_sample),
        judge_(experiment),
        ledger_(experiment, options, is_sample),
        deadline_(options.max_time),
        known_(experiment) {
    result_.levels.resize(static_cast<std::size_t>(options.max_faults) + 1);
    for (std::size_t i = 0; i < result_.levels.size(); ++i) result_.levels[i].faults = static_cast<int>(i);
  }

  void count(const InterleavingScheduler& scheduler, const Chooser& chooser) {
    ++result_.schedules;
    ++result_.levels[static_cast<std::size_t>(chooser.faults())].schedules;
    for (std::size_t saga = 0; saga < scheduler.saga_count(); ++saga)
      ++result_.outcomes[static_cast<std::size_t>(scheduler.engine(saga).observation().outcome)];
    std::vector<ConcurrentViolation> violations = judge_.judge(scheduler, false);
    ledger_.count(scheduler, judge_, chooser.faults(), result_);
    note_markers(scheduler);
    if (violations.empty()) return;
    if (!known_.empty()) known_.set_aside(violations, outcomes_of(scheduler), chooser.plan(scheduler));
    if (violations.empty()) return;
    ++result_.violated_schedules;
    const std::pair cost{chooser.faults(), changes(chooser.turns())};
    for (const ConcurrentViolation& violation : violations) {
      const auto [entry, is_new] = best_.try_emplace(violation.rule);
      Best& best = entry->second;
      ++best.schedules;
      if (!is_new && best.cost <= cost) continue;
      best.cost = cost;
      best.violation = violation;
      best.plan = chooser.plan(scheduler);
    }
  }

  [[nodiscard]] bool has_some() const noexcept { return result_.violated_schedules > 0; }
  [[nodiscard]] bool is_late() const { return deadline_.passed(); }

  /// `error`: why the search had to end before it was over, if it had.
  Interleavings finish(bool exhausted, std::uint64_t repeated, std::string error = {}) {
    result_.exhausted = exhausted;
    result_.repeated = repeated;
    result_.markers.assign(markers_.begin(), markers_.end());
    for (LevelCount& level : result_.levels) level.exhausted = exhausted;
    for (auto& [rule, best] : best_) {
      try {
        const ConcurrentPlan plan = plainer(best.plan, rule);
        result_.findings.push_back({explained(best.violation, plan), plan, best.schedules});
      } catch (const Error& cause) {
        if (cause.kind() != ErrorKind::kInternal) throw;
        if (error.empty()) error = cause.what();
        result_.findings.push_back({best.violation, best.plan, best.schedules});
      }
    }
    std::ranges::stable_sort(result_.findings, {}, [this](const ConcurrentFinding& finding) {
      return best_.at(finding.violation.rule).cost.first;
    });
    result_.verdict = ledger_.verdict_of(result_, std::move(error));
    known_.conclude(options_, kinds_of(experiment_, options_), is_sample_, result_);
    return std::move(result_);
  }

 private:
  struct Best {
    ConcurrentViolation violation = {};
    ConcurrentPlan plan = {};
    std::pair<int, std::size_t> cost = {};
    std::uint64_t schedules = 0;
  };

  void note_markers(const InterleavingScheduler& scheduler) {
    for (std::size_t saga = 0; saga < scheduler.saga_count(); ++saga) {
      const Observation observation = scheduler.engine(saga).observation();
      for (const Event& event : observation.events) {
        if (event.type == EventType::kMarked) markers_.insert(std::string(observation.texts[event.text]));
      }
    }
  }

  [[nodiscard]] static std::vector<Outcome> outcomes_of(const InterleavingScheduler& scheduler) {
    std::vector<Outcome> outcomes;
    for (std::size_t saga = 0; saga < scheduler.saga_count(); ++saga)
      outcomes.push_back(scheduler.engine(saga).observation().outcome);
    return outcomes;
  }

  /// What a run violates of the rule, but for what is known.
  [[nodiscard]] std::vector<ConcurrentViolation>::const_iterator find(const ConcurrentRun& run,
                                                                      const std::string& rule) const {
    return std::ranges::find_if(run.violations, [&](const ConcurrentViolation& each) {
      return each.rule == rule && !known_.contains(each, run.sagas[each.saga].outcome);
    });
  }
  [[nodiscard]] bool shows(const ConcurrentRun& run, const std::string& rule) const {
    return run.unfired.empty() && find(run, rule) != run.violations.end();
  }

  // Fewer changes from one saga to another, then fewer turns said at all: what a person can follow, as far as
  // there is time.
  [[nodiscard]] ConcurrentPlan plainer(ConcurrentPlan plan, const std::string& rule) const {
    for (std::size_t at = 1; at < plan.turns.size() && !is_late(); ++at) {
      if (plan.turns[at] == plan.turns[at - 1]) continue;
      ConcurrentPlan candidate = plan;
      candidate.turns[at] = plan.turns[at - 1];
      const ConcurrentRun run = run_concurrently(experiment_, candidate);
      if (!shows(run, rule) || changes(run.plan.turns) >= changes(plan.turns)) continue;
      plan = run.plan;
      at = 0;
    }
    while (!plan.turns.empty() && !is_late()) {
      ConcurrentPlan candidate = plan;
      candidate.turns.pop_back();
      if (!shows(run_concurrently(experiment_, candidate), rule)) break;
      plan = candidate;
    }
    return plan;
  }

  [[nodiscard]] ConcurrentViolation explained(const ConcurrentViolation& violation,
                                              const ConcurrentPlan& plan) const {
    const ConcurrentRun run = run_concurrently(experiment_, plan);
    const auto each = find(run, violation.rule);
    if (each != run.violations.end()) return *each;
    throw Error(
        ErrorText{.message =
                      "a finding cannot be shown again: a coordinator or a participant is not deterministic"},
        ErrorKind::kInternal);
  }

  const ConcurrentExperiment& experiment_;
  const InterleavingOptions& options_;
  bool is_sample_;
  ConcurrentJudge judge_;
  InterleavingLedger ledger_;
  Deadline deadline_;
  ConcurrentKnownFindings known_;
  std::set<std::string> markers_;
  Interleavings result_;
  std::map<std::string, Best> best_;
};

constexpr int kMostFaults = 1000;

void check(const InterleavingOptions& options) {
  if (options.max_faults < 0 || options.max_faults > kMostFaults)
    throw Error(ErrorText{.message = fmt::format("InterleavingOptions::max_faults is {}", options.max_faults),
                          .fix = fmt::format("give 0 to {}", kMostFaults)});
}

/// Runs once; what a subject that is not deterministic brings about is not thrown, so that what was found
/// before is not lost.
std::string error_of(InterleavingScheduler& scheduler, ConcurrentChoices& choices) {
  try {
    scheduler.run(choices);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kInternal) throw;
    return error.what();
  }
  return {};
}

}  // namespace

Interleavings explore_interleavings(const ConcurrentExperiment& experiment,
                                    const InterleavingOptions& options) {
  check(options);
  InterleavingScheduler scheduler(experiment);
  Tree tree(experiment, options);
  Findings findings(experiment, options, false);
  std::uint64_t runs = 0;
  std::uint64_t repeated = 0;
  bool more = true;
  while (more && !findings.is_late() &&
         (options.max_schedules == 0 || runs - repeated < options.max_schedules)) {
    tree.begin_run();
    if (std::string error = error_of(scheduler, tree); !error.empty())
      return findings.finish(false, repeated, std::move(error));
    ++runs;
    if (tree.repeats()) {
      ++repeated;
    } else {
      findings.count(scheduler, tree);
    }
    more = tree.advance();
    if (options.stop_at_first_violation && findings.has_some()) break;
  }
  return findings.finish(!more, repeated);
}

Interleavings sample_interleavings(const ConcurrentExperiment& experiment, const InterleavingOptions& options,
                                   std::string_view seed, std::uint64_t schedules) {
  check(options);
  InterleavingScheduler scheduler(experiment);
  Dice dice(experiment, options, seed);
  Findings findings(experiment, options, true);
  for (std::uint64_t i = 0; i < schedules && !findings.is_late(); ++i) {
    dice.begin_run();
    if (std::string error = error_of(scheduler, dice); !error.empty())
      return findings.finish(false, 0, std::move(error));
    findings.count(scheduler, dice);
    if (options.stop_at_first_violation && findings.has_some()) break;
  }
  return findings.finish(false, 0);
}

}  // namespace saga_harness
