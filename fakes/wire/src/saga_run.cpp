// A run as its owner sees it: opening, reporting, healing, draining, closing.

#include <saga_harness_internal/saga_run.hpp>

#include <algorithm>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "broker_front.hpp"
#include "call_server.hpp"

namespace saga_harness::wire {

class SagaRun::Impl {
 public:
  Impl(std::shared_ptr<const ServedScenario> served, std::string saga_id, ObservedRunOptions options,
       bool is_open_ended, std::uint64_t last_entry)
      : opened_after(last_entry),
        state(std::move(served), std::move(saga_id), std::move(options), is_open_ended) {}

  ObservedRun snapshot_locked() {
    ObservedRun run{.trace = state.trace.copy(),
                    .ledger = state.participants.ledger(),
                    .outcome = state.outcome,
                    .calls = state.calls,
                    .unmatched = state.unmatched,
                    .hit_call_cap = state.hit_call_cap,
                    .rests_on_time = state.rests_on_time,
                    .skipped = state.skipped,
                    .payloads = state.data.payloads,
                    .answers = state.data.answers};
    const bool has_own = state.options.context != Context();
    run.context = (has_own ? state.options.context : state.saga.saga().context).text();
    state.faults.describe(run);
    for (const std::vector<Held>* held : {&state.held, &state.slow}) {
      for (const Held& each : *held)
        run.held_back.push_back({each.call->operation, each.call->attempt, each.until, each.is_duplicate});
    }
    return run;
  }

  void close_locked() {
    state.closed = true;
    state.trace.close();
    state.held.clear();
    state.slow.clear();
    calls.wake_all();
  }

  const std::uint64_t opened_after;
  RunState state;
  CallServer calls{state};
  BrokerFront broker{state};
};

SagaRun::SagaRun(std::shared_ptr<const ServedScenario> served, std::string saga_id,
                 ObservedRunOptions options, bool is_open_ended, std::uint64_t opened_after)
    : impl_(std::make_unique<Impl>(std::move(served), std::move(saga_id), std::move(options), is_open_ended,
                                   opened_after)) {}
SagaRun::~SagaRun() = default;

void SagaRun::serve(const RoutedRequest& request, Exchange& exchange, const Surroundings& surroundings) {
  impl_->calls.serve(request, exchange, surroundings);
}
void SagaRun::published(std::string_view event) { impl_->broker.published(event); }
void SagaRun::delivers(const BrokerDelivery& delivery, std::function<void()> deliver) {
  impl_->broker.delivers(delivery, std::move(deliver));
}
bool SagaRun::acknowledges(const BrokerDelivery& delivery, bool done) {
  return impl_->broker.acknowledges(delivery, done);
}

void SagaRun::note_unmatched() {
  const std::lock_guard lock(impl_->state.mutex);
  ++impl_->state.unmatched;
  impl_->state.last_activity = Clock::now();
}

void SagaRun::note_report(Outcome outcome, const std::vector<std::string>& flagged) {
  RunState& state = impl_->state;
  std::vector<StepId> steps;
  for (const std::string& name : flagged) {
    steps.push_back(state.saga.find_step(name));
    if (steps.back() != kNoStep) continue;
    std::vector<std::string_view> names;
    for (const Step& step : state.saga.saga().steps) names.emplace_back(step.name);
    throw Error(ErrorText{
        .message = "the report names step " + internal::in_quotes(name) + ", which the saga does not have",
        .fix = internal::name_fix(name, names)});
  }
  const std::lock_guard lock(state.mutex);
  state.outcome = outcome;
  if (outcome == Outcome::kUnresolved) return;
  state.trace.emit(EventType::kReported).detail = static_cast<std::uint8_t>(outcome);
  for (const StepId step : steps) state.trace.emit(EventType::kReportedStep).step = step;
}

void SagaRun::heal() {
  const std::lock_guard lock(impl_->state.mutex);
  if (!impl_->state.faults.stop()) return;
  impl_->calls.heal();
  impl_->state.trace.emit(EventType::kHealed);
}

std::optional<Duration> SagaRun::since_all_struck() {
  const std::lock_guard lock(impl_->state.mutex);
  return impl_->state.faults.since_all_struck();
}

std::uint64_t SagaRun::calls() {
  const std::lock_guard lock(impl_->state.mutex);
  return impl_->state.calls;
}

void SagaRun::drain() {
  BrokerFront::Passing now;
  {
    const std::lock_guard lock(impl_->state.mutex);
    impl_->calls.drain();
    now = impl_->broker.drain();
    if (!now.empty()) impl_->state.last_activity = Clock::now();
  }
  for (const auto& deliver : now) deliver();
}

bool SagaRun::wait_quiet(std::chrono::milliseconds quiet_for, std::chrono::milliseconds at_most) {
  RunState& state = impl_->state;
  Lock lock(state.mutex);
  const Clock::time_point deadline = Clock::now() + at_most;
  for (;;) {
    const Clock::time_point now = Clock::now();
    const Clock::time_point quiet_at = state.last_activity + quiet_for;
    if (state.in_flight == 0 && now >= quiet_at) return true;
    if (now >= deadline) return false;
    state.quiet.wait_until(lock, state.in_flight == 0 ? std::min(quiet_at, deadline) : deadline);
  }
}

ObservedRun SagaRun::close() {
  const std::lock_guard lock(impl_->state.mutex);
  ObservedRun run = impl_->snapshot_locked();
  impl_->close_locked();
  impl_->state.participants.rethrow_misuse();
  return run;
}

void SagaRun::drop() {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->close_locked();
}

const ServedScenario& SagaRun::served() const noexcept { return *impl_->state.served; }

std::size_t SagaRun::kept_bytes() {
  const std::lock_guard lock(impl_->state.mutex);
  return impl_->state.trace.kept_bytes() + impl_->state.data.kept_bytes() + impl_->state.keys.kept_bytes();
}

ObservedRun SagaRun::snapshot() {
  const std::lock_guard lock(impl_->state.mutex);
  return impl_->snapshot_locked();
}

std::uint64_t SagaRun::dropped_events() {
  const std::lock_guard lock(impl_->state.mutex);
  return impl_->state.trace.dropped();
}

bool SagaRun::is_open_ended() const noexcept { return impl_->state.is_open_ended; }
const std::string& SagaRun::saga_id() const noexcept { return impl_->state.saga_id; }
std::uint64_t SagaRun::opened_after() const noexcept { return impl_->opened_after; }

}  // namespace saga_harness::wire
