#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <vector>

#include <saga_harness/fault.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/shrink.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness {

/// A source of uniformly distributed 64-bit numbers. Same numbers, same plans and sagas, everywhere.
using RandomBits = std::function<std::uint64_t()>;

struct FaultPlanOptions {
  int max_faults = 2;
  bool windows = true;                ///< also faults that last longer than one attempt
  std::vector<FaultKind> kinds = {};  ///< empty: all that `claims` put in scope (see is_in_scope())
  Claims claims = Claims::all();      ///< of the subject that is to bear the plan
};
void PrintTo(const FaultPlanOptions& value, std::ostream* out);

namespace internal {
struct Met;
class ReferenceRun;
}  // namespace internal

/// Draws legal fault plans of one saga, and makes them simpler: what generators are built from. Plans are
/// drawn along runs of the reference, so that all faults of a plan strike there; what another subject reaches
/// may differ.
class PlanSource {
 public:
  /// @throws Error if the definition is bad, or the options leave nothing to draw.
  explicit PlanSource(Saga saga, FaultPlanOptions options = {});
  ~PlanSource();
  PlanSource(PlanSource&&) noexcept;
  PlanSource& operator=(PlanSource&&) noexcept;

  /// Once in sixteen times no fault, else up to `max_faults`, no two at the same point; in the order of the
  /// saga. Half of the plans lead up to a fault that is drawn from all that the definition allows, the others
  /// follow a run from fault to fault. Not for several threads at once.
  [[nodiscard]] FaultPlan draw(const RandomBits& next) const;

  /// As simpler_plans() has them, within the options.
  [[nodiscard]] std::vector<FaultPlan> simpler(const FaultPlan& plan) const;

 private:
  struct Place {
    OperationId operation;
    Instant instant;
    int attempts;
    std::vector<Alternative> legal;
  };

  void add_places();
  [[nodiscard]] const Place* place_of(const Point& point) const;
  [[nodiscard]] bool draws(const Point& point, Alternative alternative) const;
  [[nodiscard]] internal::Met draw_anywhere(const RandomBits& next) const;
  [[nodiscard]] std::vector<internal::Met> next_faults(const std::vector<internal::Met>& faults) const;
  [[nodiscard]] std::vector<internal::Met> lead_up_to(const internal::Met& aim, std::size_t faults,
                                                      const RandomBits& next) const;
  [[nodiscard]] FaultPlan plan_of(const std::vector<internal::Met>& faults) const;

  std::unique_ptr<const SagaIndex> saga_;
  FaultPlanOptions options_;
  std::vector<Place> places_ = {};
  std::size_t alternatives_ = 0;
  std::unique_ptr<internal::ReferenceRun> run_;
};

struct SagaOptions {
  int max_steps = 8;
  int max_attempts = 3;
  bool parallel_compensation = false;  ///< every second definition has it
  /// Some steps have a condition, which holds or not in the context that the saga comes with.
  bool conditions = false;
  /// The failure of some steps does not fail the saga.
  bool optional_steps = false;
  /// Some steps only look: they have no effect.
  bool checks = false;
  /// Some steps are compensated though they were refused.
  bool compensated_if_refused = false;
  bool deadlines = true;       ///< every third definition has one
  bool retry_policies = true;  ///< some steps wait for other times, and others' waits grow otherwise
  /// Every second definition of two steps or more is a choreography: one step after the other, each undone
  /// when the next one fails or has been undone, some with a timer. They are not made simpler.
  bool choreographies = false;
};
void PrintTo(const SagaOptions& value, std::ostream* out);

/// A valid definition of 1 to `max_steps` steps: parallel branches, retries, fallbacks, steps that cannot be
/// undone or not be repeated, perhaps a pivot. `size` from 0 to 100 bounds the number of steps in proportion.
/// @throws Error if an option is below 1.
[[nodiscard]] Saga draw_saga(const SagaOptions& options, const RandomBits& next, int size = 100);

}  // namespace saga_harness
