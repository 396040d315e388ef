#include <array>
#include <cstdint>
#include <span>
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

/// The rows that are legal at an instant, by place, in the order in which exploration tries them.
struct LegalRows {
  std::array<std::uint8_t, kFaultKindCount> places = {};
  std::uint8_t count = 0;

  constexpr void add(std::size_t place) { places[count++] = static_cast<std::uint8_t>(place); }
};

/// The order is that of the catalogue, but at publishing what becomes of the event comes before what becomes
/// of its service.
constexpr LegalRows rows_at(Where where, Legality FaultRow::*legality) {
  LegalRows rows;
  for (const bool of_service : {false, true}) {
    for (std::size_t place = 0; place < kFaultKindCount; ++place) {
      const FaultRow& row = kFaultCatalogue[place];
      const bool comes_last = where == Where::kPublish && row.area == FaultArea::kParticipant;
      if ((row.*legality).includes(where) && comes_last == of_service) rows.add(place);
    }
  }
  return rows;
}

constexpr auto kUnderCoordinator = [] {
  std::array<LegalRows, kWhereCount> rows;
  for (std::size_t i = 0; i < kWhereCount; ++i)
    rows[i] = rows_at(static_cast<Where>(i), &FaultRow::under_coordinator);
  return rows;
}();
constexpr LegalRows kAtDelivery = rows_at(Where::kCall, &FaultRow::at_delivery);
constexpr LegalRows kAtPublish = rows_at(Where::kPublish, &FaultRow::at_publish);
constexpr LegalRows kNoRows;

struct LegalAt {
  const LegalRows* rows;
  Legality FaultRow::*legality;
};

/// What is legal at an instant, by who drives the saga: a coordinator, or events.
LegalAt legal_at(Where where, const SagaIndex& saga) {
  if (!saga.is_choreography())
    return {&kUnderCoordinator[static_cast<std::size_t>(where)], &FaultRow::under_coordinator};
  if (where == Where::kCall) return {&kAtDelivery, &FaultRow::at_delivery};
  return {where == Where::kPublish ? &kAtPublish : &kNoRows, &FaultRow::at_publish};
}

bool tells_nobody(OperationId operation, const SagaIndex& saga) {
  return operation.operation == Operation::kCompensation &&
         saga.step(operation.step).emits.compensated.empty();
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
  const auto [rows, legality] = legal_at(where, saga);
  const std::span<const std::uint8_t> places(rows->places.data(), rows->count);
  std::vector<Alternative> legal;
  legal.reserve(2 * places.size());
  const auto add_windows = [&, windows_of = legality](const FaultRow& row) {
    const WindowSet windows = (row.*windows_of).windows;
    for (const Window window : {Window::kBudget, Window::kHeal, Window::kForever}) {
      if ((windows & window_bit(window)) == 0) continue;
      if (window == Window::kBudget && saga.budget(operation) <= 1) continue;  // it would repeat `once`
      legal.push_back({row.kind, window});
    }
  };
  for (const std::uint8_t place : places) {
    const FaultRow& row = kFaultCatalogue[place];
    if (!has_what_it_needs(row.needs, operation, saga)) continue;
    legal.push_back({row.kind, Window::kOnce});
    if (is_log_write(where)) add_windows(row);
  }
  if (is_log_write(where)) return legal;
  for (const std::uint8_t place : places) {
    const FaultRow& row = kFaultCatalogue[place];
    if (has_what_it_needs(row.needs, operation, saga)) add_windows(row);
  }
  return legal;
}

}  // namespace saga_harness
