#include "engine_impl.hpp"

namespace saga_harness {

LogInstants instants_of(const LogRecord& record) {
  switch (record.kind) {
    case LogKind::kStarted:
      return {Instant::kBeforeStarted, Instant::kAfterStarted, Operation::kAction, false};
    case LogKind::kIntent:
      return {Instant::kBeforeIntent, Instant::kAfterIntent, record.operation, true};
    case LogKind::kDone:
    case LogKind::kFailed:
      return {Instant::kBeforeResult, Instant::kAfterResult, record.operation, true};
    case LogKind::kUndone:
    case LogKind::kStuck:
      return {Instant::kBeforeResult, Instant::kAfterResult, Operation::kCompensation, true};
    case LogKind::kCompensating:
      return {Instant::kBeforeCompensating, Instant::kAfterCompensating, Operation::kAction, false};
    case LogKind::kEnd:
      return {Instant::kBeforeEnd, Instant::kAfterEnd, Operation::kAction, false};
    case LogKind::kNote:
    case LogKind::kTorn:
      return {Instant::kBeforeNote, Instant::kAfterNote, Operation::kAction, false};
  }
  return {};
}

}  // namespace saga_harness
