#include "driver.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::blackbox {
namespace {

using internal::in_quotes;

bool has_window(const FaultPlan& plan) {
  return std::ranges::any_of(plan.faults,
                             [](const Fault& fault) { return fault.window != FaultDuration::kOnce; });
}

// Those that last by count are ended by no clock.
bool lasts_until_heal(const FaultPlan& plan) {
  return std::ranges::any_of(plan.faults, [](const Fault& fault) {
    return fault.window == FaultDuration::kHeal || fault.window == FaultDuration::kForever;
  });
}

/// Can something still come once the faults have stopped that did not come before?
bool holds_back(const FaultPlan& plan) {
  return has_window(plan) || std::ranges::any_of(plan.faults, [](const Fault& fault) {
           return fate_of(fault.kind).holds_back();
         });
}

/// As in virtual time: far beyond what the definition's retry budgets allow.
std::uint64_t most_calls(const Target& target, const SagaIndex& saga) {
  constexpr std::uint64_t kLeast = 200;
  constexpr std::uint64_t kBase = 64;
  constexpr std::uint64_t kTimesTheBudget = 8;
  if (target.limits.calls != 0) return target.limits.calls;
  std::uint64_t budget = 0;
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation})
      budget += static_cast<std::uint64_t>(saga.budget({step, operation}));
  }
  return std::max(kLeast, kBase + kTimesTheBudget * budget);
}

/// What the plan's own faults take of a run's time, by waits that they ask for and answers that they keep
/// back.
Duration taken_by(const FaultPlan& plan, const SagaIndex& saga, Duration timeout) {
  Duration taken = Duration::zero();
  for (const Fault& fault : plan.faults) {
    const Point point = point_of(fault, saga);
    if (point.step == kNoStep) continue;
    const int strikes = fault.window == FaultDuration::kOnce
                            ? 1
                            : static_cast<int>(saga.budget({point.step, point.operation}));
    taken += strikes * (fate_of(fault.kind).instead.retry_after + timeout);
  }
  return taken;
}

std::uint32_t add_text(Trace& trace, std::string text) {
  if (trace.texts.empty()) trace.texts.emplace_back();
  trace.texts.push_back(std::move(text));
  return static_cast<std::uint32_t>(trace.texts.size() - 1);
}

std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c != '\n') {
      line += c;
    } else if (!line.empty()) {
      line += line.back() == ':' ? " " : " / ";
    }
  }
  return line;
}

bool has_event(const Trace& trace, EventType type) {
  return std::ranges::any_of(trace.events, [type](const Event& event) { return event.type == type; });
}

}  // namespace

Driver::Driver(const DriverSettings& settings, Processes::Lease& lease, std::string saga_id, Moment heal_at)
    : settings_(settings),
      target_(settings.target),
      lease_(lease),
      saga_id_(std::move(saga_id)),
      values_(lease.instance().values()),
      waiting_(Clock::now() + settings.target.limits.run),
      heal_at_(heal_at),
      heal_after_(std::chrono::duration_cast<Duration>(heal_at - Clock::now())) {
  values_.texts["saga_id"] = saga_id_;
  values_.service_urls = settings.fakes.service_urls(saga_id_);
}

ObservedRun Driver::run(const FaultPlan& plan) {
  has_crash_ = std::ranges::any_of(plan.faults, [](const Fault& fault) {
    return fate_of(fault.kind).coordinator == CoordinatorFate::kCrashes;
  });
  ObservedRunOptions options{.plan = plan,
                             .kinds = settings_.kinds,
                             .timeout = target_.timeout,
                             .max_calls = most_calls(target_, settings_.saga)};
  // Whatever thread brings the news keeps us alive.
  options.crash = [self = shared_from_this()] { self->crash(); };
  options.capped = [self = shared_from_this()] { self->stop(); };
  settings_.runs.open(saga_id_, std::move(options));
  waiting_.set_deadline(waiting_.deadline() + taken_by(plan, settings_.saga, target_.timeout));
  try {
    conduct(plan);
  } catch (...) {
    end();
    static_cast<void>(settings_.runs.close(saga_id_));
    throw;
  }
  end();
  ObservedRun seen = settings_.runs.close(saga_id_);
  if (plan.empty()) expect_word();
  finish(seen);
  return seen;
}

// Waits for a crash that is under way; one that comes later finds nothing to kill. The process may serve
// another run by then, and the lease be gone.
void Driver::end() {
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  if (command_) static_cast<void>(command_->kill());
  command_ = nullptr;
}

void Driver::conduct(const FaultPlan& plan) {
  if (lasts_until_heal(plan)) waiting_.do_at(heal_at_, [this] { lose_patience(); });
  begin();
  follow();
  if (settings_.resting) settings_.resting();
  settle(settings_.quiet);
  settings_.runs.heal(saga_id_);
  end_after_heal();
  if (!plan.empty() && (holds_back(plan) || has_crash_)) {
    settings_.runs.drain(saga_id_);
    settle(settings_.quiet);
  }
  wait_if_doubtful();
  if (target_.outcome.source == OutcomeSource::kPoll && !gave_up_ && !lost_ && !stopped()) poll();
  const bool is_unended = gave_up_ || stopped() || !reported_ || *reported_ == Outcome::kUnresolved;
  if (is_unended) lease_.spoil();
}

// Its patience begins once all faults have: the machine may be slow, and a fault may have it wait before it
// comes to the next one. Nor does it end while the target asks so fast that the bound on calls is near:
// whether it would go on for ever is for that count to say, and not for a clock.
void Driver::lose_patience() {
  constexpr std::uint64_t kPartOfTheBound = 8;
  const auto ask_again_at = [this](Moment when) { waiting_.do_at(when, [this] { lose_patience(); }); };
  const Moment now = Clock::now();
  const std::optional<Duration> struck_for = settings_.runs.since_all_struck(saga_id_);
  if (!struck_for) return ask_again_at(now + target_.limits.patience);
  if (*struck_for < heal_after_) return ask_again_at(now + heal_after_ - *struck_for);
  const std::uint64_t calls = settings_.runs.calls(saga_id_);
  const std::uint64_t lately = calls - std::exchange(calls_when_asked_, calls);
  const bool is_busy = lately >= most_calls(target_, settings_.saga) / kPartOfTheBound;
  if (is_busy) return ask_again_at(now + heal_after_);
  settings_.runs.heal(saga_id_);
}

void Driver::begin() {
  if (target_.start_command) {
    launch(*target_.start_command);
    return attend_command();
  }
  send(*target_.start_request);
}

bool Driver::may_hear_more() const {
  const bool has_word = reported_ && *reported_ != Outcome::kUnresolved;
  return !has_word && !gave_up_ && !lost_;
}

void Driver::follow() {
  while (!stopped()) {
    if (crashed()) {
      come_back();
      continue;
    }
    if (!may_hear_more() || target_.outcome.source != OutcomeSource::kPoll) return;
    poll();
    if (!may_hear_more()) continue;
    if (waiting_.sleep_until(Clock::now() + target_.outcome.interval) == Woken::kTimeIsUp) time_is_up();
  }
}

// Until nothing happens any more. What strikes meanwhile is followed, too.
void Driver::settle(Duration how_long) {
  constexpr auto kAtLeast = std::chrono::milliseconds(200);
  while (!gave_up_ && !stopped()) {
    const auto quiet = std::chrono::duration_cast<std::chrono::milliseconds>(how_long);
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(waiting_.deadline() - Clock::now());
    const bool is_quiet = settings_.runs.wait_quiet(saga_id_, quiet, std::max(left, quiet + kAtLeast));
    if (crashed()) {
      follow();
      continue;
    }
    if (!is_quiet) time_is_up();
    return;
  }
}

// Who undoes by events, or from a table that is looked at now and then, may not be done when it says so.
void Driver::wait_if_doubtful() {
  constexpr Duration kPatience = std::chrono::milliseconds(500);
  constexpr int kTimes = 4;
  const bool has_word = reported_ && *reported_ != Outcome::kUnresolved;
  if (gave_up_ || stopped() || !has_word || !settings_.is_doubtful) return;
  if (!settings_.is_doubtful(settings_.runs.look_at(saga_id_))) return;
  waiting_.set_deadline(std::max(waiting_.deadline(), Clock::now() + target_.limits.run));
  settle(std::max(kPatience, kTimes * settings_.quiet));
}

// What could not be ended before can be now.
void Driver::end_after_heal() {
  if (!has_crash_ || gave_up_ || stopped() || (reported_ && *reported_ != Outcome::kUnresolved)) return;
  crash();
  lost_ = false;
  complaint_.clear();
  waiting_.set_deadline(std::max(waiting_.deadline(), Clock::now() + target_.limits.run));
  follow();
  settle(settings_.quiet);
}

// In one piece: whoever sees that it has crashed may start it again at once, and that one must live.
void Driver::crash() {
  const std::lock_guard lock(mutex_);
  if (is_over_) return;
  crashed_ = true;
  if (target_.start_command && command_) outlived_crash_ = !command_->kill();
  if (target_.process) lease_.instance().kill();
  waiting_.interrupt();
}

// It has sent more than it may: what it says now does not matter any more.
void Driver::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  waiting_.interrupt();
}

void Driver::abandon() {
  const std::lock_guard lock(mutex_);
  if (is_over_) return;
  stopped_ = true;
  if (command_) static_cast<void>(command_->kill());
  lease_.instance().kill();
  waiting_.interrupt();
}

bool Driver::stopped() {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

bool Driver::crashed() {
  const std::lock_guard lock(mutex_);
  return crashed_;
}

// The crash was one, or there is no verdict; and nothing starts beside what was to be dead.
void Driver::expect_dead() {
  if (target_.process) lease_.instance().expect_dead();
  const std::lock_guard lock(mutex_);
  if (!outlived_crash_) return;
  throw Error(ErrorText{.source = target_.source,
                        .message = "the command that runs the saga was killed, but not all of its processes "
                                   "have ended"},
              ErrorKind::kInternal);
}

void Driver::start_again() {
  if (!target_.process) return;
  try {
    lease_.instance().start();
  } catch (const Error& error) {
    if (crashed()) return;
    throw Error(error.within("killed and started again, the target did not come up").text(),
                ErrorKind::kInternal);
  }
}

void Driver::come_back() {
  {
    const std::lock_guard lock(mutex_);
    crashed_ = false;
    waiting_.calm();
  }
  expect_dead();
  start_again();
  if (crashed()) return;
  const TemplateValues& now = lease_.instance().values();
  for (const auto& [name, value] : now.texts) values_.texts[name] = value;
  if (target_.resume_request) return send(*target_.resume_request);
  if (!target_.start_command) return;
  launch(target_.resume_command ? *target_.resume_command : *target_.start_command);
  attend_command();
}

void Driver::send(const RequestTemplate& request) {
  const HttpRequest asked = filled(request, values_);
  const HttpAnswer answer = http::HttpClient::send_once(asked, waiting_);
  switch (answer.failure) {
    case HttpFailure::kNone:
      if (target_.outcome.source == OutcomeSource::kResponse) return hear(answer, asked.url);
      if (answer.status >= 400) complaint_ = fmt::format("its start was answered {}", answer.status);
      return;
    case HttpFailure::kTimeIsUp:
      return time_is_up();
    case HttpFailure::kInterrupted:
      return;
    case HttpFailure::kRefused:
    case HttpFailure::kBroken:
      break;
  }
  if (crashed()) return;
  // Of a process that dies the connections go first.
  const std::string obituary = lease_.instance().obituary(std::chrono::milliseconds(500));
  if (answer.failure == HttpFailure::kRefused && obituary.empty()) {
    throw Error(ErrorText{.source = target_.source,
                          .message = fmt::format("the target cannot be reached at {}: {}{}", asked.url,
                                                 answer.why, lease_.instance().last_words())});
  }
  lost_ = lost_ || target_.outcome.source == OutcomeSource::kResponse || !obituary.empty();
  complaint_ = obituary.empty() ? fmt::format("it did not answer its start: {}", answer.why)
                                : fmt::format("its process {}{}", obituary, lease_.instance().last_words());
}

void Driver::launch(const CommandTemplate& command) {
  const Command what = lease_.instance().command(command, values_);
  const std::lock_guard lock(mutex_);  // it may be killed as soon as it lives
  command_ = std::make_shared<ChildProcess>(what);
}

void Driver::attend_command() {
  if (target_.outcome.source == OutcomeSource::kPoll) return;
  const std::shared_ptr<ChildProcess> process = command_;
  while (!process->has_ended()) {
    const bool has_fd = process->end_fd() >= 0;
    std::optional<Moment> until;
    if (!has_fd) until = Clock::now() + std::chrono::milliseconds(2);
    switch (waiting_.wait(process->end_fd(), POLLIN, until)) {
      case Woken::kReady:
        break;
      case Woken::kTimeIsUp:
        return time_is_up();
      case Woken::kInterrupted:
        return;
    }
  }
  if (!crashed()) hear_output();
}

void Driver::poll() {
  const HttpRequest asked = filled(target_.outcome.poll, values_);
  const HttpAnswer answer = http::HttpClient::send_once(asked, waiting_);
  if (answer.failure == HttpFailure::kNone) return hear(answer, asked.url);
  if (answer.failure == HttpFailure::kTimeIsUp) return time_is_up();
  if (answer.failure == HttpFailure::kInterrupted || crashed()) return;
  if (const std::string obituary = lease_.instance().obituary(); !obituary.empty()) {
    lost_ = true;
    complaint_ = fmt::format("its process {}{}", obituary, lease_.instance().last_words());
  }
}

void Driver::time_is_up() { gave_up_ = true; }

// What only we can know of the run.
void Driver::finish(ObservedRun& run) const {
  Trace& trace = run.trace;
  const auto name_alike = [&, same = settings_.saga.saga().name + "-1"](std::string& text) {
    for (std::size_t at = 0; (at = text.find(saga_id_, at)) != std::string::npos; at += same.size())
      text.replace(at, saga_id_.size(), same);
  };
  for (std::string& text : trace.texts) name_alike(text);
  for (DataOfEvent& sent : run.payloads) name_alike(sent.text);
  for (DataOfEvent& answered : run.answers) name_alike(answered.text);
  const auto add = [&](EventType type, std::string text) {
    const std::int64_t at = trace.events.empty() ? 0 : trace.events.back().at;
    const std::uint32_t number = add_text(trace, std::move(text));
    trace.events.push_back({.at = at, .text = number, .type = type, .incarnation = 1});
  };
  run.rests_on_time = run.rests_on_time || (gave_up_ && !run.hit_call_cap);
  if (run.hit_call_cap || gave_up_) {
    if (has_event(trace, EventType::kGaveUp)) return;
    add(EventType::kGaveUp, run.hit_call_cap
                                ? fmt::format("the bound of {} calls", most_calls(target_, settings_.saga))
                                : fmt::format("the limit of {}", format_duration(target_.limits.run)));
  } else if (run.outcome == Outcome::kUnresolved && !complaint_.empty()) {
    add(EventType::kThrew, on_one_line(complaint_));
  }
}

}  // namespace saga_harness::blackbox
