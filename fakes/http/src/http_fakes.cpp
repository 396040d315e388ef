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
  auto runs = std::make_unique<ObservedRuns>(
      std::move(scenario), ObservedRunsOptions{.max_journal = options.max_journal,
                                               .max_journal_bytes = options.max_journal_bytes});
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

ObservedRuns& HttpFakes::runs() noexcept { return impl_->runs; }

}  // namespace saga_harness
