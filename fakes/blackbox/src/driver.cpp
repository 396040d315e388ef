#include "driver.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "json_pointer.hpp"

namespace saga_harness::blackbox {
namespace {

using internal::in_quotes;

bool has_window(const FaultPlan& plan) {
  return std::ranges::any_of(plan.faults, [](const Fault& fault) { return fault.window != Window::kOnce; });
}

/// Can something still come once the faults have stopped that did not come before?
bool holds_back(const FaultPlan& plan) {
  return has_window(plan) || std::ranges::any_of(plan.faults, [](const Fault& fault) {
           const std::string_view name = name_of(fault.kind);
           return name.find("late") != std::string_view::npos || name.starts_with("delay") ||
                  fault.kind == FaultKind::kRequestReordered;
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

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  return std::string(text.substr(text.rfind('\n') + 1));
}

std::uint32_t add_text(Trace& trace, std::string text) {
  if (trace.texts.empty()) trace.texts.emplace_back();
  trace.texts.push_back(std::move(text));
  return static_cast<std::uint32_t>(trace.texts.size() - 1);
}

bool has_event(const Trace& trace, EventType type) {
  return std::ranges::any_of(trace.events, [type](const Event& event) { return event.type == type; });
}

}  // namespace

Driver::Driver(const Stage& stage, Processes::Lease& lease, std::string saga_id, Moment heal_at)
    : stage_(stage),
      target_(stage.target),
      lease_(lease),
      saga_id_(std::move(saga_id)),
      values_(lease.instance().values()),
      waiting_(Clock::now() + stage.target.limits.run),
      heal_at_(heal_at) {
  values_.texts["saga_id"] = saga_id_;
  values_.service_urls = stage.fakes.service_urls(saga_id_);
}

HttpRun Driver::run(const FaultPlan& plan) {
  has_crash_ = std::ranges::any_of(
      plan.faults, [](const Fault& fault) { return fault.kind == FaultKind::kCoordinatorCrash; });
  HttpRunOptions options{.plan = plan,
                         .kinds = stage_.kinds,
                         .timeout = target_.timeout,
                         .max_calls = most_calls(target_, stage_.saga),
                         .keys = target_.claims.idempotency_keys};
  // Whatever thread brings the news keeps us alive.
  options.crash = [self = shared_from_this()] { self->crash(); };
  options.capped = [self = shared_from_this()] { self->stop(); };
  stage_.fakes.open_run(saga_id_, std::move(options));
  try {
    conduct(plan);
  } catch (...) {
    static_cast<void>(stage_.fakes.close_run(saga_id_));
    throw;
  }
  const auto process = std::exchange(command_, nullptr);
  if (process) process->kill();
  HttpRun seen = stage_.fakes.close_run(saga_id_);
  finish(seen);
  return seen;
}

void Driver::conduct(const FaultPlan& plan) {
  if (has_window(plan)) waiting_.do_at(heal_at_, [this] { lose_patience(); });
  begin();
  follow();
  if (stage_.resting) stage_.resting();
  settle();
  stage_.fakes.heal(saga_id_);
  end_after_heal();
  if (!plan.empty() && (holds_back(plan) || has_crash_)) {
    stage_.fakes.drain(saga_id_);
    settle();
  }
  if (target_.outcome.source == OutcomeSource::kPoll && !gave_up_ && !lost_ && !stopped()) poll();
  const bool is_unended = gave_up_ || stopped() || !reported_ || *reported_ == Outcome::kUnresolved;
  if (is_unended) lease_.spoil();
}

// Not before all faults have begun: the machine may be slow.
void Driver::lose_patience() {
  if (stage_.fakes.has_struck(saga_id_)) return stage_.fakes.heal(saga_id_);
  waiting_.do_at(Clock::now() + target_.limits.patience, [this] { lose_patience(); });
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
void Driver::settle() {
  constexpr auto kAtLeast = std::chrono::milliseconds(200);
  while (!gave_up_ && !stopped()) {
    const auto quiet = std::chrono::duration_cast<std::chrono::milliseconds>(target_.limits.quiet);
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(waiting_.deadline() - Clock::now());
    const bool is_quiet = stage_.fakes.wait_quiet(saga_id_, quiet, std::max(left, quiet + kAtLeast));
    if (crashed()) {
      follow();
      continue;
    }
    if (!is_quiet) time_is_up();
    return;
  }
}

// What could not be ended before can be now.
void Driver::end_after_heal() {
  if (!has_crash_ || gave_up_ || stopped() || (reported_ && *reported_ != Outcome::kUnresolved)) return;
  crash();
  lost_ = false;
  complaint_.clear();
  waiting_.set_deadline(std::max(waiting_.deadline(), Clock::now() + target_.limits.run));
  follow();
  settle();
}

// In one piece: whoever sees that it has crashed may start it again at once, and that one must live.
void Driver::crash() {
  const std::lock_guard lock(mutex_);
  crashed_ = true;
  if (target_.start_command && command_) command_->kill();
  if (target_.process) lease_.instance().kill();
  waiting_.interrupt();
}

// It has sent more than it may: what it says now does not matter any more.
void Driver::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
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

void Driver::come_back() {
  {
    const std::lock_guard lock(mutex_);
    crashed_ = false;
    waiting_.calm();
  }
  try {
    if (target_.process) lease_.instance().start();
  } catch (const Error& error) {
    if (crashed()) return;
    lost_ = true;
    complaint_ = fmt::format("killed and started again, it did not come up: {}", error.what());
    return;
  }
  const TemplateValues& now = lease_.instance().values();
  for (const auto& [name, value] : now.texts) values_.texts[name] = value;
  if (target_.resume_request) return send(*target_.resume_request);
  if (!target_.start_command) return;
  launch(target_.resume_command ? *target_.resume_command : *target_.start_command);
  attend_command();
}

void Driver::send(const RequestTemplate& request) {
  const HttpRequest asked = filled(request, values_);
  const HttpAnswer answer = ask(asked, waiting_);
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
  const std::string obituary = lease_.instance().obituary();
  if (answer.failure == HttpFailure::kRefused && obituary.empty()) {
    throw Error(fmt::format("{}: the target cannot be reached at {}: {}{}", target_.source, asked.url,
                            answer.why, lease_.instance().last_words()));
  }
  lost_ = lost_ || target_.outcome.source == OutcomeSource::kResponse || !obituary.empty();
  complaint_ = obituary.empty() ? fmt::format("it did not answer its start: {}", answer.why)
                                : fmt::format("its process {}{}", obituary, lease_.instance().last_words());
}

void Driver::launch(const CommandTemplate& command) {
  const Command what = filled(command, values_);
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

void Driver::hear_output() {
  const OutcomeTemplate& outcome = target_.outcome;
  ChildProcess& process = *command_;
  lost_ = true;
  constexpr int kCannotStart = 127;
  const std::string errors = process.last_lines_of_errors();
  complaint_ = fmt::format("it {}{}", process.how_it_ended(),
                           errors.empty() ? "" : "; it wrote to stderr:\n" + errors);
  if (process.exit_code() == kCannotStart && process.out().empty())
    throw Error(fmt::format("{}: {}", target_.source, complaint_));
  if (outcome.source == OutcomeSource::kExitCode) {
    const std::string code = std::to_string(process.exit_code());
    constexpr int kSignalled = 128;
    if (process.exit_code() > kSignalled && !outcome.words.contains(code)) return;
    return say(code, process.out(), "exit code");
  }
  const std::string line = last_line(process.out());
  if (line.empty()) return;
  if (outcome.by_status) return say(line, {}, "the last line of stdout");
  const auto document = try_parse(line);
  const auto* value = document ? at_pointer(*document, outcome.pointer) : nullptr;
  if (value != nullptr) say(as_word(*value), line, "stdout" + outcome.pointer);
}

void Driver::poll() {
  const HttpRequest asked = filled(target_.outcome.poll, values_);
  const HttpAnswer answer = ask(asked, waiting_);
  if (answer.failure == HttpFailure::kNone) return hear(answer, asked.url);
  if (answer.failure == HttpFailure::kTimeIsUp) return time_is_up();
  if (answer.failure == HttpFailure::kInterrupted || crashed()) return;
  if (const std::string obituary = lease_.instance().obituary(); !obituary.empty()) {
    lost_ = true;
    complaint_ = fmt::format("its process {}{}", obituary, lease_.instance().last_words());
  }
}

void Driver::hear(const HttpAnswer& answer, std::string_view who) {
  const OutcomeTemplate& outcome = target_.outcome;
  const bool is_last = outcome.source == OutcomeSource::kResponse;
  if (outcome.by_status) return say(std::to_string(answer.status), answer.body, "the status");
  const auto document = try_parse(answer.body);
  const auto* value = document ? at_pointer(*document, outcome.pointer) : nullptr;
  const auto word = value == nullptr ? std::nullopt : as_word(*value);
  if (word) return say(word, answer.body, outcome.pointer);
  constexpr std::size_t kMostShown = 200;
  complaint_ = fmt::format("{} answered {} without a word at {}: {}", who, answer.status,
                           outcome.pointer.empty() ? "its root" : outcome.pointer,
                           in_quotes(answer.body.substr(0, kMostShown)));
  lost_ = is_last;
}

void Driver::say(const std::optional<std::string>& word, std::string_view document, std::string_view where) {
  if (!word) return;
  const OutcomeTemplate& outcome = target_.outcome;
  const auto meaning = outcome.words.find(*word);
  if (meaning == outcome.words.end()) {
    std::vector<std::string_view> known;
    for (const auto& [each, is] : outcome.words) known.emplace_back(each);
    throw Error(fmt::format("{}: the target said {} ({}), which \"words\" in \"outcome\" does not explain{}",
                            target_.source, in_quotes(*word), where, internal::suggestion(*word, known)));
  }
  lost_ = outcome.source != OutcomeSource::kPoll;
  if (meaning->second == Outcome::kUnresolved)
    complaint_ = fmt::format("its last word was {}", in_quotes(*word));
  const std::vector<std::string> flagged =
      meaning->second == Outcome::kFlagged ? flagged_in(document) : std::vector<std::string>();
  if (reported_ == meaning->second) return;
  reported_ = meaning->second;
  if (meaning->second != Outcome::kUnresolved) stage_.fakes.note_report(saga_id_, meaning->second, flagged);
}

std::vector<std::string> Driver::flagged_in(std::string_view document) const {
  const std::string& pointer = target_.outcome.flagged_steps;
  if (pointer.empty()) return {};
  const auto parsed = try_parse(document);
  const auto* list = parsed ? at_pointer(*parsed, pointer) : nullptr;
  std::vector<std::string> steps;
  if (list == nullptr) return steps;
  for (const internal::JsonValue& item : list->items) steps.push_back(step_called(item.string));
  return steps;
}

std::string Driver::step_called(const std::string& name) const {
  std::vector<std::string_view> names;
  for (const Step& step : stage_.saga.saga().steps) {
    for (const std::string* each : {&step.name, &step.action, &step.compensation, &step.fallback}) {
      if (!each->empty() && *each == name) return step.name;
    }
    names.emplace_back(step.name);
  }
  throw Error(fmt::format("{}: the target flagged {}, which is no step of the saga{}", target_.source,
                          in_quotes(name), internal::suggestion(name, names)));
}

void Driver::time_is_up() { gave_up_ = true; }

// What only we can know of the run.
void Driver::finish(HttpRun& run) const {
  Trace& trace = run.trace;
  for (std::string& text : trace.texts) {
    const std::string same = stage_.saga.saga().name + "-1";
    for (std::size_t at = 0; (at = text.find(saga_id_, at)) != std::string::npos; at += same.size())
      text.replace(at, saga_id_.size(), same);
  }
  const auto add = [&](EventType type, std::string text) {
    const std::int64_t at = trace.events.empty() ? 0 : trace.events.back().at;
    const std::uint32_t number = add_text(trace, std::move(text));
    trace.events.push_back({.at = at, .text = number, .type = type, .incarnation = 1});
  };
  run.rests_on_time = run.rests_on_time || (gave_up_ && !run.hit_call_cap);
  if (run.hit_call_cap || gave_up_) {
    if (has_event(trace, EventType::kGaveUp)) return;
    add(EventType::kGaveUp, run.hit_call_cap
                                ? fmt::format("the bound of {} calls", most_calls(target_, stage_.saga))
                                : fmt::format("the limit of {}", format_duration(target_.limits.run)));
  } else if (run.outcome == Outcome::kUnresolved && !complaint_.empty()) {
    add(EventType::kThrew, complaint_);
  }
}

}  // namespace saga_harness::blackbox
