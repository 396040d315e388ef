#include "coverage.hpp"

#include <algorithm>
#include <array>

namespace saga_harness {
namespace {

// Before and after the same thing are one phase of it.
Where phase_of(Where where) {
  switch (where) {
    case Where::kCall:
    case Where::kAfterCall:
    case Where::kAfterIntent:
    case Where::kAfterResult:
    case Where::kAfterStarted:
    case Where::kAfterCompensating:
    case Where::kAfterEnd:
    case Where::kAfterNote:
      return where;
    case Where::kBeforeCall:
      return Where::kAfterCall;
    case Where::kBeforeIntent:
      return Where::kAfterIntent;
    case Where::kBeforeResult:
      return Where::kAfterResult;
    case Where::kBeforeStarted:
      return Where::kAfterStarted;
    case Where::kBeforeCompensating:
      return Where::kAfterCompensating;
    case Where::kBeforeEnd:
      return Where::kAfterEnd;
    case Where::kBeforeNote:
      return Where::kAfterNote;
  }
  return where;
}

// What a definition cannot foresee: log records of a coordinator that keeps its log in its own way.
bool is_own_log(Where phase) { return phase != Where::kCall && phase != Where::kAfterCall; }

CellStatus status_of(const Cell& cell) {
  if (cell.violated > 0) return CellStatus::kViolated;
  if (cell.judged > 0) return CellStatus::kHeld;
  if (cell.fired > 0) return CellStatus::kVacuous;
  return cell.reached > 0 ? CellStatus::kNotFired : CellStatus::kNotReached;
}

}  // namespace

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
  }
  return "";
}

std::vector<Cell> declared_cells(const SagaIndex& saga, const Experiment& experiment) {
  std::vector<Cell> cells;
  const auto add_crash = [&](StepId step, Operation operation, Where where) {
    if (experiment.setup.durable) {
      cells.push_back(
          {.step = step, .operation = operation, .where = where, .kind = FaultKind::kCoordinatorCrash});
    }
  };
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      const std::vector<Alternative> legal = legal_alternatives(Where::kCall, {step, operation}, saga);
      for (const Alternative& alternative : legal) {
        if (alternative.window != Window::kOnce) continue;
        cells.push_back({.step = step, .operation = operation, .kind = alternative.kind});
      }
      if (legal.empty()) continue;
      add_crash(step, operation, Where::kAfterCall);
      if (experiment.claims.write_ahead && operation != Operation::kCompensation) {
        add_crash(step, operation, Where::kAfterIntent);
      }
      if (experiment.claims.write_ahead) add_crash(step, operation, Where::kAfterResult);
    }
  }
  if (experiment.claims.write_ahead) {
    add_crash(kNoStep, Operation::kAction, Where::kAfterStarted);
    add_crash(kNoStep, Operation::kAction, Where::kAfterCompensating);
    add_crash(kNoStep, Operation::kAction, Where::kAfterEnd);
  }
  return cells;
}

Coverage::Coverage(const SagaIndex& saga, const Experiment& experiment)
    : step_count_(saga.step_count()), cells_(declared_cells(saga, experiment)) {
  slots_.resize((step_count_ + 1) * kOperationCount * kWhereCount * kFaultKindCount);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& cell = cells_[i];
    slots_[slot_of({cell.step, cell.operation, cell.where, 1}, cell.kind)] =
        static_cast<std::uint32_t>(i + 1);
  }
}

std::size_t Coverage::slot_of(const Point& point, FaultKind kind) const {
  const std::size_t step = point.step == kNoStep ? step_count_ : point.step;
  const std::size_t operation = step * kOperationCount + static_cast<std::size_t>(point.operation);
  const std::size_t place = operation * kWhereCount + static_cast<std::size_t>(phase_of(point.where));
  return place * kFaultKindCount + static_cast<std::size_t>(kind);
}

Cell& Coverage::cell_of(const Point& point, FaultKind kind) {
  std::uint32_t& slot = slots_[slot_of(point, kind)];
  if (slot == 0) {
    const Where phase = phase_of(point.where);
    cells_.push_back({.step = point.step,
                      .operation = point.operation,
                      .where = phase,
                      .kind = kind,
                      .declared = is_own_log(phase)});
    slot = static_cast<std::uint32_t>(cells_.size());
  }
  return cells_[slot - 1];
}

void Coverage::count_reached(std::span<const Branch> branches) {
  for (const Branch& branch : branches) {
    for (const Alternative& alternative : branch.legal) {
      if (alternative.window == Window::kOnce) ++cell_of(branch.point, alternative.kind).reached;
    }
  }
}

void Coverage::count_fired(std::span<const Pick> picks, Outcome outcome, bool judged, bool blamed) {
  for (const Pick& pick : picks) {
    Cell& cell = cell_of(pick.point, pick.alternative.kind);
    ++cell.fired;
    cell.judged += judged ? 1 : 0;
    cell.violated += blamed ? 1 : 0;
    ++cell.outcomes[static_cast<std::size_t>(outcome)];
  }
}

void Coverage::merge(const Coverage& other) {
  for (const Cell& more : other.cells_) {
    Cell& cell = cell_of({more.step, more.operation, more.where, 1}, more.kind);
    cell.reached += more.reached;
    cell.fired += more.fired;
    cell.judged += more.judged;
    cell.violated += more.violated;
    for (std::size_t i = 0; i < cell.outcomes.size(); ++i) cell.outcomes[i] += more.outcomes[i];
  }
}

void Coverage::conclude(std::vector<Cell>& cells, std::vector<Cell>& undeclared) const {
  for (const Cell& counted : cells_) {
    Cell& cell = (counted.declared ? cells : undeclared).emplace_back(counted);
    cell.status = status_of(cell);
  }
  // Cells met on the way stand where the definition would have put them.
  const auto place = [](const Cell& cell) {
    return std::tuple(cell.step, cell.operation, cell.where != Where::kCall, cell.where, cell.kind);
  };
  std::ranges::stable_sort(cells, {}, place);
  std::ranges::stable_sort(undeclared, {}, place);
}

}  // namespace saga_harness
