#pragma once

#include <string_view>

#include <saga_harness/fault.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness::internal {

/// What is answered in place of a participant: in virtual time and over HTTP the same words.
struct StandIn {
  ReplyStatus status = ReplyStatus::kOk;
  std::string_view body = {};
};
inline constexpr std::string_view kErrorBody = R"({"error":"internal error"})";
inline constexpr StandIn kTooMany{ReplyStatus::kRateLimited, R"({"error":"too many requests"})"};

/// Of a fault that answers for its participant with a definite status; nullptr if `kind` is none.
[[nodiscard]] inline const StandIn* stand_in_for(FaultKind kind) {
  static constexpr StandIn kRejected{ReplyStatus::kRejected, R"({"error":"rejected"})"};
  static constexpr StandIn kSaysFailure{ReplyStatus::kOk, R"({"success":false,"error":"rejected"})"};
  static constexpr StandIn kUnauthorized{ReplyStatus::kUnauthorized, R"({"error":"unauthorized"})"};
  static constexpr StandIn kConflict{ReplyStatus::kConflict, R"({"error":"conflict"})"};
  static constexpr StandIn kUnavailable{ReplyStatus::kUnavailable, R"({"error":"unavailable"})"};
  if (kind == FaultKind::kRejected) return &kRejected;
  if (kind == FaultKind::kRejectedInBody) return &kSaysFailure;
  if (kind == FaultKind::kUnauthorized) return &kUnauthorized;
  if (kind == FaultKind::kConflict) return &kConflict;
  if (kind == FaultKind::kUnavailable) return &kUnavailable;
  return kind == FaultKind::kRateLimited ? &kTooMany : nullptr;
}

}  // namespace saga_harness::internal
