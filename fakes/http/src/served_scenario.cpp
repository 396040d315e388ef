#include "served_scenario.hpp"

#include <algorithm>
#include <utility>

namespace saga_harness::http {
namespace {

bool deduplicates(const Scenario& scenario, const Step& step) {
  const auto listed = scenario.participants.find(step.service);
  if (listed == scenario.participants.end()) return Guarantees{}.deduplicates;
  const auto exception = listed->second.at_step.find(step.name);
  return (exception == listed->second.at_step.end() ? listed->second.guarantees : exception->second)
      .deduplicates;
}

}  // namespace

ServedScenario::ServedScenario(Scenario given)
    : scenario(std::move(given)),
      saga(std::make_shared<const SagaIndex>(scenario.saga)),
      routes(scenario, *saga),
      skipped(skipped_steps(scenario.saga, scenario.saga.context)) {
  const std::vector<std::string>& services = routes.services();
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

}  // namespace saga_harness::http
