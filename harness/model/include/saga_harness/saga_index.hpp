#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/fault.hpp>
#include <saga_harness/saga.hpp>

namespace saga_harness {

/// A step's operation, by number.
struct OperationId {
  StepId step = kNoStep;
  Operation operation = Operation::kAction;

  friend bool operator==(const OperationId&, const OperationId&) = default;
};
void PrintTo(const OperationId& value, std::ostream* out);

/// A validated saga with its look-ups worked out once: the partial order of its steps, names to numbers,
/// budgets. Steps are numbered in the order of the definition. Immutable and safe to share between threads.
class SagaIndex {
 public:
  /// @throws Error if the definition is bad (see validate()). Empty actions become the step's name.
  explicit SagaIndex(Saga saga);

  [[nodiscard]] const Saga& saga() const noexcept { return saga_; }
  [[nodiscard]] std::size_t step_count() const noexcept { return saga_.steps.size(); }
  [[nodiscard]] const Step& step(StepId id) const { return saga_.steps[id]; }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  /// Is any step one whose failure does not fail the saga (Step::optional)?
  [[nodiscard]] bool has_optional() const noexcept { return has_optional_; }
  /// Does any step only look (Step::has_effect)?
  [[nodiscard]] bool has_checks() const noexcept { return has_checks_; }
  /// Is any step compensated though it was refused (Step::compensated_if_refused)?
  [[nodiscard]] bool compensates_refused() const noexcept { return compensates_refused_; }
  /// Does any step depend on what another was answered (Step::only_if)?
  [[nodiscard]] bool has_choices() const noexcept { return has_choices_; }
  /// Does any step declare what its answer gives (Step::result)?
  [[nodiscard]] bool gives_results() const noexcept { return gives_results_; }
  /// Is any request bound to data (Step::input, Step::compensation_input)?
  [[nodiscard]] bool has_bindings() const noexcept { return has_bindings_; }
  /// No coordinator drives it: its steps follow events.
  [[nodiscard]] bool is_choreography() const noexcept { return saga_.choreography.has_value(); }

  /// kNoStep if there is none of that name.
  [[nodiscard]] StepId find_step(std::string_view name) const;

  /// Every operation that has this action (or fallback, or compensation) name at this service.
  [[nodiscard]] std::vector<OperationId> find_operations(std::string_view service,
                                                         std::string_view action) const;

  /// The action name sent to the service for an operation; empty if the step has no such operation.
  [[nodiscard]] std::string_view action_of(OperationId operation) const { return of(operation).action; }

  /// Attempts the definition grants, and the time each may take; 0 if the step has no such operation.
  [[nodiscard]] int budget(OperationId operation) const { return of(operation).budget; }
  [[nodiscard]] Duration timeout(OperationId operation) const { return of(operation).timeout; }

  /// Must `a` be done before `b` starts (directly or through others)?
  [[nodiscard]] bool precedes(StepId a, StepId b) const { return precedes_[a * step_count() + b] != 0; }
  /// Direct predecessors, by number.
  [[nodiscard]] std::span<const StepId> predecessors(StepId id) const;
  /// Direct successors, by number.
  [[nodiscard]] std::span<const StepId> successors(StepId id) const;
  /// A stable topological order: predecessors first, definition order among equals.
  [[nodiscard]] std::span<const StepId> order() const noexcept;
  /// The pivot, or kNoStep.
  [[nodiscard]] StepId pivot() const noexcept { return pivot_; }
  /// Names of all services, in the order of first use.
  [[nodiscard]] std::span<const std::string_view> services() const noexcept;

  SagaIndex(const SagaIndex&) = delete;  // hands out views into itself
  SagaIndex& operator=(const SagaIndex&) = delete;

 private:
  struct PerOperation {
    std::string_view action = {};
    int budget = 0;
    Duration timeout = Duration::zero();
  };
  [[nodiscard]] static PerOperation per_operation(const Step& step, Operation operation);
  [[nodiscard]] const PerOperation& of(OperationId operation) const {
    const std::size_t place =
        operation.step * kOperationCount + static_cast<std::size_t>(operation.operation);
    return place < operations_.size() ? operations_[place] : operations_.back();
  }

  Saga saga_;
  std::vector<PerOperation> operations_;  // by step and operation; the last is no operation
  std::uint64_t hash_ = 0;
  std::vector<std::uint8_t> precedes_;
  std::vector<std::vector<StepId>> predecessors_;
  std::vector<std::vector<StepId>> successors_;
  std::vector<std::string_view> names_;
  std::vector<StepId> order_;
  std::vector<std::string_view> services_;
  StepId pivot_ = kNoStep;
  bool has_optional_ = false;
  bool has_checks_ = false;
  bool compensates_refused_ = false;
  bool has_choices_ = false;
  bool gives_results_ = false;
  bool has_bindings_ = false;
};

/// The member of `candidates` with the least edit distance to `name`; empty if there are none or all are far
/// off. For error messages that say "did you mean".
[[nodiscard]] std::string_view nearest_name(std::string_view name,
                                            std::span<const std::string_view> candidates);

}  // namespace saga_harness
