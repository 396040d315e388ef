#include "http_section.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::in_quotes;
using internal::JsonReader;

constexpr std::array<std::string_view, 4> kParts{"header", "body", "path", "query"};
constexpr std::array<std::string_view, 9> kSpecKeys{"saga_id",        "step",  "idempotency_key",
                                                    "correlation_id", "token", "attempt",
                                                    "check_keys",     "ports", "routes"};
constexpr std::array<std::string_view, 3> kRouteKeys{"method", "path", "replies"};
constexpr std::array<std::string_view, 3> kReplyKeys{"status", "body", "headers"};
/// How a message is framed, and what becomes of its connection, is the server's to say.
constexpr std::array<std::string_view, 8> kFramingHeaders{
    "connection", "content-length", "keep-alive",        "proxy-connection",
    "te",         "trailer",        "transfer-encoding", "upgrade"};
constexpr std::array<std::string_view, 5> kMethods{"GET", "POST", "PUT", "PATCH", "DELETE"};
constexpr std::array<std::string_view, 2> kPorts{"each", "one"};
constexpr std::array kAnswers{ReplyStatus::kOk,       ReplyStatus::kRejected,    ReplyStatus::kUnauthorized,
                              ReplyStatus::kConflict, ReplyStatus::kUnavailable, ReplyStatus::kRateLimited,
                              ReplyStatus::kError};

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_framing_header(std::string_view name) {
  std::string lowered(name);
  for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::find(kFramingHeaders.begin(), kFramingHeaders.end(), lowered) != kFramingHeaders.end();
}

RequestField read_field(const JsonReader& object) {
  object.expect_keys("a place in a request", kParts);
  const auto members = object.members();
  if (members.size() != 1)
    object.refuse("it names not exactly one place", R"(write e.g. {"header": "X-Saga-Id"})");
  const auto& [part, name] = members.front();
  RequestField field{internal::value_in<RequestPart>(kParts, part, "part of a request"), name.string()};
  if (field.part == RequestPart::kHeader && !is_token(field.name))
    name.refuse("no header can be called " + in_quotes(field.name), "use letters, digits and -");
  if (field.part == RequestPart::kBody && !field.name.starts_with('/'))
    name.refuse(in_quotes(field.name) + " is no JSON pointer", R"(begin it with /, e.g. "/saga_id")");
  if (field.name.empty()) name.refuse("the name is empty", "give one");
  return field;
}

void read_fields(const JsonReader& object, std::string_view key, std::vector<RequestField>& fields) {
  const auto list = object.find(key);
  if (!list) return;
  fields.clear();
  if (list->is_object()) {
    fields.push_back(read_field(*list));
    return;
  }
  for (const JsonReader& item : list->items()) fields.push_back(read_field(item));
}

HttpReply read_reply(const JsonReader& object) {
  object.expect_keys("an answer", kReplyKeys);
  HttpReply reply;
  if (const auto status = object.find("status")) reply.status = static_cast<int>(status->integer(200, 599));
  if (const auto body = object.find("body")) {
    if (reply.status == 204 || reply.status == 304)
      body->refuse("an answer of status " + std::to_string(reply.status) + " has no body",
                   "remove it, or choose another status");
    internal::append_json(reply.body, body->value());
  }
  if (const auto headers = object.find("headers")) {
    for (const auto& [name, value] : headers->members()) {
      const std::string& text = value.string();
      if (!is_token(name)) value.refuse("no header can be called " + in_quotes(name), "rename it");
      if (is_framing_header(name))
        value.refuse(
            "the header " + in_quotes(name) + " says how the answer is framed, which the server does",
            "remove it");
      if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        value.refuse("control characters cannot stand in a header", "remove them");
      reply.headers.emplace(name, text);
    }
  }
  return reply;
}

void check_path(const JsonReader& value, const std::string& path) {
  const bool is_good = path.starts_with('/') && std::all_of(path.begin(), path.end(), [](char c) {
                         return static_cast<unsigned char>(c) > 0x20 && c != '?' && c != '#';
                       });
  if (!is_good) value.refuse(in_quotes(path) + " is no path", "write e.g. /orders/{order_id}");
  std::set<std::string_view> names;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = std::string_view(path).substr(at, end - at);
    at = end + 1;
    if (part.find_first_of("{}") == std::string_view::npos) continue;
    const bool is_parameter = part.size() > 2 && part.front() == '{' && part.back() == '}' &&
                              part.substr(1, part.size() - 2).find_first_of("{}") == std::string_view::npos;
    if (!is_parameter) value.refuse(in_quotes(part) + " is neither a word nor a parameter", "write {name}");
    if (!names.insert(part).second) value.refuse(in_quotes(part) + " is there twice", "rename one");
  }
}

HttpRoute read_route(const JsonReader& object) {
  object.expect_keys("a route", kRouteKeys);
  HttpRoute route;
  if (const auto method = object.find("method")) {
    route.method = method->string();
    if (std::find(kMethods.begin(), kMethods.end(), route.method) == kMethods.end())
      method->refuse("there is no method " + in_quotes(route.method), "name " + internal::listed(kMethods));
  }
  if (const auto path = object.find("path")) {
    route.path = path->string();
    check_path(*path, route.path);
  }
  const auto replies = object.find("replies");
  if (!replies) return route;
  std::vector<std::string_view> names;
  for (const ReplyStatus status : kAnswers) names.push_back(name_of(status));
  replies->expect_keys("a list of answers", names);
  for (const ReplyStatus status : kAnswers) {
    if (const auto reply = replies->find(name_of(status))) route.replies.emplace(status, read_reply(*reply));
  }
  return route;
}

/// Fixed answers would hide what a step declares to be answered.
void expect_results_pass(const JsonReader& route, std::string_view service, std::string_view action,
                         const Saga& saga, const HttpRoute& read) {
  const auto reply = read.replies.find(ReplyStatus::kOk);
  if (reply == read.replies.end() || reply->second.body.empty()) return;
  for (const Step& step : saga.steps) {
    const bool is_forward =
        action == step.fallback || action == (step.action.empty() ? step.name : step.action);
    if (step.service == service && is_forward && !step.result.empty()) {
      route.refuse("the answer to " + in_quotes(action) + " gives the results that step " +
                       in_quotes(step.name) + " declares, and cannot always be the same",
                   "leave the body of \"ok\" out");
    }
  }
}

void read_routes(const JsonReader& object, const Saga& saga, HttpSpec& spec) {
  const SagaIndex index(saga);
  std::vector<std::string_view> services(index.services().begin(), index.services().end());
  for (const auto& [service, actions] : object.members()) {
    if (std::find(services.begin(), services.end(), service) == services.end()) {
      actions.refuse("no step of the saga has the service " + in_quotes(service),
                     internal::name_fix(service, services, "remove or rename it"));
    }
    std::vector<std::string_view> known;
    for (const Step& step : index.saga().steps) {
      if (step.service != service) continue;
      for (const std::string_view name : {std::string_view(step.action), std::string_view(step.fallback),
                                          std::string_view(step.compensation)}) {
        if (!name.empty()) known.push_back(name);
      }
    }
    for (const auto& [action, route] : actions.members()) {
      if (std::find(known.begin(), known.end(), action) == known.end()) {
        route.refuse(std::string(service) + " has no action " + in_quotes(action),
                     internal::name_fix(action, known, "remove or rename it"));
      }
      HttpRoute read = read_route(route);
      expect_results_pass(route, service, action, saga, read);
      spec.routes[std::string(service)].emplace(action, std::move(read));
    }
  }
}

}  // namespace

std::string_view name_of(RequestPart part) { return internal::name_in(kParts, part); }

int usual_http_status(ReplyStatus status) {
  switch (status) {
    case ReplyStatus::kOk:
    case ReplyStatus::kCorrupt:
    case ReplyStatus::kMismatched:
      return 200;
    case ReplyStatus::kRejected:
      return 422;
    case ReplyStatus::kUnauthorized:
      return 401;
    case ReplyStatus::kConflict:
      return 409;
    case ReplyStatus::kUnavailable:
      return 503;
    case ReplyStatus::kRateLimited:
      return 429;
    case ReplyStatus::kError:
    case ReplyStatus::kTimeout:
      return 500;
  }
  return 500;
}

HttpSpec read_http_spec(const internal::JsonReader& object, const Saga& saga) {
  object.expect_keys("the section http", kSpecKeys);
  HttpSpec spec;
  read_fields(object, "saga_id", spec.saga_id);
  read_fields(object, "step", spec.step);
  read_fields(object, "idempotency_key", spec.idempotency_key);
  read_fields(object, "correlation_id", spec.correlation_id);
  read_fields(object, "token", spec.token);
  read_fields(object, "attempt", spec.attempt);
  if (const auto check = object.find("check_keys")) spec.check_keys = check->boolean();
  if (const auto ports = object.find("ports")) {
    if (std::find(kPorts.begin(), kPorts.end(), ports->string()) == kPorts.end())
      ports->refuse("there is no such choice of ports", R"(write "each" or "one")");
    spec.one_port = ports->string() == "one";
  }
  if (const auto routes = object.find("routes")) read_routes(*routes, saga, spec);
  return spec;
}

bool operator==(const RequestField&, const RequestField&) = default;
bool operator==(const HttpReply&, const HttpReply&) = default;
bool operator==(const HttpRoute&, const HttpRoute&) = default;
bool operator==(const HttpSpec&, const HttpSpec&) = default;

}  // namespace saga_harness
