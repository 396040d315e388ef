#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/report.hpp>

namespace saga_harness::reports {

/// The saga, and beside it what is not the reference: `order_processing`, `order_processing [mine]`.
[[nodiscard]] std::string subject_name(const SagaReport& saga);

/// `I1 truthful outcome`; of an invariant of the user's own its name.
[[nodiscard]] std::string rule_name(const ReportInvariant& invariant);

/// `I1 truthful outcome at process_payment`.
/// How it came about, and which earlier sagas it needs; empty if nothing is known of either.
[[nodiscard]] std::string notes_of(const ReportFinding& finding);
[[nodiscard]] std::string title_of(const ReportFinding& finding, const SagaReport& saga);

/// `191 of 323 (59 %)`.
[[nodiscard]] std::string share_text(std::uint64_t part, std::uint64_t whole);

/// One sentence on everything: `335 runs of 1 saga, 0 findings; 191 of 323 cells fired (59 %), 190 held (58
/// %)`.
[[nodiscard]] std::string headline(const Report& report);

/// `up to 2 faults, without windows: 491 schedules`.
[[nodiscard]] std::string extent_of(const Study& study);
/// `I1 truthful outcome, saga 2`.
[[nodiscard]] std::string title_of(const StudyFinding& finding);

/// `every plan of up to 2 faults`, `10000 plans at random of the seed "monday"`, and how far it came.
[[nodiscard]] std::string extent_of(const ReportSearch& search);

/// Why a cell is not held, in a few words.
[[nodiscard]] std::string why(const ReportCell& cell, const SagaReport& saga);

/// The statuses a reader is to look at first, the worst in front; kHeld is not among them.
[[nodiscard]] const std::vector<CellStatus>& worst_first();

/// What happened at an event, in a few words: `process_payment (attempt 2)`, `rejected`. Foreign text in it.
[[nodiscard]] std::string label_of(const ReportEvent& event, const SagaReport& saga);
/// The action's name at the service, and the service itself; empty if the event is about no call.
[[nodiscard]] std::string action_of(const ReportEvent& event, const SagaReport& saga);
[[nodiscard]] std::string service_of(const ReportEvent& event, const SagaReport& saga);

/// Places of a saga: rows of a matrix.
struct PlaceRow {
  StepId step = kNoStep;
  Operation operation = Operation::kAction;
  std::string name = {};
};
[[nodiscard]] std::vector<PlaceRow> rows_of(const SagaReport& saga);

/// A kind of fault at an instant, with its cells by place (as rows_of() has them; nullptr: not legal there).
struct InstantRow {
  Instant instant = Instant::kCall;
  FaultKind kind = FaultKind::kRejected;
  std::vector<const ReportCell*> cells = {};
};
/// Those of calls first, then in the order of the catalogue.
[[nodiscard]] std::vector<InstantRow> instants_of(const SagaReport& saga,
                                                  const std::vector<PlaceRow>& places);

/// Who stands between the services: `coordinator`, or the `bus` of a choreography.
[[nodiscard]] std::string_view middle_of(const SagaReport& saga);

/// The services that have a part in the run of a finding, in the order of the definition.
[[nodiscard]] std::vector<std::string> services_in(const ReportFinding& finding, const SagaReport& saga);

/// What each step with a condition depends on: `insure: only if /insured equals true`, with `, skipped` where
/// the step has no cell, since every context that was tried rules it out. Foreign text in it.
[[nodiscard]] std::vector<std::string> conditions_of(const SagaReport& saga);
/// `only if /insured equals true`; empty if the step has no condition.
[[nodiscard]] std::string condition_of(const Step& step);

/// How many cells of an operation there are, were tried, and held.
struct OperationCounts {
  std::uint64_t legal = 0;
  std::uint64_t fired = 0;
  std::uint64_t held = 0;
  std::uint64_t violated = 0;
};
[[nodiscard]] OperationCounts counts_of(const SagaReport& saga, StepId step, Operation operation);

}  // namespace saga_harness::reports
