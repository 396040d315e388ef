#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run_state.hpp"

namespace saga_harness::wire {

/// A run of a choreography as somebody sees it who stands in front of its broker: what becomes of a delivery,
/// and of its acknowledgement.
class BrokerFront {
 public:
  explicit BrokerFront(RunState& run) : run_(run) {}

  void published(std::string_view event);
  void delivers(const BrokerDelivery& delivery, std::function<void()> deliver);
  [[nodiscard]] bool acknowledges(const BrokerDelivery& delivery, bool done);

  /// What is to pass, once the run's lock is free.
  using Passing = std::vector<std::function<void()>>;
  /// Under the run's lock: what is held back.
  [[nodiscard]] Passing drain();

 private:
  /// An event for one subscriber, by its last delivery.
  struct Message {
    CallPtr call;
    bool is_open = false;  // to be acknowledged
  };

  [[nodiscard]] OperationId operation_for(const BrokerDelivery& delivery) const;
  Event& note_published(std::string_view event, EventRole role);
  CallPtr hand_out(const BrokerDelivery& delivery, OperationId operation);
  void route(const CallPtr& call, const std::function<void()>& deliver, Passing& now);
  void pass(const Call& call, bool is_duplicate, const std::function<void()>& deliver, Passing& now);
  template <class IsDue>
  void pass_held(IsDue is_due, Passing& now);

  RunState& run_;
  std::map<std::pair<std::string, std::uint64_t>, Message> messages_;  // by subscriber and number
};

}  // namespace saga_harness::wire
