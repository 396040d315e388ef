// Incarnations of the coordinator: how they begin and end, and what strikes them.

#include <exception>

#include "engine_impl.hpp"

namespace saga_harness {
namespace {

constexpr std::int64_t kRestartDelay = 1'000'000;  // a second: longer than any message that is merely late
constexpr std::int64_t kClockJump = std::int64_t{3600} * 1'000'000;

}  // namespace

void Engine::Impl::run_until_returned(StartCause why) {
  while (run_incarnation(why) == End::kCrashed) {
    if (!limits_.allows_restart(incarnations_.count())) {
      end_.give_up();
      emit(EventType::kGaveUp).text = texts_.intern("the bound on restarts");
      return;
    }
    pump_until(clock_.now() + kRestartDelay);
    why = StartCause::kAfterCrash;
  }
}

Engine::Impl::End Engine::Impl::run_incarnation(StartCause why) {
  const std::uint32_t number = incarnations_.begin(why);
  if (why == StartCause::kAfterCrash || why == StartCause::kTakeover) {
    log_.drop_lost();
    if (stored_.is_used()) read_log_from_store();
  } else if (why == StartCause::kRecovery && setup_.takes_up) {
    read_log_from_store();  // others may have written to this saga since
  }
  log_.read_by(number);
  stored_.read_by(number);
  instants_.something_happened();
  emit(EventType::kStarted).detail = static_cast<std::uint8_t>(why);
  Runtime runtime(engine_, number);
  try {
    offer_at_resume();
    setup_.coordinator(runtime);
  } catch (const IncarnationEnds&) {  // fenced already
  } catch (const std::exception& exception) {
    if (!incarnations_.has_ended(number)) emit(EventType::kThrew).text = texts_.intern(exception.what());
  } catch (...) {
    if (!incarnations_.has_ended(number))
      emit(EventType::kThrew).text = texts_.intern("not a std::exception");
  }
  note_use_elsewhere();
  if (end_.gave_up()) return End::kGaveUp;
  if (incarnations_.has_ended(number)) return End::kCrashed;
  incarnations_.end(number);
  emit(EventType::kReturned);
  return End::kReturned;
}

// Another incarnation, on the stack of the one that is suspended (or has returned).
void Engine::Impl::run_beside(StartCause why) {
  const std::uint32_t suspended = incarnations_.running();
  if (why == StartCause::kTakeover) {
    run_until_returned(why);
  } else {
    run_incarnation(why);  // nobody starts a start request again that died
  }
  incarnations_.resume(suspended);
  instants_.something_happened();
}

void Engine::Impl::crash() {
  emit(EventType::kCrashed);
  incarnations_.end(incarnations_.running());
  throw IncarnationEnds{};
}

void Engine::Impl::record_fault(const Point& point, Alternative alternative) {
  Event& fault = emit(EventType::kFault);
  fault.step = point.step;
  fault.operation = point.operation;
  fault.attempt = point.attempt;
  fault.detail = static_cast<std::uint8_t>(alternative.kind);
  fault.text = pack(point.instant, alternative.window);
}

void Engine::Impl::offer_crash(const Point& point) {
  instants_.note_offered(clock_.now());
  const std::size_t picked = ask(point, operations_.at_crash());
  if (picked == 0) return;
  record_fault(point, operations_.at_crash()[picked - 1]);
  befall_coordinator(fate_of(operations_.at_crash()[picked - 1].kind).coordinator);
}

void Engine::Impl::offer_at_resume() {
  const StartCause why = cause_of(incarnations_.running());
  const bool resumes = why == StartCause::kAfterCrash || why == StartCause::kTakeover;
  if (healed_ || !resumes || log_.empty()) return;
  const Point point{kNoStep, Operation::kAction, Instant::kOnResume,
                    instants_.reached(operations_.size(), Instant::kOnResume)};
  if (ask(point, operations_.at_resume()) == 0) return;
  record_fault(point, operations_.at_resume().front());
  log_.hide_last_from(incarnations_.running());
  stored_.hide_last_from(incarnations_.running());
}

void Engine::Impl::offer_during(std::uint32_t number) {
  Call& call = calls_[number];
  if (call.asked) return;
  call.asked = true;
  if (healed_ || call.completed != 0 || call.deadline <= clock_.now()) return;
  if (!limits_.allows_restart(incarnations_.count())) return;
  const OperationId id = call.operation;
  const Point point{id.step, id.operation, Instant::kDuringCall, call.attempt};
  const std::span<const Alternative> legal = operations_.at(call.info).during_call;
  const std::size_t picked = ask(point, legal);
  if (picked == 0) return;
  const Alternative alternative = legal[picked - 1];
  record_fault(point, alternative);
  befall_coordinator(fate_of(alternative.kind).coordinator);
}

void Engine::Impl::befall_coordinator(CoordinatorFate fate) {
  const std::uint32_t waiting = incarnations_.running();
  switch (fate) {
    case CoordinatorFate::kUndisturbed:
      return;
    case CoordinatorFate::kCrashes:
      return crash();
    case CoordinatorFate::kTakenOver:
      run_beside(StartCause::kTakeover);
      if (incarnations_.has_ended(waiting)) throw IncarnationEnds{};
      emit(EventType::kWokeUp);
      return;
    case CoordinatorFate::kCancelled:
      cancel_requested_ = true;
      return;
    case CoordinatorFate::kStartedAgain:
      run_beside(StartCause::kDuplicate);
      if (incarnations_.has_ended(waiting)) throw IncarnationEnds{};
      return;
    case CoordinatorFate::kClockForward:
      clock_.jump(kClockJump);
      return;
    case CoordinatorFate::kClockBack:
      clock_.jump(-kClockJump);
      return;
  }
}

}  // namespace saga_harness
