// The saga log: what is written, what is not, and who may write.

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/log_store.hpp>

#include "engine_impl.hpp"

namespace saga_harness {

LogWrite Engine::Impl::append(std::uint32_t incarnation, const LogRecord& record) {
  enter(incarnation);
  if (record.kind == LogKind::kTorn) misuse("a record cannot be written torn: use LogKind::kNote");
  const LogInstants instants = instants_of(record);
  const StepId step = instants.names_step ? step_named(record.step) : kNoStep;
  const std::size_t place =
      step == kNoStep ? operations_.size() : OperationTable::index_of(step, instants.operation);
  const Point before{step, instants.operation, instants.before, instants_.reached(place, instants.before)};
  const Point after{step, instants.operation, instants.after, instants_.reached(place, instants.after)};
  if (is_fenced(incarnation) && !stored_.is_used()) return not_logged(record, before, LogWrite::kFenced);
  const LogFate fate = log_.is_behind(incarnation) ? LogFate::kFaithful : strike_write(before, record);
  if (fate == LogFate::kWriteFails) return not_logged(record, before, LogWrite::kFailed);
  if (has_ended(incarnation)) return LogWrite::kFenced;
  if (stored_.is_used()) {
    LogRecord as_kept = record;
    as_kept.operation = instants.operation;
    as_kept.step = step == kNoStep ? std::string_view{} : saga_.step(step).name;
    // The writer believes that what will be lost is durable.
    const LogWrite write = log_.loses_next() ? LogWrite::kDurable : stored_.append(incarnation, as_kept);
    if (write != LogWrite::kDurable) return not_logged(record, before, write);
  }

  LogRecord& kept = log_.append(incarnation, record);
  limits_.note_progress();
  kept.operation = instants.operation;
  kept.step = step == kNoStep ? std::string_view{} : saga_.step(step).name;
  kept.note = memory_.copy(record.note);
  if (record.kind == LogKind::kStarted && log_.size() == 1) started_at_ = clock_.now();
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
  instants_.something_happened();
  return why;
}

// What becomes of the write, if its writer lives to see it.
LogFate Engine::Impl::strike_write(const Point& before, const LogRecord& record) {
  if (log_.is_down()) return LogFate::kWriteFails;
  if (healed_) return LogFate::kFaithful;
  std::span<const Alternative> legal = operations_.at_write();
  // A crash here is the instant after the last operation, if that has been offered and no time has passed.
  if (setup_.durable && instants_.is_offered(clock_.now()) && !questions_.wants_synonyms())
    legal = legal.subspan(1);
  const std::size_t picked = ask(before, legal);
  if (picked == 0) return LogFate::kFaithful;
  const Alternative alternative = legal[picked - 1];
  record_fault(before, alternative);
  const Fate& fate = fate_of(alternative.kind);
  switch (fate.log) {
    case LogFate::kWriteTorn:
      log_.append_torn();
      if (stored_.is_used()) stored_.append_torn(incarnations_.running(), record);
      crash();
      break;
    case LogFate::kWriteFails:
      log_.set_down(alternative.window == FaultDuration::kHeal);
      break;
    case LogFate::kWriteLost:
      log_.lose_next();
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
  instants_.note_offered(clock_.now());
  const std::size_t picked = ask(after, operations_.after_end());
  if (picked == 0) return;
  const Alternative alternative = operations_.after_end()[picked - 1];
  record_fault(after, alternative);
  const CoordinatorFate fate = fate_of(alternative.kind).coordinator;
  if (fate == CoordinatorFate::kStartedAgain) {  // once the one that ended has returned
    start_comes_again_ = true;
  } else {
    befall_coordinator(fate);
  }
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

// A run is a saga of its own; whoever else writes to the store takes other names.
void Engine::Impl::create_stored_saga() {
  const StoredHead head{.saga_id = std::string(saga_id_),
                        .definition = saga_.saga().name,
                        .context = std::string(setup_.context.text()),
                        .definition_hash = definition_hash_of(saga_)};
  if (!setup_.takes_up) return stored_.create(head);
  if (stored_.create_or_take_up(head)) return;
  read_log_from_store();
  log_.count_as_written();
}

void Engine::Impl::read_log_from_store() {
  const StoredSaga stored = stored_.load();
  expect_fit(stored, saga_, setup_.accepts_definition);
  log_.reread();
  for (const std::string& text : stored.records) {
    const StoredRecord record = read_record(text);
    LogRecord& kept = log_.append_as_stored();
    kept.kind = record.kind;
    kept.operation = record.operation;
    kept.outcome = record.outcome;
    kept.maybe_done = record.maybe_done;
    kept.note = memory_.copy(record.note);
    if (!record.step.empty()) kept.step = saga_.step(step_named(record.step)).name;
    if (record.flagged.empty()) continue;
    auto* steps = static_cast<std::string_view*>(
        memory_.allocate(record.flagged.size() * sizeof(std::string_view), alignof(std::string_view)));
    for (std::size_t i = 0; i < record.flagged.size(); ++i)
      steps[i] = saga_.step(step_named(record.flagged[i])).name;
    kept.flagged = {steps, record.flagged.size()};
  }
}

}  // namespace saga_harness
