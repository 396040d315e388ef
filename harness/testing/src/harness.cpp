#include <saga_harness/harness.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include <saga_harness/choreography.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness_internal/text.hpp>

#include "failure.hpp"
#include "names.hpp"
#include "recorder.hpp"
#include "unfired.hpp"

namespace saga_harness {
namespace {

using internal::in_quotes;

using internal::kCustom;

Experiment reference_experiment(Saga saga) {
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(std::move(saga));
  use_reference(experiment.setup, experiment.claims);
  const Guarantees guarantees = experiment.setup.saga->is_choreography() ? kNoGuarantees : Guarantees{};
  for (const std::string_view service : experiment.setup.saga->services()) {
    experiment.setup.participants.emplace(service, ledger_fake(guarantees));
  }
  return experiment;
}

Experiment checked(Experiment experiment) {
  if (!experiment.setup.saga) throw Error("SagaTestHarness: the experiment has no saga; set Setup::saga");
  return experiment;
}

/// Stands in for a participant that belongs to somebody else.
class Borrowed final : public ForwardingParticipant {
 public:
  explicit Borrowed(Participant& owner) : owner_(&owner) {}

 private:
  [[nodiscard]] Participant& behind() const override { return *owner_; }

  Participant* owner_;
};

Fault fault_of(const At& at, const SagaIndex& saga) {
  if (at.service.empty()) {
    if (at.name.empty())
      throw Error("a fault needs a step to strike at: name one, e.g. at_step(\"process_payment\")");
    return {
        .step = at.name, .operation = at.operation, .operation_given = at.operation != Operation::kAction};
  }
  const std::vector<OperationId> found = internal::operations_at(saga, at.service, at.name);
  if (found.size() > 1) {
    throw Error(in_quotes(at.name) + " of " + in_quotes(at.service) + " belongs to steps " +
                in_quotes(saga.step(found[0].step).name) + " and " +
                in_quotes(saga.step(found[1].step).name) +
                "; say which: at_step(), at_compensation() or at_fallback()");
  }
  return {.step = saga.step(found[0].step).name, .operation = found[0].operation};
}

}  // namespace

At at_step(std::string_view step) { return {.name = std::string(step)}; }
At at_compensation(std::string_view step) {
  return {.name = std::string(step), .operation = Operation::kCompensation};
}
At at_fallback(std::string_view step) {
  return {.name = std::string(step), .operation = Operation::kFallback};
}
At at_action(std::string_view service, std::string_view action) {
  return {.service = std::string(service), .name = std::string(action)};
}

SagaTestHarness::SagaTestHarness(const Saga& saga) : experiment_(reference_experiment(saga)) {}
SagaTestHarness::SagaTestHarness(const Scenario& scenario)
    : experiment_(saga_harness::experiment(scenario)) {}
SagaTestHarness::SagaTestHarness(Experiment experiment) : experiment_(checked(std::move(experiment))) {}
SagaTestHarness SagaTestHarness::from_file(const std::string& path) {
  return SagaTestHarness(load_scenario(path));
}

SagaTestHarness::SagaTestHarness(SagaTestHarness&&) noexcept = default;

SagaTestHarness::~SagaTestHarness() {
  if (std::uncaught_exceptions() > 0) return;
  for (const Planned& planned : planned_) {
    internal::mention_failure(planned.place, "the planned fault " + to_string(planned.fault) +
                                                 " was never tried: no start_saga() came after it");
  }
}

SagaTestHarness& SagaTestHarness::use_coordinator(Coordinator coordinator, Claims claimed) {
  if (!coordinator) throw Error("use_coordinator(): the coordinator is empty; give it something to call");
  if (saga().is_choreography())
    throw Error("use_coordinator(): the saga " + in_quotes(saga().saga().name) +
                " is a choreography; try use_choreography()");
  experiment_.setup.coordinator = std::move(coordinator);
  experiment_.coordinator_name = kCustom;
  experiment_.source.clear();  // the scenario alone does not make this subject any more
  return claims(claimed);
}

SagaTestHarness& SagaTestHarness::use_choreography(EventHandler handler, Claims claimed) {
  if (!handler) throw Error("use_choreography(): the handler is empty; give it something to call");
  if (!saga().is_choreography())
    throw Error("use_choreography(): the saga " + in_quotes(saga().saga().name) +
                " is no choreography; give it one, or use_coordinator()");
  experiment_.setup.handler = std::move(handler);
  experiment_.coordinator_name = kCustom;
  experiment_.source.clear();
  return claims(claimed);
}

SagaTestHarness& SagaTestHarness::claims(Claims claimed) {
  experiment_.claims = claimed;
  experiment_.setup.durable = claimed.survives_crashes;
  return *this;
}

SagaTestHarness& SagaTestHarness::expects(Outcome outcome) {
  if (outcome == Outcome::kUnresolved)
    throw Error("expects(): no saga can be expected to end unresolved; say how it is to end");
  experiment_.setup.expects = outcome;
  return *this;
}

SagaTestHarness& SagaTestHarness::named(std::string coordinator) {
  if (coordinator.empty() || coordinator == kCustom)
    throw Error("named(): " + in_quotes(coordinator) +
                " tells nobody which coordinator it is; give another name");
  experiment_.coordinator_name = std::move(coordinator);
  return *this;
}

SagaTestHarness& SagaTestHarness::use_participant(std::string_view service, ParticipantFactory factory) {
  internal::check_service(saga(), service);
  if (!factory)
    throw Error("use_participant(" + in_quotes(service) + "): the factory is empty; try ledger_fake()");
  experiment_.setup.participants.insert_or_assign(std::string(service), std::move(factory));
  experiment_.participant_name = kCustom;
  experiment_.source.clear();
  return *this;
}

SagaTestHarness& SagaTestHarness::use_participant(std::string_view service, Participant& participant) {
  return use_participant(service, [&participant] { return std::make_unique<Borrowed>(participant); });
}

SagaTestHarness& SagaTestHarness::run_over(Wire wire) {
  wire_ = std::move(wire);
  static_cast<void>(subject());  // refuses a spec that does not fit at the line that gave it
  return *this;
}

std::vector<Verdict> SagaTestHarness::violations() const { return last_run().violations(); }

Experiment SagaTestHarness::subject() const { return wire_ ? wire_(experiment_) : experiment_; }

SagaTestHarness& SagaTestHarness::switch_off(Rule rule, std::string reason) {
  if (reason.empty()) {
    throw Error("switch_off(" + std::string(id_of(rule)) +
                "): say why, so that a reader of the report knows");
  }
  experiment_.switched_off.push_back({.rule = rule, .reason = std::move(reason)});
  return *this;
}

SagaTestHarness& SagaTestHarness::switch_off(std::string_view name, std::string reason) {
  std::vector<std::string_view> names;
  for (const Invariant& own : experiment_.invariants) names.emplace_back(own.name);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    if (const RuleRow* row = find_rule(name)) return switch_off(row->rule, std::move(reason));
    for (const RuleRow& row : kRuleCatalogue) names.push_back(row.name);
    throw Error("switch_off(): there is no rule or invariant " + in_quotes(name) +
                internal::suggestion(name, names));
  }
  if (reason.empty()) {
    throw Error("switch_off(" + in_quotes(name) + "): say why, so that a reader of the report knows");
  }
  experiment_.switched_off.push_back(
      {.rule = kOwnRule, .reason = std::move(reason), .invariant = std::string(name)});
  return *this;
}

SagaTestHarness& SagaTestHarness::add_invariant(Invariant invariant) {
  std::vector<Invariant> invariants = experiment_.invariants;
  invariants.push_back(std::move(invariant));
  validate(invariants);
  experiment_.invariants = std::move(invariants);
  return *this;
}

SagaTestHarness& SagaTestHarness::add(Fault fault, const SourcePlace& place) {
  FaultPlan all;
  for (const Planned& planned : planned_) all.faults.push_back(planned.fault);
  if (fault.window == FaultDuration::kBudget && fault.instant == Instant::kCall) {
    Fault once = fault;
    once.window = FaultDuration::kOnce;
    const Point point = point_of(once, saga());
    if (saga().budget({point.step, point.operation}) == 1) fault.window = FaultDuration::kOnce;
  }
  all.faults.push_back(std::move(fault));
  planned_.push_back({.fault = resolve(all, saga()).faults.back(), .place = place});
  return *this;
}

SagaTestHarness& SagaTestHarness::inject(FaultKind kind, const At& at, Scope scope, SourcePlace place) {
  const Fault fault = fault_of(at, saga());
  const OperationId operation{saga().find_step(fault.step), fault.operation};
  const auto during = legal_alternatives(Instant::kDuringCall, operation, saga());
  const bool strikes_a_waiter = std::ranges::find(during, kind, &Alternative::kind) != during.end();
  return inject_at(kind, at, strikes_a_waiter ? Instant::kDuringCall : Instant::kCall, scope, place);
}

SagaTestHarness& SagaTestHarness::inject_at(FaultKind kind, const At& at, Instant instant, Scope scope,
                                            const SourcePlace& place) {
  Fault fault = fault_of(at, saga());
  fault.attempt = scope.attempt;
  fault.window = scope.window;
  fault.instant = instant;
  fault.kind = kind;
  return add(std::move(fault), place);
}

SagaTestHarness& SagaTestHarness::crash_coordinator(const At& at, Instant instant, Scope scope,
                                                    SourcePlace place) {
  if (instant == Instant::kCall) {
    throw Error(
        "crash_coordinator(): a coordinator does not crash in mid-call; say Instant::kBeforeCall or "
        "kAfterCall");
  }
  Fault fault = fault_of(at, saga());
  fault.attempt = scope.attempt;
  fault.window = scope.window;
  fault.instant = instant;
  fault.kind = FaultKind::kCoordinatorCrash;
  return add(std::move(fault), place);
}

SagaTestHarness& SagaTestHarness::crash_coordinator(Instant instant, Scope scope, SourcePlace place) {
  return add({.attempt = scope.attempt,
              .window = scope.window,
              .instant = instant,
              .kind = FaultKind::kCoordinatorCrash},
             place);
}

SagaTestHarness& SagaTestHarness::plan(const FaultPlan& faults, SourcePlace place) {
  for (const Fault& fault : faults.faults) add(fault, place);
  return *this;
}

SagaTestHarness& SagaTestHarness::plan(std::string_view one_line, SourcePlace place) {
  return plan(parse_plan(one_line), place);
}

Run SagaTestHarness::start_saga(const Context& start_context) {
  const std::vector<Planned> planned = std::exchange(planned_, {});
  FaultPlan faults;
  for (const Planned& one : planned) faults.faults.push_back(one.fault);
  Experiment experiment = subject();
  experiment.setup.context = start_context;
  last_ = run_plan(experiment, faults);
  internal::record(experiment_, *last_, start_context);
  complain(*last_, planned);
  return *last_;
}

Run SagaTestHarness::run(const FaultPlan& faults) {
  refuse_planned("run()");
  last_ = run_plan(subject(), faults);
  internal::record(experiment_, *last_, {});
  return *last_;
}

Exploration SagaTestHarness::explore(const ExploreOptions& options) {
  refuse_planned("explore()");
  Exploration exploration = internal::explore_recorded(subject(), options);
  for (Finding& finding : exploration.findings) finding.test_case = gtest_case(finding, saga(), experiment_);
  return exploration;
}

const Run& SagaTestHarness::last_run() const {
  if (!last_) throw Error("there is no run to ask about: call start_saga() or run() first");
  return *last_;
}

std::size_t SagaTestHarness::call_count(std::string_view service, std::string_view action) const {
  const std::vector<OperationId> ids = internal::operations_at(saga(), service, action);
  return static_cast<std::size_t>(
      std::count_if(trace().events.begin(), trace().events.end(), [&ids](const Event& event) {
        return event.type == EventType::kSent &&
               std::find(ids.begin(), ids.end(), OperationId{event.step, event.operation}) != ids.end();
      }));
}

Effect SagaTestHarness::effect(std::string_view step) const {
  return ledger().effects.at(internal::step_named(saga(), step));
}

void SagaTestHarness::refuse_planned(std::string_view call) const {
  if (planned_.empty()) return;
  throw Error(std::string(call) + " would ignore the planned fault " + to_string(planned_.front().fault) +
              "; planned faults strike in start_saga() only");
}

void SagaTestHarness::complain(const Run& run, const std::vector<Planned>& planned) const {
  for (const Planned& one : planned) {
    if (std::find(run.unfired.faults.begin(), run.unfired.faults.end(), one.fault) ==
        run.unfired.faults.end()) {
      continue;
    }
    internal::report_failure(one.place, internal::why_unfired(one.fault, run, experiment_));
  }
}

}  // namespace saga_harness
