#include <saga_harness_internal/coverage.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness_internal/skipped.hpp>

namespace saga_harness {
namespace {

// What a definition cannot foresee: what comes at the same time, where participants end transactions, and log
// records of a coordinator that keeps its log in its own way.
bool is_unforeseeable(Instant phase, bool is_choreography) {
  if (phase == Instant::kCommit) return !is_choreography;  // few participants end transactions
  return phase != Instant::kCall && phase != Instant::kDuringCall && phase != Instant::kAfterCall &&
         phase != Instant::kPublish;
}

/// By who drives the saga: a coordinator, or events.
bool is_legal_under(const FaultRow& row, bool is_choreography) {
  return is_choreography ? row.at_delivery.at != 0 || row.at_publish.at != 0 : row.under_coordinator.at != 0;
}

/// Gathers the cells of a definition, place by place.
class Declaration {
 public:
  Declaration(const SagaIndex& saga, const Experiment& experiment, const std::vector<FaultKind>& kinds)
      : saga_(saga), durable_(experiment.setup.durable), in_scope_(kFaultKindCount) {
    for (const FaultKind kind : kinds_in_scope(experiment, {}))
      in_scope_[static_cast<std::size_t>(kind)] = true;
    for (const FaultKind kind : kinds) in_scope_[static_cast<std::size_t>(kind)] = true;
  }

  /// The cells of an instant and, if it is the later of two around the same thing, of the one before.
  void add(OperationId operation, Instant before, Instant phase) {
    is_known_.fill(false);
    add_kinds(operation, before, phase);
    if (before != phase) add_kinds(operation, phase, phase);
  }
  [[nodiscard]] std::vector<Cell> take() { return std::move(cells_); }

 private:
  void add_kinds(OperationId operation, Instant instant, Instant phase) {
    for (const Alternative& alternative : legal_alternatives(instant, operation, saga_)) {
      if (alternative.window != FaultDuration::kOnce ||
          !in_scope_[static_cast<std::size_t>(alternative.kind)])
        continue;
      if (!durable_ && fate_of(alternative.kind).needs_restart()) continue;
      if (std::exchange(is_known_[static_cast<std::size_t>(alternative.kind)], true)) continue;
      cells_.push_back({.step = operation.step,
                        .operation = operation.operation,
                        .instant = phase,
                        .kind = alternative.kind});
    }
  }

  const SagaIndex& saga_;
  bool durable_;
  std::vector<bool> in_scope_;
  std::array<bool, kFaultKindCount> is_known_{};  // of the place that is being added
  std::vector<Cell> cells_;
};

void sort_by_place(std::vector<Cell>& cells) {
  const auto place = [](const Cell& cell) {
    return std::tuple(cell.step, cell.operation, cell.instant != Instant::kCall, cell.instant, cell.kind);
  };
  if (!std::ranges::is_sorted(cells, {}, place)) std::ranges::stable_sort(cells, {}, place);
}

std::vector<Cell> cells_without(const std::vector<std::uint8_t>& skipped, const SagaIndex& saga,
                                const Experiment& experiment, const std::vector<FaultKind>& asked) {
  Declaration declaration(saga, experiment, asked);
  const bool logs = experiment.claims.write_ahead;
  for (StepId step = 0; step < saga.step_count(); ++step) {
    if (internal::is_skipped(skipped, step)) continue;
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      const OperationId id{step, operation};
      declaration.add(id, Instant::kCall, Instant::kCall);
      declaration.add(id, Instant::kDuringCall, Instant::kDuringCall);
      declaration.add(id, Instant::kBeforeCall, Instant::kAfterCall);
      if (logs && operation != Operation::kCompensation)
        declaration.add(id, Instant::kBeforeIntent, Instant::kAfterIntent);
      if (logs) declaration.add(id, Instant::kBeforeResult, Instant::kAfterResult);
      declaration.add(id, Instant::kPublish, Instant::kPublish);
      if (saga.is_choreography()) declaration.add(id, Instant::kCommit, Instant::kCommit);
    }
  }
  if (logs) {
    const OperationId saga_itself{kNoStep, Operation::kAction};
    declaration.add(saga_itself, Instant::kBeforeStarted, Instant::kAfterStarted);
    declaration.add(saga_itself, Instant::kBeforeCompensating, Instant::kAfterCompensating);
    declaration.add(saga_itself, Instant::kBeforeEnd, Instant::kAfterEnd);
    declaration.add(saga_itself, Instant::kOnResume, Instant::kOnResume);
  }
  std::vector<Cell> cells = declaration.take();
  sort_by_place(cells);
  return cells;
}

CellFacts facts_of(const Cell& cell) {
  return {.reached = cell.reached, .fired = cell.fired, .judged = cell.judged, .violated = cell.violated};
}

bool comes_with_call(Instant phase) {
  return std::ranges::find(internal::kComeWithCall, phase) != internal::kComeWithCall.end();
}

bool is_in_force(const Exclusion& exclusion, std::string_view today) {
  return today.empty() || exclusion.expires >= today;
}

}  // namespace

Instant phase_of(Instant instant) {
  switch (instant) {
    case Instant::kCall:
    case Instant::kDuringCall:
    case Instant::kOnResume:
    case Instant::kAfterCall:
    case Instant::kAfterIntent:
    case Instant::kAfterResult:
    case Instant::kAfterStarted:
    case Instant::kAfterCompensating:
    case Instant::kAfterEnd:
    case Instant::kAfterNote:
    case Instant::kPublish:
    case Instant::kTie:
    case Instant::kCommit:
      return instant;
    case Instant::kBeforeCall:
      return Instant::kAfterCall;
    case Instant::kBeforeIntent:
      return Instant::kAfterIntent;
    case Instant::kBeforeResult:
      return Instant::kAfterResult;
    case Instant::kBeforeStarted:
      return Instant::kAfterStarted;
    case Instant::kBeforeCompensating:
      return Instant::kAfterCompensating;
    case Instant::kBeforeEnd:
      return Instant::kAfterEnd;
    case Instant::kBeforeNote:
      return Instant::kAfterNote;
  }
  return instant;
}

std::string_view name_of(CellStatus status) {
  switch (status) {
    case CellStatus::kHeld:
      return "held";
    case CellStatus::kViolated:
      return "violated";
    case CellStatus::kVacuous:
      return "vacuous";
    case CellStatus::kNotFired:
      return "not_fired";
    case CellStatus::kNotReached:
      return "not_reached";
    case CellStatus::kExcluded:
      return "excluded";
    case CellStatus::kUnreachable:
      return "unreachable";
  }
  return "";
}

std::vector<FaultKind> kinds_in_scope(const Experiment& experiment, const std::vector<FaultKind>& asked) {
  if (!asked.empty()) return asked;
  const SagaIndex* saga = experiment.setup.saga.get();
  std::vector<FaultKind> kinds;
  for (const FaultRow& row : kFaultCatalogue) {
    const bool is_legal = saga == nullptr || is_legal_under(row, saga->is_choreography());
    if (is_legal && is_in_scope(row.kind, experiment.claims)) kinds.push_back(row.kind);
  }
  return kinds;
}

std::vector<Cell> declared_cells(const SagaIndex& saga, const Experiment& experiment,
                                 const std::vector<FaultKind>& asked) {
  return cells_without(internal::skipped_in(saga, experiment), saga, experiment, asked);
}

std::vector<Cell> internal::cells_in_any_context(const SagaIndex& saga, const Experiment& experiment,
                                                 const std::vector<FaultKind>& asked) {
  return cells_without({}, saga, experiment, asked);
}

std::vector<std::uint8_t> internal::skipped_in(const SagaIndex& saga, const Experiment& experiment) {
  const bool is_default = experiment.setup.context == Context();
  return skipped_steps(saga.saga(), is_default ? saga.saga().context : experiment.setup.context);
}

std::vector<std::uint8_t> internal::skipped_by_definition(const Saga& saga) {
  try {
    return skipped_steps(saga, saga.context);
  } catch (const Error&) {
    return {};
  }
}

CellStatus status_of(const CellFacts& facts) {
  if (facts.violated > 0) return CellStatus::kViolated;
  if (facts.judged > 0) return CellStatus::kHeld;
  if (facts.fired > 0) return CellStatus::kVacuous;
  if (facts.is_excluded) return CellStatus::kExcluded;
  if (facts.reached > 0) return CellStatus::kNotFired;
  return facts.is_exhausted ? CellStatus::kUnreachable : CellStatus::kNotReached;
}

// Without faults nothing is met that comes of one.
void conclude_statuses(const Experiment& experiment, const ExploreOptions& options,
                       Exploration& exploration) {
  const SagaIndex& saga = *experiment.setup.saga;
  std::array<bool, kFaultKindCount> is_tried{};
  for (const FaultKind kind : options.kinds) is_tried[static_cast<std::size_t>(kind)] = true;
  for (Cell& cell : exploration.cells) {
    if (cell.fired > 0) continue;
    CellFacts facts = facts_of(cell);
    facts.is_excluded = std::ranges::any_of(experiment.exclusions, [&](const Exclusion& each) {
      return is_in_force(each, options.today) && matches_cell(each.cells, cell_name(cell, saga));
    });
    facts.is_exhausted =
        exploration.exhausted && options.max_faults > 0 && is_tried[static_cast<std::size_t>(cell.kind)];
    cell.status = status_of(facts);
  }
}

Coverage::Coverage(const SagaIndex& saga, const Experiment& experiment, const std::vector<FaultKind>& asked)
    : Coverage(saga, declared_cells(saga, experiment, asked)) {}

Coverage::Coverage(const SagaIndex& saga, std::vector<Cell> declared)
    : step_count_(saga.step_count()),
      is_choreography_(saga.is_choreography()),
      cells_(std::move(declared)),
      met_((step_count_ + 1) * kOperationCount * kInstantCount),
      met_in_(met_.size()) {
  slots_.resize(met_.size() * kFaultKindCount);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& cell = cells_[i];
    slots_[slot_of({cell.step, cell.operation, cell.instant, 1}, cell.kind)] =
        static_cast<std::uint32_t>(i + 1);
  }
}

std::size_t Coverage::slot_of(const Point& point, FaultKind kind) const {
  const std::size_t instant = instant_of(point.step, point.operation, phase_of(point.instant));
  return instant * kFaultKindCount + static_cast<std::size_t>(kind);
}

Cell& Coverage::cell_of(const Point& point, FaultKind kind) {
  std::uint32_t& slot = slots_[slot_of(point, kind)];
  if (slot == 0) {
    const Instant phase = phase_of(point.instant);
    cells_.push_back({.step = point.step,
                      .operation = point.operation,
                      .instant = phase,
                      .kind = kind,
                      .declared = is_unforeseeable(phase, is_choreography_)});
    slot = static_cast<std::uint32_t>(cells_.size());
  }
  return cells_[slot - 1];
}

void Coverage::count_met_like(std::span<const std::uint32_t> instants) {
  ++run_;
  for (const std::uint32_t instant : instants) meet(instant);
}

// Where a fault struck. To be called once the instants of the run are counted.
void Coverage::meet(const Point& point) {
  const Instant phase = phase_of(point.instant);
  const bool has_call =
      comes_with_call(phase) && met_in_[instant_of(point.step, point.operation, Instant::kCall)] == run_;
  if (!has_call) meet(instant_of(point.step, point.operation, phase));
}

std::uint64_t Coverage::runs_that_met(const Cell& cell) const {
  const std::uint64_t runs = met_[instant_of(cell.step, cell.operation, cell.instant)];
  if (!comes_with_call(cell.instant)) return runs;
  return runs + met_[instant_of(cell.step, cell.operation, Instant::kCall)];
}

std::vector<std::uint32_t> Coverage::instants_in(std::span<const Event> events) const {
  std::vector<std::uint32_t> instants;
  const auto met = [&](StepId step, Operation operation, Instant phase) {
    instants.push_back(static_cast<std::uint32_t>(instant_of(step, operation, phase)));
  };
  internal::for_each_instant_met(events, is_choreography_, met, [](const Event&) {});
  return instants;
}

void Coverage::count_fired(std::span<const Pick> picks, Outcome outcome, bool judged, bool blamed) {
  for (const Pick& pick : picks) {
    meet(pick.point);
    Cell& cell = cell_of(pick.point, pick.alternative.kind);
    ++cell.fired;
    cell.judged += judged ? 1 : 0;
    cell.violated += blamed ? 1 : 0;
    ++cell.outcomes[static_cast<std::size_t>(outcome)];
  }
}

void Coverage::merge(const Coverage& other) {
  for (std::size_t instant = 0; instant < met_.size(); ++instant) met_[instant] += other.met_[instant];
  for (const Cell& more : other.cells_) {
    Cell& cell = cell_of({more.step, more.operation, more.instant, 1}, more.kind);
    cell.fired += more.fired;
    cell.judged += more.judged;
    cell.violated += more.violated;
    for (std::size_t i = 0; i < cell.outcomes.size(); ++i) cell.outcomes[i] += more.outcomes[i];
  }
}

void Coverage::conclude(std::vector<Cell>& cells, std::vector<Cell>& undeclared) const {
  for (const Cell& counted : cells_) {
    Cell& cell = (counted.declared ? cells : undeclared).emplace_back(counted);
    // Of an instant that nothing foresaw, records keep only that a fault struck there.
    cell.reached = cell.declared ? runs_that_met(cell) : cell.fired;
    cell.status = status_of(facts_of(cell));
  }
  sort_by_place(undeclared);
  sort_by_place(cells);  // those met on the way stand where the definition would have put them
}

}  // namespace saga_harness
