#include "story.hpp"

#include <stdexcept>

namespace saga_harness::check_test {

Saga trip() {
  return {.name = "trip",
          .steps = {{.name = "book_flight", .service = "airline", .compensation = "cancel_flight"},
                    {.name = "book_hotel", .service = "hotel", .compensation = "cancel_hotel"},
                    {.name = "charge_card",
                     .service = "bank",
                     .compensation = "refund_card",
                     .fallback = "send_invoice",
                     .retry = {.attempts = 3}},
                    {.name = "issue_ticket", .service = "airline", .compensation = "void_ticket"}}};
}

Saga trip_with_pivot() {
  Saga saga = trip();
  saga.steps.back().compensation.clear();
  saga.steps.back().pivot = true;
  return saga;
}

Saga parallel_trip() {
  Saga saga = trip();
  saga.steps.pop_back();
  saga.steps[1].after = kNoPredecessors;
  saga.steps[2].after = {"book_flight", "book_hotel"};
  return saga;
}

Story::Story(Saga saga) : saga_(std::make_shared<const SagaIndex>(std::move(saga))) {
  effects_.resize(saga_->step_count());
  text("");
  emit(EventType::kStarted);
}

Story& Story::at(Time time) {
  now_ = time.time_since_epoch().count();
  return *this;
}

Story& Story::dies() {
  emit(EventType::kCrashed);
  return *this;
}

Story& Story::crashes() {
  dies();
  ++incarnation_;
  emit(EventType::kStarted).detail = 1;
  return *this;
}

Story& Story::recovers() {
  ++incarnation_;
  emit(EventType::kStarted).detail = 2;
  return *this;
}

Story& Story::heals() {
  emit(EventType::kHealed);
  return *this;
}

Story& Story::gives_up(std::string_view bound) {
  emit(EventType::kGaveUp).text = text(bound);
  return *this;
}

Story& Story::throws(std::string_view message) {
  emit(EventType::kThrew).text = text(message);
  return *this;
}

Story& Story::logs_started() { return logs(LogKind::kStarted, ""); }
Story& Story::logs_intent(std::string_view action) { return logs(LogKind::kIntent, action); }
Story& Story::logs_done(std::string_view action) { return logs(LogKind::kDone, action); }
Story& Story::logs_failed(std::string_view action, bool maybe_done) {
  return logs(LogKind::kFailed, action, maybe_done ? 1 : 0);
}
Story& Story::logs_compensating() { return logs(LogKind::kCompensating, ""); }
Story& Story::logs_undone(std::string_view compensation) { return logs(LogKind::kUndone, compensation); }
Story& Story::logs_stuck(std::string_view compensation) { return logs(LogKind::kStuck, compensation); }

Story& Story::logs_end(Outcome outcome, std::initializer_list<std::string_view> flagged) {
  logs(LogKind::kEnd, "", static_cast<std::uint32_t>(outcome));
  return name_steps(EventType::kLoggedStep, flagged);
}

Story& Story::logs_note(std::string_view note) { return logs(LogKind::kNote, "", text(note)); }

Story& Story::reports(Outcome outcome, std::initializer_list<std::string_view> flagged) {
  emit(EventType::kReported).detail = static_cast<std::uint8_t>(outcome);
  outcome_ = outcome;
  return name_steps(EventType::kReportedStep, flagged);
}

Story& Story::sends(std::string_view operation) {
  return sends_keyed(operation, "trip-1/" + std::string(operation));
}

Story& Story::sends_keyed(std::string_view operation, std::string_view key) {
  auto& [number, attempt] = last_calls_[std::string(operation)];
  number = ++calls_;
  ++attempt;
  emit(EventType::kSent, operation).text = text(key);
  return *this;
}

Story& Story::without(std::uint8_t lacks) {
  events_.back().detail = lacks;
  return *this;
}

Story& Story::strikes(FaultKind kind) {
  emit(EventType::kFault).detail = static_cast<std::uint8_t>(kind);
  return *this;
}

Story& Story::fault(std::string_view operation, FaultKind kind) {
  Event& event = emit(EventType::kFault, operation);
  event.detail = static_cast<std::uint8_t>(kind);
  event.text = pack(Instant::kCall, FaultDuration::kOnce);
  return *this;
}

Story& Story::arrives(std::string_view operation) {
  emit(EventType::kDelivered, operation);
  return *this;
}

Story& Story::copy_arrives(std::string_view operation) {
  emit(EventType::kDelivered, operation).detail = 1;
  return *this;
}

Story& Story::takes_effect(std::string_view operation) {
  const bool is_undoing = find(operation).operation == Operation::kCompensation;
  Event& event = emit(is_undoing ? EventType::kUndone : EventType::kApplied, operation);
  event.call = 0;  // the ledger knows requests, not calls
  ++(is_undoing ? effects_[event.step].undone : effects_[event.step].applied);
  return *this;
}

Story& Story::answers(std::string_view operation, ReplyStatus status) {
  emit(EventType::kAnswered, operation).detail = static_cast<std::uint8_t>(status);
  return *this;
}

Story& Story::copy_answers(std::string_view operation, ReplyStatus status) {
  Event& event = emit(EventType::kAnswered, operation);
  event.detail = static_cast<std::uint8_t>(status);
  event.text = 1;
  return *this;
}

Story& Story::hears(std::string_view operation, ReplyStatus status, Duration retry_after) {
  Event& event = emit(EventType::kReceived, operation);
  event.detail = static_cast<std::uint8_t>(status);
  event.text = static_cast<std::uint32_t>(retry_after.count());
  return *this;
}

Story& Story::times_out(std::string_view operation) {
  emit(EventType::kTimedOut, operation).detail = static_cast<std::uint8_t>(ReplyStatus::kTimeout);
  return *this;
}

Story& Story::drops(std::string_view operation) {
  emit(EventType::kDropped, operation);
  return *this;
}

Story& Story::calls(std::string_view operation) {
  return sends(operation).arrives(operation).takes_effect(operation).answers(operation).hears(operation);
}

Story& Story::does(std::string_view action) { return logs_intent(action).calls(action).logs_done(action); }

Story& Story::undoes(std::string_view compensation) { return calls(compensation).logs_undone(compensation); }

Story& Story::is_refused(std::string_view operation, ReplyStatus status) {
  return sends(operation).arrives(operation).answers(operation, status).hears(operation, status);
}

Story& Story::is_made_to_fail(std::string_view operation, FaultKind kind, ReplyStatus status) {
  return sends(operation).fault(operation, kind).answers(operation, status).hears(operation, status);
}

Story& Story::is_lost(std::string_view operation) {
  return sends(operation).fault(operation, FaultKind::kRequestLost).times_out(operation);
}

Story& Story::undoes_nothing(std::string_view compensation) {
  return sends(compensation).arrives(compensation).answers(compensation).hears(compensation);
}

Story& Story::ends(Outcome outcome, std::initializer_list<std::string_view> flagged) {
  return logs_end(outcome, flagged).reports(outcome, flagged);
}

Story& Story::recovery_repeats(Outcome outcome, std::initializer_list<std::string_view> flagged) {
  return heals().recovers().reports(outcome, flagged);
}

Story& Story::quantity(Quantity quantity) {
  quantities_.push_back(std::move(quantity));
  return *this;
}

Story& Story::skips(std::string_view step) {
  skipped_.resize(saga_->step_count());
  skipped_[saga_->find_step(step)] = 1;
  return *this;
}

Story& Story::carrying(std::string_view json) {
  payloads_.push_back({here(), json});
  return *this;
}

Story& Story::saying(std::string_view json) {
  answers_.push_back({here(), json});
  return *this;
}

Story& Story::starts_with(std::string_view json) {
  context_ = json;
  return *this;
}

Story& Story::ledger_says(std::string_view step, Effect effect) {
  effects_[saga_->find_step(step)] = effect;
  return *this;
}

std::uint32_t Story::when(EventType type, std::string_view operation, std::uint16_t attempt) const {
  const OperationId id = find(operation);
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const Event& event = events_[i];
    if (event.type != type || event.step != id.step || event.operation != id.operation) continue;
    if (attempt == 0 || event.attempt == attempt) return static_cast<std::uint32_t>(i);
  }
  throw std::logic_error("nothing like that was told of " + std::string(operation));
}

Observation Story::observation() const {
  return {.events = events_,
          .effects = effects_,
          .quantities = quantities_,
          .texts = views_,
          .outcome = outcome_,
          .skipped = skipped_,
          .payloads = payloads_,
          .context = context_,
          .answers = answers_};
}

OperationId Story::find(std::string_view operation) const {
  for (StepId step = 0; step < saga_->step_count(); ++step) {
    for (const Operation what : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      if (saga_->action_of({step, what}) == operation) return {step, what};
    }
  }
  throw std::logic_error("the saga of this story has no operation " + std::string(operation));
}

Event& Story::emit(EventType type) {
  Event& event = events_.emplace_back();
  event.at = now_;
  event.type = type;
  event.incarnation = incarnation_;
  return event;
}

Event& Story::emit(EventType type, std::string_view operation) {
  const OperationId id = find(operation);
  const auto& [number, attempt] = last_calls_[std::string(operation)];
  Event& event = emit(type);
  event.step = id.step;
  event.operation = id.operation;
  event.call = number;
  event.attempt = attempt;
  return event;
}

Story& Story::logs(LogKind kind, std::string_view operation, std::uint32_t number) {
  Event& event = emit(EventType::kLogged);
  if (!operation.empty()) {
    const OperationId id = find(operation);
    event.step = id.step;
    event.operation = id.operation;
  }
  event.detail = static_cast<std::uint8_t>(kind);
  event.text = number;
  return *this;
}

Story& Story::name_steps(EventType type, std::initializer_list<std::string_view> steps) {
  for (const std::string_view step : steps) emit(type).step = saga_->find_step(step);
  return *this;
}

std::uint32_t Story::text(std::string_view content) {
  for (std::size_t i = 0; i < views_.size(); ++i) {
    if (views_[i] == content) return static_cast<std::uint32_t>(i);
  }
  texts_.push_back(std::make_unique<std::string>(content));
  views_.emplace_back(*texts_.back());
  return static_cast<std::uint32_t>(views_.size() - 1);
}

}  // namespace saga_harness::check_test
