#include <saga_harness/http_fakes.hpp>

#include <utility>

#include "admin/admin.hpp"
#include "services.hpp"

namespace saga_harness {

class HttpFakes::Impl {
 public:
  Impl(std::unique_ptr<ObservedRuns> own, ObservedRuns& given, HttpFakesOptions options)
      : owned(std::move(own)), runs(given), services(given.registry(), std::move(options)), admin(services) {}

  std::unique_ptr<ObservedRuns> owned;
  ObservedRuns& runs;
  http::Services services;
  http::Admin admin;
};

HttpFakes::HttpFakes(Scenario scenario, HttpFakesOptions options) {
  auto runs = std::make_unique<ObservedRuns>(std::move(scenario),
                                             ObservedRunsOptions{.max_journal = options.max_journal});
  ObservedRuns& given = *runs;
  impl_ = std::make_unique<Impl>(std::move(runs), given, std::move(options));
}
HttpFakes::HttpFakes(ObservedRuns& runs, HttpFakesOptions options)
    : impl_(std::make_unique<Impl>(nullptr, runs, std::move(options))) {}
HttpFakes::~HttpFakes() { stop(); }

void HttpFakes::start() {
  impl_->services.start();
  impl_->admin.start();
}

void HttpFakes::stop() {
  impl_->admin.stop();
  impl_->services.stop();
}

std::string HttpFakes::admin_url() const { return impl_->admin.url(); }
std::map<std::string, std::string, std::less<>> HttpFakes::service_urls() const {
  return impl_->services.urls("");
}
std::map<std::string, std::string, std::less<>> HttpFakes::service_urls(std::string_view saga_id) const {
  return impl_->services.urls(http::saga_prefix(saga_id));
}

void HttpFakes::open_run(std::string_view saga_id, ObservedRunOptions options) {
  impl_->runs.open(saga_id, std::move(options));
}
void HttpFakes::note_report(std::string_view saga_id, Outcome outcome,
                            const std::vector<std::string>& flagged) {
  impl_->runs.note_report(saga_id, outcome, flagged);
}
void HttpFakes::heal(std::string_view saga_id) { impl_->runs.heal(saga_id); }
bool HttpFakes::has_struck(std::string_view saga_id) { return impl_->runs.has_struck(saga_id); }
void HttpFakes::drain(std::string_view saga_id) { impl_->runs.drain(saga_id); }
bool HttpFakes::wait_quiet(std::string_view saga_id, std::chrono::milliseconds quiet_for,
                           std::chrono::milliseconds at_most) {
  return impl_->runs.wait_quiet(saga_id, quiet_for, at_most);
}
ObservedRun HttpFakes::close_run(std::string_view saga_id) { return impl_->runs.close(saga_id); }
ObservedRun HttpFakes::look_at(std::string_view saga_id) { return impl_->runs.look_at(saga_id); }
StrayRequests HttpFakes::strays() const { return impl_->runs.strays(); }

}  // namespace saga_harness
