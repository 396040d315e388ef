#include <saga_harness/http_fakes.hpp>

#include <utility>

#include <saga_harness/error.hpp>

#include "admin.hpp"
#include "run_registry.hpp"

namespace saga_harness {
namespace {

/// What services of HTTP can serve: those of a choreography are not asked, they hear events.
Scenario asked_for(Scenario scenario, bool has_bus) {
  if (!scenario.saga.choreography || has_bus) return scenario;
  throw Error(
      (scenario.source.empty() ? scenario.saga.name : scenario.source) +
      ": the saga is a choreography, and its services wait for events of a bus, not for requests; explore it "
      "in virtual time, let a target bring its bus, or serve an orchestrated saga");
}

}  // namespace

class HttpFakes::Impl {
 public:
  Impl(Scenario scenario, HttpFakesOptions options)
      : registry(std::move(scenario), std::move(options)), admin(registry) {}

  http::RunRegistry registry;
  http::Admin admin;
};

HttpFakes::HttpFakes(Scenario scenario, HttpFakesOptions options)
    : impl_(std::make_unique<Impl>(asked_for(std::move(scenario), options.bus), options)) {}
HttpFakes::~HttpFakes() { stop(); }

void HttpFakes::start() {
  impl_->registry.start();
  impl_->admin.start();
}

void HttpFakes::stop() {
  impl_->admin.stop();
  impl_->registry.stop();
}

std::string HttpFakes::admin_url() const { return impl_->admin.url(); }
std::map<std::string, std::string, std::less<>> HttpFakes::service_urls() const {
  return impl_->registry.urls("");
}

std::map<std::string, std::string, std::less<>> HttpFakes::service_urls(std::string_view saga_id) const {
  return impl_->registry.urls(http::saga_prefix(saga_id));
}

void HttpFakes::open_run(std::string_view saga_id, HttpRunOptions options) {
  impl_->registry.open(saga_id, std::move(options));
}
void HttpFakes::note_report(std::string_view saga_id, Outcome outcome,
                            const std::vector<std::string>& flagged) {
  impl_->registry.find_or_throw(saga_id)->note_report(outcome, flagged);
}
void HttpFakes::heal(std::string_view saga_id) { impl_->registry.find_or_throw(saga_id)->heal(); }
bool HttpFakes::has_struck(std::string_view saga_id) {
  return impl_->registry.find_or_throw(saga_id)->has_struck();
}
void HttpFakes::drain(std::string_view saga_id) { impl_->registry.find_or_throw(saga_id)->drain(); }
bool HttpFakes::wait_quiet(std::string_view saga_id, std::chrono::milliseconds quiet_for,
                           std::chrono::milliseconds at_most) {
  return impl_->registry.find_or_throw(saga_id)->wait_quiet(quiet_for, at_most);
}
void HttpFakes::bus_published(std::string_view saga_id, std::string_view event) {
  if (const auto run = impl_->registry.find(saga_id)) run->bus_published(event);
}
void HttpFakes::bus_delivers(std::string_view saga_id, const BusDelivery& delivery,
                             std::function<void()> forward) {
  if (const auto run = impl_->registry.find(saga_id)) return run->bus_delivers(delivery, std::move(forward));
  forward();
}
bool HttpFakes::bus_acknowledged(std::string_view saga_id, const BusDelivery& delivery, bool done) {
  const auto run = impl_->registry.find(saga_id);
  return run == nullptr || run->bus_acknowledged(delivery, done);
}
HttpRun HttpFakes::close_run(std::string_view saga_id) { return impl_->registry.close(saga_id); }
HttpRun HttpFakes::look_at(std::string_view saga_id) {
  return impl_->registry.find_or_throw(saga_id)->snapshot();
}
HttpStrays HttpFakes::strays() const { return impl_->registry.strays(); }

}  // namespace saga_harness
