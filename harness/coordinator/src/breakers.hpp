#pragma once

#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include <saga_harness/orchestrator.hpp>

namespace saga_harness {

/// The circuit breakers of one incarnation, one per service.
class Breakers {
 public:
  Breakers(std::optional<CircuitBreaker> policy, std::pmr::memory_resource* memory)
      : policy_(policy), services_(memory) {}

  /// When a request may be sent to `service`: `now`, or later. Who is told `now` sends it.
  [[nodiscard]] Time may_send(std::string_view service, Time now) {
    if (!policy_) return now;
    OfService& state = of(service);
    if (state.failures < policy_->failures) return now;
    if (state.open_until > now) return state.open_until;
    state.open_until =
        now + policy_->open_for;  // this one is the trial, the others wait for what comes of it
    return now;
  }

  void heard(std::string_view service, ReplyStatus meaning, Time now) {
    if (!policy_) return;
    OfService& state = of(service);
    if (meaning == ReplyStatus::kOk || is_definite_refusal(meaning)) {
      state.failures = 0;
    } else if (++state.failures >= policy_->failures) {
      state.open_until = now + policy_->open_for;
    }
  }

 private:
  struct OfService {
    std::string_view name;
    int failures = 0;  // in a row
    Time open_until = {};
  };

  OfService& of(std::string_view service) {
    for (OfService& each : services_) {
      if (each.name == service) return each;
    }
    return services_.emplace_back(OfService{.name = service});
  }

  std::optional<CircuitBreaker> policy_;
  std::pmr::vector<OfService> services_;
};

}  // namespace saga_harness
