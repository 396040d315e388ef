#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <saga_harness/runtime.hpp>

namespace saga_harness {

/// A request of the coordinator and what became of it.
struct Call {
  OperationId operation;
  std::uint32_t info = 0;  // index into the OperationTable
  std::uint32_t key = 0;
  std::uint32_t correlation_id = 0;
  std::uint32_t auth_token = 0;
  std::string_view payload;
  std::int64_t deadline = 0;
  std::int64_t latency = 0;
  std::int64_t ends_at = 0;     // when the reply came; the deadline until then
  std::uint32_t completed = 0;  // order in which replies came; 0: none did
  std::uint16_t attempt = 0;
  std::uint8_t incarnation = 0;
  bool seen = false;   // by the coordinator
  bool asked = false;  // what strikes while it is waited for
  bool struck = false;
  ReplyStatus meaning = ReplyStatus::kOk;  // of the reply, whatever status it bears
  FaultKind fault = FaultKind::kRejected;  // if struck
  Reply reply;
};

/// The calls of a run, numbered from 1; attempts are counted by the place of their operation.
class CallTable {
 public:
  explicit CallTable(std::size_t places) : attempts_(places) { calls_.reserve(256); }

  void reset() {
    calls_.clear();
    calls_.emplace_back();
    std::ranges::fill(attempts_, std::uint16_t{0});
    completed_ = 0;
  }
  /// Valid until the next one.
  Call& begin(OperationId operation, std::size_t place) {
    Call& call = calls_.emplace_back();
    call.operation = operation;
    call.info = static_cast<std::uint32_t>(place);
    call.attempt = ++attempts_[place];
    return call;
  }
  void complete(std::uint32_t number, std::int64_t now) {
    calls_[number].ends_at = now;
    calls_[number].completed = ++completed_;
  }

  /// The number that the next call gets.
  [[nodiscard]] std::uint32_t next_number() const { return static_cast<std::uint32_t>(calls_.size()); }
  [[nodiscard]] Call& operator[](std::uint32_t number) { return calls_[number]; }
  [[nodiscard]] const Call& operator[](std::uint32_t number) const { return calls_[number]; }

 private:
  std::vector<Call> calls_;  // [0] unused
  std::vector<std::uint16_t> attempts_;
  std::uint32_t completed_ = 0;
};

}  // namespace saga_harness
