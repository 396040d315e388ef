#include <saga_harness/engine.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_pointer.hpp>

#include "engine_impl.hpp"
#include "event_bus.hpp"
#include "struck.hpp"

namespace saga_harness {
namespace {

constexpr int kMostIncarnations = 200;  // events have one byte for their number
constexpr int kMostEarlierSagas = 100;

void check_volatile_field(const std::string& field) {
  if (internal::is_json_pointer(field) && !field.empty()) return;
  throw Error(
      fmt::format("Setup::volatile_fields has \"{}\", which is no JSON pointer to a field: begin it with /, "
                  "as in \"/requested_at\"",
                  field));
}

Setup completed(Setup setup) {
  if (!setup.saga) throw Error("Setup::saga is empty: give the engine a SagaIndex");
  const bool is_choreography = setup.saga->is_choreography();
  if (is_choreography) {
    if (!setup.handler || setup.coordinator)
      throw Error(
          "the saga is a choreography: give Setup::handler what handles its events, e.g. choreography(), "
          "and no coordinator");
    if (setup.earlier_sagas != 0)
      throw Error("Setup::earlier_sagas is not 0: a choreography runs by itself, leave it out");
  } else if (!setup.coordinator) {
    throw Error("Setup::coordinator is empty: give the engine a coordinator to run");
  } else if (setup.handler) {
    throw Error("Setup::handler handles events, but the saga is no choreography: leave it out");
  }
  if (setup.bounds.max_incarnations < 1 || setup.bounds.max_incarnations > kMostIncarnations) {
    throw Error(fmt::format("RunBounds::max_incarnations is {}: give a number from 1 to {}",
                            setup.bounds.max_incarnations, kMostIncarnations));
  }
  if (setup.earlier_sagas < 0 || setup.earlier_sagas > kMostEarlierSagas) {
    throw Error(fmt::format("Setup::earlier_sagas is {}: give a number from 0 to {}", setup.earlier_sagas,
                            kMostEarlierSagas));
  }
  for (const std::string& field : setup.volatile_fields) check_volatile_field(field);
  if (setup.saga_id.empty()) setup.saga_id = setup.saga->saga().name + "-1";
  if (setup.auth_token.empty()) setup.auth_token = "token-of-" + setup.saga_id;
  if (setup.context == Context()) setup.context = setup.saga->saga().context;
  return setup;
}

}  // namespace

Engine::Impl::Impl(Engine& engine, Setup setup)
    : setup_(std::move(setup)), saga_(*setup_.saga), participant_table_(setup_), engine_(engine) {
  token_text_ = texts_.intern(setup_.auth_token);
  index_operations();
  attach_participants();
  const std::size_t operations = infos_.size();
  effects_.resize(saga_.step_count());
  skipped_ = skipped_steps(saga_.saga(), setup_.context);
  windows_.resize(operations);
  attempts_.resize(operations);
  limited_until_.resize(operations);
  occurrences_.resize((operations + 1) * kInstantCount);
  make_room_for_events();
  calls_.reserve(256);
}

void Engine::Impl::make_room_for_events() {
  event_room_ = std::max<std::size_t>(1024, event_room_ * 2);
  events_.resize(event_room_);
}

void Engine::Impl::index_operations() {
  infos_.resize(saga_.step_count() * kOperationCount);
  std::uint32_t budgets = 0;
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      const OperationId id{step, operation};
      const std::string_view action = saga_.action_of(id);
      if (action.empty()) continue;
      OperationInfo& info = infos_[index_of(step, operation)];
      info.delivery = {.saga_id = setup_.saga_id,
                       .service = saga_.step(step).service,
                       .action = action,
                       .step = saga_.step(step).name,
                       .operation = id};
      info.service = texts_.intern(info.delivery.service);
      info.action = texts_.intern(action);
      info.timeout = saga_.timeout(id).count();
      info.budget = static_cast<std::uint16_t>(saga_.budget(id));
      info.at_call = legal_alternatives(Instant::kCall, id, saga_);
      info.during_call = legal_alternatives(Instant::kDuringCall, id, saga_);
      leave_out_restarts(info.during_call);
      budgets += info.budget;
      if (first_by_action_.size() <= info.action) first_by_action_.resize(info.action + 1);
      info.next = std::exchange(first_by_action_[info.action],
                                static_cast<std::uint16_t>(index_of(step, operation) + 1));
      for (std::uint16_t at = info.next; at != 0; at = infos_[at - 1U].next) {
        if (infos_[at - 1U].service != info.service) continue;
        infos_[at - 1U].is_alone = false;
        info.is_alone = false;
      }
    }
  }
  const auto of_saga = [this](Instant instant) { return legal_alternatives(instant, {kNoStep, {}}, saga_); };
  at_write_ = of_saga(Instant::kBeforeNote);
  after_end_ = of_saga(Instant::kAfterEnd);
  at_resume_ = of_saga(Instant::kOnResume);
  at_crash_ = of_saga(Instant::kAfterNote);
  leave_out_restarts(at_write_);
  leave_out_restarts(after_end_);
  call_bound_ = setup_.bounds.max_calls != 0 ? setup_.bounds.max_calls : 8 * budgets + 64;
  livelock_bound_ = 4 * budgets + 32;
}

// A coordinator that is not durable never starts again.
void Engine::Impl::leave_out_restarts(std::vector<Alternative>& alternatives) const {
  if (setup_.durable) return;
  std::erase_if(alternatives, [](const Alternative& each) { return fate_of(each.kind).needs_restart(); });
}

void Engine::Impl::attach_participants() {
  for (OperationInfo& info : infos_) {
    if (!info.delivery.action.empty()) info.participant = participant_table_.of(info.delivery.service);
  }
}

void Engine::Impl::reset() {
  queue_.clear();
  event_count_ = 0;
  calls_.assign(1, Call{});
  payloads_.clear();
  log_.clear();
  held_.clear();
  std::ranges::fill(effects_, Effect{});
  std::ranges::fill(windows_, ActiveWindow{});
  std::ranges::fill(attempts_, std::uint16_t{0});
  std::ranges::fill(occurrences_, std::uint16_t{0});
  std::ranges::fill(limited_until_, std::int64_t{0});
  lost_.clear();
  now_ = 0;
  clock_ahead_ = 0;
  started_at_ = 0;
  incarnation_ = 0;
  incarnations_ = 0;
  log_version_ = 0;
  stale_reader_ = 0;
  calls_without_progress_ = 0;
  cancel_requested_ = false;
  log_is_down_ = false;
  start_comes_again_ = false;
  completed_ = 0;
  operations_ = 0;
  operations_of_the_dead_ = 0;
  healed_ = false;
  gave_up_ = false;
  misuse_ = nullptr;
  outcome_ = Outcome::kUnresolved;
  if (setup_.store) create_stored_saga();
}

// Those that the participants have served before: their effects and keys are none of the saga's business.
void Engine::Impl::run_earlier_sagas() {
  NoFaults no_faults;
  Choices* const choices = std::exchange(choices_, &no_faults);
  for (int number = 1; number <= setup_.earlier_sagas && !misuse_; ++number) {
    saga_number_ = static_cast<std::uint32_t>(number);
    saga_text_ = texts_.intern({setup_.saga_id, "-before-", std::to_string(number)});
    saga_id_ = texts_.at(saga_text_);
    reset();
    run_until_returned(log_.empty() ? StartCause::kFirst : StartCause::kAfterCrash);
    drain();
  }
  choices_ = choices;
}

const Observation& Engine::Impl::run(Choices& choices) {
  choices_ = &choices;
  thread_ = this_thread();
  wants_synonyms_ = choices.wants_synonyms();
  indifferent_ = 0;
  memory_.reset();
  misuse_ = nullptr;
  participant_table_.reset();
  if (setup_.earlier_sagas > 0) run_earlier_sagas();
  if (misuse_) std::rethrow_exception(misuse_);
  saga_number_ = 0;
  indifferent_ = choices.indifferent();
  saga_text_ = texts_.intern(setup_.saga_id);
  saga_id_ = setup_.saga_id;
  reset();
  participant_table_.measure(false);
  run_until_returned(StartCause::kFirst);
  if (start_comes_again_ && !gave_up_) run_beside(StartCause::kDuplicate);
  heal();
  drain();
  if (setup_.durable) {
    for (int recovery = 0; recovery < 2 && !gave_up_; ++recovery) {
      run_until_returned(StartCause::kRecovery);
      drain();
    }
  }
  participant_table_.measure(true);
  note_use_elsewhere();
  if (misuse_) std::rethrow_exception(misuse_);
  observation_ = {.events = std::span(events_).first(event_count_),
                  .effects = effects_,
                  .quantities = participant_table_.quantities(),
                  .texts = texts_.all(),
                  .outcome = outcome_,
                  .skipped = skipped_,
                  .payloads = payloads_.all()};
  return observation_;
}

void Engine::Impl::heal() {
  healed_ = true;
  log_is_down_ = false;
  std::ranges::fill(limited_until_, std::int64_t{0});
  emit(EventType::kHealed);
  for (ActiveWindow& window : windows_) {
    if (window.window != FaultDuration::kForever) window.active = false;
  }
}

void Engine::Impl::drain() {
  while (!held_.empty() || !queue_.empty()) {
    for (const HeldMessage& message : held_) queue_.push(now_ + kMaxLatency, message.call, message.kind);
    held_.clear();
    pump_until(std::numeric_limits<std::int64_t>::max());
  }
}

void Engine::Impl::refuse_the_dead() {
  if (++operations_of_the_dead_ > setup_.bounds.max_operations) {
    // It lives on our stack and nothing we throw will unwind it: a clear end is better than a test that
    // hangs.
    std::fputs(
        "saga-harness: a coordinator that has crashed or was stopped keeps calling its Runtime, because some "
        "catch (...) of its own swallows the signal to end. Let what is no std::exception through.\n",
        stderr);
    std::abort();
  }
  throw IncarnationEnds{};
}

void Engine::Impl::give_up(std::string_view bound) {
  gave_up_ = true;
  ended_.fill(true);
  emit(EventType::kGaveUp).text = texts_.intern(bound);
  throw IncarnationEnds{};
}

void Engine::Impl::note_use_elsewhere() {
  if (!was_used_elsewhere_.exchange(false)) return;
  note_failure(std::make_exception_ptr(
      Error("the coordinator uses its Runtime in another thread than the one it was called in: a run has one "
            "thread, or it could not be repeated; start() requests and wait_any() for them instead, as "
            "harness/docs/your_coordinator.md shows")));
}

void Engine::Impl::misuse(const std::string& message) { fail(std::make_exception_ptr(Error(message))); }

void Engine::Impl::fail(std::exception_ptr why) {
  note_failure(std::move(why));
  throw IncarnationEnds{};
}

// A coordinator that catches every exception must not hide it: run() throws it.
void Engine::Impl::note_failure(std::exception_ptr why) {
  if (!misuse_) misuse_ = std::move(why);
  ended_.fill(true);
  gave_up_ = true;
}

std::int64_t Engine::Impl::checked(Duration duration, std::string_view what) {
  if (duration.count() < 0) misuse(fmt::format("{} is {} us: it cannot be negative", what, duration.count()));
  if (duration.count() > kLongestWait) {
    misuse(fmt::format("{} is {} us: nothing takes longer than a year", what, duration.count()));
  }
  return duration.count();
}

std::size_t Engine::Impl::really_ask(const Point& point, std::span<const Alternative> legal) {
  std::size_t picked = 0;
  try {
    picked = choices_->pick(point, legal);
    indifferent_ = choices_->indifferent();
  } catch (...) {  // must not end as an exception of the coordinator that happens to be running
    fail(std::current_exception());
  }
  if (picked > legal.size()) {
    misuse(fmt::format(
        "Choices::pick() answered {} where {} alternatives are legal: answer 0 for no fault, n for the n-th",
        picked, legal.size()));
  }
  return picked;
}

StepId Engine::Impl::step_named(std::string_view name) {
  const std::uint32_t text = texts_.intern(name);
  if (text < step_by_text_.size() && step_by_text_[text] != kNoStep) return step_by_text_[text];
  const StepId step = saga_.find_step(name);
  if (step == kNoStep) {
    std::vector<std::string_view> names;
    for (const Step& known : saga_.saga().steps) names.push_back(known.name);
    const std::string_view nearest = nearest_name(name, names);
    misuse(fmt::format("the coordinator speaks of step \"{}\", which saga \"{}\" does not have{}", name,
                       saga_.saga().name,
                       nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest)));
  }
  if (step_by_text_.size() <= text) step_by_text_.resize(text + 1, kNoStep);
  return step_by_text_[text] = step;
}

void Engine::Impl::report(std::uint32_t incarnation, Outcome outcome,
                          std::span<const std::string_view> flagged) {
  enter(incarnation);
  emit(EventType::kReported).detail = static_cast<std::uint8_t>(outcome);
  outcome_ = outcome;
  for (const std::string_view step : flagged) emit(EventType::kReportedStep).step = step_named(step);
  offered_at_ = -1;
}

void Engine::Impl::mark(std::string_view name) { emit(EventType::kMarked).text = texts_.intern(name); }

void Engine::Impl::sleep(std::uint32_t incarnation, Duration duration) {
  enter(incarnation);
  pump_until(now_ + checked(duration, "the duration given to sleep()"));
}

Engine::Engine(Setup setup) {
  setup = completed(std::move(setup));
  if (setup.saga->is_choreography()) {
    bus_ = std::make_unique<Bus>(*this, std::move(setup));
  } else {
    impl_ = std::make_unique<Impl>(*this, std::move(setup));
  }
}
Engine::~Engine() = default;

const Observation& Engine::run(Choices& choices) try {
  return bus_ ? bus_->run(choices) : impl_->run(choices);
} catch (const Error& error) {
  const FaultPlan struck = struck_in(events(), saga());
  if (error.kind() != ErrorKind::kMisuse || struck.empty()) throw;
  throw error.within("under the plan " + to_string(struck));
}
std::span<const Event> Engine::events() const noexcept {
  return bus_ ? bus_->events() : std::span<const Event>(impl_->events_).first(impl_->event_count_);
}
const Observation& Engine::observation() const noexcept {
  return bus_ ? bus_->observation() : impl_->observation_;
}
const SagaIndex& Engine::saga() const noexcept { return bus_ ? bus_->saga() : impl_->saga_; }

Ledger Engine::ledger() const {
  if (bus_) return bus_->ledger();
  const std::span<const Quantity> quantities = impl_->participant_table_.quantities();
  return {impl_->effects_, {quantities.begin(), quantities.end()}};
}

Trace Engine::trace() const {
  const TextTable& texts = bus_ ? bus_->texts() : impl_->texts_;
  // Numbers of texts depend on what the engine ran before: count them anew, in order of appearance.
  const std::span<const Event> seen = events();
  Trace trace{{seen.begin(), seen.end()}, {std::string()}};
  std::map<std::uint32_t, std::uint32_t> renumbered = {{0, 0}};
  for (Event& event : trace.events) {
    if (!has_text(event)) continue;
    const auto [entry, is_new] =
        renumbered.try_emplace(event.text, static_cast<std::uint32_t>(trace.texts.size()));
    if (is_new) trace.texts.emplace_back(texts.at(event.text));
    event.text = entry->second;
  }
  return trace;
}

}  // namespace saga_harness
