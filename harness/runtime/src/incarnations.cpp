// Incarnations of the coordinator: how they begin and end, and what strikes them.

#include <array>
#include <exception>

#include "engine_impl.hpp"

namespace saga_harness {
namespace {

constexpr std::int64_t kRestartDelay = 1'000'000;  // a second: longer than any message that is merely late
constexpr std::int64_t kClockJump = std::int64_t{3600} * 1'000'000;

}  // namespace

void Engine::Impl::run_until_returned(StartCause why) {
  while (run_incarnation(why) == End::kCrashed) {
    if (incarnations_ >= static_cast<std::uint32_t>(setup_.bounds.max_incarnations)) {
      gave_up_ = true;
      emit(EventType::kGaveUp).text = texts_.intern("the bound on restarts");
      return;
    }
    pump_until(now_ + kRestartDelay);
    why = StartCause::kAfterCrash;
  }
}

Engine::Impl::End Engine::Impl::run_incarnation(StartCause why) {
  const std::uint32_t number = ++incarnations_;
  incarnation_ = number;
  ended_[number] = false;
  causes_[number] = why;
  if (why == StartCause::kAfterCrash || why == StartCause::kTakeover) {
    drop_lost_writes();
    if (setup_.store) read_log_from_store();
  } else if (why == StartCause::kRecovery && setup_.takes_up) {
    read_log_from_store();  // others may have written to this saga since
  }
  known_version_[number] = log_version_;
  stored_version_[number] = stored_count_;
  offered_at_ = -1;
  emit(EventType::kStarted).detail = static_cast<std::uint8_t>(why);
  Runtime runtime(engine_, number);
  try {
    offer_at_resume();
    setup_.coordinator(runtime);
  } catch (const IncarnationEnds&) {  // fenced already
  } catch (const std::exception& exception) {
    if (!ended_[number]) emit(EventType::kThrew).text = texts_.intern(exception.what());
  } catch (...) {
    if (!ended_[number]) emit(EventType::kThrew).text = texts_.intern("not a std::exception");
  }
  if (gave_up_) return End::kGaveUp;
  if (ended_[number]) return End::kCrashed;
  ended_[number] = true;
  emit(EventType::kReturned);
  return End::kReturned;
}

// Another incarnation, on the stack of the one that is suspended (or has returned).
void Engine::Impl::run_beside(StartCause why) {
  const std::uint32_t suspended = incarnation_;
  if (why == StartCause::kTakeover) {
    run_until_returned(why);
  } else {
    run_incarnation(why);  // nobody starts a start request again that died
  }
  incarnation_ = suspended;
  offered_at_ = -1;
}

void Engine::Impl::crash() {
  emit(EventType::kCrashed);
  ended_[incarnation_] = true;
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
  offered_at_ = now_;
  const std::size_t picked = ask(point, at_crash_);
  if (picked == 0) return;
  record_fault(point, at_crash_[picked - 1]);
  befall_coordinator(fate_of(at_crash_[picked - 1].kind).coordinator);
}

void Engine::Impl::offer_at_resume() {
  const StartCause why = causes_[incarnation_];
  const bool resumes = why == StartCause::kAfterCrash || why == StartCause::kTakeover;
  if (healed_ || !resumes || log_.empty()) return;
  const Point point{kNoStep, Operation::kAction, Instant::kOnResume,
                    reached(infos_.size(), Instant::kOnResume)};
  if (ask(point, at_resume_) == 0) return;
  record_fault(point, at_resume_.front());
  stale_reader_ = incarnation_;
  stale_size_ = log_.size() - 1;
  --known_version_[incarnation_];
  if (stored_version_[incarnation_] > 0) --stored_version_[incarnation_];
}

void Engine::Impl::offer_during(std::uint32_t number) {
  Call& call = calls_[number];
  if (call.asked) return;
  call.asked = true;
  if (healed_ || call.completed != 0 || call.deadline <= now_) return;
  if (incarnations_ >= static_cast<std::uint32_t>(setup_.bounds.max_incarnations)) return;
  const OperationId id = call.operation;
  const Point point{id.step, id.operation, Instant::kDuringCall, call.attempt};
  const std::span<const Alternative> legal = infos_[call.info].during_call;
  const std::size_t picked = ask(point, legal);
  if (picked == 0) return;
  const Alternative alternative = legal[picked - 1];
  record_fault(point, alternative);
  befall_coordinator(fate_of(alternative.kind).coordinator);
}

void Engine::Impl::befall_coordinator(CoordinatorFate fate) {
  const std::uint32_t waiting = incarnation_;
  switch (fate) {
    case CoordinatorFate::kUndisturbed:
      return;
    case CoordinatorFate::kCrashes:
      return crash();
    case CoordinatorFate::kTakenOver:
      run_beside(StartCause::kTakeover);
      if (ended_[waiting]) throw IncarnationEnds{};
      emit(EventType::kWokeUp);
      return;
    case CoordinatorFate::kCancelled:
      cancel_requested_ = true;
      return;
    case CoordinatorFate::kStartedAgain:
      run_beside(StartCause::kDuplicate);
      if (ended_[waiting]) throw IncarnationEnds{};
      return;
    case CoordinatorFate::kClockForward:
      clock_ahead_ += kClockJump;
      return;
    case CoordinatorFate::kClockBack:
      clock_ahead_ -= kClockJump;
      return;
  }
}

}  // namespace saga_harness
