#include "run_participants.hpp"

#include <algorithm>
#include <iterator>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>

namespace saga_harness::wire {

RunParticipants::RunParticipants(const ServedScenario& served, RunTrace& trace)
    : served_(served), trace_(trace), effects_(served.saga->step_count()) {
  for (const ParticipantFactory& factory : served_.participants) {
    participants_.push_back(factory());
    std::ranges::move(participants_.back()->quantities(), std::back_inserter(quantities_));
  }
  measure(false);
}

void RunParticipants::measure(bool at_end) {
  std::vector<std::int64_t> values;
  for (const auto& participant : participants_) participant->measure(values);
  for (std::size_t i = 0; i < std::min(values.size(), quantities_.size()); ++i) {
    (at_end ? quantities_[i].at_end : quantities_[i].at_start) = values[i];
  }
}

Reply RunParticipants::ask(const Delivery& delivery) {
  EffectRecorder recorder(*this);
  try {
    return of(delivery.operation.step).handle(delivery, recorder);
  } catch (const Error&) {  // the caller gets an answer all the same
    if (!misuse_) misuse_ = std::current_exception();
  } catch (...) {
  }
  return {ReplyStatus::kError, fault_table::kErrorBody};
}

void RunParticipants::forget_all() {
  for (const auto& participant : participants_) participant->forget();
}

void RunParticipants::restore(StepId step) {
  of(step).restore();
  const std::string& service = served_.saga->step(step).service;
  for (StepId other = 0; other < effects_.size(); ++other) {
    if (served_.saga->step(other).service == service) effects_[other] = Effect{};
  }
}

Ledger RunParticipants::ledger() {
  measure(true);
  return {effects_, quantities_};
}

void RunParticipants::note(EventType type, const Delivery& delivery) {
  Event& event = trace_.emit(type);
  event.step = delivery.operation.step;
  event.operation = delivery.operation.operation;
  event.attempt = delivery.attempt;
}

void RunParticipants::apply(const Delivery& delivery) {
  ++effects_[delivery.operation.step].applied;
  note(EventType::kApplied, delivery);
}

void RunParticipants::undo(const Delivery& delivery) {
  ++effects_[delivery.operation.step].undone;
  note(EventType::kUndone, delivery);
}

// Nobody dies in the middle of a request that a wire carries.
void RunParticipants::commit(const Delivery& /*delivery*/) {}

void RunParticipants::mark(std::string_view name) {
  trace_.emit(EventType::kMarked).text = trace_.text_number(name);
}

}  // namespace saga_harness::wire
