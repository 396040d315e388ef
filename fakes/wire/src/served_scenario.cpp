#include <saga_harness_internal/served_scenario.hpp>

#include <algorithm>
#include <utility>

#include <saga_harness/error.hpp>

namespace saga_harness::wire {
namespace {

bool deduplicates(const Scenario& scenario, const Step& step) {
  const auto listed = scenario.participants.find(step.service);
  if (listed == scenario.participants.end()) return Guarantees{}.deduplicates;
  const auto exception = listed->second.at_step.find(step.name);
  return (exception == listed->second.at_step.end() ? listed->second.guarantees : exception->second)
      .deduplicates;
}

/// Services of a choreography are not asked, they hear events; those of another saga hear none.
Scenario fitting(Scenario scenario, PointKind points) {
  const bool has_deliveries = points == PointKind::kDelivery;
  if (scenario.saga.choreography.has_value() == has_deliveries) return scenario;
  const std::string name = scenario.source.empty() ? scenario.saga.name : scenario.source;
  if (has_deliveries)
    throw Error(ErrorText{.source = name,
                          .message = "the saga is no choreography: no event of a broker is a point of it"});
  throw Error(ErrorText{.source = name,
                        .message =
                            "the saga is a choreography, and its services wait for events of a bus, not "
                            "for requests",
                        .fix = "explore it in virtual time, let a target bring its bus, or serve an "
                               "orchestrated saga"});
}

}  // namespace

ServedScenario::ServedScenario(Scenario given, PointKind kind)
    : scenario(fitting(std::move(given), kind)),
      points(kind),
      saga(std::make_shared<const SagaIndex>(scenario.saga)),
      masks(scenario.saga),
      skipped(skipped_steps(scenario.saga, scenario.saga.context)) {
  for (const std::string_view service : saga->services()) services.emplace_back(service);
  for (const std::string& service : services) {
    const auto listed = scenario.participants.find(service);
    const ParticipantSpec spec = listed == scenario.participants.end() ? ParticipantSpec{} : listed->second;
    participants.push_back(make_participant(spec, service, scenario.saga));
  }
  for (StepId step = 0; step < saga->step_count(); ++step) {
    const auto found = std::find(services.begin(), services.end(), saga->step(step).service);
    service_of_step.push_back(static_cast<std::size_t>(found - services.begin()));
    checks_keys.push_back(scenario.http.check_keys && deduplicates(scenario, saga->step(step)));
  }
}

}  // namespace saga_harness::wire
