#include "run_state.hpp"

#include <utility>

namespace saga_harness::wire {

RunState::RunState(std::shared_ptr<const ServedScenario> served_scenario, std::string id,
                   ObservedRunOptions given, bool open_ended)
    : served(std::move(served_scenario)),
      saga(*served->saga),
      saga_id(std::move(id)),
      options(std::move(given)),
      is_open_ended(open_ended),
      data(saga),
      faults(*served, options, is_open_ended),
      participants(*served, trace),
      keys(saga.step_count() * kOperationCount),
      skipped(options.context == Context() ? served->skipped : skipped_steps(saga.saga(), options.context)) {
  const std::size_t operations = saga.step_count() * kOperationCount;
  attempts.resize(operations);
  own_faults.resize(operations);
  own_answers.resize(operations);
  trace.emit(EventType::kStarted).detail = static_cast<std::uint8_t>(StartCause::kFirst);
}

Event& RunState::emit(EventType type, const Call& call) {
  if (call.is_own) return trace.spare();
  Event& event = trace.emit(type);
  event.call = call.number;
  event.step = call.operation.step;
  event.operation = call.operation.operation;
  event.attempt = attempt_in_trace(call.attempt);
  return event;
}

void RunState::time_out(Call& call) {
  if (std::exchange(call.timed_out, true)) return;
  emit(EventType::kTimedOut, call).detail = static_cast<std::uint8_t>(ReplyStatus::kTimeout);
}

void RunState::strike(Call& call, Alternative what) {
  call.struck = true;
  call.fault = what.kind;
  Event& fault = emit(EventType::kFault, call);
  fault.detail = static_cast<std::uint8_t>(what.kind);
  fault.text = pack(Instant::kCall, what.window);
}

std::uint32_t RunState::key_number(std::size_t operation, const std::string& key) {
  if (!options.keys) return 0;
  const std::uint32_t number = keys.number_of(operation, key);
  if (keys.has_forgotten()) {
    trace.note_gap();
    participants.forget_all();
  }
  return number;
}

void RunState::leave() {
  if (--in_flight == 0) quiet.notify_all();
}

}  // namespace saga_harness::wire
