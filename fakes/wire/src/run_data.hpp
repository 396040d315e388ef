#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/wire.hpp>
#include <saga_harness_internal/exchange.hpp>

#include "run_trace.hpp"

namespace saga_harness::wire {

/// The data that the requests and answers of a run carried, where the saga binds some. Bounded: what it has
/// no room for is a gap in the trace.
class RunData {
 public:
  explicit RunData(const SagaIndex& saga);

  /// The data of a request: its body, and what it bears elsewhere as members of it. Empty: the body as it is.
  [[nodiscard]] std::string payload_of(const RoutedRequest& request) const;
  /// The event emitted last sent this.
  void note_sent(OperationId operation, std::string_view payload, RunTrace& trace);
  /// The event emitted last is an answer with success.
  void note_answer(OperationId operation, std::string_view body, RunTrace& trace);
  [[nodiscard]] std::size_t kept_bytes() const noexcept { return bytes_; }

  std::vector<DataOfEvent> payloads = {};
  std::vector<DataOfEvent> answers = {};

 private:
  void note(std::vector<DataOfEvent>& data, std::string_view text, RunTrace& trace);

  const SagaIndex& saga_;
  bool is_bound_;
  bool gives_results_;  // that anybody looks at
  std::size_t bytes_ = 0;
};

}  // namespace saga_harness::wire
