#pragma once

#include <cstdint>
#include <vector>

#include <saga_harness/observation.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness {

/// How much of a run's time its subject let pass of its own accord: no answer was waited for, no declared
/// back-off nor Retry-After was running, and the subject was there. What faults cost is not among it.
class OwnTime {
 public:
  /// Had the saga's deadline cut in before its forward work was given up, had the subject lost no time
  /// itself?
  [[nodiscard]] bool explains_deadline(const Observation& observation, const SagaIndex& saga);

 private:
  struct Wait {
    std::uint32_t call = 0;
    OperationId operation = {};
    std::int64_t until = 0;
    bool is_back_off = false;
  };

  void reset();
  void pass_to(std::int64_t time, Duration tolerance);
  void sent(const Event& event, const SagaIndex& saga, bool is_exact);
  void failed(const Event& event, const SagaIndex& saga);
  void over(std::uint32_t call);
  void take(const Event& event, const SagaIndex& saga, bool is_exact);

  std::vector<Wait> waits_;
  bool is_away_ = false;         // crashed, or has returned
  bool is_unpublished_ = false;  // a fault keeps an event of a choreography from the bus
  std::int64_t now_ = 0;
  std::int64_t own_ = 0;
};

}  // namespace saga_harness
