#include <saga_harness_internal/known_findings.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/rule_places.hpp>
#include <saga_harness_internal/set_aside.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

constexpr int kFaultsThatFindMost = 2;  // what a search tries if nobody says how many

Violation violation_of(const KnownFinding& known, const Experiment& experiment) {
  const StepId step = known.step.empty() ? kNoStep : experiment.setup.saga->find_step(known.step);
  return {parse_place(known.rule, experiment), step};
}

bool is_of(const Finding& finding, const KnownFinding& known, const Experiment& experiment) {
  return finding.outcome == known.outcome && finding.step == known.step &&
         place_of(finding, experiment) == parse_place(known.rule, experiment);
}

}  // namespace

std::string to_string(const KnownFinding& known) {
  const RuleRow* row = find_rule(known.rule);
  std::string text = row == nullptr ? known.rule : label_of(row->rule);
  if (!known.step.empty()) text += " at " + known.step;
  return text + ", ended " + std::string(name_of(known.outcome));
}

void validate(const KnownFinding& known, const Experiment& experiment) {
  if (known.rule.empty())
    throw Error(ErrorText{.message = "a known finding names no rule", .fix = "write e.g. I1"});
  static_cast<void>(parse_place(known.rule, experiment));
  const std::string which = "the known finding " + internal::in_quotes(to_string(known));
  const SagaIndex& saga = *experiment.setup.saga;
  if (!known.step.empty() && saga.find_step(known.step) == kNoStep) {
    std::vector<std::string_view> names;
    for (const Step& step : saga.saga().steps) names.emplace_back(step.name);
    throw Error(
        ErrorText{.message = which + " is at no step of the saga" + internal::suggestion(known.step, names)});
  }
  internal::check_set_aside(which, {known.reason, known.owner, known.expires}, "say why it is lived with");
  if (known.plan) static_cast<void>(resolve(*known.plan, saga));
}

KnownState state_of(const KnownFinding& known, bool shows, bool in_reach, bool is_whole,
                    std::string_view today) {
  if (!today.empty() && known.expires < today) return KnownState::kExpired;
  if (shows) return KnownState::kShown;
  return in_reach && is_whole ? KnownState::kShowsNoMore : KnownState::kOutOfReach;
}

std::string error_of(const KnownFinding& known, KnownState state) {
  const std::string what = fmt::format("the known finding {}", to_string(known));
  switch (state) {
    case KnownState::kShown:
    case KnownState::kOutOfReach:
      return {};
    case KnownState::kShowsNoMore:
      return what + " shows no more; take it out of \"known\"" +
             (known.plan ? "" : ", or give the \"plan\" that shows it if that has more faults");
    case KnownState::kExpired:
      return fmt::format("{} expired on {}; ask {}, fix it, or set a later day", what, known.expires,
                         known.owner);
  }
  return {};
}

std::string note_of(const KnownFinding& known) {
  return fmt::format("known and not counted: {}: {} (ask {}, expires {})", to_string(known), known.reason,
                     known.owner, known.expires);
}

std::string_view name_of(KnownState value) {
  switch (value) {
    case KnownState::kShown:
      return "shown";
    case KnownState::kOutOfReach:
      return "out_of_reach";
    case KnownState::kShowsNoMore:
      return "shows_no_more";
    case KnownState::kExpired:
      return "expired";
  }
  return "?";
}

KnownFindings::KnownFindings(const Experiment& experiment) {
  for (const KnownFinding& known : experiment.known)
    entries_.push_back({violation_of(known, experiment), known.outcome});
}

bool KnownFindings::concerns(const Violation& violation) const {
  return std::ranges::find(entries_, violation, &Entry::violation) != entries_.end();
}

bool KnownFindings::contains(const CausedViolation& violation) const {
  return std::ranges::any_of(entries_, [&violation](const Entry& entry) {
    return entry.violation == violation.violation && entry.outcome == violation.cause.outcome;
  });
}

bool KnownFindings::contains_all(std::span<const CausedViolation> violations) const {
  return std::ranges::all_of(violations, [this](const CausedViolation& each) { return contains(each); });
}

bool is_in_reach(const KnownFinding& known, const Experiment& experiment, const ExploreOptions& options) {
  if (options.swarm) return false;
  const auto is_searched = [&options](FaultKind kind) {
    return std::ranges::find(options.kinds, kind) != options.kinds.end();
  };
  if (!known.plan) {
    return options.max_faults >= kFaultsThatFindMost && options.windows &&
           std::ranges::all_of(kinds_in_scope(experiment, {}), is_searched);
  }
  const auto is_tried = [&](const Fault& fault) {
    return is_searched(fault.kind) && (options.windows || fault.window == FaultDuration::kOnce);
  };
  return static_cast<int>(known.plan->size()) <= options.max_faults &&
         std::ranges::all_of(known.plan->faults, is_tried);
}

Counted without_known(const KnownFindings& known, const Judgement& judgement,
                      std::span<const CausedViolation> violations) {
  Counted counted{.judgement = judgement};
  for (const CausedViolation& each : violations) {
    if (known.contains(each)) {
      counted.judgement[static_cast<std::size_t>(each.violation.rule)] = VerdictStatus::kUnknown;
    } else {
      counted.violations.push_back(each.violation);
    }
  }
  return counted;
}

std::vector<std::size_t> set_aside_known(const Experiment& experiment, Exploration& exploration) {
  for (const KnownFinding& known : experiment.known) exploration.known.push_back({.known = known});
  std::vector<std::size_t> places;
  std::vector<Finding> rest;
  for (std::size_t i = 0; i < exploration.findings.size(); ++i) {
    Finding& finding = exploration.findings[i];
    const auto seen = std::ranges::find_if(
        exploration.known, [&](const KnownSeen& each) { return is_of(finding, each.known, experiment); });
    if (seen == exploration.known.end()) {
      rest.push_back(std::move(finding));
      continue;
    }
    places.push_back(i);
    seen->schedules += finding.schedules;
    seen->findings.push_back(std::move(finding));
  }
  exploration.findings = std::move(rest);
  return places;
}

void tell(const KnownFinding& known, KnownState state, bool shows, SearchVerdict& verdict,
          std::string& errors) {
  if (shows) verdict.notes.push_back(note_of(known));
  const std::string error = error_of(known, state);
  if (!error.empty()) errors += (errors.empty() ? "" : "; ") + error;
}

void judge_known(const Experiment& experiment, const ExploreOptions& options, Exploration& exploration) {
  SearchVerdict& verdict = exploration.verdict;
  const bool is_whole = exploration.exhausted && options.shard.count == 1 && verdict.error.empty();
  std::string errors;
  for (KnownSeen& seen : exploration.known) {
    const bool shows = !seen.findings.empty();
    seen.in_reach = is_in_reach(seen.known, experiment, options);
    seen.state = state_of(seen.known, shows, seen.in_reach, is_whole, options.today);
    tell(seen.known, seen.state, shows, verdict, errors);
  }
  if (verdict.error.empty()) verdict.error = std::move(errors);
}

}  // namespace saga_harness
