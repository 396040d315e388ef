#include "explorer.hpp"
#include <saga_harness/replay.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/shrink.hpp>
#include <saga_harness_internal/rule_places.hpp>

#include "likely_first.hpp"
#include "plan_runner.hpp"
#include "subject.hpp"

namespace saga_harness {
namespace {

constexpr std::uint64_t kUnknown = 0;  // the fingerprint of what was not run
constexpr std::uint64_t kProgressEvery = 50'000;
constexpr std::size_t kMaxFingerprints = 1U << 20U;
constexpr std::uint64_t kSwarmBatch = 64;  // schedules; a unit of work

/// Counts the questions to which a fault of these kinds would be an answer.
class CountQuestions final : public Choices {
 public:
  explicit CountQuestions(const std::vector<FaultKind>& kinds) : kinds_(kinds) {}
  std::size_t pick(const Point& /*point*/, std::span<const Alternative> legal) override {
    const auto is_asked = [this](Alternative each) {
      return std::ranges::find(kinds_, each.kind) != kinds_.end();
    };
    questions += std::ranges::any_of(legal, is_asked) ? 1 : 0;
    return 0;
  }
  std::uint32_t questions = 0;

 private:
  const std::vector<FaultKind>& kinds_;
};

}  // namespace

Explorer::Explorer(const Experiment& experiment, const ExploreOptions& options, SearchState& state,
                   Share share)
    : experiment_(experiment),
      options_(options),
      state_(state),
      share_(std::move(share)),
      engine_(setup_of(experiment)),
      saga_(engine_.saga()),
      judge_(experiment.setup.saga, judged_claims(experiment), experiment.switched_off, experiment.invariants,
             experiment.setup.expects),
      units_(options.shard, state.frontier.done, share_.claims),
      search_(saga_, options.kinds, options.windows, units_),
      repeat_(engine_),
      blame_(experiment),
      pruning_(saga_),
      known_(experiment),
      resumed_(state.frontier),
      is_taken_up_again_(experiment.can_run_again && !(options.resume.empty() && options.tally.empty())),
      is_whole_(options.shard.count == 1 && share_.claims == nullptr && state.tally.so_far().schedules == 0),
      until_recheck_(options.recheck_every),
      until_progress_(kProgressEvery),
      until_audit_(options.audit_every) {}

void Explorer::run() {
  Frontier& frontier = state_.frontier;
  if (options_.stop_at_first_violation && state_.tally.so_far().violated_schedules > 0) return;
  CountQuestions no_faults(options_.kinds);
  fingerprints_.push_back(fingerprint(engine_.run(no_faults)));
  if (!is_whole_) repeat_.check({});
  frontier.levels_done = 0;
  if (options_.swarm) {
    swarm_.emplace(options_, no_faults.questions);
    frontier.finished = run_swarm();
    return;
  }
  if (begins_with_likely() && find_likely()) return;
  while (frontier.levels_done <= options_.max_faults && explore_level(frontier.levels_done))
    ++frontier.levels_done;
  frontier.finished = frontier.levels_done > options_.max_faults;
}

bool Explorer::at_limit() const {
  return options_.max_schedules != 0 && state_.tally.so_far().schedules >= options_.max_schedules;
}

// Where nothing ends the search at the first violation, what is found does not depend on the order.
bool Explorer::begins_with_likely() const {
  return options_.likely_first && options_.stop_at_first_violation && is_whole_ && options_.max_faults > 0;
}

// True if a violation is found, which ends the search: then these runs are what it has done. Else none of
// them counts, and it is as if they had not been.
bool Explorer::find_likely() {
  const std::uint64_t most =
      options_.max_schedules == 0 ? std::numeric_limits<std::uint64_t>::max() : options_.max_schedules;
  bool is_found = false;
  std::vector<std::uint64_t> seen;
  LikelyFirst tried(saga_, options_, likely_faults());
  const std::uint64_t runs =
      runs_until(engine_, tried, most, [&](const Observation& observation, std::span<const Pick> picks) {
        seen.push_back(fingerprint(observation));
        is_found = shows_unknown(observation, picks);
        return is_found || time_is_up();
      });
  if (!is_found) return false;
  LikelyFirst counted(saga_, options_, likely_faults());
  const auto count_each = [&, number = std::size_t{0}](const Observation& observation,
                                                       std::span<const Pick> picks) mutable {
    if (fingerprint(observation) != seen[number++]) {
      throw not_deterministic(fmt::format("plan \"{}\" came out differently when it was run again",
                                          to_string(plan_of(picks, saga_))));
    }
    static_cast<void>(judge_and_count(observation, picks));
    return false;
  };
  static_cast<void>(runs_until(engine_, counted, runs, count_each));
  state_.frontier.levels_done = runs > 1 ? 1 : 0;
  return true;
}

// Is something violated that is not known?
bool Explorer::shows_unknown(const Observation& observation, std::span<const Pick> picks) {
  const Judgement& judgement = judge_.judge(observation);
  find_violations(observation, judgement);
  if (violations_.empty() || known_.empty()) return !violations_.empty();
  static_cast<void>(blame_.falls_on(picks, violations_));
  caused_.assign(blame_.caused().begin(), blame_.caused().end());
  return !set_aside(judgement, picks) || !rest_.empty();
}

// False if the search is to stop.
bool Explorer::explore_level(int level) {
  search_.start_level(level);
  expected_ = std::exchange(fingerprints_, {});
  repeated_ = 0;
  state_.tally.open_level(level);
  while (search_.next()) {
    const bool is_leaf = search_.is_leaf();
    const bool opens_unit = search_.opens_unit() || level == 0;
    if (opens_unit) {
      close_unit();
      if (time_is_up()) return false;
    }
    if (is_leaf && at_limit()) return false;
    if (const Seen* seen = is_leaf ? run_like_leaf() : nullptr) {
      if (count_pruned(*seen)) return false;
      continue;
    }
    const Observation& observation = engine_.run(search_);
    search_.finish();
    if (is_whole_) check_repeatable(observation, level);
    if (opens_unit) open_unit(observation);
    if (is_leaf && count_leaf(observation, search_.picks())) return false;
  }
  close_unit();
  return true;
}

// False if the search is to stop.
bool Explorer::run_swarm() {
  state_.tally.open_level(options_.max_faults);
  for (Unit batch = 0; batch * kSwarmBatch < options_.swarm->schedules; ++batch) {
    if (!units_.take(batch)) continue;
    if (time_is_up() || !run_batch(batch)) return false;
    close_unit();
  }
  return true;
}

bool Explorer::run_batch(Unit batch) {
  in_unit_ = true;
  unit_ = batch;
  leaves_ = resumed_.unit == batch ? resumed_.leaves : 0;
  const std::uint64_t first = batch * kSwarmBatch;
  const std::uint64_t count = std::min(kSwarmBatch, options_.swarm->schedules - first);
  while (leaves_ < count) {
    if (at_limit()) return false;
    swarm_->start(first + leaves_);
    const Observation& observation = engine_.run(*swarm_);
    if (count_leaf(observation, swarm_->picks())) return false;
  }
  return true;
}

void Explorer::open_unit(const Observation& observation) {
  in_unit_ = true;
  unit_ = search_.unit();
  leaves_ = 0;
  if (search_.is_leaf()) return;
  const bool goes_on = resumed_.leaves > 0 && resumed_.unit == unit_;
  if (goes_on) leaves_ = resumed_.leaves;
  if (!is_whole_) {
    opening_ = fingerprint(observation);
    opening_picks_.assign(search_.picks().begin(), search_.picks().end());
  }
  if (goes_on) search_.skip_leaves(leaves_);
}

// Where the leaves of the level before were run elsewhere, what opens a unit is run a second time here.
void Explorer::close_unit() {
  if (!std::exchange(in_unit_, false)) return;
  if (!is_whole_ && leaves_ > 0 && opening_ != 0) repeat_.check(opening_picks_, std::exchange(opening_, 0));
  state_.frontier.done.insert(unit_);
  state_.frontier.leaves = 0;
  if (share_.pause_every == 0 || since_pause_ < share_.pause_every) return;
  since_pause_ = 0;
  share_.pause();
}

// True if the search is to stop.
bool Explorer::count_leaf(const Observation& observation, std::span<const Pick> picks) {
  if (options_.recheck_every != 0 && --until_recheck_ == 0) {
    until_recheck_ = options_.recheck_every;
    repeat_.check(picks);  // leaves the same observation behind
  }
  return advance_leaves(judge_and_count(observation, picks));
}

bool Explorer::advance_leaves(bool is_violated) {
  ++since_pause_;
  state_.frontier.unit = unit_;
  state_.frontier.leaves = ++leaves_;
  return is_violated && options_.stop_at_first_violation;
}

// The run that tells how the prepared schedule would go; nullptr if that is to be found out.
const Seen* Explorer::run_like_leaf() {
  const std::span<const Pick> picks = search_.picks();
  if (!options_.prune || !pruning_.concerns(picks)) return nullptr;
  if (!pruning_.knows(picks.back())) run_shorter_windows(picks);  // it was another process that counted them
  return pruning_.run_like(picks);
}

void Explorer::run_shorter_windows(std::span<const Pick> picks) {
  std::vector<Pick> shorter(picks.begin(), picks.end());
  Pick& last = shorter.back();
  const std::span<const Alternative> legal = search_.last_legal();
  for (std::uint16_t answer = 1; answer < picks.back().answer; ++answer) {
    if (legal[answer - 1U].kind != picks.back().alternative.kind) continue;
    last.alternative = legal[answer - 1U];
    last.answer = answer;
    if (pruning_.run_like(shorter) != nullptr) continue;
    const Observation& observation = repeat_.run(shorter);
    const Judgement& judgement = judge(observation);  // before its violations are looked at
    pruning_.remember(shorter, observation, judgement, violations_, state_.tally.instants_in(observation));
  }
}

// True if the search is to stop.
bool Explorer::count_pruned(const Seen& seen) {
  const std::span<const Pick> picks = search_.picks();
  if (options_.audit_every != 0 && --until_audit_ == 0) {
    until_audit_ = options_.audit_every;
    audit(picks, seen);
  }
  if (is_whole_) fingerprints_.push_back(kUnknown);
  violations_ = seen.violations;
  state_.tally.count_pruned(seen.instants);
  const bool is_violated = count({.outcome = seen.outcome}, seen.judgement, picks);
  return advance_leaves(is_violated);
}

// What was left out is run after all: was it right to leave it out?
void Explorer::audit(std::span<const Pick> picks, const Seen& seen) {
  std::vector<Pick> known(picks.begin(), picks.end());
  known.back() = pruning_.last_pick_like(picks.back());
  if (judge_.judge(repeat_.expect_alike(known, picks)) == seen.judgement) return;
  throw not_deterministic(fmt::format("plan \"{}\" was to be left out, but is judged otherwise than \"{}\"",
                                      to_string(plan_of(picks, saga_)), to_string(plan_of(known, saga_))));
}

// The schedules of one level are run again, in the same order, as the inner nodes of the next.
void Explorer::check_repeatable(const Observation& observation, int level) {
  const bool is_first = level < options_.max_faults && search_.is_leaf();
  const bool is_second = search_.opens_unit() || level == 0;
  if (is_second && repeated_ < expected_.size()) {
    const std::uint64_t expected = expected_[repeated_++];
    if (expected != kUnknown && fingerprint(observation) != expected) {
      const std::vector<Pick> picks(search_.picks().begin(), search_.picks().end());
      repeat_.check(picks);  // may name the event
      repeat_.check(picks, expected);
    }
  }
  if (is_first && fingerprints_.size() < kMaxFingerprints) fingerprints_.push_back(fingerprint(observation));
}

// A finding that does not replay would send its reader on a wild-goose chase.
void Explorer::replay(Rule rule, const std::string& explanation, std::span<const Pick> picks) const {
  const FaultPlan plan = plan_of(picks, saga_);
  const Run run = run_plan(experiment_, plan);
  const Verdict& verdict = run.verdicts[static_cast<std::size_t>(rule)];
  if (run.unfired.empty() && verdict.explanation == explanation) return;
  throw not_deterministic(fmt::format("{} was violated under {}, and is not when that is run again",
                                      text_of(rule, experiment_), to_string(plan)));
}

// Finds the violations, too.
const Judgement& Explorer::judge(const Observation& observation) {
  const Judgement& judgement = judge_.judge(observation);
  if (judge_.saw_key_change()) state_.tally.count_key_change();
  find_violations(observation, judgement);
  return judgement;
}

void Explorer::find_violations(const Observation& observation, const Judgement& judgement) {
  violations_.clear();
  if (std::ranges::find(judgement, VerdictStatus::kViolated) == judgement.end()) return;
  plain_.clear();
  collect_violations(judgement, judge_, plain_);
  for (const Violation& violation : plain_)
    violations_.push_back({violation, cause_of(observation, violation.step)});
}

// True if a rule is violated.
bool Explorer::judge_and_count(const Observation& observation, std::span<const Pick> picks) {
  const Judgement& judgement = judge(observation);
  if (options_.prune)
    pruning_.remember(picks, observation, judgement, violations_, state_.tally.instants_in(observation));
  if (is_taken_up_again_) state_.tally.draw(picks, observation, judgement);
  return count(observation, judgement, picks);
}

// The same of a schedule with its violations found.
bool Explorer::count(const Observation& observation, const Judgement& judgement,
                     std::span<const Pick> picks) {
  caused_.clear();
  const bool shows = !violations_.empty();
  bool is_blamed = shows && blame_.falls_on(picks, violations_);
  if (shows) caused_.assign(blame_.caused().begin(), blame_.caused().end());
  const bool is_partly_known = shows && !known_.empty() && set_aside(judgement, picks);
  if (is_partly_known) is_blamed = !rest_.empty() && blame_.falls_on(picks, rest_);
  state_.tally.count(picks, observation, judgement, caused_, is_blamed);
  for (const CausedViolation& violation : caused_) show(violation, observation, picks);
  const Exploration& so_far = state_.tally.so_far();
  if (options_.on_schedule) {
    std::span<const Violation> violations;
    if (shows) violations = is_partly_known ? counted_.violations : plain_;
    options_.on_schedule({so_far.schedules, plan_of(picks, saga_), observation,
                          is_partly_known ? counted_.judgement : judgement, experiment_.invariants,
                          violations, is_blamed});
  }
  if (options_.on_progress && --until_progress_ == 0) {
    until_progress_ = kProgressEvery;
    options_.on_progress(so_far);
  }
  return is_partly_known ? !rest_.empty() : shows;
}

// True if some of the violations are known: what counts is in counted_ then, and in rest_ as the whole run
// tells it.
bool Explorer::set_aside(const Judgement& judgement, std::span<const Pick> picks) {
  for (CausedViolation& each : caused_) {
    // A random plan has more faults than it needs, and may end otherwise than the finding that it shows.
    if (options_.swarm && known_.concerns(each.violation))
      each.cause.outcome =
          shrink(experiment_, plan_of(picks, saga_), each.violation.rule, options_.kinds).outcome;
  }
  rest_.clear();
  for (std::size_t i = 0; i < caused_.size(); ++i) {
    if (!known_.contains(caused_[i])) rest_.push_back(violations_[i]);
  }
  if (rest_.size() == caused_.size()) return false;
  counted_ = without_known(known_, judgement, caused_);
  return true;
}

void Explorer::show(const CausedViolation& violation, const Observation& observation,
                    std::span<const Pick> picks) {
  if (!state_.tally.wants_example(violation, picks)) return;
  const Rule rule = violation.violation.rule;
  std::string explanation = judge_.explain(observation)[static_cast<std::size_t>(rule)].explanation;
  replay(rule, explanation, picks);
  state_.tally.set_example(violation, picks, std::move(explanation));
}

}  // namespace saga_harness
