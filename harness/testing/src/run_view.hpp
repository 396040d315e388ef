#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <saga_harness/run.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness::internal {

/// One request that the coordinator sent, and what it heard.
struct SeenCall {
  OperationId operation = {};
  int attempt = 1;
  std::optional<ReplyStatus> answer = std::nullopt;  ///< nothing: the coordinator died, or never looked
};

/// A run read by the names of its definition.
class RunView {
 public:
  /// @throws Error if the run does not say what saga it is of.
  explicit RunView(const Run& run);

  [[nodiscard]] const SagaIndex& saga() const noexcept { return saga_; }

  /// In the order in which they were sent.
  [[nodiscard]] const std::vector<SeenCall>& calls() const noexcept { return calls_; }
  /// Steps whose participant undid the effect or said that there was none, in the order of the first time.
  [[nodiscard]] const std::vector<StepId>& compensated() const noexcept { return compensated_; }

  /// `process_payment#2 timeout`
  [[nodiscard]] std::string text_of(const SeenCall& call) const;
  /// All calls, cut off where they are very many.
  [[nodiscard]] std::string calls_text() const;
  [[nodiscard]] std::string compensated_text() const;

 private:
  void read(const std::vector<Event>& events);

  SagaIndex saga_;
  std::vector<SeenCall> calls_ = {};
  std::vector<StepId> compensated_ = {};
};

/// The requests of a run that ask for one of these operations, in the order of sending.
[[nodiscard]] std::vector<const CallMade*> calls_of(const Run& run, const SagaIndex& saga,
                                                    const std::vector<OperationId>& operations);

/// Names with commas, or `nothing`.
[[nodiscard]] std::string joined(const std::vector<std::string>& names, std::string_view separator = ", ");

}  // namespace saga_harness::internal
