#include <saga_harness/explore.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "coverage.hpp"
#include "exhaustive.hpp"
#include "subject.hpp"

namespace saga_harness {
namespace {

constexpr std::uint64_t kProgressEvery = 50'000;
constexpr std::size_t kMaxFingerprints = 1U << 20U;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
  return hash ^ hash >> 32U;
}

// Of everything that was observed, so that a difference shows; texts keep their numbers within one engine.
std::uint64_t fingerprint(const Observation& observation) {
  std::uint64_t hash = observation.events.size();
  for (const Event& event : observation.events) {
    hash = mixed(hash, static_cast<std::uint64_t>(event.at));
    hash = mixed(hash, std::uint64_t{event.call} << 32U | event.text);
    hash = mixed(hash, std::uint64_t{event.step} << 48U | std::uint64_t{event.attempt} << 32U |
                           static_cast<std::uint64_t>(event.type) << 24U |
                           static_cast<std::uint64_t>(event.operation) << 16U |
                           std::uint64_t{event.detail} << 8U | event.incarnation);
  }
  for (const Quantity& quantity : observation.quantities) {
    hash = mixed(mixed(hash, static_cast<std::uint64_t>(quantity.at_start)),
                 static_cast<std::uint64_t>(quantity.at_end));
  }
  return hash;
}

class Explorer {
 public:
  Explorer(const Experiment& experiment, const ExploreOptions& options)
      : experiment_(experiment),
        options_(options),
        engine_(setup_of(experiment)),
        saga_(engine_.saga()),
        judge_(experiment.setup.saga, experiment.claims, experiment.switched_off, experiment.invariants),
        search_(saga_, kinds_in_scope(experiment, options.kinds), options.windows),
        coverage_(saga_, experiment, options.kinds) {
    result_.max_faults = options.max_faults;
    for (const Invariant& own : experiment.invariants) result_.rules.push_back({.invariant = own.name});
  }

  Exploration explore() {
    NoFaults no_faults;
    fingerprints_.push_back(fingerprint(engine_.run(no_faults)));
    bool go_on = true;
    for (int level = 0; level <= options_.max_faults && go_on; ++level) go_on = explore_level(level);
    result_.exhausted = go_on;
    coverage_.conclude(result_.cells, result_.undeclared);
    std::ranges::sort(result_.markers);
    return std::move(result_);
  }

 private:
  // False if the search is to stop.
  bool explore_level(int level) {
    search_.start_level(level);
    expected_ = std::exchange(fingerprints_, {});
    repeated_ = 0;
    result_.levels.push_back({.faults = level});
    while (search_.next()) {
      if (search_.is_leaf() && options_.max_schedules != 0 && result_.schedules == options_.max_schedules)
        return false;
      const Observation& observation = engine_.run(search_);
      search_.finish();
      check_repeatable(observation, level);
      if (search_.is_leaf()) {
        const bool is_violated = count(observation);
        if (is_violated && options_.stop_at_first_violation) return false;
      } else if (search_.picks().size() + 1 == static_cast<std::size_t>(level)) {
        coverage_.count_reached(search_.branches());
      }
    }
    result_.levels.back().exhausted = true;
    return true;
  }

  // The schedules of one level are run again, in the same order, as the inner nodes of the next.
  void check_repeatable(const Observation& observation, int level) {
    const bool is_first = level < options_.max_faults && search_.is_leaf();
    const bool is_second = search_.picks().size() + 1 == static_cast<std::size_t>(level) || level == 0;
    if (is_second && repeated_ < expected_.size() && fingerprint(observation) != expected_[repeated_++]) {
      throw not_deterministic(
          fmt::format("plan \"{}\" came out differently when it was run again", to_string(plan())));
    }
    if (is_first && fingerprints_.size() < kMaxFingerprints)
      fingerprints_.push_back(fingerprint(observation));
  }

  // A finding that does not replay would send its reader on a wild-goose chase.
  void replay(const Finding& finding, std::size_t place) const {
    const Run run = run_plan(experiment_, finding.plan);
    const Verdict& verdict = run.verdicts[place];
    if (run.unfired.empty() && verdict.explanation == finding.explanation) return;
    throw not_deterministic(fmt::format("{} was violated under {}, and is not when that is run again",
                                        name_of(finding), to_string(finding.plan)));
  }

  // True if a rule is violated.
  bool count(const Observation& observation) {
    ++result_.schedules;
    ++result_.levels.back().schedules;
    ++result_.outcomes[static_cast<std::size_t>(observation.outcome)];
    const Judgement& judgement = judge_.judge(observation);
    bool is_judged = false;
    bool is_violated = false;
    for (std::size_t i = 0; i < judgement.size(); ++i) {
      switch (judgement[i]) {
        case VerdictStatus::kHeld:
          ++result_.rules[i].held;
          is_judged = true;
          break;
        case VerdictStatus::kViolated:
          ++result_.rules[i].violated;
          is_judged = is_violated = true;
          break;
        case VerdictStatus::kUnknown:
          ++result_.rules[i].unknown;
          break;
        case VerdictStatus::kNotApplicable:
          ++result_.rules[i].not_applicable;
          break;
      }
    }
    coverage_.count_fired(search_.picks(), observation.outcome, is_judged, is_violated);
    collect_markers(observation);
    if (is_violated) record_violations(observation, judgement);
    if (options_.on_schedule)
      options_.on_schedule({result_.schedules, plan(), observation, judgement, experiment_.invariants});
    if (options_.on_progress && result_.schedules % kProgressEvery == 0) options_.on_progress(result_);
    return is_violated;
  }

  void collect_markers(const Observation& observation) {
    for (const Event& event : observation.events) {
      if (event.type != EventType::kMarked || event.text == last_marker_) continue;
      last_marker_ = event.text;
      const std::string_view marker = observation.texts[event.text];
      if (std::ranges::find(result_.markers, marker) == result_.markers.end())
        result_.markers.emplace_back(marker);
    }
  }

  void record_violations(const Observation& observation, const Judgement& judgement) {
    ++result_.violated_schedules;
    for (std::size_t i = 0; i < judgement.size(); ++i) {
      if (judgement[i] != VerdictStatus::kViolated) continue;
      const std::pair<std::size_t, StepId> what(i, judge_.culprit(i));
      const auto known = std::ranges::find(found_, what);
      if (known != found_.end()) {
        ++result_.findings[static_cast<std::size_t>(known - found_.begin())].schedules;
        continue;
      }
      found_.push_back(what);
      Finding& finding = result_.findings.emplace_back();
      finding.rule = i < kRuleCount ? static_cast<Rule>(i) : kOwnRule;
      finding.invariant = result_.rules[i].invariant;
      if (what.second != kNoStep) finding.step = saga_.step(what.second).name;
      finding.explanation = judge_.explain(observation)[i].explanation;
      finding.plan = plan();
      finding.token = to_string(
          Token{saga_.hash(), experiment_.coordinator_name, experiment_.participant_name, finding.plan});
      finding.schedules = 1;
      replay(finding, i);
    }
  }

  [[nodiscard]] FaultPlan plan() const {
    FaultPlan plan;
    for (const Pick& pick : search_.picks())
      plan.faults.push_back(fault_at(pick.point, pick.alternative, saga_));
    return plan;
  }

  const Experiment& experiment_;
  const ExploreOptions& options_;
  Engine engine_;
  const SagaIndex& saga_;
  Judge judge_;
  Exhaustive search_;
  Coverage coverage_;
  Exploration result_;
  std::vector<std::uint64_t> fingerprints_;            // of the schedules of this level
  std::vector<std::uint64_t> expected_;                // … of the level before
  std::size_t repeated_ = 0;                           // how many of those were run again
  std::vector<std::pair<std::size_t, StepId>> found_;  // rule by its place, step: parallel to the findings
  std::uint32_t last_marker_ = 0;
};

}  // namespace

std::string_view name_of(const Finding& finding) {
  return finding.rule == kOwnRule ? std::string_view(finding.invariant) : name_of(finding.rule);
}

std::uint64_t Exploration::count(CellStatus status) const {
  return static_cast<std::uint64_t>(std::ranges::count(cells, status, &Cell::status));
}

Exploration explore(const Experiment& experiment, const ExploreOptions& options) {
  if (options.max_faults < 0) {
    throw Error(fmt::format("max_faults is {}: it must be 0 or more", options.max_faults));
  }
  return Explorer(experiment, options).explore();
}

}  // namespace saga_harness
