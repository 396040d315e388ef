#include <saga_harness/explore.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "coverage.hpp"
#include "exhaustive.hpp"

namespace saga_harness {
namespace {

constexpr std::uint64_t kProgressEvery = 50'000;

class Explorer {
 public:
  Explorer(const Experiment& experiment, const ExploreOptions& options)
      : experiment_(experiment),
        options_(options),
        engine_(experiment.setup),
        saga_(engine_.saga()),
        judge_(experiment.setup.saga, experiment.claims, experiment.switched_off),
        search_(saga_, options.kinds, options.windows),
        coverage_(saga_, experiment) {
    result_.max_faults = options.max_faults;
  }

  Exploration explore() {
    NoFaults no_faults;
    const Observation& first = engine_.run(no_faults);
    first_events_.assign(first.events.begin(), first.events.end());
    first_quantities_.assign(first.quantities.begin(), first.quantities.end());
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
    result_.levels.push_back({.faults = level});
    while (search_.next()) {
      if (search_.is_leaf() && options_.max_schedules != 0 && result_.schedules == options_.max_schedules)
        return false;
      const Observation& observation = engine_.run(search_);
      search_.finish();
      if (search_.picks().empty()) compare_with_first(observation);
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

  // What one run leaves behind for the next shows most easily where nothing else changes.
  void compare_with_first(const Observation& observation) const {
    if (!std::ranges::equal(first_events_, observation.events) ||
        !std::ranges::equal(first_quantities_, observation.quantities)) {
      throw not_deterministic("the run without faults came out differently when it was run again");
    }
  }

  // A finding that does not replay would send its reader on a wild-goose chase.
  void replay(const Finding& finding) const {
    const Run run = run_plan(experiment_, finding.plan);
    const Verdict& verdict = run.verdicts[static_cast<std::size_t>(finding.rule)];
    if (run.unfired.empty() && verdict.explanation == finding.explanation) return;
    throw not_deterministic(fmt::format("{} was violated under {}, and is not when that is run again",
                                        id_of(finding.rule), to_string(finding.plan)));
  }

  // True if a rule is violated.
  bool count(const Observation& observation) {
    ++result_.schedules;
    ++result_.levels.back().schedules;
    ++result_.outcomes[static_cast<std::size_t>(observation.outcome)];
    const Judgement& judgement = judge_.judge(observation);
    bool is_judged = false;
    bool is_violated = false;
    for (std::size_t i = 0; i < kRuleCount; ++i) {
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
    if (options_.on_schedule) options_.on_schedule({result_.schedules, plan(), observation, judgement});
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
    for (std::size_t i = 0; i < kRuleCount; ++i) {
      if (judgement[i] != VerdictStatus::kViolated) continue;
      const auto rule = static_cast<Rule>(i);
      const std::pair<Rule, StepId> what(rule, judge_.culprit(rule));
      const auto known = std::ranges::find(found_, what);
      if (known != found_.end()) {
        ++result_.findings[static_cast<std::size_t>(known - found_.begin())].schedules;
        continue;
      }
      found_.push_back(what);
      Finding& finding = result_.findings.emplace_back();
      finding.rule = rule;
      if (what.second != kNoStep) finding.step = saga_.step(what.second).name;
      finding.explanation = judge_.explain(observation)[i].explanation;
      finding.plan = plan();
      finding.token = to_string(
          Token{saga_.hash(), experiment_.coordinator_name, experiment_.participant_name, finding.plan});
      finding.schedules = 1;
      replay(finding);
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
  std::vector<Event> first_events_;  // of the run without faults
  std::vector<Quantity> first_quantities_;
  std::vector<std::pair<Rule, StepId>> found_;  // parallel to the findings
  std::uint32_t last_marker_ = 0;
};

}  // namespace

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
