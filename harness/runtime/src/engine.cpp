#include <saga_harness/engine.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/masks.hpp>
#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/json_pointer.hpp>

#include "engine_impl.hpp"
#include "event_bus.hpp"
#include "run_watch.hpp"
#include "struck.hpp"

namespace saga_harness {
namespace {

constexpr int kMostEarlierSagas = 100;
constexpr std::size_t kMostBeside = 16;

void check_volatile_field(const std::string& field) {
  if (internal::is_json_pointer(field) && !field.empty()) return;
  throw Error(ErrorText{
      .message = fmt::format("Setup::volatile_fields has \"{}\", which is no JSON pointer to a field", field),
      .fix = "begin it with /, as in \"/requested_at\""});
}

// What is left out of payloads cannot be compared with what it is bound to.
void check_nothing_bound(const std::string& field, const Saga& saga) {
  for (const Step& step : saga.steps) {
    for (const Operation operation : {Operation::kAction, Operation::kCompensation}) {
      for (const Binding& binding : internal::bindings_of(step, operation)) {
        const std::string pointer = internal::pointer_of_field(binding.field);
        if (pointer != field && !pointer.starts_with(field + "/") && !field.starts_with(pointer + "/"))
          continue;
        throw Error(ErrorText{
            .message = fmt::format("\"{}\" may differ from run to run, but step \"{}\" binds it to {}", field,
                                   step.name, to_string(binding.source)),
            .fix = "leave it out of the volatile fields, or do not bind it"});
      }
    }
  }
}

Setup completed(Setup setup) {
  if (!setup.saga)
    throw Error(ErrorText{.message = "Setup::saga is empty", .fix = "give the engine a SagaIndex"});
  const bool is_choreography = setup.saga->is_choreography();
  if (is_choreography) {
    if (!setup.handlers || setup.coordinator)
      throw Error(ErrorText{
          .message = "the saga is a choreography",
          .fix = "give Setup::handlers what handles its events, e.g. choreography(), and no coordinator"});
  } else if (!setup.coordinator) {
    throw Error(
        ErrorText{.message = "Setup::coordinator is empty", .fix = "give the engine a coordinator to run"});
  } else if (setup.handlers) {
    throw Error(ErrorText{.message = "Setup::handlers handle events, but the saga is no choreography",
                          .fix = "leave it out"});
  }
  if (setup.bounds.max_incarnations < 1 || setup.bounds.max_incarnations > kMostIncarnations) {
    throw Error(
        ErrorText{.message = fmt::format("RunBounds::max_incarnations is {}", setup.bounds.max_incarnations),
                  .fix = fmt::format("give a number from 1 to {}", kMostIncarnations)});
  }
  if (setup.earlier_sagas < 0 || setup.earlier_sagas > kMostEarlierSagas) {
    throw Error(ErrorText{.message = fmt::format("Setup::earlier_sagas is {}", setup.earlier_sagas),
                          .fix = fmt::format("give a number from 0 to {}", kMostEarlierSagas)});
  }
  if (!setup.beside.empty() && (!is_choreography || setup.beside.size() > kMostBeside)) {
    throw Error(ErrorText{
        .message = fmt::format("Setup::beside has {} contexts", setup.beside.size()),
        .fix = is_choreography
                   ? fmt::format("give {} at most", kMostBeside)
                   : "only sagas on one bus run beside each other; of others, see interleaving.hpp"});
  }
  for (const std::string& field : setup.volatile_fields) {
    check_volatile_field(field);
    check_nothing_bound(field, setup.saga->saga());
  }
  if (setup.saga_id.empty()) setup.saga_id = setup.saga->saga().name + "-1";
  if (setup.auth_token.empty()) setup.auth_token = "token-of-" + setup.saga_id;
  if (setup.context == Context()) setup.context = setup.saga->saga().context;
  return setup;
}

}  // namespace

Engine::Impl::Impl(Engine& engine, Setup setup)
    : engine_(engine),
      setup_(std::move(setup)),
      saga_(*setup_.saga),
      participant_table_(setup_),
      operations_(setup_, participant_table_, texts_),
      keys_(operations_.size()),
      token_text_(texts_.intern(setup_.auth_token)),
      skipped_(skipped_steps(saga_.saga(), setup_.context)),
      choices_(saga_),
      bound_(saga_, setup_.context),
      calls_(operations_.size()),
      windows_(operations_.size()),
      rate_limits_(operations_.size()),
      instants_(operations_.size() + 1),  // the saga itself is the last place
      stored_(setup_.store),
      effects_(saga_),
      limits_(setup_.bounds, operations_.budgets()) {}

void Engine::Impl::reset() {
  clock_.reset();
  queue_.clear();
  payloads_.clear();
  answers_.clear();
  held_.clear();
  calls_.reset();
  windows_.reset();
  rate_limits_.lift();
  incarnations_.reset();
  instants_.reset();
  log_.reset();
  effects_.reset();
  trace_.reset();
  limits_.reset();
  end_.reset();
  started_at_ = 0;
  cancel_requested_ = false;
  start_comes_again_ = false;
  healed_ = false;
  outcome_ = Outcome::kUnresolved;
  if (stored_.is_used()) create_stored_saga();
}

// Those that the participants have served before: their effects and keys are none of the saga's business.
void Engine::Impl::run_earlier_sagas() {
  NoFaults no_faults;
  questions_.put_to(no_faults);
  for (int number = 1; number <= setup_.earlier_sagas && !end_.has_failed(); ++number) {
    saga_number_ = static_cast<std::uint32_t>(number);
    saga_text_ = texts_.intern({setup_.saga_id, "-before-", std::to_string(number)});
    saga_id_ = texts_.at(saga_text_);
    reset();
    run_until_returned(log_.empty() ? StartCause::kFirst : StartCause::kAfterCrash);
    drain();
    if (!end_.has_failed()) earlier_.expect_same(number, trace_.events());
  }
}

const Observation& Engine::Impl::run(Choices& choices) {
  thread_.take();
  memory_.reset();
  if (saga_.gives_results()) bound_.forget_if_many();
  if (saga_.has_choices()) choices_.forget_if_many();
  end_.reset();
  participant_table_.reset();
  if (setup_.earlier_sagas > 0) run_earlier_sagas();
  end_.throw_failure();
  saga_number_ = 0;
  questions_.put_to(choices);
  questions_.begin_run();
  saga_text_ = texts_.intern(setup_.saga_id);
  saga_id_ = setup_.saga_id;
  reset();
  participant_table_.measure(false);
  run_until_returned(StartCause::kFirst);
  if (start_comes_again_ && !end_.gave_up()) run_beside(StartCause::kDuplicate);
  heal();
  drain();
  if (setup_.durable) {
    for (int recovery = 0; recovery < 2 && !end_.gave_up(); ++recovery) {
      run_until_returned(StartCause::kRecovery);
      drain();
    }
  }
  participant_table_.measure(true);
  note_use_elsewhere();
  end_.throw_failure();
  observation_ = {.events = trace_.events(),
                  .effects = effects_.all(),
                  .quantities = participant_table_.quantities(),
                  .texts = texts_.all(),
                  .outcome = outcome_,
                  .skipped = skipped_,
                  .payloads = payloads_.all(),
                  .context = setup_.context.text(),
                  .answers = answers_};
  return observation_;
}

void Engine::Impl::heal() {
  healed_ = true;
  log_.set_down(false);
  rate_limits_.lift();
  emit(EventType::kHealed);
  windows_.heal();
}

void Engine::Impl::drain() {
  while (!held_.empty() || !queue_.empty()) {
    held_.release_all(queue_, clock_.now() + kMaxLatency);
    pump_until(std::numeric_limits<std::int64_t>::max());
  }
}

void Engine::Impl::refuse_the_dead() {
  if (!limits_.spend_operation_of_the_dead()) {
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
  end_.give_up();
  incarnations_.end_all();
  emit(EventType::kGaveUp).text = texts_.intern(bound);
  throw IncarnationEnds{};
}

void Engine::Impl::note_use_elsewhere() {
  if (!thread_.was_used_elsewhere()) return;
  note_failure(std::make_exception_ptr(Error(ErrorText{
      .message = "the coordinator uses its Runtime in another thread than the one it was called in: a run "
                 "has one thread, or it could not be repeated",
      .fix =
          "start() requests and wait_any() for them instead, as harness/docs/your_coordinator.md shows"})));
}

void Engine::Impl::note_use_by_participant(const Delivery& delivery) {
  if (!thread_.was_used_by_participant()) return;
  note_failure(std::make_exception_ptr(Error(ErrorText{
      .message = fmt::format("the participant {} uses the coordinator's Runtime while it handles {}: a "
                             "service does not call back into the coordinator's process",
                             delivery.service, delivery.action),
      .fix = "answer the request, and let the coordinator call who is next"})));
}

void Engine::Impl::misuse(const std::string& message) {
  fail(std::make_exception_ptr(Error(ErrorText{.message = std::string(message)})));
}

void Engine::Impl::fail(std::exception_ptr why) {
  note_failure(std::move(why));
  throw IncarnationEnds{};
}

void Engine::Impl::note_failure(std::exception_ptr why) {
  end_.fail(std::move(why));
  incarnations_.end_all();
}

std::int64_t Engine::Impl::checked(Duration duration, std::string_view what) {
  if (duration.count() < 0) misuse(fmt::format("{} is {} us: it cannot be negative", what, duration.count()));
  if (duration.count() > kLongestWait) {
    misuse(fmt::format("{} is {} us: nothing takes longer than a year", what, duration.count()));
  }
  return duration.count();
}

std::size_t Engine::Impl::really_ask(const Point& point, std::span<const Alternative> legal) {
  try {
    return questions_.ask(point, legal);
  } catch (...) {  // must not end as an exception of the coordinator that happens to be running
    fail(std::current_exception());
  }
}

StepId Engine::Impl::step_named(std::string_view name) {
  try {
    return operations_.find_step(name);
  } catch (const Error&) {
    fail(std::current_exception());
  }
}

void Engine::Impl::expect_step(StepId step, std::string_view what) {
  if (step < saga_.step_count()) return;
  misuse(fmt::format("the coordinator asks for the {} of step number {}, which saga \"{}\" does not have",
                     what, step, saga_.saga().name));
}

std::string_view Engine::Impl::bound_payload(OperationId operation,
                                             std::span<const std::string_view> results) {
  expect_step(operation.step, "data");
  return bound_.payload(operation, results);
}

bool Engine::Impl::gives_results(StepId step, std::string_view answer) {
  expect_step(step, "results");
  return bound_.gives_results(step, answer);
}

std::string_view Engine::Impl::key(OperationId operation) {
  if (operation.step >= saga_.step_count()) expect_step(operation.step, "key");
  std::uint32_t& key = keys_.of(saga_text_, OperationTable::index_of(operation.step, operation.operation));
  if (key == 0) {
    key = texts_.intern({saga_id_, "/", saga_.step(operation.step).name, "/", name_of(operation.operation)});
  }
  return texts_.at(key);
}

bool Engine::Impl::is_skipped(std::uint32_t incarnation, std::string_view step) {
  enter(incarnation);
  const StepId id = step_named(step);
  if (const StepId by = choices_.decided_by(id); by != kNoStep)
    misuse(
        fmt::format("whether the step \"{}\" is skipped depends on what \"{}\" was answered; give "
                    "is_skipped() the answer, too",
                    step, saga_.step(by).name));
  return is_skipped(id);
}

bool Engine::Impl::is_skipped(StepId step, std::span<const std::string_view> results) {
  expect_step(step, "condition");
  const StepId by = choices_.decided_by(step);
  if (by == kNoStep) return is_skipped(step);
  return !choices_.holds(step, by < results.size() ? results[by] : std::string_view());
}

bool Engine::Impl::is_skipped(std::uint32_t incarnation, std::string_view step, std::string_view answer) {
  enter(incarnation);
  const StepId id = step_named(step);
  return choices_.decided_by(id) == kNoStep ? is_skipped(id) : !choices_.holds(id, answer);
}

void Engine::Impl::report(std::uint32_t incarnation, Outcome outcome,
                          std::span<const std::string_view> flagged) {
  enter(incarnation);
  emit(EventType::kReported).detail = static_cast<std::uint8_t>(outcome);
  outcome_ = outcome;
  for (const std::string_view step : flagged) emit(EventType::kReportedStep).step = step_named(step);
  instants_.something_happened();
}

void Engine::Impl::mark(std::string_view name) { emit(EventType::kMarked).text = texts_.intern(name); }

void Engine::Impl::mark(std::uint32_t incarnation, std::string_view name) {
  enter(incarnation);
  mark(name);
}

void Engine::Impl::sleep(std::uint32_t incarnation, Duration duration) {
  enter(incarnation);
  pump_until(clock_.now() + checked(duration, "the duration given to sleep()"));
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
  const RunWatch watch(this, [](const void* run) {
    const auto& engine = *static_cast<const Engine*>(run);
    return to_string(struck_in(engine.events(), engine.saga()));
  });
  return bus_ ? bus_->run(choices) : impl_->run(choices);
} catch (const Error& error) {
  const FaultPlan struck = struck_in(events(), saga());
  if (error.kind() != ErrorKind::kMisuse || struck.empty()) throw;
  throw error.within("under the plan " + to_string(struck));
}
std::span<const Event> Engine::events() const noexcept { return bus_ ? bus_->events() : impl_->events(); }
const Observation& Engine::observation() const noexcept {
  return bus_ ? bus_->observation() : impl_->observation();
}
const SagaIndex& Engine::saga() const noexcept { return bus_ ? bus_->saga() : impl_->saga(); }

Ledger Engine::Impl::ledger() const {
  const std::span<const Effect> effects = effects_.all();
  const std::span<const Quantity> quantities = participant_table_.quantities();
  return {{effects.begin(), effects.end()}, {quantities.begin(), quantities.end()}};
}

std::vector<CallMade> Engine::Impl::calls() const {
  std::vector<CallMade> made;
  std::vector<std::size_t> places(calls_.next_number());
  const Masks masks(saga_.saga(), setup_.context);
  for (const Event& event : trace_.events()) {
    if (event.type == EventType::kSent) {
      places[event.call] = made.size();
      const Call& call = calls_[event.call];
      CallMade& kept = made.emplace_back();
      kept.service = saga_.step(event.step).service;
      kept.action = saga_.action_of({event.step, event.operation});
      kept.step = saga_.step(event.step).name;
      kept.operation = event.operation;
      kept.attempt = event.attempt;
      kept.incarnation = event.incarnation;
      kept.sent_at = kept.ended_at = Duration(event.at);
      kept.key = texts_.at(call.key);
      kept.payload = call.payload.substr(0, kMostBytesOfBody);
      kept.masks = masks;
    } else if (event.type == EventType::kReceived || event.type == EventType::kTimedOut) {
      CallMade& kept = made[places[event.call]];
      kept.ended_at = Duration(event.at);
      kept.status = static_cast<ReplyStatus>(event.detail);
      kept.answer = calls_[event.call].reply.body.text().substr(0, kMostBytesOfBody);
    }
  }
  return made;
}

std::vector<CallMade> Engine::calls() const { return bus_ ? std::vector<CallMade>() : impl_->calls(); }

Ledger Engine::ledger() const { return bus_ ? bus_->ledger() : impl_->ledger(); }

Trace Engine::trace() const {
  const TextTable& texts = bus_ ? bus_->texts() : impl_->texts();
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
