#include <saga_harness/explore.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "blame.hpp"
#include "exhaustive.hpp"
#include "tally.hpp"

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
        engine_(experiment.setup),
        saga_(engine_.saga()),
        judge_(experiment.setup.saga, experiment.claims, experiment.switched_off),
        search_(saga_, options.kinds, options.windows),
        tally_(experiment),
        blame_(experiment) {}

  Exploration explore() {
    NoFaults no_faults;
    fingerprints_.push_back(fingerprint(engine_.run(no_faults)));
    int level = 0;
    while (level <= options_.max_faults && explore_level(level)) ++level;
    Exploration result = tally_.conclude(level);
    result.max_faults = options_.max_faults;
    result.exhausted = level > options_.max_faults;
    return result;
  }

 private:
  // False if the search is to stop.
  bool explore_level(int level) {
    search_.start_level(level);
    expected_ = std::exchange(fingerprints_, {});
    repeated_ = 0;
    tally_.open_level(level);
    while (search_.next()) {
      if (search_.is_leaf() && options_.max_schedules != 0 &&
          tally_.so_far().schedules == options_.max_schedules)
        return false;
      const Observation& observation = engine_.run(search_);
      search_.finish();
      check_repeatable(observation, level);
      if (search_.is_leaf()) {
        const bool is_violated = count(observation);
        if (is_violated && options_.stop_at_first_violation) return false;
      } else if (search_.picks().size() + 1 == static_cast<std::size_t>(level)) {
        tally_.count_reached(search_.branches());
      }
    }
    return true;
  }

  // The schedules of one level are run again, in the same order, as the inner nodes of the next.
  void check_repeatable(const Observation& observation, int level) {
    const bool is_first = level < options_.max_faults && search_.is_leaf();
    const bool is_second = search_.picks().size() + 1 == static_cast<std::size_t>(level) || level == 0;
    if (is_second && repeated_ < expected_.size() && fingerprint(observation) != expected_[repeated_++]) {
      throw not_deterministic(fmt::format("plan \"{}\" came out differently when it was run again",
                                          to_string(plan_of(search_.picks(), saga_))));
    }
    if (is_first && fingerprints_.size() < kMaxFingerprints)
      fingerprints_.push_back(fingerprint(observation));
  }

  // A finding that does not replay would send its reader on a wild-goose chase.
  void replay(Rule rule, const std::string& explanation) const {
    const FaultPlan plan = plan_of(search_.picks(), saga_);
    const Run run = run_plan(experiment_, plan);
    const Verdict& verdict = run.verdicts[static_cast<std::size_t>(rule)];
    if (run.unfired.empty() && verdict.explanation == explanation) return;
    throw not_deterministic(fmt::format("{} was violated under {}, and is not when that is run again",
                                        id_of(rule), to_string(plan)));
  }

  // True if a rule is violated.
  bool count(const Observation& observation) {
    const Judgement& judgement = judge_.judge(observation);
    violations_.clear();
    collect_violations(judgement, judge_, violations_);
    const bool is_violated = !violations_.empty();
    tally_.count(search_.picks(), observation, judgement, violations_,
                 is_violated && blame_.falls_on(search_.picks(), violations_));
    for (const Violation& violation : violations_) show(violation, observation);
    const Exploration& so_far = tally_.so_far();
    if (options_.on_schedule) {
      options_.on_schedule({so_far.schedules, plan_of(search_.picks(), saga_), observation, judgement});
    }
    if (options_.on_progress && so_far.schedules % kProgressEvery == 0) options_.on_progress(so_far);
    return is_violated;
  }

  void show(const Violation& violation, const Observation& observation) {
    if (!tally_.wants_example(violation, search_.picks())) return;
    std::string explanation =
        judge_.explain(observation)[static_cast<std::size_t>(violation.rule)].explanation;
    replay(violation.rule, explanation);
    tally_.set_example(violation, search_.picks(), std::move(explanation));
  }

  const Experiment& experiment_;
  const ExploreOptions& options_;
  Engine engine_;
  const SagaIndex& saga_;
  Judge judge_;
  Exhaustive search_;
  Tally tally_;
  Blame blame_;
  std::vector<Violation> violations_;
  std::vector<std::uint64_t> fingerprints_;  // of the schedules of this level
  std::vector<std::uint64_t> expected_;      // … of the level before
  std::size_t repeated_ = 0;                 // how many of those were run again
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
