#include "text/report_wording.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "text/drawing.hpp"

namespace saga_harness::reports {

namespace {

const Step* step_named(std::string_view name, const SagaReport& saga) {
  const auto& steps = saga.definition.steps;
  const auto at = std::ranges::find(steps, name, &Step::name);
  return at == steps.end() ? nullptr : &*at;
}

}  // namespace

std::string subject_name(const SagaReport& saga) {
  std::vector<std::string> others;
  if (saga.coordinator != "reference") others.push_back(saga.coordinator);
  if (saga.participant != "reference") others.push_back("participants " + saga.participant);
  if (!saga.scope.empty()) others.push_back(saga.scope);
  if (others.empty()) return saga.definition.name;
  return fmt::format("{} [{}]", saga.definition.name, fmt::join(others, ", "));
}

std::string rule_name(const ReportInvariant& invariant) {
  return invariant.id == "own" || invariant.id == invariant.name ? invariant.name
                                                                 : invariant.id + " " + invariant.name;
}

std::string notes_of(const ReportFinding& finding) {
  if (finding.earlier_sagas.empty()) return finding.cause;
  return fmt::format("{}{}shows only after {}: {}", finding.cause, finding.cause.empty() ? "" : "; ",
                     counted(finding.earlier_sagas.size(), "earlier saga"),
                     fmt::join(finding.earlier_sagas, ", then "));
}

std::string title_of(const ReportFinding& finding, const SagaReport& saga) {
  const std::string title = rule_name(saga.invariants[finding.invariant]);
  return finding.step.empty() ? title : title + " at " + finding.step;
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  const std::optional<int> share = percent(part, whole);
  return share ? fmt::format("{} of {} ({} %)", part, whole, *share) : std::string("none");
}

std::string headline(const Report& report) {
  const CellCounts& counts = report.counts;
  const auto share = [&counts](std::uint64_t part) {
    const std::optional<int> parts = percent(part, counts.denominator);
    return parts ? fmt::format(" ({} %)", *parts) : std::string();
  };
  std::string text =
      fmt::format("{} of {}, {}; {} of {} cells fired{}, {} held{}", counted(report.runs, "run"),
                  counted(report.sagas.size(), "saga"), counted(report.findings, "finding"), counts.fired,
                  counts.denominator, share(counts.fired), counts.held, share(counts.held));
  if (report.studies.empty()) return text;
  std::uint64_t schedules = 0;
  for (const Study& study : report.studies) schedules += study.schedules;
  return text + fmt::format("; {} of {}",
                            report.studies.size() == 1 ? std::string("1 study")
                                                       : fmt::format("{} studies", report.studies.size()),
                            counted(schedules, "schedule"));
}

std::string extent_of(const Study& study) {
  return fmt::format("{}: {}", fmt::join(study.bounds, ", "),
                     study.complete ? counted(study.schedules, "schedule") : std::string("cut off"));
}

std::string title_of(const StudyFinding& finding) {
  return finding.subject.empty() ? finding.rule : finding.rule + ", " + finding.subject;
}

std::string extent_of(const ReportSearch& search) {
  std::string text =
      search.swarm
          ? fmt::format("{} plans at random of the seed \"{}\", up to {}", search.swarm->schedules,
                        search.swarm->seed, counted(static_cast<std::uint64_t>(search.max_faults), "fault"))
          : fmt::format("every plan of up to {}",
                        counted(static_cast<std::uint64_t>(search.max_faults), "fault"));
  if (!search.windows) text += " without windows";
  text += fmt::format(", {} of fault", counted(search.kinds.size(), "kind"));
  if (search.classes)
    text += ": " + describe(*search.classes, search.max_faults);
  else
    text += search.exhausted ? ": exhausted" : search.complete ? ": not exhausted" : ": incomplete";
  for (const std::string& note : search.notes) text += "; note: " + note;
  return text;
}

std::string why(const ReportCell& cell, const SagaReport& saga) {
  switch (cell.status) {
    case CellStatus::kHeld:
      return fmt::format("held in {}", counted(cell.fired, "run"));
    case CellStatus::kViolated:
      return fmt::format("to blame in {} of {}", cell.violated, counted(cell.fired, "run"));
    case CellStatus::kVacuous:
      return fmt::format("fired in {}, but no rule judged any", counted(cell.fired, "run"));
    case CellStatus::kNotFired:
      return fmt::format("its instant came in {}, but it was not tried", counted(cell.reached, "run"));
    case CellStatus::kNotReached:
      return "its instant never came";
    case CellStatus::kExcluded: {
      const Exclusion& exclusion = saga.exclusions[*cell.exclusion].exclusion;
      return fmt::format("excluded until {} by {}: {}", exclusion.expires, exclusion.owner, exclusion.reason);
    }
    case CellStatus::kUnreachable:
      return fmt::format("its instant never comes, whatever {} strike",
                         counted(static_cast<std::uint64_t>(cell.unreachable_within), "fault"));
  }
  return "";
}

const std::vector<CellStatus>& worst_first() {
  static const std::vector<CellStatus> kWorstFirst{CellStatus::kViolated,    CellStatus::kVacuous,
                                                   CellStatus::kNotFired,    CellStatus::kNotReached,
                                                   CellStatus::kUnreachable, CellStatus::kExcluded};
  return kWorstFirst;
}

std::string action_of(const ReportEvent& event, const SagaReport& saga) {
  const Step* step = step_named(event.step, saga);
  if (step == nullptr || event.operation.empty()) return event.step;
  if (event.operation == name_of(Operation::kCompensation)) return step->compensation;
  if (event.operation == name_of(Operation::kFallback)) return step->fallback;
  return step->action.empty() ? step->name : step->action;
}

std::string service_of(const ReportEvent& event, const SagaReport& saga) {
  const Step* step = step_named(event.step, saga);
  return step == nullptr ? std::string() : step->service;
}

std::string label_of(const ReportEvent& event, const SagaReport& saga) {
  std::string label = event.type;
  if (event.type == "fault") label += fmt::format(" {}", event.detail("kind"));
  if (const std::string action = action_of(event, saga); !action.empty()) label += " " + action;
  if (event.attempt > 1) label += fmt::format(" (attempt {})", event.attempt);
  for (const char* key : {"status", "record", "cause", "outcome", "message", "bound", "marker", "event"}) {
    if (!event.detail(key).empty()) label += fmt::format(" {}", event.detail(key));
  }
  if (event.type == "fault" && event.detail("where") != "call")
    label += fmt::format(" {}", event.detail("where"));
  return label;
}

std::string condition_of(const Step& step) {
  return step.only_if ? "only if " + to_string(*step.only_if) : std::string();
}

std::vector<std::string> conditions_of(const SagaReport& saga) {
  std::vector<std::string> texts;
  for (StepId step = 0; step < saga.definition.steps.size(); ++step) {
    const Step& each = saga.definition.steps[step];
    if (!each.only_if) continue;
    const bool is_skipped = counts_of(saga, step, Operation::kAction).legal == 0;
    texts.push_back(each.name + ": " + condition_of(each) + (is_skipped ? ", skipped" : ""));
  }
  return texts;
}

std::vector<PlaceRow> rows_of(const SagaReport& saga) {
  std::vector<PlaceRow> rows;
  for (const ReportCell& cell : saga.cells) {
    if (!rows.empty() && rows.back().step == cell.step && rows.back().operation == cell.operation) continue;
    PlaceRow& row = rows.emplace_back();
    row.step = cell.step;
    row.operation = cell.operation;
    row.name = cell.name.substr(0, cell.name.rfind('@'));
  }
  return rows;
}

std::vector<InstantRow> instants_of(const SagaReport& saga, const std::vector<PlaceRow>& places) {
  std::map<std::tuple<bool, Instant, FaultKind>, std::vector<const ReportCell*>> rows;
  for (const ReportCell& cell : saga.cells) {
    auto& row = rows[{cell.instant != Instant::kCall, cell.instant, cell.kind}];
    row.resize(places.size());
    const auto place = std::ranges::find_if(places, [&cell](const PlaceRow& each) {
      return each.step == cell.step && each.operation == cell.operation;
    });
    row[static_cast<std::size_t>(place - places.begin())] = &cell;
  }
  std::vector<InstantRow> result;
  for (auto& [instant, cells] : rows)
    result.push_back(
        {.instant = std::get<1>(instant), .kind = std::get<2>(instant), .cells = std::move(cells)});
  return result;
}

std::string_view middle_of(const SagaReport& saga) {
  return saga.definition.choreography ? "bus" : "coordinator";
}

std::vector<std::string> services_in(const ReportFinding& finding, const SagaReport& saga) {
  std::vector<std::string> services;
  for (const Step& step : saga.definition.steps) {
    const bool has_part = std::ranges::any_of(finding.trace, [&](const ReportEvent& event) {
      return event.call > 0 && service_of(event, saga) == step.service;
    });
    if (has_part && std::ranges::find(services, step.service) == services.end())
      services.push_back(step.service);
  }
  return services;
}

OperationCounts counts_of(const SagaReport& saga, StepId step, Operation operation) {
  OperationCounts counts;
  for (const ReportCell& cell : saga.cells) {
    if (cell.step != step || cell.operation != operation || cell.status == CellStatus::kExcluded) continue;
    ++counts.legal;
    counts.fired += cell.fired > 0 ? 1 : 0;
    counts.held += cell.status == CellStatus::kHeld ? 1 : 0;
    counts.violated += cell.status == CellStatus::kViolated ? 1 : 0;
  }
  return counts;
}

}  // namespace saga_harness::reports
