#include <saga_harness/fresh_replay.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include <saga_harness_internal/rule_places.hpp>

#include "plan_runner.hpp"

namespace saga_harness {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kTimeOfAFinding = std::chrono::seconds(10);

std::string line_of(std::string_view rule, std::string_view step, Outcome outcome) {
  return fmt::format("{}\t{}\t{}\n", rule, step, name_of(outcome));
}

/// Of one finding: where it shows.
class Replay {
 public:
  Replay(const Experiment& experiment, const RunFresh& run_fresh, Finding& finding)
      : run_fresh_(run_fresh),
        finding_(finding),
        wanted_(line_of(text_of(place_of(finding, experiment), experiment), finding.step, finding.outcome)) {}

  /// Empty, or why nobody knows.
  [[nodiscard]] std::string look() {
    if (shows({})) {
      finding_.replayed = Replayed::kShown;
    } else if (finding_.rests_on_time) {
      why_not_ = "it rests on a timeout of real time";
    } else if (why_not_.empty()) {
      look_for_row();
    }
    return why_not_;
  }

 private:
  // Whatever is kept from saga to saga is kept by sagas without faults, or by those that fail in the same
  // way.
  void look_for_row() {
    for (std::size_t earlier = 1; earlier < kMostSagasInARow; ++earlier) {
      for (const FaultPlan& plan : {FaultPlan{}, finding_.plan}) {
        const std::vector<FaultPlan> before(earlier, plan);
        if (shows(before)) {
          finding_.replayed = Replayed::kNeedsEarlierSagas;
          finding_.earlier_sagas = before;
        }
        if (finding_.replayed != Replayed::kNotChecked || !why_not_.empty()) return;
      }
    }
    finding_.replayed = Replayed::kNowhere;
  }

  [[nodiscard]] bool shows(std::vector<FaultPlan> row) {
    if (Clock::now() > until_) why_not_ = "ten seconds were not enough";
    if (!why_not_.empty()) return false;
    row.push_back(finding_.plan);
    const FreshAnswer answer = run_fresh_(row);
    if (!answer.is_answer) why_not_ = answer.text;
    return answer.is_answer && ('\n' + answer.text).find('\n' + wanted_) != std::string::npos;
  }

  const RunFresh& run_fresh_;
  Finding& finding_;
  std::string wanted_;
  Clock::time_point until_ = Clock::now() + kTimeOfAFinding;
  std::string why_not_;
};

// What shows nowhere is no finding.
std::vector<std::size_t> drop_what_shows_nowhere(const Experiment& experiment, Exploration& exploration) {
  const auto shows = [](const Finding& finding) { return finding.replayed != Replayed::kNowhere; };
  std::vector<std::size_t> dropped;
  for (std::size_t i = 0; i < exploration.findings.size(); ++i) {
    const Finding& finding = exploration.findings[i];
    if (shows(finding)) continue;
    dropped.push_back(i);
    exploration.nondeterministic.push_back(
        {.plan = finding.plan,
         .difference =
             fmt::format("{} was violated{} in the search, and is not where nothing ran before, nor after up "
                         "to {} earlier sagas",
                         text_of(place_of(finding, experiment), experiment),
                         finding.step.empty() ? "" : " at " + finding.step, kMostSagasInARow - 1)});
  }
  std::erase_if(exploration.findings, [&](const Finding& finding) { return !shows(finding); });
  if (!exploration.nondeterministic.empty())
    exploration.verdict.error = what_was_not_the_same(exploration.nondeterministic.size());
  return dropped;
}

}  // namespace

std::string notes_of(const Finding& finding) {
  if (finding.earlier_sagas.empty()) return finding.cause;
  std::string notes = fmt::format(
      "{}{}shows only after {}: ", finding.cause, finding.cause.empty() ? "" : "; ",
      finding.earlier_sagas.size() == 1 ? std::string("an earlier saga")
                                        : fmt::format("{} earlier sagas", finding.earlier_sagas.size()));
  for (std::size_t i = 0; i < finding.earlier_sagas.size(); ++i)
    notes += (i == 0 ? "" : ", then ") + to_string(finding.earlier_sagas[i]);
  return notes;
}

std::string row_to_text(std::span<const FaultPlan> row) {
  std::string text;
  for (const FaultPlan& plan : row) text += to_string(plan) + '\n';
  return text;
}

std::vector<FaultPlan> row_from_text(std::string_view text, const SagaIndex& saga) {
  std::vector<FaultPlan> row;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    row.push_back(resolve(parse_plan(text.substr(0, end)), saga));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return row;
}

std::string violations_of_row(const Experiment& experiment, std::span<const FaultPlan> row) {
  PlanRunner runner(experiment);
  const SagaIndex& saga = runner.engine().saga();
  std::vector<Violation> violations;
  for (const FaultPlan& plan : row) violations = runner.run(strikes_of(plan, saga));
  std::string text;
  for (const Violation& violation : violations) {
    text += line_of(text_of(violation.rule, experiment),
                    violation.step == kNoStep ? std::string_view() : saga.step(violation.step).name,
                    runner.engine().observation().outcome);
  }
  return text;
}

std::string violations_of(const Experiment& experiment, const Run& run) {
  const SagaIndex& saga = *experiment.setup.saga;
  std::string text;
  for (std::size_t place = 0; place < run.verdicts.size(); ++place) {
    const Verdict& verdict = run.verdicts[place];
    if (verdict.status != VerdictStatus::kViolated) continue;
    text += line_of(text_of(static_cast<Rule>(place), experiment),
                    verdict.step < saga.step_count() ? saga.step(verdict.step).name : std::string_view(),
                    run.outcome);
  }
  return text;
}

std::vector<std::size_t> replay_findings(const Experiment& experiment, const RunFresh& run_fresh,
                                         Exploration& exploration) {
  std::size_t unchecked = 0;
  std::string why;
  for (std::size_t i = 0; i < exploration.findings.size(); ++i) {
    std::string why_not = i < kMostReplayedFindings
                              ? Replay(experiment, run_fresh, exploration.findings[i]).look()
                              : fmt::format("at most {} are", kMostReplayedFindings);
    if (why_not.empty()) continue;
    ++unchecked;
    if (why.empty()) why = std::move(why_not);
  }
  if (unchecked > 0)
    exploration.verdict.not_checked =
        fmt::format("{} of {} findings not replayed where nothing ran before: {}", unchecked,
                    exploration.findings.size(), why);
  return drop_what_shows_nowhere(experiment, exploration);
}

void leave_findings_unchecked(std::string_view why, Exploration& exploration) {
  if (exploration.findings.empty()) return;
  exploration.verdict.not_checked = fmt::format("findings not replayed where nothing ran before: {}", why);
}

}  // namespace saga_harness
