#include <saga_harness/harness.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include <saga_harness/choreography.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/token.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/legal_kinds.hpp>
#include <saga_harness_internal/text.hpp>

#include "failure.hpp"
#include "fresh_test.hpp"
#include "names.hpp"
#include "recorder.hpp"
#include "run_view.hpp"
#include "unfired.hpp"

namespace saga_harness {
namespace {

using internal::in_quotes;

using internal::kCustom;

Experiment checked(Experiment experiment) {
  if (!experiment.setup.saga)
    throw Error(ErrorText{
        .source = "SagaTestHarness", .message = "the experiment has no saga", .fix = "set Setup::saga"});
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

void check_reason(std::string_view name, std::string_view reason) {
  if (reason.empty())
    throw Error(ErrorText{.source = "switch_off(" + std::string(name) + ")",
                          .message = "the reason is empty",
                          .fix = "say why, so that a reader of the report knows"});
}

}  // namespace

SagaTestHarness::SagaTestHarness(const Saga& saga) : experiment_(saga_harness::experiment({.saga = saga})) {}
SagaTestHarness::SagaTestHarness(const Scenario& scenario)
    : experiment_(saga_harness::experiment(scenario)) {}
SagaTestHarness::SagaTestHarness(Experiment experiment) : experiment_(checked(std::move(experiment))) {}
SagaTestHarness SagaTestHarness::from_file(const std::string& path, std::string_view coordinator,
                                           std::string_view participant) {
  return SagaTestHarness(saga_harness::experiment(load_scenario(path), coordinator, participant));
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
  if (!coordinator)
    throw Error(ErrorText{.source = "use_coordinator()",
                          .message = "the coordinator is empty",
                          .fix = "give it something to call"});
  if (saga().is_choreography())
    throw Error(ErrorText{.source = "use_coordinator()",
                          .message = "the saga " + in_quotes(saga().saga().name) + " is a choreography",
                          .fix = "try use_choreography()"});
  experiment_.setup.coordinator = std::move(coordinator);
  experiment_.coordinator_name = kCustom;
  use_own_code();
  return claims(claimed);
}

SagaTestHarness& SagaTestHarness::use_choreography(Handled (*handler)(const EventDelivery&, HandlerContext&),
                                                   Claims claimed) {
  if (handler == nullptr) return use_choreography(EventHandlerFactory(), claimed);
  return use_choreography(EventHandlerFactory([handler](std::string_view) { return handler; }), claimed);
}

SagaTestHarness& SagaTestHarness::use_choreography(EventHandlerFactory factory, Claims claimed) {
  if (!factory)
    throw Error(ErrorText{.source = "use_choreography()",
                          .message = "the handler is empty",
                          .fix = "give it something that makes one for each service"});
  if (!saga().is_choreography())
    throw Error(ErrorText{.source = "use_choreography()",
                          .message = "the saga " + in_quotes(saga().saga().name) + " is no choreography",
                          .fix = "give it one, or use_coordinator()"});
  experiment_.setup.handlers = std::move(factory);
  experiment_.coordinator_name = kCustom;
  use_own_code();
  return claims(claimed);
}

SagaTestHarness& SagaTestHarness::claims(Claims claimed) {
  experiment_.claims = claimed;
  experiment_.setup.durable = claimed.survives_crashes;
  return *this;
}

SagaTestHarness& SagaTestHarness::expects(Outcome outcome) {
  if (outcome == Outcome::kUnresolved)
    throw Error(ErrorText{.source = "expects()",
                          .message = "no saga can be expected to end unresolved",
                          .fix = "say how it is to end"});
  experiment_.setup.expects = outcome;
  return *this;
}

SagaTestHarness& SagaTestHarness::volatile_fields(std::vector<std::string> pointers) {
  for (const std::string& pointer : pointers) {
    if (pointer.empty() || !internal::is_json_pointer(pointer))
      throw Error(ErrorText{.source = "volatile_fields()",
                            .message = in_quotes(pointer) + " is no JSON pointer to a field",
                            .fix = "begin it with /, as in \"/requested_at\""});
  }
  experiment_.setup.volatile_fields = std::move(pointers);
  return *this;
}

// The scenario alone does not make this subject any more.
void SagaTestHarness::use_own_code() {
  experiment_.source.clear();
  experiment_.has_own_code = true;
}

SagaTestHarness& SagaTestHarness::named(std::string coordinator, std::string version) {
  if (coordinator.empty() || coordinator == kCustom)
    throw Error(ErrorText{.source = "named()",
                          .message = in_quotes(coordinator) + " tells nobody which coordinator it is",
                          .fix = "give another name"});
  experiment_.coordinator_name = std::move(coordinator);
  experiment_.version = std::move(version);
  return *this;
}

SagaTestHarness& SagaTestHarness::use_participant(std::string_view service, ParticipantFactory factory,
                                                  SourcePlace place) {
  internal::at_line(place, [&] { internal::check_service(saga(), service); });
  if (!factory)
    throw Error(ErrorText{.message = "use_participant(" + in_quotes(service) + "): the factory is empty",
                          .fix = "try ledger_fake()"});
  experiment_.setup.participants.insert_or_assign(std::string(service), std::move(factory));
  experiment_.participant_name = kCustom;
  use_own_code();
  return *this;
}

SagaTestHarness& SagaTestHarness::use_participant(std::string_view service, Participant& participant,
                                                  SourcePlace place) {
  use_participant(
      service, [&participant] { return std::make_unique<Borrowed>(participant); }, place);
  experiment_.can_run_again = false;
  return *this;
}

SagaTestHarness& SagaTestHarness::run_over(Wire wire) {
  wire_ = std::move(wire);
  static_cast<void>(subject());  // refuses a spec that does not fit at the line that gave it
  return *this;
}

std::vector<Verdict> SagaTestHarness::violations() const { return last_run().violations(); }

Experiment SagaTestHarness::subject() const { return wire_ ? wire_(experiment_) : experiment_; }

SagaTestHarness& SagaTestHarness::switch_off(Rule rule, std::string reason, SourcePlace place) {
  internal::at_line(place, [&] { check_reason(id_of(rule), reason); });
  experiment_.switched_off.push_back({.rule = rule, .reason = std::move(reason)});
  return *this;
}

SagaTestHarness& SagaTestHarness::switch_off(std::string_view name, std::string reason, SourcePlace place) {
  std::vector<std::string_view> names;
  for (const Invariant& own : experiment_.invariants) names.emplace_back(own.name);
  const bool is_own = std::ranges::find(names, name) != names.end();
  const RuleRow* row = is_own ? nullptr : find_rule(name);
  if (row != nullptr) return switch_off(row->rule, std::move(reason), place);
  internal::at_line(place, [&] {
    for (const RuleRow& each : kRuleCatalogue) names.push_back(each.name);
    if (!is_own)
      throw Error(ErrorText{.source = "switch_off()",
                            .message = "there is no rule or invariant " + in_quotes(name),
                            .fix = internal::name_fix(name, names)});
    check_reason(in_quotes(name), reason);
  });
  experiment_.switched_off.push_back(
      {.rule = kOwnRule, .reason = std::move(reason), .invariant = std::string(name)});
  return *this;
}

SagaTestHarness& SagaTestHarness::rules_as_of(std::string_view version, SourcePlace place) {
  internal::at_line(place, [&] { switch_off_newer(version, experiment_.switched_off); });
  experiment_.rules_as_of = version;
  return *this;
}

SagaTestHarness& SagaTestHarness::known(KnownFinding finding, SourcePlace place) {
  internal::at_line(place, [&] { validate(finding, experiment_); });
  experiment_.known.push_back(std::move(finding));
  return *this;
}

SagaTestHarness& SagaTestHarness::add_invariant(Invariant invariant) {
  std::vector<Invariant> invariants = experiment_.invariants;
  invariants.push_back(std::move(invariant));
  validate(invariants);
  experiment_.invariants = std::move(invariants);
  experiment_.has_own_code = true;
  return *this;
}

Run SagaTestHarness::start_saga(const Context& start_context) {
  return run_planned(std::exchange(planned_, {}), start_context);
}

Run SagaTestHarness::run_planned(const std::vector<Planned>& planned, const Context& start_context) {
  FaultPlan faults;
  for (const Planned& one : planned) faults.faults.push_back(one.fault);
  Experiment experiment = subject();
  experiment.setup.context = start_context;
  last_ = run_judged(experiment, faults, RunAgain::kIfViolated);
  internal::record(experiment_, *last_, start_context);
  for (const Planned& one : planned) {
    const std::vector<Fault>& unfired = last_->unfired.faults;
    if (std::ranges::find(unfired, one.fault) != unfired.end())
      internal::report_failure(one.place, internal::why_unfired(one.fault, *last_, experiment_));
  }
  return *last_;
}

Run SagaTestHarness::run(const FaultPlan& faults) {
  refuse_planned("run()");
  last_ = run_judged(subject(), faults, RunAgain::kAlways);
  internal::record(experiment_, *last_, {});
  return *last_;
}

Run SagaTestHarness::run_judged(const Experiment& experiment, const FaultPlan& faults, RunAgain again) {
  if (nondeterminism_) std::rethrow_exception(nondeterminism_);
  try {
    return run_plan(experiment, faults, again);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInternal) nondeterminism_ = std::current_exception();
    throw;
  }
}

Run SagaTestHarness::replay(std::string_view text, const Context& start_context, SourcePlace place) {
  std::vector<Planned> planned;
  internal::at_line(place, [&] {
    refuse_planned("replay()");
    const Token token = parse_token(text);
    check_subject(token);
    for (const Fault& fault : resolve(token.plan(saga()), saga()).faults)
      planned.push_back({.fault = fault, .place = place});
  });
  return run_planned(planned, start_context);
}

void SagaTestHarness::check_subject(const Token& token) const {
  const std::string instead =
      ", or plan its faults yourself: harness.plan(\"" + to_string(token.plan(saga())) + "\")";
  if (!token.has_coordinator(experiment_.coordinator_name))
    throw Error(ErrorText{
        .source = "replay()",
        .message =
            "the token was made with another coordinator than " + in_quotes(experiment_.coordinator_name),
        .fix = "give the harness that one, with use_coordinator() and the name it had" + instead});
  if (!token.has_participant(experiment_.participant_name))
    throw Error(ErrorText{.source = "replay()",
                          .message = "the token was made with other participants than " +
                                     in_quotes(experiment_.participant_name),
                          .fix = "give the harness those, with use_participant()" + instead});
}

Exploration SagaTestHarness::explore(const ExploreOptions& asked) {
  refuse_planned("explore()");
  ExploreOptions options = asked;
  if (options.today.empty()) options.today = internal::day_of_environment();
  const Experiment searched = subject();
  // Kinds are often all but some: one that has no place here is no mistake, if another has.
  if (internal::legal_nowhere(searched, options.kinds).size() == options.kinds.size())
    internal::expect_legal_somewhere(searched, options.kinds, "explore()");
  internal::FreshTest fresh(searched);
  if (fresh.stands_aside()) {
    Exploration nobody_sees_it;
    nobody_sees_it.exhausted = true;
    nobody_sees_it.verdict.word = VerdictWord::kUpheld;
    return nobody_sees_it;
  }
  Exploration exploration =
      internal::explore_recorded(searched, options, [&fresh](Exploration& found) { fresh.replay(found); });
  for (Finding& finding : exploration.findings) {
    finding.test_case = gtest_case(finding, saga(), experiment_);
    finding.repeat = how_to_repeat(experiment_, finding.token);
  }
  return exploration;
}

const Run& SagaTestHarness::last_run() const {
  if (!last_)
    throw Error(
        ErrorText{.message = "there is no run to ask about", .fix = "call start_saga() or run() first"});
  return *last_;
}

std::size_t SagaTestHarness::call_count(std::string_view service, std::string_view action,
                                        SourcePlace place) const {
  const std::vector<OperationId> ids =
      internal::at_line(place, [&] { return internal::operations_at(saga(), service, action); });
  return static_cast<std::size_t>(
      std::count_if(trace().events.begin(), trace().events.end(), [&ids](const Event& event) {
        return event.type == EventType::kSent &&
               std::find(ids.begin(), ids.end(), OperationId{event.step, event.operation}) != ids.end();
      }));
}

std::vector<CallMade> SagaTestHarness::calls(std::string_view service, std::string_view action,
                                             SourcePlace place) const {
  const std::vector<OperationId> ids =
      internal::at_line(place, [&] { return internal::operations_at(saga(), service, action); });
  std::vector<CallMade> calls;
  for (const CallMade* const call : internal::calls_of(last_run(), saga(), ids)) calls.push_back(*call);
  return calls;
}

Effect SagaTestHarness::effect(std::string_view step, SourcePlace place) const {
  return ledger().effects.at(internal::at_line(place, [&] { return internal::step_named(saga(), step); }));
}

void SagaTestHarness::refuse_planned(std::string_view call) const {
  if (planned_.empty()) return;
  throw Error(ErrorText{
      .message = std::string(call) + " would ignore the planned fault " + to_string(planned_.front().fault),
      .fix = "planned faults strike in start_saga() only"});
}

}  // namespace saga_harness
