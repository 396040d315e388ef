#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/http_fakes.hpp>

#include "wire_kinds.hpp"

namespace saga_harness {
namespace {

using http::over_http;
using http::OverHttp;

/// A deadline beyond the timeout would have to be waited for in real time.
bool is_near(const SagaIndex& saga, const HttpRunOptions& options) {
  return saga.saga().deadline && *saga.saga().deadline <= options.timeout;
}

bool is_doable(Alternative alternative, const SagaIndex& saga, const HttpRunOptions& options) {
  if (options.bus) return alternative.window == Window::kOnce && http::over_a_bus(alternative.kind);
  if (alternative.kind == FaultKind::kDelayPastDeadline && !is_near(saga, options)) return false;
  switch (over_http(alternative.kind)) {
    case OverHttp::kAlways:
      return true;
    case OverHttp::kWithTimeout:
      return options.timeout > Duration::zero();
    case OverHttp::kNever:
      return false;
  }
  return false;
}

}  // namespace

std::vector<Alternative> wire_alternatives(OperationId operation, const SagaIndex& saga,
                                           const HttpRunOptions& options) {
  std::vector<Alternative> legal = legal_alternatives(Where::kCall, operation, saga);
  std::erase_if(legal, [&](const Alternative& alternative) {
    return !is_doable(alternative, saga, options) || !http::offers(options.kinds, alternative.kind);
  });
  return legal;
}

namespace http {

OverHttp over_http(FaultKind kind) {
  switch (kind) {
    case FaultKind::kRejected:
    case FaultKind::kRejectedInBody:
    case FaultKind::kUnauthorized:
    case FaultKind::kConflict:
    case FaultKind::kUnavailable:
    case FaultKind::kRateLimited:
    case FaultKind::kErrorAfterEffect:
    case FaultKind::kParticipantCrashBefore:
    case FaultKind::kParticipantCrashAfter:
    case FaultKind::kParticipantForgets:
    case FaultKind::kRequestLost:
    case FaultKind::kRequestDuplicated:
    case FaultKind::kRequestDuplicatedLater:
    case FaultKind::kRequestLateAfterCompensation:
    case FaultKind::kRequestLateAfterEnd:
    case FaultKind::kReplyLost:
    case FaultKind::kReplyCorrupt:
    case FaultKind::kReplyCorruptWithoutEffect:
    case FaultKind::kReplyMismatched:
      return OverHttp::kAlways;
    case FaultKind::kRequestReordered:
    case FaultKind::kRequestLate:
    case FaultKind::kReplyLate:
    case FaultKind::kDelayUnderTimeout:
    case FaultKind::kDelayOverTimeout:
    case FaultKind::kDelayPastDeadline:
      return OverHttp::kWithTimeout;
    case FaultKind::kReplyDuplicated:  // an answer that nobody asked for is no answer in HTTP
    case FaultKind::kDelayAtTimeout:   // real clocks do not meet to the microsecond
    case FaultKind::kCoordinatorCrash:
    case FaultKind::kTakeover:
    case FaultKind::kCancel:
    case FaultKind::kStartDuplicated:
    case FaultKind::kClockForward:
    case FaultKind::kClockBack:
    case FaultKind::kLogWriteError:
    case FaultKind::kLogWriteTorn:
    case FaultKind::kLogWriteLost:
    case FaultKind::kLogReadStale:
    case FaultKind::kSubscriberMissing:
      return OverHttp::kNever;
  }
  return OverHttp::kNever;
}

bool over_a_bus(FaultKind kind) {
  switch (kind) {
    case FaultKind::kRejected:
    case FaultKind::kUnavailable:
    case FaultKind::kErrorAfterEffect:
    case FaultKind::kParticipantForgets:
    case FaultKind::kRequestLost:
    case FaultKind::kRequestDuplicated:
    case FaultKind::kRequestDuplicatedLater:
    case FaultKind::kRequestReordered:
    case FaultKind::kRequestLate:
    case FaultKind::kRequestLateAfterCompensation:
    case FaultKind::kRequestLateAfterEnd:
    case FaultKind::kReplyLost:
      return true;
    default:
      return false;
  }
}

bool offers(const std::vector<FaultKind>& kinds, FaultKind kind) {
  if (kinds.empty()) return !is_breach(kind);
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

void check_doable(const Fault& fault, const Point& point, const SagaIndex& saga,
                  const HttpRunOptions& options) {
  const auto refuse = [&fault](std::string_view why) {
    throw Error(fmt::format("{} cannot strike over HTTP: {}", to_string(fault), why));
  };
  const Alternative alternative{fault.kind, fault.window};
  if (fault.kind == FaultKind::kCoordinatorCrash) {
    if (point.where != Where::kBeforeCall && point.where != Where::kAfterCall)
      refuse("only the instants before_call and after_call are seen from outside");
    if (!options.crash) refuse("nobody said how to kill and restart the subject; give HttpRunOptions::crash");
    return;
  }
  if (point.where != Where::kCall) refuse("only what goes over the wire can be struck; name a call");
  if (is_doable(alternative, saga, options)) return;
  if (options.bus) refuse("in front of a real bus, single deliveries can be struck, by no window");
  if (over_http(fault.kind) == OverHttp::kWithTimeout && options.timeout == Duration::zero())
    refuse("it rests on how long the subject waits; declare its timeout");
  refuse("the wire cannot make it happen; name another kind");
}

}  // namespace http

}  // namespace saga_harness
