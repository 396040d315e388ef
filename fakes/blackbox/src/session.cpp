#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/fresh_replay.hpp>
#include <saga_harness/nats_bus.hpp>
#include <saga_harness_internal/skipped.hpp>

#include "driver.hpp"
#include "observed.hpp"

namespace saga_harness {
namespace {

using blackbox::Clock;
using blackbox::Driver;
using blackbox::DriverSettings;
using blackbox::Moment;
using blackbox::Processes;
using blackbox::TemplateValues;

std::vector<Cell> cells_of(const Experiment& experiment, PointKind points, const ObservedRunOptions& options,
                           bool durable) {
  const SagaIndex& saga = *experiment.setup.saga;
  const std::vector<std::uint8_t> skipped = internal::skipped_in(saga, experiment);
  std::vector<Cell> cells;
  const auto is_tried = [&](FaultKind kind) {
    return std::ranges::find(options.kinds, kind) != options.kinds.end();
  };
  for (StepId step = 0; step < saga.step_count(); ++step) {
    if (internal::is_skipped(skipped, step)) continue;
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      const OperationId id{step, operation};
      if (saga.action_of(id).empty()) continue;
      std::vector<FaultKind> kinds;
      for (const Alternative& each : wire_alternatives(id, saga, points, options)) {
        if (each.window == FaultDuration::kOnce && is_tried(each.kind)) kinds.push_back(each.kind);
      }
      std::ranges::sort(kinds);
      for (const FaultKind kind : kinds) {
        if (fate_of(kind).coordinator == CoordinatorFate::kCrashes) continue;
        cells.push_back({.step = step, .operation = operation, .kind = kind});
      }
      if (!durable || !is_tried(FaultKind::kCoordinatorCrash)) continue;
      cells.push_back({.step = step,
                       .operation = operation,
                       .instant = Instant::kAfterCall,
                       .kind = FaultKind::kCoordinatorCrash});
    }
  }
  return cells;
}

PointKind points_of(const Target& target) {
  return target.bus == TargetBus::kNone ? PointKind::kCall : PointKind::kDelivery;
}

/// The kinds of fault that are tried on it.
std::vector<FaultKind> kinds_for(const Experiment& experiment, const Target& target,
                                 const std::vector<FaultKind>& asked) {
  std::vector<FaultKind> kinds = kinds_in_scope(experiment, asked);
  if (!target.durable) std::erase(kinds, FaultKind::kCoordinatorCrash);
  return kinds;
}

constexpr int kMostThreads = 256;

int most_attempts(const SagaIndex& saga) {
  int most = 1;
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation})
      most = std::max(most, static_cast<int>(saga.budget({step, operation})));
  }
  return most;
}

/// A process that comes back takes a processor for a while: more of them than cores, and timeouts of real
/// time are missed for want of one.
int most_killed() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

std::string session_name() {
  const auto now = Clock::now().time_since_epoch().count();
  return fmt::format("bb{:x}{:x}", ::getpid(), static_cast<std::uint64_t>(now) & 0xFFFFFFFFFFU);
}

/// So many sagas are busy at a time; more may wait for quiet.
class Places {
 public:
  explicit Places(int count) : free_(count) {}
  void take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return free_ > 0; });
    --free_;
  }
  void give_back() {
    const std::lock_guard lock(mutex_);
    ++free_;
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int free_;
};

/// A place among them, given back once.
class Place {
 public:
  explicit Place(Places& of) : of_(&of) { of.take(); }
  ~Place() { give_back(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  void give_back() {
    if (of_ != nullptr) std::exchange(of_, nullptr)->give_back();
  }

 private:
  Places* of_;
};

/// A request to stop reaches the session, as long as there is one.
class Stopping {
 public:
  Stopping(SearchStop* stop, TargetSession& session) : stop_(stop) {
    if (stop_ != nullptr) stop_->on_request([&session] { session.stop(); });
  }
  ~Stopping() {
    if (stop_ != nullptr) stop_->on_request({});
  }
  Stopping(const Stopping&) = delete;
  Stopping& operator=(const Stopping&) = delete;

 private:
  SearchStop* stop_;
};

}  // namespace

class TargetSession::Impl {
 public:
  Impl(Scenario scenario, Target target, const std::vector<FaultKind>& kinds, int busy)
      : target_(std::move(target)),
        places_(busy),
        experiment_(saga_harness::experiment(scenario, target_)),
        context_(scenario.saga.context),
        points_(points_of(target_)),
        runs_(checked(std::move(scenario), target_), {.points = points_}),
        fakes_(runs_),
        name_(session_name()) {
    fakes_.start();
    quiet_ = target_.limits.quiet;
    patience_ = target_.limits.patience + most_attempts(*experiment_.setup.saga) * target_.timeout;
    options_ = {.kinds = kinds_for(experiment_, target_, kinds), .timeout = target_.timeout};
    cells_ = cells_of(experiment_, points_, options_, target_.durable);
    for (const FaultKind kind : kinds) expect_possible(kind);
    TemplateValues values{.shared_urls = fakes_.service_urls()};
    values.texts["context"] = context_.text();
    values.texts["admin_url"] = fakes_.admin_url();
    if (target_.bus == TargetBus::kNats) values.texts["nats_url"] = bus_.emplace(runs_).url();
    processes_.emplace(target_, std::move(values), std::min(busy, most_killed()));
  }

  ObservedRun run(const FaultPlan& plan) {
    expect_going();
    const bool kills = std::ranges::any_of(plan.faults, [](const Fault& fault) {
      return fate_of(fault.kind).coordinator == CoordinatorFate::kCrashes;
    });
    const bool alone = kills && target_.process.has_value();
    const auto lease = processes_->take(alone);
    Place place(places_);
    expect_going();
    const DriverSettings settings{
        .runs = runs_,
        .fakes = fakes_,
        .target = target_,
        .saga = *experiment_.setup.saga,
        .kinds = options_.kinds,
        .quiet = quiet_.load(),
        .is_doubtful = [this](const ObservedRun& seen) { return breaks_a_rule(seen); },
        .resting = [&place] { place.give_back(); }};
    const Moment began = Clock::now();
    const Moment heal_at = began + patience_ + 3 * usual_.load();
    const std::string id = fmt::format("{}-{}", name_, number_.fetch_add(1));
    const auto driver = std::make_shared<Driver>(settings, *lease, id, heal_at);
    const Listed listed(*this, *driver);
    ObservedRun seen = driver->run(plan);
    expect_going();
    mind_late_requests(id, seen);
    if (plan.empty()) {
      usual_ = Clock::now() - began;
      expect_useful(seen, lease->instance().last_words());
    }
    return seen;
  }

  void stop() {
    const std::lock_guard lock(under_way_mutex_);
    stopping_ = true;
    for (Driver* const driver : under_way_) driver->abandon();
  }

  [[nodiscard]] const std::vector<Cell>& cells() const noexcept { return cells_; }
  [[nodiscard]] const Experiment& experiment() const noexcept { return experiment_; }

  [[nodiscard]] std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    const std::lock_guard lock(mutex_);
    if (!fault_free_.empty()) notes.push_back(fault_free_);
    const StrayRequests strays = runs_.strays();
    if (late_ != 0) {
      notes.push_back(
          fmt::format("{} requests came after their run had been quiet and was judged; it was then waited "
                      "for {}: write a "
                      "longer \"quiet\" in \"limits\"",
                      late_, format_duration(quiet_.load())));
    }
    if (!strays.unknown.empty()) notes.push_back(of_unknown_sagas(strays));
    if (strays.unmatched != 0) {
      notes.push_back(fmt::format("{} requests fitted no service and action, the first: {}", strays.unmatched,
                                  strays.first_unmatched));
    }
    return notes;
  }

 private:
  /// A run that stop() finds, as long as it is under way.
  class Listed {
   public:
    Listed(Impl& of, Driver& driver) : of_(of), driver_(driver) {
      const std::lock_guard lock(of_.under_way_mutex_);
      of_.under_way_.insert(&driver_);
      if (of_.stopping_) driver_.abandon();
    }
    ~Listed() {
      const std::lock_guard lock(of_.under_way_mutex_);
      of_.under_way_.erase(&driver_);
    }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;

   private:
    Impl& of_;
    Driver& driver_;
  };

  void expect_going() const {
    if (stopping_) throw Error(ErrorText{.message = "the target was stopped"}, ErrorKind::kInternal);
  }

  static Scenario checked(Scenario scenario, const Target& target) {
    check_fit(target, scenario);
    return scenario;
  }

  void expect_possible(FaultKind kind) const {
    if (std::ranges::find(cells_, kind, &Cell::kind) != cells_.end()) return;
    std::string_view fix = "leave it out";
    if (fate_of(kind).coordinator == CoordinatorFate::kCrashes)
      fix = "declare the target \"durable\", or leave it out";
    ObservedRunOptions patient{.kinds = {kind}, .timeout = std::chrono::seconds(1)};
    const bool rests_on_time = !cells_of(experiment_, points_, patient, false).empty();
    if (rests_on_time) fix = "declare the target's \"timeout\", on which it rests, or leave it out";
    throw Error(ErrorText{.source = target_.source,
                          .message = fmt::format("{} cannot be made to happen to this target over HTTP: {}",
                                                 saga_harness::name_of(kind), fix)});
  }

  [[nodiscard]] bool breaks_a_rule(const ObservedRun& seen) const {
    Judge judge(experiment_.setup.saga, experiment_.claims, experiment_.switched_off, experiment_.invariants,
                experiment_.setup.expects);
    const blackbox::View view(seen);
    const Judgement judgement = judge.judge(view.observation());
    return std::ranges::find(judgement, VerdictStatus::kViolated) != judgement.end();
  }

  // Who goes on after its run was judged was not waited for long enough: those that follow are.
  void mind_late_requests(const std::string& id, const ObservedRun& seen) {
    constexpr int kTimes = 4;
    constexpr int kMost = 16;
    const std::lock_guard lock(mutex_);
    if (seen.outcome == Outcome::kUnresolved || blackbox::gave_up(seen)) unended_.insert(id);
    const StrayRequests strays = runs_.strays();
    std::uint64_t late = 0;
    for (const auto& [saga_id, count] : strays.late) late += unended_.contains(saga_id) ? 0 : count;
    if (late > std::exchange(late_, late))
      quiet_ = std::min(kTimes * quiet_.load(), kMost * target_.limits.quiet);
  }

  // A search with a target that does nothing, or only half of it, would say that all is well.
  void expect_useful(const ObservedRun& seen, const std::string& last_words) {
    const StrayRequests strays = runs_.strays();
    if (seen.outcome == Outcome::kCompleted && (seen.calls > 0 || strays.unknown.empty())) return;
    std::string why = "it reported " + std::string(name_of(seen.outcome));
    for (const Event& event : seen.trace.events) {
      const bool says = event.type == EventType::kThrew || event.type == EventType::kGaveUp;
      if (says) why = seen.trace.texts[event.text];
    }
    if (strays.unmatched != 0) {
      why += fmt::format("; {} of its requests fitted no service and action, the first: {}", strays.unmatched,
                         strays.first_unmatched);
    }
    if (!strays.unknown.empty()) why += "; " + of_unknown_sagas(strays);
    if (seen.calls == 0) {
      throw Error(
          ErrorText{.source = target_.source,
                    .message = fmt::format("without any fault, the target called no service{}: {}{}",
                                           strays.unknown.empty() ? "" : " of its saga", why, last_words)});
    }
    if (seen.unmatched != 0) {
      throw Error(ErrorText{
          .source = target_.source,
          .message = fmt::format("without any fault, the saga did not complete: {}{}", why, last_words)});
    }
    const std::lock_guard lock(mutex_);
    if (seen.outcome != Outcome::kUnresolved)
      fault_free_ = fmt::format("without any fault, the saga ended {}, not completed{}",
                                name_of(seen.outcome), refusal_in(seen));
  }

  static std::string of_unknown_sagas(const StrayRequests& strays) {
    const bool has_none = std::ranges::find(strays.unknown, "default") != strays.unknown.end();
    return has_none ? std::string(
                          "it sent requests that name no saga: let them carry {saga_id} where the "
                          "scenario's \"http\" section says, or go to {service_url:NAME}")
                    : fmt::format(
                          "it sent requests of the saga \"{}\", which nobody started: let them carry "
                          "{{saga_id}}, or go to {{service_url:NAME}}",
                          strays.unknown.front());
  }

  /// What a participant had against it.
  [[nodiscard]] std::string refusal_in(const ObservedRun& seen) const {
    for (const Event& event : seen.trace.events) {
      const bool is_no =
          event.type == EventType::kAnswered && event.detail != static_cast<std::uint8_t>(ReplyStatus::kOk);
      if (!is_no) continue;
      const SagaIndex& saga = *experiment_.setup.saga;
      return fmt::format(": {} answered {} with {}; does it send what the fake of the scenario expects?",
                         saga.step(event.step).service, saga.action_of({event.step, event.operation}),
                         name_of(static_cast<ReplyStatus>(event.detail)));
    }
    return ": every participant said yes";
  }

  Target target_;
  Places places_;
  Experiment experiment_;
  Context context_;
  PointKind points_;
  ObservedRuns runs_;
  HttpFakes fakes_;
  std::string name_;
  ObservedRunOptions options_;
  std::vector<Cell> cells_;
  std::optional<NatsBus> bus_;
  std::optional<Processes> processes_;
  std::atomic<std::uint64_t> number_ = 1;
  std::atomic<bool> stopping_ = false;
  std::mutex under_way_mutex_;
  std::set<Driver*> under_way_;
  std::atomic<Duration> quiet_ = Duration::zero();
  Duration patience_ = Duration::zero();
  mutable std::mutex mutex_;       // guards what follows
  std::set<std::string> unended_;  // runs that were given up: whoever runs them goes on
  std::uint64_t late_ = 0;
  std::string fault_free_;                                        // what was odd about the run without faults
  std::atomic<Clock::duration> usual_ = Clock::duration::zero();  // of a run without faults
};

TargetSession::TargetSession(Scenario scenario, Target target, const std::vector<FaultKind>& kinds, int busy)
    : impl_(std::make_unique<Impl>(std::move(scenario), std::move(target), kinds, busy)) {}
TargetSession::~TargetSession() = default;

void TargetSession::stop() { impl_->stop(); }
ObservedRun TargetSession::run(const FaultPlan& plan) { return impl_->run(plan); }
const std::vector<Cell>& TargetSession::cells() const noexcept { return impl_->cells(); }
const Experiment& TargetSession::experiment() const noexcept { return impl_->experiment(); }
std::vector<std::string> TargetSession::notes() const { return impl_->notes(); }

namespace {

/// Each row of sagas with fakes and a process of its own.
FreshAnswer run_fresh(const Scenario& scenario, const Target& target, std::span<const FaultPlan> row) {
  try {
    TargetSession session(scenario, target);
    std::string violations;
    for (const FaultPlan& plan : row) {
      violations =
          violations_of(session.experiment(), judged_run(session.experiment(), plan, session.run(plan)));
    }
    return {.is_answer = true, .text = violations};
  } catch (const Error& error) {
    return {.text = error.what()};
  }
}

void replay_findings_of(const Scenario& scenario, const Target& target, const Experiment& experiment,
                        TargetExploration& found) {
  if (!target.process && !target.start_command)
    return leave_findings_unchecked("the target is not ours to start", found.exploration);
  const std::vector<std::size_t> none = replay_findings(
      experiment, [&](std::span<const FaultPlan> row) { return run_fresh(scenario, target, row); },
      found.exploration);
  for (std::size_t i = none.size(); i-- > 0;)
    found.examples.erase(found.examples.begin() + static_cast<std::ptrdiff_t>(none[i]));
}

}  // namespace

std::vector<Cell> declared_cells(const Scenario& scenario, const Target& target,
                                 const std::vector<FaultKind>& asked) {
  const Experiment subject = experiment(scenario, target);
  const ObservedRunOptions options{.kinds = kinds_for(subject, target, asked), .timeout = target.timeout};
  return cells_of(subject, points_of(target), options, target.durable);
}

TargetExploration explore_target(const Scenario& scenario, const Target& target,
                                 const ExploreOptions& options, SearchStop* stop) {
  // Who has ended and is only watched for a while keeps nobody else from beginning; but one is one.
  constexpr int kWatchedPerBusy = 4;
  ExploreOptions watched = options;
  if (options.workers > 1) watched.workers = std::min(options.workers * kWatchedPerBusy, kMostThreads);
  auto session =
      std::make_unique<TargetSession>(scenario, target, options.kinds, std::max(options.workers, 1));
  const Experiment subject = session->experiment();
  TargetExploration found;
  {
    const Stopping stopping(stop, *session);
    found = explore_runs(
        subject, session->cells(), [&](const FaultPlan& plan) { return session->run(plan); }, watched, stop);
    found.notes = session->notes();
  }
  session.reset();  // where nothing ran before, nothing else runs either
  const bool is_asked_to_stop = stop != nullptr && stop->is_requested();
  if (is_asked_to_stop) {
    leave_findings_unchecked("the search was stopped", found.exploration);
  } else {
    replay_findings_of(scenario, target, subject, found);
  }
  return found;
}

Run run_target(const Scenario& scenario, const Target& target, const FaultPlan& plan) {
  const Experiment subject = experiment(scenario, target);
  const FaultPlan canonical = resolve(plan, *subject.setup.saga);
  TargetSession session(scenario, target);
  const auto lasts = [](const Fault& fault) { return fault.window != FaultDuration::kOnce; };
  const bool has_window = std::ranges::any_of(canonical.faults, lasts);
  if (has_window) static_cast<void>(session.run({}));  // as in a search: so long it takes without faults
  return judged_run(subject, canonical, session.run(canonical));
}

}  // namespace saga_harness
