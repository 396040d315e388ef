#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/wire.hpp>

#include "alternatives.hpp"

namespace saga_harness {
namespace {

/// A deadline beyond the timeout would have to be waited for in real time.
bool is_near(const SagaIndex& saga, const ObservedRunOptions& options) {
  return saga.saga().deadline && *saga.saga().deadline <= options.timeout;
}

bool is_doable(Alternative alternative, const SagaIndex& saga, PointKind points,
               const ObservedRunOptions& options) {
  const FaultRow& row = row_of(alternative.kind);
  if (points == PointKind::kDelivery)
    return alternative.window == FaultDuration::kOnce && row.wire_deliveries;
  if (row.needs == FaultNeed::kDeadline && !is_near(saga, options)) return false;
  switch (row.wire_calls) {
    case Reach::kAlways:
      return true;
    case Reach::kWithTimeout:
      return options.timeout > Duration::zero();
    case Reach::kNone:
      return false;
  }
  return false;
}

}  // namespace

std::vector<Alternative> wire_alternatives(OperationId operation, const SagaIndex& saga, PointKind points,
                                           const ObservedRunOptions& options) {
  std::vector<Alternative> legal = legal_alternatives(Instant::kCall, operation, saga);
  std::erase_if(legal, [&](const Alternative& alternative) {
    return !is_doable(alternative, saga, points, options) || !wire::offers(options.kinds, alternative.kind);
  });
  return legal;
}

namespace wire {

bool offers(const std::vector<FaultKind>& kinds, FaultKind kind) {
  if (kinds.empty()) return !is_breach(kind);
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

void check_doable(const Fault& fault, const Point& point, const SagaIndex& saga, PointKind points,
                  const ObservedRunOptions& options) {
  const auto refuse = [&fault](std::string_view why, std::string_view fix) {
    throw Error(
        ErrorText{.message = fmt::format("{} cannot strike over a real wire: {}", to_string(fault), why),
                  .fix = std::string(fix)});
  };
  const Alternative alternative{fault.kind, fault.window};
  if (fate_of(fault.kind).coordinator == CoordinatorFate::kCrashes) {
    if (point.instant != Instant::kBeforeCall && point.instant != Instant::kAfterCall)
      refuse("only the instants before_call and after_call are seen from outside", "name one of them");
    if (!options.crash)
      refuse("nobody said how to kill and restart the subject", "give ObservedRunOptions::crash");
    return;
  }
  if (point.instant != Instant::kCall) refuse("only what goes over the wire can be struck", "name a call");
  if (is_doable(alternative, saga, points, options)) return;
  if (points == PointKind::kDelivery)
    refuse("in front of a real bus, single deliveries can be struck, by no window", "leave the window out");
  if (row_of(fault.kind).wire_calls == Reach::kWithTimeout && options.timeout == Duration::zero())
    refuse("it rests on how long the subject waits", "declare its timeout");
  refuse("the wire cannot make it happen", "name another kind");
}

}  // namespace wire

}  // namespace saga_harness
