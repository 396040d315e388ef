#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness_internal/coverage.hpp>

#include "records/record_merger.hpp"
#include "text/drawing.hpp"

namespace saga_harness::reports {

namespace {

bool is_better(const RunSample& a, const RunSample& b) {
  if (a.blamed != b.blamed) return a.blamed;
  return std::tie(a.faults, a.plan, a.id) < std::tie(b.faults, b.plan, b.id);
}

/// Like is_better(), of a run that is not a sample yet: most never become one.
bool could_join(const RunRecord& run, const std::vector<RunSample>& samples) {
  if (samples.size() < kRunsPerCell) return true;
  const RunSample& worst = samples.back();
  if (run.blamed != worst.blamed) return run.blamed;
  if (run.faults != worst.faults) return run.faults < worst.faults;
  return run.plan <= worst.plan;
}

void add_sample(const RunRecord& run, std::vector<RunSample>& samples) {
  if (!could_join(run, samples)) return;
  RunSample sample{.id = hash_text(run.id),
                   .plan = run.plan,
                   .faults = run.faults,
                   .outcome = run.outcome,
                   .blamed = run.blamed};
  for (const auto& [invariant, step] : run.violated) {
    if (std::ranges::find(sample.violated, invariant) == sample.violated.end())
      sample.violated.push_back(invariant);
  }
  samples.insert(std::ranges::upper_bound(samples, sample, is_better), std::move(sample));
  if (samples.size() > kRunsPerCell) samples.pop_back();
}

bool is_smaller(const ReportFinding& a, const ReportFinding& b) {
  if (a.has_trace != b.has_trace)
    return a.has_trace;  // a smaller plan of which nothing is known helps nobody
  return std::tie(a.faults, a.plan, a.run) < std::tie(b.faults, b.plan, b.run);
}

bool is_smaller_example(const FindingRecord& a, const FindingRecord& b) {
  return std::tie(a.finding.faults, a.finding.plan, a.finding.run, a.invariant, a.step) <
         std::tie(b.finding.faults, b.finding.plan, b.finding.run, b.invariant, b.step);
}

void sort_by_place(std::vector<ReportCell>& cells) {
  std::ranges::sort(cells, {}, [](const ReportCell& cell) {
    return std::tuple(cell.step, cell.operation, cell.instant != Instant::kCall, cell.instant, cell.kind);
  });
}

VerdictStatus status_of(const ReportInvariant& counts) {
  return saga_harness::status_of({.held = counts.held,
                                  .violated = counts.violated,
                                  .unknown = counts.unknown,
                                  .not_applicable = counts.not_applicable});
}

/// The largest search of everything that would have met a cell of this kind; -1 if there was none. Without
/// faults nothing is met that comes of one.
int searched_within(const std::vector<ReportSearch>& searches, FaultKind kind) {
  int within = -1;
  for (const ReportSearch& search : searches) {
    const bool tries_it = std::ranges::find(search.kinds, name_of(kind)) != search.kinds.end();
    if (search.exhausted && search.max_faults > 0 && tries_it) within = std::max(within, search.max_faults);
  }
  return within;
}

CellStatus status_of(const ReportCell& cell) {
  return status_of(CellFacts{.reached = cell.reached,
                             .fired = cell.fired,
                             .judged = cell.judged,
                             .violated = cell.violated,
                             .is_excluded = cell.exclusion.has_value(),
                             .is_exhausted = cell.unreachable_within >= 0});
}

}  // namespace

SubjectCounts::SubjectCounts(const HeaderRecord& header) : saga_(header.saga) {
  report_.id = header.subject;
  report_.definition = saga_->saga();
  report_.definition_hash = saga_->hash();
  report_.version = header.version;
  report_.coordinator = header.coordinator;
  report_.participant = header.participant;
  report_.scope = header.scope;
  report_.source = header.source;
  report_.target = header.target;
  report_.claims = header.claims;
  report_.invariants = header.invariants;
  reached_.resize((saga_->step_count() + 1) * kOperationCount * kInstantCount);
  for (StepId step = 0; step < saga_->step_count(); ++step) compensations_.push_back({.step = step});
}

void SubjectCounts::add(const HeaderRecord& header) {
  if (!header.source.empty() && (report_.source.empty() || header.source < report_.source))
    report_.source = header.source;
  if (!header.search) report_.has_single_runs = true;
  for (const Exclusion& each : header.exclusions)
    exclusions_.emplace(each.cells, each.reason, each.owner, each.expires);
}

std::size_t SubjectCounts::cell(const ReportCell& like, bool is_declared) {
  const auto [at, is_new] = cell_by_name_.emplace(like.name, report_.cells.size());
  if (is_new) {
    report_.cells.push_back(like);
    is_declared_.push_back(is_declared);
  } else if (is_declared) {
    is_declared_[at->second] = true;  // one search asked for it by name, another did not
  }
  return at->second;
}

std::size_t SubjectCounts::slot(const ReportCell& cell) const {
  const std::size_t row = std::min<std::size_t>(cell.step, saga_->step_count());
  return (row * kOperationCount + static_cast<std::size_t>(cell.operation)) * kInstantCount +
         static_cast<std::size_t>(cell.instant);
}

void SubjectCounts::count(const RunRecord& run, const std::vector<std::size_t>& cells,
                          const std::vector<std::size_t>& slots) {
  ++report_.runs;
  ++report_.outcomes[static_cast<std::size_t>(run.outcome)];
  const auto faults = static_cast<std::size_t>(run.faults);
  if (faults >= levels_.size()) levels_.resize(faults + 1);
  ++levels_[faults];
  if (run.stale > 0 && report_.stale_runs++ == 0) report_.stale_plan = run.plan;
  count_rules(run);
  count_violations(run);
  for (std::size_t place = 0; place < slots.size(); ++place)
    reached_[slots[place]] += run.reached.contains(place);
  const bool is_judged = run.rules.find_first_of("hv") != std::string::npos;
  for (const std::uint32_t cell : run.fired) count_fired(run, cells[cell], is_judged);
  for (const std::uint32_t cell : run.unfired) ++report_.cells[cells[cell]].armed;
  count_compensations(run);
}

void SubjectCounts::count_rules(const RunRecord& run) {
  for (std::size_t i = 0; i < run.rules.size(); ++i) {
    ReportInvariant& invariant = report_.invariants[i];
    switch (run.rules[i]) {
      case 'h':
        ++invariant.held;
        break;
      case 'v':
        ++invariant.violated;
        break;
      case 'u':
        ++invariant.unknown;
        break;
      default:
        ++invariant.not_applicable;
        break;
    }
  }
}

void SubjectCounts::count_violations(const RunRecord& run) {
  if (run.violated.empty()) return;
  ++report_.violated_runs;
  for (const Violated& violated : run.violated) {
    Shown& shown = shown_[{violated, {}}];
    ++shown.runs;
    if (shown.finding.has_trace) continue;
    const ReportFinding finding{.invariant = violated.first,
                                .plan = run.plan,
                                .faults = run.faults,
                                .run = hash_text(run.id),
                                .outcome = run.outcome};
    if (shown.finding.run.empty() || is_smaller(finding, shown.finding)) shown.finding = finding;
  }
}

void SubjectCounts::count_fired(const RunRecord& run, std::size_t number, bool is_judged) {
  ReportCell& cell = report_.cells[number];
  ++cell.armed;
  ++cell.fired;
  cell.judged += is_judged ? 1 : 0;
  cell.violated += run.blamed ? 1 : 0;
  ++cell.outcomes[static_cast<std::size_t>(run.outcome)];
  add_sample(run, cell.runs);
}

void SubjectCounts::count_compensations(const RunRecord& run) {
  for (const std::uint32_t step : run.expected) {
    ++compensations_[step].expected;
    const bool is_called =
        std::ranges::any_of(run.compensated, [step](auto call) { return call.first == step; });
    compensations_[step].missing += is_called ? 0 : 1;
  }
  for (std::size_t i = 0; i < run.compensated.size(); ++i) {
    const auto [step, requests] = run.compensated[i];
    CompensationCount& count = compensations_[step];
    ++count.called;
    count.requests += requests;
    count.most = std::max<std::uint64_t>(count.most, requests);
    if (!run.is_open && std::ranges::find(run.expected, step) == run.expected.end()) ++count.unexpected;
    for (std::size_t later = i + 1; later < run.compensated.size(); ++later) {
      if (!saga_->precedes(static_cast<StepId>(step), static_cast<StepId>(run.compensated[later].first)))
        continue;
      ++count.out_of_order;
      break;
    }
  }
}

void SubjectCounts::add_finding(const FindingRecord& record, const std::vector<std::size_t>& cells) {
  // What a search calls its finding comes before what it shows of more cells.
  Shown& shown = shown_[{{record.invariant, record.step}, record.cause}];
  if (!record.cause.empty()) shown.searched.emplace(record.finding.plan, record.schedules);
  const bool is_better =
      shown.finding.run.empty() || !shown.finding.has_trace ||
      (record.is_known == shown.is_known ? is_smaller(record.finding, shown.finding) : shown.is_known);
  if (is_better) {
    shown.finding = record.finding;
    shown.is_known = record.is_known;
  }
  for (const std::uint32_t number : record.shows) {
    const auto [at, is_new] = examples_.try_emplace(cells[number], record);
    if (!is_new && is_smaller_example(record, at->second)) at->second = record;
  }
}

void SubjectCounts::finish(ReportFinding& finding, int step, const SagaReport& report) const {
  if (step >= 0) finding.step = saga_->step(static_cast<StepId>(step)).name;
  const bool is_of_a_test = report.source.empty() && report.target.empty();
  if (finding.token.empty()) {
    finding.command =
        internal::replay_command(report.source, "--plan " + shell_word(finding.plan), report.target);
  } else if (is_of_a_test) {
    finding.command = internal::replay_call(finding.token);
  } else {
    finding.command = internal::replay_command(report.source, finding.token, report.target);
  }
}

/// Cells that are to blame, each with a run that shows it: most with one of their own.
void SubjectCounts::conclude_examples(SagaReport& report) const {
  std::map<std::pair<std::string, std::size_t>, std::size_t> known;  // run and invariant
  for (ReportCell& cell : report.cells) {
    const auto example = examples_.find(cell_by_name_.find(cell.name)->second);
    if (example == examples_.end()) continue;
    const FindingRecord& record = example->second;
    const auto [at, is_new] =
        known.try_emplace({record.finding.run, record.invariant}, report.examples.size());
    if (is_new) finish(report.examples.emplace_back(record.finding), record.step, report);
    cell.example = at->second;
  }
}

void SubjectCounts::conclude_exclusions(SagaReport& report, std::string_view today) const {
  for (const auto& [cells, reason, owner, expires] : exclusions_) {
    ReportExclusion& each = report.exclusions.emplace_back();
    each.exclusion = {.cells = cells, .reason = reason, .owner = owner, .expires = expires};
    each.expired = !today.empty() && expires < today;
  }
}

void SubjectCounts::conclude_cells(SagaReport& report, std::string_view today) const {
  conclude_exclusions(report, today);
  std::vector<ReportCell> cells = std::exchange(report.cells, {});
  for (std::size_t i = 0; i < cells.size(); ++i) {
    ReportCell& cell = cells[i];
    cell.reached = std::max(reached_[slot(cell)], cell.fired);
    cell.unreachable_within = cell.reached > 0 ? -1 : searched_within(report.searches, cell.kind);
    for (std::size_t at = 0; at < report.exclusions.size(); ++at) {
      ReportExclusion& exclusion = report.exclusions[at];
      if (!matches_cell(exclusion.exclusion.cells, cell.name)) continue;
      ++exclusion.cells;
      if (cell.fired > 0 && !exclusion.expired) exclusion.fired.push_back(cell.name);
      if (!cell.exclusion && !exclusion.expired) cell.exclusion = at;
    }
    cell.status = status_of(cell);
    if (cell.status != CellStatus::kExcluded) cell.exclusion.reset();
    if (cell.status != CellStatus::kUnreachable) cell.unreachable_within = -1;
    (is_declared_[i] ? report.cells : report.undeclared).push_back(std::move(cell));
  }
  sort_by_place(report.cells);
  sort_by_place(report.undeclared);
  for (ReportExclusion& exclusion : report.exclusions) std::ranges::sort(exclusion.fired);
  for (const ReportCell& cell : report.cells) {
    ++report.counts.legal;
    ++report.counts.by_status[static_cast<std::size_t>(cell.status)];
    report.counts.denominator += cell.status == CellStatus::kExcluded ? 0 : 1;
    report.counts.fired += cell.fired > 0 ? 1 : 0;
    report.counts.held += cell.status == CellStatus::kHeld ? 1 : 0;
  }
}

SagaReport SubjectCounts::conclude(const std::vector<ReportSearch>& searches, std::string_view today) const {
  SagaReport report = report_;
  report.searches = searches;
  conclude_cells(report, today);
  for (std::size_t faults = 0; faults < levels_.size(); ++faults) {
    if (levels_[faults] > 0) report.levels.push_back({static_cast<int>(faults), levels_[faults]});
  }
  for (const CompensationCount& count : compensations_) {
    if (!saga_->step(count.step).compensation.empty()) report.compensations.push_back(count);
  }
  for (ReportInvariant& invariant : report.invariants) invariant.status = status_of(invariant);
  for (const auto& [caused, shown] : shown_) {
    const auto& [violated, cause] = caused;
    const auto next = shown_.upper_bound(caused);
    const bool has_causes = cause.empty() && next != shown_.end() && next->first.first == violated;
    if (has_causes) continue;  // they say more
    ReportFinding& finding = report.findings.emplace_back(shown.finding);
    finish(finding, violated.second, report);
    finding.runs = shown.runs;
    for (const auto& [plan, schedules] : shown.searched) finding.runs += schedules;
  }
  conclude_examples(report);
  std::ranges::stable_sort(report.findings, {}, [](const ReportFinding& finding) {
    return std::tuple(finding.faults, finding.plan, finding.invariant, finding.step, finding.cause);
  });
  return report;
}

}  // namespace saga_harness::reports
