#include "interleaving_verdict.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/explore.hpp>

namespace saga_harness {
namespace {

/// Several sagas were at shared participants.
bool has_met(std::span<const Turn> turns) {
  return std::ranges::any_of(turns, [&turns](const Turn& turn) { return turn.saga != turns.front().saga; });
}

void count_events(const Observation& observation, Earned& earned) {
  if (earned.asked && earned.compensated) return;
  for (const Event& event : observation.events) {
    earned.asked = earned.asked || event.type == EventType::kSent;
    earned.compensated = earned.compensated || event.type == EventType::kUndone;
  }
}

}  // namespace

InterleavingLedger::InterleavingLedger(const ConcurrentExperiment& experiment,
                                       const InterleavingOptions& options, bool is_sample)
    : options_(options), is_sample_(is_sample), has_history_(experiment.history != nullptr) {
  ExploreOptions same{.max_faults = options.max_faults, .kinds = options.kinds, .windows = options.windows};
  if (is_sample) same.swarm.emplace();
  for (const Experiment& saga : experiment.sagas) owed_.push_back(owed_by(saga, same));
}

void InterleavingLedger::count(const InterleavingScheduler& scheduler, const ConcurrentJudge& judge,
                               int faults, Interleavings& into) const {
  into.earned.resize(owed_.size());
  into.watched = into.watched || (has_met(scheduler.turns()) &&
                                  !(scheduler.accesses().empty() && scheduler.quantities().empty()));
  for (std::size_t saga = 0; saga < owed_.size(); ++saga) {
    Earned& earned = into.earned[saga];
    const Observation observation = scheduler.engine(saga).observation();
    count_events(observation, earned);
    // One order in which it ends as expected is enough: in another it may be refused what the others hold.
    if (faults == 0 && (!earned.without_faults || observation.outcome == owed_[saga].without_faults))
      earned.without_faults = observation.outcome;
    if (observation.outcome != Outcome::kFlagged) continue;
    const VerdictStatus outcome = judge.outcome_status(saga);
    earned.flagged = true;
    earned.flag_judged =
        earned.flag_judged || outcome == VerdictStatus::kHeld || outcome == VerdictStatus::kViolated;
  }
}

// The bound that was reached, by its name.
std::string InterleavingLedger::why_not_exhausted(const Interleavings& found) const {
  std::string why = "the search was not exhausted";
  if (options_.max_schedules != 0 && found.schedules >= options_.max_schedules)
    why += fmt::format(": it stopped at its bound of {} schedules", options_.max_schedules);
  else if (options_.max_time > Duration::zero())
    why += fmt::format(": it stopped at its bound of {}", format_duration(options_.max_time));
  return why;
}

void InterleavingLedger::add_extent(const Interleavings& found, std::vector<LackFound>& lacks) const {
  if (found.schedules == 0) lacks.push_back({Lack::kNothingRan, "no order was run"});
  if (is_sample_) {
    if (!options_.sample_ok)
      lacks.push_back({Lack::kSampled, "random orders prove nothing about the others"});
  } else if (!found.exhausted) {
    lacks.push_back({Lack::kNotExhausted, why_not_exhausted(found)});
  }
  if (owed_.size() > 1 && !found.watched) {
    lacks.push_back({Lack::kNothingWatched,
                     "nothing was watched: no two sagas met at a shared participant that has quantities or "
                     "writes an access history"});
  } else if (owed_.size() > 1 && !has_history_) {
    lacks.push_back({Lack::kNothingWatched,
                     "nothing was watched for anomalies: the shared participants declare no access history "
                     "(ConcurrentExperiment::history)"});
  }
}

void InterleavingLedger::add_owed(const Interleavings& found, std::vector<LackFound>& lacks) const {
  for (std::size_t saga = 0; saga < owed_.size() && saga < found.earned.size(); ++saga) {
    for (LackFound& lack : lacks_of(owed_[saga], found.earned[saga])) {
      lack.reason = fmt::format("saga {}: {}", saga + 1, lack.reason);
      lacks.push_back(std::move(lack));
    }
  }
}

SearchVerdict InterleavingLedger::verdict_of(const Interleavings& found, std::string error) const {
  SearchVerdict verdict{.error = std::move(error)};
  if (options_.max_faults == 0) verdict.scope = "no faults tried";
  if (is_sample_ && options_.sample_ok) verdict.scope = "a sample, which was taken for an answer";
  if (!found.finds_no_violation()) {
    verdict.word = VerdictWord::kViolated;
    return verdict;
  }
  add_extent(found, verdict.lacks);
  add_owed(found, verdict.lacks);
  verdict.word = verdict.lacks.empty() ? VerdictWord::kUpheld : VerdictWord::kInconclusive;
  return verdict;
}

}  // namespace saga_harness
