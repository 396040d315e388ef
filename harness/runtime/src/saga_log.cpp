// The saga log: what is written, what is not, and who may write.

#include <algorithm>
#include <array>

#include "engine_impl.hpp"

namespace saga_harness {

LogWrite Engine::Impl::append(std::uint32_t incarnation, const LogRecord& record) {
  enter(incarnation);
  if (record.kind == LogKind::kTorn) misuse("a record cannot be written torn: use LogKind::kNote");
  const LogInstants instants = instants_of(record);
  const StepId step = instants.names_step ? step_named(record.step) : kNoStep;
  const std::size_t place = step == kNoStep ? infos_.size() : index_of(step, instants.operation);
  const Point before{step, instants.operation, instants.before, reached(place, instants.before)};
  const Point after{step, instants.operation, instants.after, reached(place, instants.after)};
  if (is_fenced(incarnation) && !setup_.store) return not_logged(record, before, LogWrite::kFenced);
  const LogFate fate = is_behind(incarnation) ? LogFate::kFaithful : strike_write(before, record);
  if (fate == LogFate::kWriteFails) return not_logged(record, before, LogWrite::kFailed);
  if (setup_.store) {
    LogRecord as_kept = record;
    as_kept.operation = instants.operation;
    as_kept.step = step == kNoStep ? std::string_view{} : saga_.step(step).name;
    const LogWrite write = store(incarnation, as_kept);
    if (write != LogWrite::kDurable) return not_logged(record, before, write);
  }

  LogRecord& kept = log_.emplace_back(record);
  known_version_[incarnation] = ++log_version_;
  calls_without_progress_ = 0;
  kept.operation = instants.operation;
  kept.step = step == kNoStep ? std::string_view{} : saga_.step(step).name;
  kept.note = memory_.copy(record.note);
  if (record.kind == LogKind::kStarted && log_.size() == 1) started_at_ = now_;
  Event& logged = emit(EventType::kLogged);
  logged.step = step;
  logged.operation = instants.operation;
  logged.attempt = after.attempt;
  logged.detail = static_cast<std::uint8_t>(record.kind);
  if (record.kind == LogKind::kEnd) logged.text = static_cast<std::uint32_t>(record.outcome);
  if (record.kind == LogKind::kFailed) logged.text = record.maybe_done ? 1 : 0;
  if (record.kind == LogKind::kNote) logged.text = texts_.intern(record.note);
  kept.flagged = keep_steps(record.flagged, EventType::kLoggedStep);

  offer_after_write(after);
  return fate == LogFate::kWriteUnconfirmed ? LogWrite::kFailed : LogWrite::kDurable;
}

LogWrite Engine::Impl::not_logged(const LogRecord& record, const Point& before, LogWrite why) {
  Event& event = emit(EventType::kNotLogged);
  event.step = before.step;
  event.operation = before.operation;
  event.attempt = before.attempt;
  event.detail = static_cast<std::uint8_t>(record.kind);
  event.text = why == LogWrite::kFenced ? 1 : 0;
  offered_at_ = -1;
  return why;
}

// What becomes of the write, if its writer lives to see it.
LogFate Engine::Impl::strike_write(const Point& before, const LogRecord& record) {
  if (log_is_down_) return LogFate::kWriteFails;
  if (healed_) return LogFate::kFaithful;
  std::span<const Alternative> legal = at_write_;
  // A crash here is the instant after the last operation, if that has been offered and no time has passed.
  if (setup_.durable && offered_at_ == now_ && !wants_synonyms_) legal = legal.subspan(1);
  const std::size_t picked = ask(before, legal);
  if (picked == 0) return LogFate::kFaithful;
  const Alternative alternative = legal[picked - 1];
  record_fault(before, alternative);
  const Fate& fate = fate_of(alternative.kind);
  switch (fate.log) {
    case LogFate::kWriteTorn:
      log_.push_back({.kind = LogKind::kTorn});
      if (setup_.store) store_torn(record);
      ++log_version_;
      crash();
      break;
    case LogFate::kWriteFails:
      log_is_down_ = alternative.window == FaultDuration::kHeal;
      break;
    case LogFate::kWriteLost:
      lost_.push_back(log_.size());
      break;
    case LogFate::kWriteUnconfirmed:
      break;
    case LogFate::kFaithful:
    case LogFate::kReadStale:
      befall_coordinator(fate.coordinator);
      break;
  }
  return fate.log;
}

void Engine::Impl::offer_after_write(const Point& after) {
  if (after.instant != Instant::kAfterEnd) {
    offer_crash_after(after);
    return;
  }
  if (healed_) return;
  offered_at_ = now_;
  const std::size_t picked = ask(after, after_end_);
  if (picked == 0) return;
  const Alternative alternative = after_end_[picked - 1];
  record_fault(after, alternative);
  const CoordinatorFate fate = fate_of(alternative.kind).coordinator;
  if (fate == CoordinatorFate::kStartedAgain) {  // once the one that ended has returned
    start_comes_again_ = true;
  } else {
    befall_coordinator(fate);
  }
}

void Engine::Impl::drop_lost_writes() {
  if (lost_.empty()) return;
  for (std::size_t i = lost_.size(); i-- > 0;) {
    if (lost_[i] < log_.size()) log_.erase(log_.begin() + static_cast<std::ptrdiff_t>(lost_[i]));
  }
  lost_.clear();
  ++log_version_;
}

std::span<const LogRecord> Engine::Impl::records(std::uint32_t incarnation) const {
  const std::span<const LogRecord> all = log_;
  return incarnation == stale_reader_ ? all.first(std::min(stale_size_, all.size())) : all;
}

std::span<const std::string_view> Engine::Impl::keep_steps(std::span<const std::string_view> names,
                                                           EventType type) {
  if (names.empty()) return {};
  auto* kept = static_cast<std::string_view*>(
      memory_.allocate(names.size() * sizeof(std::string_view), alignof(std::string_view)));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const StepId step = step_named(names[i]);
    kept[i] = saga_.step(step).name;
    emit(type).step = step;
  }
  return {kept, names.size()};
}

}  // namespace saga_harness
