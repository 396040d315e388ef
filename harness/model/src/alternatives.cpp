#include <algorithm>
#include <vector>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/faults.hpp>

namespace saga_harness {
namespace {

bool has_what_it_needs(FaultNeed need, OperationId operation, const SagaIndex& saga) {
  const bool is_compensation = operation.operation == Operation::kCompensation;
  switch (need) {
    case FaultNeed::kNothing:
      return true;
    case FaultNeed::kCompensation:
      return !is_compensation && !saga.action_of({operation.step, Operation::kCompensation}).empty();
    case FaultNeed::kDeadline:
      return saga.saga().deadline.has_value();
    case FaultNeed::kForward:
      return !is_compensation;
  }
  return true;
}

/// What a row says of an instant, by who drives the saga: a coordinator, or events.
const Legality& legality_of(const FaultRow& row, Where where, const SagaIndex& saga) {
  if (!saga.is_choreography()) return row.under_coordinator;
  return where == Where::kPublish ? row.at_publish : row.at_delivery;
}

bool tells_nobody(OperationId operation, const SagaIndex& saga) {
  return operation.operation == Operation::kCompensation &&
         saga.step(operation.step).emits.compensated.empty();
}

/// The rows that are legal, in the order in which exploration tries them: that of the catalogue, but at
/// publishing what becomes of the event before what becomes of its service.
std::vector<const FaultRow*> legal_rows(Where where, OperationId operation, const SagaIndex& saga) {
  std::vector<const FaultRow*> rows;
  for (const FaultRow& row : kFaultCatalogue) {
    if (legality_of(row, where, saga).includes(where) && has_what_it_needs(row.needs, operation, saga))
      rows.push_back(&row);
  }
  if (where == Where::kPublish)
    std::ranges::stable_partition(rows,
                                  [](const FaultRow* row) { return row->area != FaultArea::kParticipant; });
  return rows;
}

bool is_log_write(Where where) { return (fault_table::kWrites & instants(where)) != 0; }

}  // namespace

namespace internal {

bool is_about_saga(Where where) {
  switch (where) {
    case Where::kCall:
    case Where::kBeforeCall:
    case Where::kDuringCall:
    case Where::kAfterCall:
    case Where::kBeforeIntent:
    case Where::kAfterIntent:
    case Where::kBeforeResult:
    case Where::kAfterResult:
    case Where::kPublish:
      return false;
    case Where::kBeforeStarted:
    case Where::kAfterStarted:
    case Where::kBeforeCompensating:
    case Where::kAfterCompensating:
    case Where::kBeforeEnd:
    case Where::kAfterEnd:
    case Where::kBeforeNote:
    case Where::kAfterNote:
    case Where::kOnResume:
      return true;
  }
  return false;
}

}  // namespace internal

std::vector<Alternative> legal_alternatives(Where where, OperationId operation, const SagaIndex& saga) {
  const bool about_saga = operation.step == kNoStep;
  if (about_saga != internal::is_about_saga(where)) return {};
  if (!about_saga && saga.action_of(operation).empty()) return {};
  if (where == Where::kPublish && saga.is_choreography() && tells_nobody(operation, saga)) return {};
  std::vector<Alternative> legal;
  const auto add_windows = [&](const FaultRow& row) {
    for (const Window window : {Window::kBudget, Window::kHeal, Window::kForever}) {
      if ((legality_of(row, where, saga).windows & window_bit(window)) == 0) continue;
      if (window == Window::kBudget && saga.budget(operation) <= 1) continue;  // it would repeat `once`
      legal.push_back({row.kind, window});
    }
  };
  const std::vector<const FaultRow*> rows = legal_rows(where, operation, saga);
  for (const FaultRow* row : rows) {
    legal.push_back({row->kind, Window::kOnce});
    if (is_log_write(where)) add_windows(*row);
  }
  for (const FaultRow* row : rows) {
    if (!is_log_write(where)) add_windows(*row);
  }
  return legal;
}

}  // namespace saga_harness
