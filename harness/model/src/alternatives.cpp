#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/bound_data.hpp>
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
    case FaultNeed::kBackward:
      return is_compensation;
    case FaultNeed::kBoundResult:
      return !is_compensation && !saga.step(operation.step).result.empty() &&
             internal::is_result_bound(saga.saga(), saga.step(operation.step).name);
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
constexpr LegalRows rows_at(Instant instant, Legality FaultRow::*legality) {
  LegalRows rows;
  for (const bool of_service : {false, true}) {
    for (std::size_t place = 0; place < kFaultKindCount; ++place) {
      const FaultRow& row = kFaultCatalogue[place];
      const bool comes_last = instant == Instant::kPublish && row.area == FaultArea::kParticipant;
      if ((row.*legality).includes(instant) && comes_last == of_service) rows.add(place);
    }
  }
  return rows;
}

constexpr auto kUnderCoordinator = [] {
  std::array<LegalRows, kInstantCount> rows;
  for (std::size_t i = 0; i < kInstantCount; ++i)
    rows[i] = rows_at(static_cast<Instant>(i), &FaultRow::under_coordinator);
  return rows;
}();
constexpr LegalRows kAtDelivery = rows_at(Instant::kCall, &FaultRow::at_delivery);
constexpr LegalRows kAtTie = rows_at(Instant::kTie, &FaultRow::at_delivery);
constexpr LegalRows kAtCommit = rows_at(Instant::kCommit, &FaultRow::at_delivery);
constexpr LegalRows kAtPublish = rows_at(Instant::kPublish, &FaultRow::at_publish);
constexpr LegalRows kNoRows;

struct LegalAt {
  const LegalRows* rows;
  Legality FaultRow::*legality;
};

/// What is legal at an instant, by who drives the saga: a coordinator, or events.
LegalAt legal_at(Instant instant, const SagaIndex& saga) {
  if (!saga.is_choreography())
    return {&kUnderCoordinator[static_cast<std::size_t>(instant)], &FaultRow::under_coordinator};
  if (instant == Instant::kCall) return {&kAtDelivery, &FaultRow::at_delivery};
  if (instant == Instant::kTie) return {&kAtTie, &FaultRow::at_delivery};
  if (instant == Instant::kCommit) return {&kAtCommit, &FaultRow::at_delivery};
  return {instant == Instant::kPublish ? &kAtPublish : &kNoRows, &FaultRow::at_publish};
}

bool tells_nobody(OperationId operation, const SagaIndex& saga) {
  return operation.operation == Operation::kCompensation &&
         saga.step(operation.step).emits.compensated.empty();
}

bool is_log_write(Instant instant) { return (fault_table::kWrites & instants(instant)) != 0; }

}  // namespace

namespace internal {

bool is_about_saga(Instant instant) {
  switch (instant) {
    case Instant::kCall:
    case Instant::kBeforeCall:
    case Instant::kDuringCall:
    case Instant::kAfterCall:
    case Instant::kBeforeIntent:
    case Instant::kAfterIntent:
    case Instant::kBeforeResult:
    case Instant::kAfterResult:
    case Instant::kPublish:
    case Instant::kTie:
    case Instant::kCommit:
      return false;
    case Instant::kBeforeStarted:
    case Instant::kAfterStarted:
    case Instant::kBeforeCompensating:
    case Instant::kAfterCompensating:
    case Instant::kBeforeEnd:
    case Instant::kAfterEnd:
    case Instant::kBeforeNote:
    case Instant::kAfterNote:
    case Instant::kOnResume:
      return true;
  }
  return false;
}

}  // namespace internal

std::vector<Alternative> legal_alternatives(Instant instant, OperationId operation, const SagaIndex& saga) {
  const bool about_saga = operation.step == kNoStep;
  if (about_saga != internal::is_about_saga(instant)) return {};
  if (!about_saga && saga.action_of(operation).empty()) return {};
  const bool is_about_telling = instant == Instant::kPublish || instant == Instant::kCommit;
  if (is_about_telling && saga.is_choreography() && tells_nobody(operation, saga)) return {};
  const auto [rows, legality] = legal_at(instant, saga);
  const std::span<const std::uint8_t> places(rows->places.data(), rows->count);
  std::vector<Alternative> legal;
  legal.reserve(2 * places.size());
  const auto add_windows = [&, windows_of = legality](const FaultRow& row) {
    const FaultDurationSet windows = (row.*windows_of).windows;
    for (const FaultDuration window :
         {FaultDuration::kBudget, FaultDuration::kHeal, FaultDuration::kForever}) {
      if ((windows & window_bit(window)) == 0) continue;
      if (window == FaultDuration::kBudget && saga.budget(operation) <= 1)
        continue;  // it would repeat `once`
      legal.push_back({row.kind, window});
    }
  };
  for (const std::uint8_t place : places) {
    const FaultRow& row = kFaultCatalogue[place];
    if (!has_what_it_needs(row.needs, operation, saga)) continue;
    legal.push_back({row.kind, FaultDuration::kOnce});
    if (is_log_write(instant)) add_windows(row);
  }
  if (is_log_write(instant)) return legal;
  for (const std::uint8_t place : places) {
    const FaultRow& row = kFaultCatalogue[place];
    if (has_what_it_needs(row.needs, operation, saga)) add_windows(row);
  }
  return legal;
}

}  // namespace saga_harness
