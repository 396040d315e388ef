#include "admin/admin.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "admin/access.hpp"
#include "server/sockets.hpp"

namespace saga_harness::http {
namespace {

using internal::in_quotes;

constexpr std::string_view kRoot = "/__admin";
constexpr std::size_t kMostAdminBytes = 16U << 20U;

/// Does `path` fit? Then `id` is what stands for `{id}`.
bool fits(std::string_view pattern, std::string_view path, std::string& id) {
  constexpr std::string_view kId = "/{id}";
  if (!pattern.ends_with(kId)) return path == pattern;
  pattern.remove_suffix(kId.size());
  if (!path.starts_with(pattern) || path.size() <= pattern.size() + 1 || path[pattern.size()] != '/')
    return false;
  const std::string_view last = path.substr(pattern.size() + 1);
  if (last.find('/') != std::string_view::npos) return false;
  id = percent_decoded(last, false);
  return true;
}

void check_query(const AdminRoute& route, std::string_view query) {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const std::string name = percent_decoded(part.substr(0, part.find('=')), true);
    if (part.empty() || std::ranges::find(route.query, name) != route.query.end()) continue;
    throw AdminRefusal{400,
                       fmt::format("{} {}{} has no query parameter {}{}", route.method, kRoot, route.path,
                                   in_quotes(name), internal::suggestion(name, route.query))};
  }
}

}  // namespace

std::optional<std::string> AdminCall::query(std::string_view name) const {
  std::string value = request.query_parameter(name);
  return value.empty() ? std::nullopt : std::optional(std::move(value));
}

std::optional<std::uint64_t> AdminCall::number(std::string_view name) const {
  const std::optional<std::string> text = query(name);
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size())
    throw AdminRefusal{400, fmt::format("{}={} is no whole number", name, in_quotes(*text))};
  return value;
}

wire::RunPtr AdminCall::run(const std::optional<std::string>& saga_id) const {
  if (saga_id) {
    if (wire::RunPtr found = runs.find(*saga_id)) return found;
    throw AdminRefusal{
        404, "there is no run of saga id " + in_quotes(*saga_id) + ": open it, or send a request of it"};
  }
  const std::vector<wire::RunPtr> all = runs.runs();
  if (all.size() == 1) return all.front();
  throw AdminRefusal{all.empty() ? 404 : 400,
                     all.empty() ? std::string("there is no run yet: open one, or send a request")
                                 : fmt::format("there are {} runs: say which with saga_id", all.size())};
}

Admin::Admin(Services& services)
    : services_(services), server_({.max_payload = kMostAdminBytes, .max_connections = 256}) {
  for (std::vector<AdminRoute> part :
       {routes_about_services(), routes_about_faults(), routes_about_runs(), routes_about_verdicts()}) {
    std::ranges::move(part, std::back_inserter(routes_));
  }
  openapi_ = openapi_json(routes_);
  port_ = services.options().port;
}

void Admin::start() {
  if (is_started_) return;
  port_ = server_.listen(services_.options().bind, port_, 0, *this);
  is_started_ = true;
}

void Admin::stop() {
  server_.stop();
  is_started_ = false;
}

std::string Admin::url() const {
  return fmt::format("http://{}:{}", advertised_host(services_.options()), port_);
}

void Admin::handle(const ServerRequest& request, ServerExchange& exchange) {
  AdminAnswer result;
  try {
    result = answer(request, exchange);
  } catch (const AdminRefusal& refusal) {
    result = {refusal.status, wire::error_json(refusal.message)};
  } catch (const Error& error) {
    result = {400, wire::error_json(error.what())};
  }
  exchange.reply({.status = result.status,
                  .body = result.body,
                  .headers = result.status == 401 ? "WWW-Authenticate: Bearer\r\n" : ""});
}

AdminAnswer Admin::answer(const ServerRequest& request, ServerExchange& exchange) {
  check_access(request, services_.options());
  std::string_view path = request.path;
  if (path.starts_with(kRoot)) {
    path.remove_prefix(kRoot.size());
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    const bool is_description = path == "/openapi.json";
    if (is_description && request.method == "GET") return {200, openapi_};
    std::string allowed = is_description ? "GET" : "";
    for (const AdminRoute& route : routes_) {
      std::string id;
      if (!fits(route.path, path, id)) continue;
      if (route.method == request.method) return run_route(route, request, exchange, std::move(id));
      allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
    }
    if (!allowed.empty()) {
      throw AdminRefusal{405, fmt::format("{} cannot be asked for {}: use {}", internal::printable(path),
                                          request.method, allowed)};
    }
  }
  std::vector<std::string> known;
  for (const AdminRoute& route : routes_) known.push_back(std::string(kRoot) + std::string(route.path));
  const std::vector<std::string_view> names(known.begin(), known.end());
  throw AdminRefusal{404, "there is no " + in_quotes(request.path) +
                              internal::suggestion(request.path, names) +
                              "; GET /__admin/openapi.json lists what there is"};
}

AdminAnswer Admin::run_route(const AdminRoute& route, const ServerRequest& request, ServerExchange& exchange,
                             std::string id) {
  check_query(route, request.query);
  AdminCall call{.services = services_,
                 .runs = services_.runs(),
                 .request = request,
                 .exchange = exchange,
                 .id = std::move(id)};
  if (route.body == AdminBody::kNone && !request.body.empty())
    throw AdminRefusal{400, fmt::format("{} {} takes no body", route.method, request.path)};
  if (!request.body.empty()) {
    check_body_type(request);
    call.body = internal::parse_json(request.body, "the body");
  } else if (route.body == AdminBody::kRequired) {
    throw AdminRefusal{400, "the body is empty: send a JSON object"};
  }
  return route.serve(call);
}

}  // namespace saga_harness::http
