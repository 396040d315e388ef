// A run as its callers see it: opening, reporting, healing, draining, closing; and its trace and ledger.

#include "wire_run.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "wire_kinds.hpp"

namespace saga_harness::http {
namespace {

constexpr std::size_t kMostEvents = 200'000;

}  // namespace

WireRun::WireRun(std::shared_ptr<const ServedScenario> served, std::string saga_id, HttpRunOptions options,
                 bool is_open_ended)
    : served_(std::move(served)),
      saga_(*served_->saga),
      saga_id_(std::move(saga_id)),
      options_(std::move(options)),
      is_open_ended_(is_open_ended) {
  const std::size_t operations = saga_.step_count() * kOperationCount;
  at_call_.resize(operations);
  windows_.resize(operations);
  attempts_.resize(operations);
  key_numbers_.resize(operations);
  crash_offers_.resize(operations);
  limited_until_.resize(operations);
  own_faults_.resize(operations);
  own_answers_.resize(operations);
  effects_.resize(saga_.step_count());
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      const OperationId id{step, operation};
      if (!saga_.action_of(id).empty()) at_call_[index_of(id)] = wire_alternatives(id, saga_, options_);
    }
  }
  if (options_.crash && offers(options_.kinds, FaultKind::kCoordinatorCrash))
    at_crash_.push_back({FaultKind::kCoordinatorCrash, FaultDuration::kOnce});
  skipped_ = options_.context == Context() ? served_->skipped : skipped_steps(saga_.saga(), options_.context);
  take_plan();
  for (const ParticipantFactory& factory : served_->participants) {
    participants_.push_back(factory());
    std::ranges::move(participants_.back()->quantities(), std::back_inserter(quantities_));
  }
  measure(false);
  emit(EventType::kStarted).detail = static_cast<std::uint8_t>(StartCause::kFirst);
}

void WireRun::take_plan() {
  const FaultPlan plan = resolve(options_.plan, saga_);
  for (const Fault& fault : plan.faults) {
    const Planned planned{point_of(fault, saga_), {fault.kind, fault.window}};
    check_doable(fault, planned.point, saga_, options_);
    planned_.push_back(planned);
  }
}

void WireRun::measure(bool at_end) {
  std::vector<std::int64_t> values;
  for (const auto& participant : participants_) participant->measure(values);
  for (std::size_t i = 0; i < std::min(values.size(), quantities_.size()); ++i) {
    (at_end ? quantities_[i].at_end : quantities_[i].at_start) = values[i];
  }
}

void WireRun::note_unmatched() {
  const std::lock_guard lock(mutex_);
  ++unmatched_;
  last_activity_ = Clock::now();
}

void WireRun::note_report(Outcome outcome, const std::vector<std::string>& flagged) {
  std::vector<StepId> steps;
  for (const std::string& name : flagged) {
    steps.push_back(saga_.find_step(name));
    if (steps.back() != kNoStep) continue;
    std::vector<std::string_view> names;
    for (const Step& step : saga_.saga().steps) names.emplace_back(step.name);
    throw Error("the report names step " + internal::in_quotes(name) + ", which the saga does not have" +
                internal::suggestion(name, names));
  }
  const std::lock_guard lock(mutex_);
  outcome_ = outcome;
  if (outcome == Outcome::kUnresolved) return;
  emit(EventType::kReported).detail = static_cast<std::uint8_t>(outcome);
  for (const StepId step : steps) emit(EventType::kReportedStep).step = step;
}

void WireRun::heal() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(healed_, true)) return;
  std::ranges::fill(limited_until_, Clock::time_point());
  emit(EventType::kHealed);
  for (ActiveWindow& window : windows_) {
    if (window.window != FaultDuration::kForever) window.active = false;
  }
}

bool WireRun::has_struck() {
  const std::lock_guard lock(mutex_);
  return std::ranges::all_of(planned_, &Planned::fired);
}

void WireRun::drain() {
  Forwards now;
  {
    const std::lock_guard lock(mutex_);
    drained_calls_ = calls_;
    for (WireExchange* waiter : waiters_) waiter->wake();
    while (!held_.empty()) {
      std::ranges::move(std::exchange(held_, {}), std::back_inserter(due_));
      deliver_due();
    }
    for (const HeldDelivery& held : std::exchange(held_deliveries_, {}))
      pass(*held.call, held.is_duplicate, held.forward, now);
    if (!now.empty()) last_activity_ = Clock::now();
  }
  for (const auto& forward : now) forward();
}

bool WireRun::wait_quiet(std::chrono::milliseconds quiet_for, std::chrono::milliseconds at_most) {
  Lock lock(mutex_);
  const Clock::time_point deadline = Clock::now() + at_most;
  for (;;) {
    const Clock::time_point now = Clock::now();
    const Clock::time_point quiet_at = last_activity_ + quiet_for;
    if (in_flight_ == 0 && now >= quiet_at) return true;
    if (now >= deadline) return false;
    quiet_.wait_until(lock, in_flight_ == 0 ? std::min(quiet_at, deadline) : deadline);
  }
}

HttpRun WireRun::close() {
  const std::lock_guard lock(mutex_);
  HttpRun run = snapshot_locked();
  close_locked();
  if (misuse_) std::rethrow_exception(misuse_);
  return run;
}

void WireRun::drop() {
  const std::lock_guard lock(mutex_);
  close_locked();
}

void WireRun::close_locked() {
  closed_ = true;
  held_.clear();
  held_deliveries_.clear();
  for (WireExchange* waiter : waiters_) waiter->wake();
}

HttpRun WireRun::snapshot() {
  const std::lock_guard lock(mutex_);
  return snapshot_locked();
}

std::uint64_t WireRun::dropped_events() {
  const std::lock_guard lock(mutex_);
  return dropped_events_;
}

HttpRun WireRun::snapshot_locked() {
  measure(true);
  HttpRun run{.trace = {events_, texts_},
              .ledger = {effects_, quantities_},
              .outcome = outcome_,
              .questions = questions_,
              .calls = calls_,
              .unmatched = unmatched_,
              .hit_call_cap = hit_call_cap_,
              .rests_on_time = rests_on_time_,
              .skipped = skipped_};
  for (const Planned& planned : planned_) {
    FaultPlan& plan = planned.fired ? run.fired : run.unfired;
    plan.faults.push_back(fault_at(planned.point, planned.alternative, saga_));
  }
  return run;
}

std::int64_t WireRun::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - opened_).count();
}

Event& WireRun::emit(EventType type) {
  if (events_.size() >= kMostEvents || closed_) {
    if (!closed_) ++dropped_events_;
    spare_event_ = Event{};
    return spare_event_;
  }
  Event& event = events_.emplace_back();
  event.at = now();
  event.type = type;
  event.incarnation = incarnation_;
  return event;
}

Event& WireRun::emit(EventType type, const Call& call) {
  if (call.is_own) {
    spare_event_ = Event{};
    return spare_event_;
  }
  Event& event = emit(type);
  event.call = call.number;
  event.step = call.operation.step;
  event.operation = call.operation.operation;
  event.attempt = call.attempt;
  return event;
}

std::uint32_t WireRun::text_number(std::string_view text) {
  if (text.empty()) return 0;
  if (const auto known = text_numbers_.find(text); known != text_numbers_.end()) return known->second;
  if (events_.size() >= kMostEvents) return 0;  // nobody will ask for it
  const auto number = static_cast<std::uint32_t>(texts_.size());
  text_numbers_.emplace(text, number);
  texts_.emplace_back(text);
  return number;
}

void WireRun::apply(const Delivery& delivery) {
  ++effects_[delivery.operation.step].applied;
  Event& event = emit(EventType::kApplied);
  event.step = delivery.operation.step;
  event.operation = delivery.operation.operation;
  event.attempt = delivery.attempt;
}

void WireRun::undo(const Delivery& delivery) {
  ++effects_[delivery.operation.step].undone;
  Event& event = emit(EventType::kUndone);
  event.step = delivery.operation.step;
  event.operation = delivery.operation.operation;
  event.attempt = delivery.attempt;
}

void WireRun::mark(std::string_view name) { emit(EventType::kMarked).text = text_number(name); }

}  // namespace saga_harness::http
