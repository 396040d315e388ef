#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <saga_harness/engine.hpp>

namespace saga_harness {

/// Two steps, one after the other, and a timer that the second stops.
inline Saga two_steps_on_a_bus() {
  using namespace std::chrono_literals;
  return {
      .name = "two",
      .steps = {{.name = "first",
                 .service = "a",
                 .compensation = "undo_first",
                 .timeout = 1s,
                 .retry = {.attempts = 3},
                 .on_event = {"start"},
                 .emits = {.success = "first.done", .failure = "first.failed"},
                 .compensate_on = {"second.failed", "late"}},
                {.name = "second",
                 .service = "b",
                 .compensation = "undo_second",
                 .timeout = 1s,
                 .retry = {.attempts = 2},
                 .on_event = {"first.done"},
                 .emits = {.success = "second.done", .failure = "second.failed", .compensated = "undone"}}},
      .deadline = 1min,
      .choreography = Choreography{.starts_with = "start", .at_deadline = "late", .unless = "second"}};
}

/// Strikes where a plan says, in the order of the questions.
class PlannedStrikes final : public Choices {
 public:
  PlannedStrikes(const std::string& plan, const SagaIndex& saga) {
    for (const Fault& fault : parse_plan(plan).faults)
      strikes_.emplace_back(point_of(fault, saga), Alternative{fault.kind, fault.window});
  }
  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    for (auto& [at, alternative] : strikes_) {
      if (at != point) continue;
      for (std::size_t i = 0; i < legal.size(); ++i) {
        if (legal[i] == alternative) return i + 1;
      }
    }
    return 0;
  }

 private:
  std::vector<std::pair<Point, Alternative>> strikes_;
};

/// Does what is due, and tells of it, but remembers nothing.
inline Handled obliging(const EventDelivery& event, HandlerContext& handler_context) {
  if (event.is_deadline) return Handled::kDone;
  const Reply reply = handler_context.perform();
  if (!reply.ok() && reply.status != ReplyStatus::kRejected) return Handled::kAgain;
  const Emits& emits = handler_context.index().step(event.operation.step).emits;
  const bool is_action = event.operation.operation == Operation::kAction;
  const std::string& told = is_action ? (reply.ok() ? emits.success : emits.failure) : emits.compensated;
  if (!told.empty()) handler_context.emit({.event = told, .correlation_id = event.correlation_id});
  return Handled::kDone;
}

class Bus {
 public:
  /// The same handler for every service and start: it is to remember nothing that matters.
  explicit Bus(const EventHandler& handler = obliging, Saga saga = two_steps_on_a_bus())
      : Bus(EventHandlerFactory([handler](std::string_view) { return handler; }), std::move(saga)) {}
  explicit Bus(EventHandlerFactory factory, Saga saga = two_steps_on_a_bus(), Setup setup = {})
      : saga_(std::make_shared<const SagaIndex>(std::move(saga))) {
    setup.saga = saga_;
    setup.handlers = std::move(factory);
    setup.carries_context = true;
    for (const std::string_view service : saga_->services()) {
      setup.participants.emplace(service,
                                 participant_from([](const Delivery& delivery, EffectRecorder& recorder) {
                                   const bool is_action = delivery.operation.operation == Operation::kAction;
                                   is_action ? recorder.apply(delivery) : recorder.undo(delivery);
                                   return Reply{};
                                 }));
    }
    engine_ = std::make_unique<Engine>(std::move(setup));
  }

  Bus& run(const std::string& plan = "none") {
    PlannedStrikes choices(plan, *saga_);
    engine_->run(choices);
    return *this;
  }
  [[nodiscard]] Outcome outcome() const { return engine_->observation().outcome; }
  [[nodiscard]] std::uint32_t applied(StepId step) const { return engine_->ledger().effects[step].applied; }
  [[nodiscard]] std::uint32_t undone(StepId step) const { return engine_->ledger().effects[step].undone; }
  [[nodiscard]] std::vector<std::int64_t> times(EventType type, StepId step) const {
    std::vector<std::int64_t> times;
    for (const Event& event : engine_->observation().events) {
      if (event.type == type && event.step == step) times.push_back(event.at / 1000);
    }
    return times;
  }
  [[nodiscard]] std::string trace() const { return to_string(engine_->trace(), *saga_); }
  [[nodiscard]] std::vector<std::string> flagged() const {
    std::vector<std::string> names;
    for (const Event& event : engine_->observation().events) {
      if (event.type == EventType::kReportedStep) names.push_back(saga_->step(event.step).name);
    }
    return names;
  }
  Engine& engine() { return *engine_; }

 private:
  std::shared_ptr<const SagaIndex> saga_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace saga_harness
