#include <saga_harness/search_verdict.hpp>

#include <array>

#include <fmt/format.h>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

struct LackRow {
  std::string_view name;
  std::string_view owed_by;
  std::string_view sentence;
};
constexpr std::array<LackRow, kLackCount> kLacks{
    {{"nothing_ran", "everyone", "no schedule was run"},
     {"not_exhausted", "all but random searches",
      "the search was stopped before it had tried everything within its bounds"},
     {"sampled", "random searches",
      "random schedules prove nothing about the others; `--sample-ok` takes a sample for an answer, and "
      "`FindsNoViolation()` does anyway"},
     {"unforeseen_point", "everyone", "a fault could strike where the definition does not foresee it"},
     {"no_request", "sagas of which not every step is skipped", "nothing was asked of any participant"},
     {"no_outcome_rule", "everyone", "I1, I5 and I6 are all switched off: nobody looked at outcomes"},
     {"unexpected_outcome", "exhaustive searches",
      "without faults the saga did not end completed, or as `\"expects\"` (`Setup::expects`) says"},
     {"never_compensates",
      "searches whose k and kinds can fail a step, up to the pivot, after one with a compensation",
      "no schedule undid an effect"},
     {"no_flag_judged", "exhaustive searches with I1",
      "sagas were flagged, and of none could be said whether rightly"},
     {"nothing_watched", "several sagas at the same time",
      "they share nothing whose accesses or quantities are seen: an anomaly would not show"},
     {"nothing_exercised", "`require` and `mutants`",
      "what was asked about never mattered: no guarantee was missed, or a mutant was not reached"},
     {"invariant_not_exercised", "searches with invariants of one's own",
      "no run gave an invariant of one's own anything to judge: it holds of nothing"}}};

void add_extent(const Exploration& found, const ExploreOptions& options, SearchVerdict& verdict) {
  const auto lack = [&verdict](Lack which, std::string reason) {
    verdict.lacks.push_back({which, std::move(reason)});
  };
  const bool is_part = options.shard.count > 1;  // there may be fewer schedules than shards
  if (found.schedules == 0 && !is_part) lack(Lack::kNothingRan, "no schedule was run");
  if (options.swarm) {
    if (!is_part && found.schedules < options.swarm->schedules) {
      lack(Lack::kNotExhausted, fmt::format("the search was stopped after {} of {} random schedules",
                                            found.schedules, options.swarm->schedules));
    }
    if (!options.sample_ok) lack(Lack::kSampled, "random schedules prove nothing about the others");
  } else if (!found.exhausted && !found.classes) {
    lack(Lack::kNotExhausted, "the search was not exhausted");
  }
  for (const RuleCount& own : found.rules) {
    const bool is_idle = own.unknown > 0 && own.held == 0 && own.violated == 0;
    if (!is_part && is_idle && !own.invariant.empty()) verdict.lacks.push_back(not_exercised(own.invariant));
  }
  if (!found.undeclared.empty())
    lack(Lack::kUnforeseenPoint, "points were met that the definition does not foresee");
}

std::string scope_of(const Exploration& found, const ExploreOptions& options) {
  if (found.classes) return describe(*found.classes, options.max_faults);
  if (options.max_faults == 0) return "no faults tried";
  if (options.swarm) return options.sample_ok ? "a sample, which was taken for an answer" : "";
  return {};
}

}  // namespace

std::string describe(const ClassCount& classes, int max_faults) {
  constexpr int kCountedWhole = 2;  // faults: all single ones are run, and so all pairs are known
  return fmt::format("exhausted up to classes, {} of {}{} plans run", classes.run,
                     max_faults > kCountedWhole ? "at least " : "", classes.of);
}

std::string_view name_of(VerdictWord word) {
  switch (word) {
    case VerdictWord::kUpheld:
      return "upheld";
    case VerdictWord::kViolated:
      return "violated";
    case VerdictWord::kInconclusive:
      return "inconclusive";
  }
  return "";
}

std::string_view name_of(Lack lack) { return kLacks.at(static_cast<std::size_t>(lack)).name; }
std::string_view describe(VerdictWord word) {
  switch (word) {
    case VerdictWord::kUpheld:
      return "everything within the bounds was tried, no rule was violated, and the search has seen what it "
             "owes";
    case VerdictWord::kViolated:
      return "at least one rule was, in a run that is shown";
    case VerdictWord::kInconclusive:
      return "no rule was violated, but something is lacking; every lack is named";
  }
  return "";
}
std::string_view owed_by(Lack lack) { return kLacks.at(static_cast<std::size_t>(lack)).owed_by; }
std::string_view describe(Lack lack) { return kLacks.at(static_cast<std::size_t>(lack)).sentence; }

Lack parse_lack(std::string_view name) {
  std::array<std::string_view, kLackCount> names{};
  for (std::size_t i = 0; i < kLackCount; ++i) names[i] = kLacks[i].name;
  return internal::value_in<Lack>(names, name, "lack");
}

std::string_view word_of(const SearchVerdict& verdict) {
  return verdict.error.empty() ? name_of(verdict.word) : std::string_view("error");
}

LackFound not_exercised(std::string_view invariant) {
  return {Lack::kInvariantNotExercised,
          fmt::format("no run gave the invariant {} anything to judge", internal::in_quotes(invariant))};
}

void Earned::add(const Earned& other) {
  asked = asked || other.asked;
  compensated = compensated || other.compensated;
  flagged = flagged || other.flagged;
  flag_judged = flag_judged || other.flag_judged;
  key_changed = key_changed || other.key_changed;
  if (!without_faults) without_faults = other.without_faults;
}

std::vector<LackFound> lacks_of(const Owed& owed, const Earned& earned) {
  std::vector<LackFound> lacks;
  if (owed.request && !earned.asked) lacks.push_back({Lack::kNoRequest, "no request was made"});
  if (owed.outcome_rule) lacks.push_back({Lack::kNoOutcomeRule, "I1, I5 and I6 are all switched off"});
  if (owed.without_faults && earned.without_faults != owed.without_faults) {
    lacks.push_back({Lack::kUnexpectedOutcome,
                     earned.without_faults
                         ? fmt::format("without faults it ended {}, not {}; say \"expects\" if that is meant",
                                       name_of(*earned.without_faults), name_of(*owed.without_faults))
                         : std::string("it was not run without faults")});
  }
  if (owed.compensation && !earned.compensated)
    lacks.push_back({Lack::kNeverCompensates, *owed.compensation});
  if (owed.flag_judged && earned.flagged && !earned.flag_judged) {
    lacks.push_back({Lack::kNoFlagJudged,
                     "sagas were flagged, and of none could be said whether rightly; name the steps that may "
                     "be left, and claim names_flagged_steps"});
  }
  return lacks;
}

std::string what_was_not_the_same(std::size_t schedules) {
  return fmt::format("{} went otherwise the second time",
                     schedules == 1 ? std::string("1 schedule") : fmt::format("{} schedules", schedules));
}

std::vector<std::string> notes_on(const Experiment& experiment, const Earned& earned) {
  std::vector<std::string> notes;
  if (!experiment.rules_as_of.empty())
    notes.push_back(fmt::format("judged by the rules of {}", experiment.rules_as_of));
  if (earned.key_changed && !experiment.claims.idempotency_keys && !experiment.setup.saga->is_choreography())
    notes.emplace_back(
        "an operation changed its idempotency key between attempts; claim idempotency_keys to have that "
        "judged");
  return notes;
}

SearchVerdict verdict_of(const Exploration& found, const Owed& owed, const ExploreOptions& options) {
  SearchVerdict verdict{.scope = scope_of(found, options), .is_part = options.shard.count > 1};
  if (!found.nondeterministic.empty()) verdict.error = what_was_not_the_same(found.nondeterministic.size());
  if (!found.finds_no_violation()) {
    verdict.word = VerdictWord::kViolated;
    return verdict;
  }
  add_extent(found, options, verdict);
  for (LackFound& lack : lacks_of(owed, found.earned)) verdict.lacks.push_back(std::move(lack));
  verdict.word = verdict.lacks.empty() ? VerdictWord::kUpheld : VerdictWord::kInconclusive;
  return verdict;
}

}  // namespace saga_harness
