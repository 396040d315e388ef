#include <utility>

#include <saga_harness/wire.hpp>
#include <saga_harness_internal/run_registry.hpp>

namespace saga_harness {

ObservedRuns::ObservedRuns(Scenario scenario, ObservedRunsOptions options)
    : registry_(std::make_unique<wire::RunRegistry>(std::move(scenario), options)) {}
ObservedRuns::~ObservedRuns() = default;

void ObservedRuns::open(std::string_view saga_id, ObservedRunOptions options) {
  registry_->open(saga_id, std::move(options));
}
void ObservedRuns::note_report(std::string_view saga_id, Outcome outcome,
                               const std::vector<std::string>& flagged) {
  registry_->find_or_throw(saga_id)->note_report(outcome, flagged);
}
void ObservedRuns::heal(std::string_view saga_id) { registry_->find_or_throw(saga_id)->heal(); }
std::optional<Duration> ObservedRuns::since_all_struck(std::string_view saga_id) {
  return registry_->find_or_throw(saga_id)->since_all_struck();
}
std::uint64_t ObservedRuns::calls(std::string_view saga_id) {
  return registry_->find_or_throw(saga_id)->calls();
}
void ObservedRuns::drain(std::string_view saga_id) { registry_->find_or_throw(saga_id)->drain(); }
bool ObservedRuns::wait_quiet(std::string_view saga_id, std::chrono::milliseconds quiet_for,
                              std::chrono::milliseconds at_most) {
  return registry_->find_or_throw(saga_id)->wait_quiet(quiet_for, at_most);
}
ObservedRun ObservedRuns::close(std::string_view saga_id) { return registry_->close(saga_id); }
ObservedRun ObservedRuns::look_at(std::string_view saga_id) {
  return registry_->find_or_throw(saga_id)->snapshot();
}
StrayRequests ObservedRuns::strays() const { return registry_->strays(); }

void ObservedRuns::published(std::string_view saga_id, std::string_view event) {
  if (const auto run = registry_->find(saga_id)) run->published(event);
}
void ObservedRuns::delivers(std::string_view saga_id, const BrokerDelivery& delivery,
                            std::function<void()> deliver) {
  if (const auto run = registry_->find(saga_id)) return run->delivers(delivery, std::move(deliver));
  deliver();
}
bool ObservedRuns::acknowledges(std::string_view saga_id, const BrokerDelivery& delivery, bool done) {
  const auto run = registry_->find(saga_id);
  return run == nullptr || run->acknowledges(delivery, done);
}

}  // namespace saga_harness
