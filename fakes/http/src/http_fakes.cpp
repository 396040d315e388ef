#include <saga_harness/http_fakes.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/text.hpp>

#include "sockets.hpp"
#include "stage.hpp"
#include "wire_run.hpp"
#include "wire_server.hpp"

namespace saga_harness {
namespace {

using internal::in_quotes;

constexpr Duration kBrake = std::chrono::milliseconds(200);  // on who goes on though its run is over
constexpr std::string_view kDefaultSaga = "default";
constexpr std::size_t kMostRemembered = 1'000'000;
constexpr std::uint32_t kSharedListener = 0xFFFFFFFFU;

std::string error_json(std::string_view message) {
  std::string body = "{\"error\":";
  internal::append_json_string(body, message);
  return body += '}';
}

}  // namespace

class HttpFakes::Impl final : public http::WireHandler {
 public:
  Impl(Scenario scenario, HttpFakesOptions given)
      : options(std::move(given)),
        stage(std::make_shared<const http::Stage>(std::move(scenario))),
        server({.max_payload = options.max_payload, .max_connections = options.max_connections}) {
    if (!http::is_loopback(options.bind) && options.token.empty()) {
      throw Error("the fakes are to listen on " + in_quotes(options.bind) +
                  ", where others can reach them: give a token, or bind to 127.0.0.1");
    }
    ports.resize(stage->scenario.http.one_port ? 1 : stage->routes.services().size(), 0);
  }

  void start();
  void handle(const http::WireRequest& request, http::WireExchange& exchange) override;

  std::shared_ptr<http::WireRun> find(std::string_view saga_id) const;
  std::shared_ptr<http::WireRun> find_or_throw(std::string_view saga_id) const;
  std::shared_ptr<http::WireRun> find_or_open(const std::string& saga_id);
  void open(std::string_view saga_id, HttpRunOptions run_options);
  HttpRun close(std::string_view saga_id);
  [[nodiscard]] std::map<std::string, std::string, std::less<>> urls(std::string_view prefix) const;

  const HttpFakesOptions options;
  std::shared_ptr<const http::Stage> stage;
  std::vector<int> ports;
  int admin_port = 0;
  bool is_started = false;
  http::WireServer server;

 private:
  using Runs = std::unordered_map<std::string, std::shared_ptr<http::WireRun>>;

  mutable std::shared_mutex mutex_;
  Runs runs_;
  std::unordered_set<std::string> closed_;
  std::deque<std::string> closed_in_order_;
  std::atomic<std::uint64_t> unmatched_{0};
};

void HttpFakes::Impl::start() {
  if (std::exchange(is_started, true)) return;
  try {
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const auto number = stage->scenario.http.one_port ? kSharedListener : static_cast<std::uint32_t>(i);
      ports[i] = server.listen(options.bind, ports[i], number, *this);
    }
  } catch (...) {
    server.stop();
    is_started = false;
    throw;
  }
}

void HttpFakes::Impl::handle(const http::WireRequest& request, http::WireExchange& exchange) {
  const int service = request.listener == kSharedListener ? -1 : static_cast<int>(request.listener);
  http::Match match = stage->routes.find(request, service);
  http::RequestFacts facts = stage->routes.facts_of(request, match);
  if (facts.saga_id.empty()) facts.saga_id = kDefaultSaga;
  const std::shared_ptr<http::WireRun> run = find_or_open(facts.saga_id);
  if (run == nullptr) {
    ++unmatched_;
    static_cast<void>(exchange.wait(kBrake));
    exchange.reply({.status = 410, .body = error_json("the run of this saga is over")});
    return;
  }
  OperationId operation;
  if (match.endpoint != nullptr) {
    const std::vector<OperationId>& candidates = match.endpoint->operations;
    operation = candidates.front();
    if (candidates.size() > 1) {
      const auto found = std::ranges::find(candidates, facts.step, [this](OperationId id) {
        return std::string_view(stage->saga->step(id.step).name);
      });
      if (found == candidates.end()) {
        match.problem = fmt::format(
            "several steps ask for {} of {}, and the request says {}: name its step in X-Saga-Step, or where "
            "\"http\"/\"step\" of the scenario says",
            match.endpoint->action, match.endpoint->service,
            facts.step.empty() ? "none" : in_quotes(facts.step) + ", which is not one of them");
      } else {
        operation = *found;
      }
    }
  }
  if (!match.problem.empty()) {
    run->note_unmatched();
    exchange.reply({.status = match.endpoint == nullptr ? 404 : 400, .body = error_json(match.problem)});
    return;
  }
  run->serve({.endpoint = *match.endpoint,
              .operation = operation,
              .facts = facts,
              .body = request.body,
              .exchange = exchange});
}

std::shared_ptr<http::WireRun> HttpFakes::Impl::find(std::string_view saga_id) const {
  const std::shared_lock lock(mutex_);
  const auto found = runs_.find(std::string(saga_id));
  return found == runs_.end() ? nullptr : found->second;
}

std::shared_ptr<http::WireRun> HttpFakes::Impl::find_or_throw(std::string_view saga_id) const {
  if (auto run = find(saga_id)) return run;
  throw Error("there is no run of saga id " + in_quotes(saga_id) + ": open it first, or send it a request");
}

std::shared_ptr<http::WireRun> HttpFakes::Impl::find_or_open(const std::string& saga_id) {
  if (auto run = find(saga_id)) return run;
  const std::unique_lock lock(mutex_);
  if (closed_.contains(saga_id)) return nullptr;
  std::shared_ptr<http::WireRun>& run = runs_[saga_id];
  if (!run) run = std::make_shared<http::WireRun>(stage, saga_id, HttpRunOptions{}, true);
  return run;
}

void HttpFakes::Impl::open(std::string_view saga_id, HttpRunOptions run_options) {
  if (saga_id.empty()) throw Error("the saga id is empty: give the run one");
  const std::unique_lock lock(mutex_);
  std::string name(saga_id);
  if (runs_.contains(name)) {
    throw Error("there is a run of saga id " + in_quotes(name) + " already: close it, or choose another id");
  }
  auto run = std::make_shared<http::WireRun>(stage, name, std::move(run_options), false);
  if (closed_.erase(name) != 0) std::erase(closed_in_order_, name);
  runs_.emplace(std::move(name), std::move(run));
}

HttpRun HttpFakes::Impl::close(std::string_view saga_id) {
  const std::shared_ptr<http::WireRun> run = find_or_throw(saga_id);
  {
    const std::unique_lock lock(mutex_);
    runs_.erase(run->saga_id());
    if (closed_.insert(run->saga_id()).second) closed_in_order_.push_back(run->saga_id());
    while (closed_in_order_.size() > kMostRemembered) {
      closed_.erase(closed_in_order_.front());
      closed_in_order_.pop_front();
    }
  }
  return run->close();
}

std::map<std::string, std::string, std::less<>> HttpFakes::Impl::urls(std::string_view prefix) const {
  std::map<std::string, std::string, std::less<>> urls;
  const std::vector<std::string>& services = stage->routes.services();
  for (std::size_t i = 0; i < services.size(); ++i) {
    const bool shared = stage->scenario.http.one_port;
    urls[services[i]] = fmt::format("http://{}:{}{}{}", http::url_host(options.bind), ports[shared ? 0 : i],
                                    prefix, shared ? "/" + services[i] : "");
  }
  return urls;
}

HttpFakes::HttpFakes(Scenario scenario, HttpFakesOptions options)
    : impl_(std::make_unique<Impl>(std::move(scenario), std::move(options))) {}
HttpFakes::~HttpFakes() { stop(); }

void HttpFakes::start() { impl_->start(); }
void HttpFakes::stop() {
  impl_->server.stop();
  impl_->is_started = false;
}

std::string HttpFakes::admin_url() const {
  return fmt::format("http://{}:{}", http::url_host(impl_->options.bind), impl_->admin_port);
}
std::map<std::string, std::string, std::less<>> HttpFakes::service_urls() const { return impl_->urls(""); }
std::map<std::string, std::string, std::less<>> HttpFakes::service_urls(std::string_view saga_id) const {
  std::string prefix = "/~";
  for (const char c : saga_id) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.';
    prefix += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return impl_->urls(prefix);
}

void HttpFakes::open_run(std::string_view saga_id, HttpRunOptions options) {
  impl_->open(saga_id, std::move(options));
}
void HttpFakes::note_report(std::string_view saga_id, Outcome outcome,
                            const std::vector<std::string>& flagged) {
  impl_->find_or_throw(saga_id)->note_report(outcome, flagged);
}
void HttpFakes::heal(std::string_view saga_id) { impl_->find_or_throw(saga_id)->heal(); }
void HttpFakes::drain(std::string_view saga_id) { impl_->find_or_throw(saga_id)->drain(); }
bool HttpFakes::wait_quiet(std::string_view saga_id, std::chrono::milliseconds quiet_for,
                           std::chrono::milliseconds at_most) {
  return impl_->find_or_throw(saga_id)->wait_quiet(quiet_for, at_most);
}
HttpRun HttpFakes::close_run(std::string_view saga_id) { return impl_->close(saga_id); }

}  // namespace saga_harness
