#include "engine_impl.hpp"

namespace saga_harness {

LogInstants instants_of(const LogRecord& record) {
  switch (record.kind) {
    case LogKind::kStarted:
      return {Where::kBeforeStarted, Where::kAfterStarted, Operation::kAction, false};
    case LogKind::kIntent:
      return {Where::kBeforeIntent, Where::kAfterIntent, record.operation, true};
    case LogKind::kDone:
    case LogKind::kFailed:
      return {Where::kBeforeResult, Where::kAfterResult, record.operation, true};
    case LogKind::kUndone:
    case LogKind::kStuck:
      return {Where::kBeforeResult, Where::kAfterResult, Operation::kCompensation, true};
    case LogKind::kCompensating:
      return {Where::kBeforeCompensating, Where::kAfterCompensating, Operation::kAction, false};
    case LogKind::kEnd:
      return {Where::kBeforeEnd, Where::kAfterEnd, Operation::kAction, false};
    case LogKind::kNote:
    case LogKind::kTorn:
      return {Where::kBeforeNote, Where::kAfterNote, Operation::kAction, false};
  }
  return {};
}

}  // namespace saga_harness
