#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/error.hpp>

#include "driver.hpp"

namespace saga_harness {
namespace {

using blackbox::Clock;
using blackbox::Driver;
using blackbox::Moment;
using blackbox::Processes;
using blackbox::Stage;
using blackbox::TemplateValues;

std::vector<Cell> cells_of(const SagaIndex& saga, const HttpRunOptions& options, bool durable) {
  std::vector<Cell> cells;
  const auto is_tried = [&](FaultKind kind) {
    return std::ranges::find(options.kinds, kind) != options.kinds.end();
  };
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      const OperationId id{step, operation};
      if (saga.action_of(id).empty()) continue;
      std::vector<FaultKind> kinds;
      for (const Alternative& each : wire_alternatives(id, saga, options)) {
        if (each.window == Window::kOnce && is_tried(each.kind)) kinds.push_back(each.kind);
      }
      std::ranges::sort(kinds);
      for (const FaultKind kind : kinds) {
        if (kind == FaultKind::kCoordinatorCrash) continue;
        cells.push_back({.step = step, .operation = operation, .kind = kind});
      }
      if (!durable || !is_tried(FaultKind::kCoordinatorCrash)) continue;
      cells.push_back({.step = step,
                       .operation = operation,
                       .where = Where::kAfterCall,
                       .kind = FaultKind::kCoordinatorCrash});
    }
  }
  return cells;
}

constexpr int kMostThreads = 256;

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

}  // namespace

class TargetSession::Impl {
 public:
  Impl(Scenario scenario, Target target, std::vector<FaultKind> kinds, int busy)
      : target_(std::move(target)),
        places_(busy),
        experiment_(saga_harness::experiment(scenario, target_)),
        context_(scenario.saga.context),
        fakes_(checked(std::move(scenario), target_)),
        name_(session_name()) {
    fakes_.start();
    const std::vector<FaultKind> asked = kinds;
    kinds = kinds_in_scope(experiment_, kinds);
    if (!target_.durable) std::erase(kinds, FaultKind::kCoordinatorCrash);
    options_ = {.kinds = std::move(kinds), .timeout = target_.timeout};
    cells_ = cells_of(*experiment_.setup.saga, options_, target_.durable);
    for (const FaultKind kind : asked) expect_possible(kind);
    TemplateValues values{.shared_urls = fakes_.service_urls()};
    values.texts["context"] = context_.text();
    values.texts["admin_url"] = fakes_.admin_url();
    processes_.emplace(target_, std::move(values));
  }

  HttpRun run(const FaultPlan& plan) {
    const bool kills = std::ranges::any_of(
        plan.faults, [](const Fault& fault) { return fault.kind == FaultKind::kCoordinatorCrash; });
    const bool alone = kills && target_.process.has_value();
    const auto lease = processes_->take(alone);
    Place place(places_);
    const Stage stage{.fakes = fakes_,
                      .target = target_,
                      .saga = *experiment_.setup.saga,
                      .kinds = options_.kinds,
                      .resting = [&place] { place.give_back(); }};
    const Moment began = Clock::now();
    const Moment heal_at = began + target_.limits.patience + 3 * usual_.load();
    const std::string id = fmt::format("{}-{}", name_, number_.fetch_add(1));
    const auto driver = std::make_shared<Driver>(stage, *lease, id, heal_at);
    HttpRun seen = driver->run(plan);
    if (plan.empty()) {
      usual_ = Clock::now() - began;
      expect_useful(seen, lease->instance().last_words());
    }
    return seen;
  }

  [[nodiscard]] const std::vector<Cell>& cells() const noexcept { return cells_; }
  [[nodiscard]] const Experiment& experiment() const noexcept { return experiment_; }

 private:
  static Scenario checked(Scenario scenario, const Target& target) {
    check_fit(target, scenario);
    return scenario;
  }

  void expect_possible(FaultKind kind) const {
    if (std::ranges::find(cells_, kind, &Cell::kind) != cells_.end()) return;
    std::string_view mend = "leave it out";
    if (kind == FaultKind::kCoordinatorCrash) mend = "declare the target \"durable\", or leave it out";
    HttpRunOptions patient{.kinds = {kind}, .timeout = std::chrono::seconds(1)};
    const bool rests_on_time = !cells_of(*experiment_.setup.saga, patient, false).empty();
    if (rests_on_time) mend = "declare the target's \"timeout\", on which it rests, or leave it out";
    throw Error(fmt::format("{}: {} cannot be made to happen to this target over HTTP: {}", target_.source,
                            saga_harness::name_of(kind), mend));
  }

  // A search with a target that does nothing would say that all is well.
  void expect_useful(const HttpRun& seen, const std::string& last_words) const {
    if (seen.calls > 0 || seen.outcome == Outcome::kCompleted) return;
    std::string why = "it reported " + std::string(name_of(seen.outcome));
    for (const Event& event : seen.trace.events) {
      const bool says = event.type == EventType::kThrew || event.type == EventType::kGaveUp;
      if (says) why = seen.trace.texts[event.text];
    }
    const std::string unmatched =
        seen.unmatched == 0
            ? std::string()
            : fmt::format("; {} of its requests fitted no service and action", seen.unmatched);
    throw Error(fmt::format("{}: without any fault, the target called no service: {}{}{}", target_.source,
                            why, unmatched, last_words));
  }

  Target target_;
  Places places_;
  Experiment experiment_;
  Context context_;
  HttpFakes fakes_;
  std::string name_;
  HttpRunOptions options_;
  std::vector<Cell> cells_;
  std::optional<Processes> processes_;
  std::atomic<std::uint64_t> number_ = 1;
  std::atomic<Clock::duration> usual_ = Clock::duration::zero();  // of a run without faults
};

TargetSession::TargetSession(Scenario scenario, Target target, std::vector<FaultKind> kinds, int busy)
    : impl_(std::make_unique<Impl>(std::move(scenario), std::move(target), std::move(kinds), busy)) {}
TargetSession::~TargetSession() = default;

HttpRun TargetSession::run(const FaultPlan& plan) { return impl_->run(plan); }
const std::vector<Cell>& TargetSession::cells() const noexcept { return impl_->cells(); }
const Experiment& TargetSession::experiment() const noexcept { return impl_->experiment(); }

TargetExploration explore_target(const Scenario& scenario, const Target& target,
                                 const ExploreOptions& options) {
  // Who has ended and is only watched for a while keeps nobody else from beginning; but one is one.
  constexpr int kWatchedPerBusy = 4;
  ExploreOptions watched = options;
  if (options.workers > 1) watched.workers = std::min(options.workers * kWatchedPerBusy, kMostThreads);
  TargetSession session(scenario, target, options.kinds, std::max(options.workers, 1));
  return explore_runs(
      session.experiment(), session.cells(), [&](const FaultPlan& plan) { return session.run(plan); },
      watched);
}

Run run_target(const Scenario& scenario, const Target& target, const FaultPlan& plan) {
  const Experiment subject = experiment(scenario, target);
  const FaultPlan canonical = resolve(plan, *subject.setup.saga);
  TargetSession session(scenario, target);
  return judged_run(subject, canonical, session.run(canonical));
}

}  // namespace saga_harness
