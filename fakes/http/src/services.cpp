#include "services.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/text.hpp>

#include "mapping/http_exchange.hpp"
#include "server/sockets.hpp"

namespace saga_harness::http {
namespace {

using internal::in_quotes;
using wire::OrderedFault;
using wire::WireKind;

constexpr std::uint32_t kSharedListener = 0xFFFFFFFFU;

/// The operation that is meant, if just one can be.
std::optional<OperationId> operation_of(const SagaIndex& saga, const Match& match, std::string_view step) {
  const std::vector<OperationId>& candidates = match.endpoint->operations;
  if (candidates.size() == 1) return candidates.front();
  const auto found = std::ranges::find(
      candidates, step, [&saga](OperationId id) { return std::string_view(saga.step(id.step).name); });
  return found == candidates.end() ? std::nullopt : std::optional(*found);
}

std::string step_not_named(const Endpoint& endpoint, const std::string& step) {
  const std::string said = step.empty() ? "none" : in_quotes(step) + ", which is not one of them";
  return fmt::format(
      "several steps ask for {} of {}, and the request says {}: name its step in "
      "X-Saga-Step, or where \"http\"/\"step\" of the scenario says",
      endpoint.action, endpoint.service, said);
}

/// Nobody could send another one.
void check_token(std::string_view token) {
  const auto is_visible = [](char c) { return c > ' ' && c < '\x7F'; };
  if (std::ranges::all_of(token, is_visible)) return;
  throw Error(ErrorText{.message = "the token has a character that no Authorization header can carry",
                        .fix = "give one of visible ASCII characters, without spaces"});
}

}  // namespace

std::string saga_prefix(std::string_view saga_id) {
  std::string prefix = "/~";
  for (const char c : saga_id) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.';
    prefix += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return prefix;
}

std::string advertised_host(const HttpFakesOptions& options) {
  return url_host(options.advertise.empty() ? options.bind : options.advertise);
}

Services::Services(wire::RunRegistry& runs, HttpFakesOptions options)
    : runs_(runs),
      options_(std::move(options)),
      server_({.max_payload = options_.max_payload, .max_connections = options_.max_connections}),
      scenario_(std::make_shared<const RoutedScenario>(runs.served())) {
  if (!is_loopback(options_.bind) && options_.token.empty()) {
    throw Error(ErrorText{
        .message = "the fakes are to listen on " + in_quotes(options_.bind) + ", where others can reach them",
        .fix = "give a token, or bind to 127.0.0.1"});
  }
  check_token(options_.token);
  check_service_ports();
}

void Services::check_service_ports() const {
  if (options_.shared_port != 0 && !options_.service_ports.empty())
    throw Error(ErrorText{.message = "services cannot both share a port and have ports of their own",
                          .fix = "give the one or the others"});
  const std::vector<std::string>& names = scenario_->served->services;
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const auto& [name, port] : options_.service_ports) {
    if (std::ranges::find(names, name) != names.end()) continue;
    throw Error(ErrorText{
        .message = "there is no service " + in_quotes(name) + " to have port " + std::to_string(port),
        .fix = internal::name_fix(name, known)});
  }
}

int Services::wanted_port(std::string_view service) const {
  const auto found = options_.service_ports.find(service);
  return found == options_.service_ports.end() ? 0 : found->second;
}

std::shared_ptr<const RoutedScenario> Services::scenario() const {
  const std::shared_lock lock(mutex_);
  return scenario_;
}

void Services::listen(const RoutedScenario& scenario, std::vector<int>& ports) {
  const bool is_shared = share_port(*scenario.served);
  ports.resize(is_shared ? 1 : scenario.served->services.size(), 0);
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (ports[i] == 0)
      ports[i] = is_shared ? options_.shared_port : wanted_port(scenario.served->services[i]);
    const auto number = is_shared ? kSharedListener : static_cast<std::uint32_t>(i);
    ports[i] = server_.listen(options_.bind, ports[i], number, *this);
  }
}

void Services::start() {
  std::vector<int> ports;
  std::shared_ptr<const RoutedScenario> now;
  {
    const std::unique_lock lock(mutex_);
    if (std::exchange(is_started_, true)) return;
    ports = ports_;
    now = scenario_;
  }
  try {
    listen(*now, ports);
  } catch (...) {
    server_.stop();
    const std::unique_lock lock(mutex_);
    is_started_ = false;
    throw;
  }
  {
    const std::unique_lock lock(mutex_);
    ports_ = std::move(ports);
  }
  refuse_again();
}

void Services::stop() {
  server_.stop();
  const std::unique_lock lock(mutex_);
  is_started_ = false;
}

void Services::load(Scenario given) {
  const auto next = std::make_shared<const RoutedScenario>(
      std::make_shared<const wire::ServedScenario>(std::move(given), runs_.points()));
  const std::lock_guard loading(loading_);
  const std::shared_ptr<const RoutedScenario> before = scenario();
  std::vector<int> old_ports;
  {
    const std::shared_lock lock(mutex_);
    old_ports = ports_;
  }
  std::vector<int> ports;  // what keeps its name keeps its port
  const std::vector<std::string>& old_names = before->served->services;
  for (const std::string& service : next->served->services) {
    const auto found = std::ranges::find(old_names, service);
    const auto place = static_cast<std::size_t>(found - old_names.begin());
    ports.push_back(place < old_ports.size() && found != old_names.end() ? old_ports[place] : 0);
  }
  const bool shared = share_port(*before->served);
  if (share_port(*next->served)) {
    ports = shared ? old_ports : std::vector<int>{0};
  } else if (shared) {
    std::ranges::fill(ports, 0);
  }
  server_.stop();
  wire::RunRegistry::Runs old_runs = change_scenario(next, {});  // no request of the new one may find them
  try {
    listen(*next, ports);
  } catch (...) {
    server_.stop();
    static_cast<void>(change_scenario(before, std::move(old_runs)));
    listen(*before, old_ports);
    refuse_again();
    throw;
  }
  runs_.forget_earlier(old_runs);
  const std::unique_lock lock(mutex_);
  ports_ = std::move(ports);
}

wire::RunRegistry::Runs Services::change_scenario(const std::shared_ptr<const RoutedScenario>& scenario,
                                                  wire::RunRegistry::Runs runs) {
  wire::RunRegistry::Runs before = runs_.replace(scenario->served, std::move(runs));
  const std::unique_lock lock(mutex_);
  scenario_ = scenario;
  return before;
}

namespace {

/// What a request bears in its path, query or headers of the fields that the definition binds.
std::vector<std::pair<std::string, std::string>> bound_parameters(const ServerRequest& request,
                                                                  const Match& match, const SagaIndex& saga,
                                                                  OperationId operation) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const Binding& binding : internal::bindings_of(saga.step(operation.step), operation.operation)) {
    const auto in_path = std::ranges::find(match.parameters, std::string_view(binding.field),
                                           &std::pair<std::string_view, std::string>::first);
    std::string value =
        in_path == match.parameters.end() ? request.query_parameter(binding.field) : in_path->second;
    if (value.empty()) value = request.header(binding.field);
    if (!value.empty()) parameters.emplace_back(binding.field, std::move(value));
  }
  return parameters;
}

/// A path in which what is masked stands as `***`: what it bears by name, and what the context has.
std::string shown_path(std::string_view path, const Match& match, const Masks& masks) {
  const auto is_named = [&](const std::string& text) {
    return std::ranges::any_of(match.parameters, [&](const auto& parameter) {
      return parameter.second == text && masks.hides("/" + std::string(parameter.first), text);
    });
  };
  std::string shown;
  while (!path.empty()) {
    const std::size_t size = std::min(path.find('/', 1), path.size());
    const std::size_t begin = path.front() == '/' ? 1 : 0;
    const std::string text = percent_decoded(path.substr(begin, size - begin), false);
    const bool is_hidden = is_named(text) || masks.hides("", text);
    shown += is_hidden ? "/***" : path.substr(0, size);
    path.remove_prefix(size);
  }
  return shown;
}

}  // namespace

void Services::handle(const ServerRequest& request, ServerExchange& connection) {
  const std::shared_ptr<const RoutedScenario> now = scenario();
  const int service = request.listener == kSharedListener ? -1 : static_cast<int>(request.listener);
  const Match match = now->routes.find(request, service);
  wire::RequestSummary facts = now->routes.facts_of(request, match);
  wire::RoutedRequest routed{.facts = facts,
                             .body = request.body,
                             .method = request.method,
                             .path = request.path,
                             .connection = request.connection};
  if (const Masks& masks = now->served->masks; !masks.empty()) {
    routed.shown_body = masks.shown(request.body);
    routed.shown_path = shown_path(request.path, match, masks);
  }
  HttpExchange exchange(connection, match.endpoint == nullptr ? nullptr : &match.endpoint->route);
  if (match.endpoint == nullptr)
    return runs_.turn_away(*now->served, routed, exchange,
                           {wire::Refusal::kNothingFits, to_string(match.problem)});
  routed.service = match.endpoint->service;
  routed.action = match.endpoint->action;
  const std::optional<OperationId> operation = operation_of(*now->served->saga, match, facts.step);
  if (!operation) {
    return runs_.turn_away(*now->served, routed, exchange,
                           {wire::Refusal::kStepNotNamed, step_not_named(*match.endpoint, facts.step)});
  }
  routed.operation = *operation;
  routed.parameters = bound_parameters(request, match, *now->served->saga, *operation);
  runs_.serve(*now->served, routed, exchange);
}

std::uint32_t Services::listener_of(std::string_view service) const {
  const std::shared_ptr<const RoutedScenario> now = scenario();
  const std::vector<std::string>& services = now->served->services;
  return static_cast<std::uint32_t>(std::ranges::find(services, service) - services.begin());
}

// Who starts to listen anew accepts connections, whatever was asked for before.
void Services::refuse_again() {
  for (const OrderedFault& fault : runs_.faults.all()) {
    if (fault.wire == WireKind::kRefused) server_.refuse_connections(listener_of(fault.service), true);
  }
}

std::vector<std::uint64_t> Services::add_faults(std::vector<OrderedFault> added) {
  std::vector<std::uint32_t> refusing;
  for (const OrderedFault& fault : added) {
    if (fault.wire == WireKind::kRefused) refusing.push_back(listener_of(fault.service));
  }
  std::vector<std::uint64_t> ids = runs_.faults.add(std::move(added));
  for (const std::uint32_t listener : refusing) server_.refuse_connections(listener, true);
  return ids;
}

void Services::accept_again(const std::vector<OrderedFault>& removed) {
  for (const OrderedFault& fault : removed) {
    if (fault.wire != WireKind::kRefused) continue;
    const std::vector<OrderedFault> left = runs_.faults.all();
    const bool is_refused_still = std::ranges::any_of(left, [&fault](const OrderedFault& other) {
      return other.wire == WireKind::kRefused && other.service == fault.service;
    });
    if (!is_refused_still) server_.refuse_connections(listener_of(fault.service), false);
  }
}

std::size_t Services::remove_faults(std::optional<std::uint64_t> id) {
  const std::vector<OrderedFault> removed = runs_.faults.remove(id);
  accept_again(removed);
  return removed.size();
}

void Services::reset(std::optional<std::string_view> saga_id) {
  runs_.reset(saga_id);
  if (saga_id) {
    accept_again(runs_.faults.remove_of_saga(*saga_id));
  } else {
    remove_faults(std::nullopt);
  }
}

void Services::heal() {
  remove_faults(std::nullopt);
  for (const wire::RunPtr& run : runs_.runs()) run->heal();
}

Urls Services::urls(std::string_view prefix) const {
  const std::shared_lock lock(mutex_);
  Urls urls;
  const std::vector<std::string>& services = scenario_->served->services;
  const bool is_shared = share_port(*scenario_->served);
  for (std::size_t i = 0; i < services.size(); ++i) {
    const std::size_t place = is_shared ? 0 : i;
    urls[services[i]] =
        fmt::format("http://{}:{}{}{}", advertised_host(options_), place < ports_.size() ? ports_[place] : 0,
                    prefix, is_shared ? "/" + services[i] : "");
  }
  return urls;
}

}  // namespace saga_harness::http
