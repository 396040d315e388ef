#include <saga_harness/study.hpp>

#include <array>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/interleaving_reports.hpp>
#include <saga_harness/masks.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/print_fields.hpp>

#include "records/hash.hpp"
#include "records/record_format.hpp"
#include "text/drawing.hpp"

namespace saga_harness {

namespace {

using reports::counted;

std::string faults_text(int faults) { return counted(static_cast<std::uint64_t>(faults), "fault"); }

void add_bounds(Study& study, int max_faults, const std::vector<FaultKind>& kinds, bool windows,
                std::uint64_t max_schedules) {
  study.bounds.push_back("up to " + faults_text(max_faults));
  if (!windows) study.bounds.emplace_back("without windows");
  std::vector<std::string_view> names;
  for (const FaultKind kind : kinds) names.push_back(name_of(kind));
  if (!names.empty()) study.bounds.push_back(fmt::format("of the kinds {}", fmt::join(names, ", ")));
  if (max_schedules != 0)
    study.bounds.push_back(fmt::format("at most {}", counted(max_schedules, "schedule")));
}

void identify(Study& study, reports::Hash hash) {
  study.version = reports::kHarnessVersion;
  hash.add(name_of(study.kind)).add(study.version).add(study.name).add(study.command);
  for (const std::vector<std::string>* texts : {&study.subjects, &study.bounds}) {
    hash.add(std::uint64_t{texts->size()});
    for (const std::string& text : *texts) hash.add(text);
  }
  study.id = hash_text(hash.value());
}

std::string describe(const Experiment& experiment) {
  std::string text = experiment.setup.saga->saga().name;
  if (experiment.coordinator_name != kReference) text += ", coordinator " + experiment.coordinator_name;
  if (experiment.participant_name != kReference) text += ", participants " + experiment.participant_name;
  return text;
}

std::vector<std::string> story_of(const ConcurrentRun& run) {
  std::vector<std::string> story;
  for (const Turn& turn : run.turns) {
    story.push_back(fmt::format("saga {}: {} at {}{}: {}", turn.saga + 1, turn.action, turn.service,
                                turn.attempt > 1 ? fmt::format(" (attempt {})", turn.attempt) : std::string(),
                                name_of(turn.answer)));
  }
  for (std::size_t saga = 0; saga < run.sagas.size(); ++saga)
    story.push_back(fmt::format("saga {} ended {}", saga + 1, name_of(run.sagas[saga].outcome)));
  for (const Quantity& quantity : run.quantities)
    story.push_back(
        fmt::format("{}: {} before, {} after", quantity.name, quantity.at_start, quantity.at_end));
  return story;
}

StudyFinding finding_of(const Finding& finding, std::string subject, std::string command) {
  return {.rule = reports::label_of(finding),
          .subject = finding.step.empty() ? std::move(subject) : subject + ", step " + finding.step,
          .explanation = finding.explanation,
          .plan = to_string(finding.plan),
          .schedules = finding.schedules,
          .command = std::move(command)};
}

}  // namespace

std::string_view name_of(StudyKind kind) {
  static constexpr std::array<std::string_view, kStudyKindCount> kNames{"interleavings", "guarantees",
                                                                        "mutants"};
  return internal::name_in(kNames, kind);
}

void PrintTo(const StudyFinding& value, std::ostream* out) {
  internal::print_fields(
      *out, "StudyFinding", value, internal::field("rule", &StudyFinding::rule),
      internal::field("subject", &StudyFinding::subject),
      internal::field("explanation", &StudyFinding::explanation),
      internal::field("plan", &StudyFinding::plan), internal::field("schedules", &StudyFinding::schedules),
      internal::field("command", &StudyFinding::command), internal::field("story", &StudyFinding::story));
}

void PrintTo(const Study& value, std::ostream* out) {
  internal::print_fields(
      *out, "Study", value, internal::field("kind", &Study::kind), internal::field("id", &Study::id),
      internal::field("name", &Study::name), internal::field("version", &Study::version),
      internal::field("source", &Study::source), internal::field("command", &Study::command),
      internal::field("subjects", &Study::subjects), internal::field("bounds", &Study::bounds),
      internal::field("complete", &Study::complete), internal::field("schedules", &Study::schedules),
      internal::field("violated_schedules", &Study::violated_schedules),
      internal::field("verdict", &Study::verdict), internal::field("missed", &Study::missed),
      internal::field("facts", &Study::facts), internal::field("findings", &Study::findings));
}

ExitCode exit_code_of(const Study& study) {
  if (!study.complete) return ExitCode::kInconclusive;
  const ExitCode code = exit_code_of(study.verdict);
  return code == ExitCode::kUpheld && !study.missed.empty() ? ExitCode::kCoverageMissed : code;
}

Study study_of(const InterleavingSubject& subject, const InterleavingOptions& options, const Swarm* swarm) {
  Study study{.kind = StudyKind::kInterleavings, .source = subject.source, .command = subject.command};
  reports::Hash hash;
  std::vector<std::string_view> names;
  for (const Experiment& saga : subject.experiment.sagas) {
    hash.add(subject_id(saga, {})).add(saga.setup.saga_id);
    const Masks masks(saga.setup.saga->saga(), saga.setup.context);
    study.subjects.push_back(fmt::format("saga {}: {}, {}", study.subjects.size() + 1, describe(saga),
                                         masks.shown(saga.setup.context.text())));
    names.push_back(saga.setup.saga->saga().name);
  }
  study.name = fmt::format("{} at the same time", fmt::join(names, ", "));
  for (const auto& [service, factory] : subject.experiment.shared)
    study.subjects.push_back("shared: " + service);
  add_bounds(study, options.max_faults, options.kinds, options.windows, options.max_schedules);
  if (swarm != nullptr) {
    study.bounds.push_back(
        fmt::format("{} at random of the seed \"{}\"", counted(swarm->schedules, "order"), swarm->seed));
    if (options.sample_ok) study.bounds.emplace_back("a sample will do");
  }
  identify(study, hash);
  return study;
}

Study study_of(const Experiment& reference, const ExploreOptions& options, std::string_view command) {
  Study study{.kind = StudyKind::kGuarantees,
              .name = "what " + reference.setup.saga->saga().name + " relies on",
              .source = reference.source,
              .command = std::string(command),
              .subjects = {describe(reference)}};
  add_bounds(study, options.max_faults, options.kinds, options.windows, options.max_schedules);
  reports::Hash hash;
  hash.add(subject_id(reference, {}));
  identify(study, hash);
  return study;
}

Study study_of(const ScoreOptions& options, const std::vector<std::string>& cases, std::string_view command) {
  Study study{.kind = StudyKind::kMutants,
              .name = counted(cases.size(), "known bug"),
              .command = std::string(command),
              .subjects = cases};
  const ExploreOptions& bounds = options.explore;
  add_bounds(study, bounds.max_faults, bounds.kinds, bounds.windows, bounds.max_schedules);
  if (options.as_far_as_predicted) study.bounds.emplace_back("or as many faults as are predicted");
  identify(study, {});
  return study;
}

Study concluded(Study study, const InterleavingSubject& subject, const Interleavings& found) {
  study.complete = true;
  study.schedules = found.schedules;
  study.violated_schedules = found.violated_schedules;
  study.verdict = found.verdict;
  for (std::size_t i = 0; i < found.outcomes.size(); ++i) {
    if (found.outcomes[i] != 0)
      study.facts.emplace_back(fmt::format("sagas {}", name_of(static_cast<Outcome>(i))),
                               std::to_string(found.outcomes[i]));
  }
  for (const ConcurrentKnown& each : found.known) {
    study.known.push_back(reports::report_known(each));
    study.facts.emplace_back(fmt::format("known: {}", to_string(each.known)), name_of(each.state));
  }
  for (const ConcurrentFinding& finding : found.findings) {
    study.findings.push_back(
        {.rule = finding.violation.rule,
         .subject = fmt::format("saga {}", finding.violation.saga + 1),
         .explanation = finding.violation.explanation,
         .plan = to_string(finding.plan),
         .schedules = finding.schedules,
         .command =
             fmt::format("{} --plan {}", subject.command, reports::shell_word(to_string(finding.plan))),
         .story = found.verdict.error.empty() ? story_of(run_concurrently(subject.experiment, finding.plan))
                                              : std::vector<std::string>()});
  }
  return study;
}

Study concluded(Study study, const Experiment& reference, const GuaranteeDependencies& dependencies) {
  study.complete = true;
  study.schedules = dependencies.schedules;
  study.verdict = dependencies.verdict;
  for (const Finding& finding : dependencies.findings) {
    study.violated_schedules += finding.schedules;
    study.findings.push_back(
        finding_of(finding, "with every guarantee given", how_to_repeat(reference, finding.token)));
  }
  for (const GuaranteeDependency& row : dependencies.rows)
    study.facts.emplace_back(fmt::format("{} {}", row.step, name_of(row.guarantee)), name_of(row.need));
  return study;
}

Study concluded(Study study, const Score& score) {
  study.complete = true;
  study.verdict = score.verdict;
  for (const ReferenceScore& reference : score.references) {
    study.schedules += reference.schedules;
    if (reference.upheld) continue;
    ++study.violated_schedules;
    const Experiment repeated{.coordinator_name = reference.coordinator,
                              .participant_name = reference.participant,
                              .source = reference.source};
    study.findings.push_back(finding_of(
        reference.finding, reference.saga + " without a bug",
        reference.source.empty() ? std::string() : how_to_repeat(repeated, reference.finding.token)));
  }
  for (const MutantScore& mutant : score.mutants) {
    study.facts.emplace_back(mutant.name, name_of(mutant.status));
    if (mutant.status == MutantStatus::kSurvived) study.missed.push_back(mutant.name);
  }
  return study;
}

}  // namespace saga_harness
