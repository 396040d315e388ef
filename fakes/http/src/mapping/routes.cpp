#include "mapping/routes.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "mapping/body_fields.hpp"

namespace saga_harness::http {
namespace {

using internal::in_quotes;

std::string_view first_segment(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return path.substr(0, path.find('/'));
}

std::string_view without_first(std::string_view path) {
  const std::size_t slash = path.find('/', 1);
  return slash == std::string_view::npos ? std::string_view() : path.substr(slash);
}

/// A segment as it came, and a word of ours.
bool is_same(std::string_view segment, std::string_view word) {
  return segment == word ||
         (segment.find('%') != std::string_view::npos && percent_decoded(segment, false) == word);
}

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  for (; !path.empty(); path = without_first(path)) segments.emplace_back(first_segment(path));
  return segments;
}

class FieldFinder {
 public:
  FieldFinder(const ServerRequest& request, const Match& match)
      : request_(request), match_(match), body_(request.body) {}

  std::string find(const std::vector<RequestField>& fields) {
    for (const RequestField& field : fields) {
      std::string text = at(field);
      if (!text.empty()) return text;
    }
    return {};
  }

 private:
  std::string at(const RequestField& field) {
    switch (field.part) {
      case RequestPart::kHeader:
        return std::string(request_.header(field.name));
      case RequestPart::kBody:
        return body_.find(field.name);
      case RequestPart::kPath:
        for (const auto& [name, value] : match_.parameters) {
          if (name == field.name) return value;
        }
        return {};
      case RequestPart::kQuery:
        return request_.query.empty() ? std::string() : request_.query_parameter(field.name);
    }
    return {};
  }

  const ServerRequest& request_;
  const Match& match_;
  BodyFields body_;
};

}  // namespace

Routes::Routes(const Scenario& scenario, const SagaIndex& saga) : spec_(scenario.http) {
  for (const std::string_view service : saga.services()) services_.emplace_back(service);
  of_service_.resize(services_.size());
  for (StepId step = 0; step < saga.step_count(); ++step) {
    const auto service = static_cast<std::size_t>(
        std::find(services_.begin(), services_.end(), saga.step(step).service) - services_.begin());
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      if (const std::string_view action = saga.action_of({step, operation}); !action.empty())
        add(saga, service, action);
    }
  }
  refuse_twins();
}

void Routes::add(const SagaIndex& saga, std::size_t service, std::string_view action) {
  for (const std::size_t known : of_service_[service]) {
    if (endpoints_[known].action == action) return;
  }
  Endpoint endpoint{.service = services_[service], .action = std::string(action)};
  endpoint.operations = saga.find_operations(endpoint.service, action);
  if (const auto listed = spec_.routes.find(endpoint.service); listed != spec_.routes.end()) {
    if (const auto route = listed->second.find(action); route != listed->second.end())
      endpoint.route = route->second;
  }
  endpoint.method = endpoint.route.method;
  endpoint.segments = segments_of(endpoint.route.path);
  of_service_[service].push_back(endpoints_.size());
  endpoints_.push_back(std::move(endpoint));
}

void Routes::refuse_twins() const {
  const auto shape = [](const Endpoint& endpoint) {
    std::string text = endpoint.method;
    for (const std::string& segment : endpoint.segments)
      text += segment.starts_with('{') ? "/{}" : "/" + segment;
    return text;
  };
  for (const std::vector<std::size_t>& of_one : of_service_) {
    for (const std::size_t a : of_one) {
      for (const std::size_t b : of_one) {
        if (a >= b || endpoints_[a].segments.empty() || endpoints_[b].segments.empty()) continue;
        if (shape(endpoints_[a]) != shape(endpoints_[b])) continue;
        throw Error(ErrorText{
            .message = fmt::format("the scenario asks for {} and for {} of {} in the same way, {} {}",
                                   endpoints_[a].action, endpoints_[b].action, endpoints_[a].service,
                                   endpoints_[a].method, endpoints_[a].route.path),
            .fix = "give one another path or method in \"http\"/\"routes\""});
      }
    }
  }
}

bool Routes::fits(const Endpoint& endpoint, std::string_view rest, Match& match) const {
  match.parameters.clear();
  if (endpoint.segments.empty()) {
    if (is_same(first_segment(rest), endpoint.service) && !without_first(rest).empty())
      rest = without_first(rest);
    return is_same(first_segment(rest), endpoint.action) && without_first(rest).empty();
  }
  for (const std::string& segment : endpoint.segments) {
    if (rest.empty()) return false;
    const std::string_view part = first_segment(rest);
    rest = without_first(rest);
    if (segment.starts_with('{')) {
      if (part.empty()) return false;
      match.parameters.emplace_back(std::string_view(segment).substr(1, segment.size() - 2),
                                    percent_decoded(part, false));
    } else if (!is_same(part, segment)) {
      return false;
    }
  }
  return rest.empty();
}

Match Routes::find(const ServerRequest& request, int service) const {
  Match match;
  std::string_view rest = request.path;
  if (rest.starts_with("/~")) {
    match.saga_of_path = percent_decoded(first_segment(rest).substr(1), false);
    rest = without_first(rest);
  }
  auto number = static_cast<std::size_t>(service);
  if (service < 0) {
    const auto found =
        std::find(services_.begin(), services_.end(), percent_decoded(first_segment(rest), false));
    if (found == services_.end()) {
      const std::vector<std::string_view> names(services_.begin(), services_.end());
      match.problem.message = fmt::format("there is no service {}", in_quotes(first_segment(rest)));
      match.problem.fix = internal::name_fix(first_segment(rest), names);
      return match;
    }
    number = static_cast<std::size_t>(found - services_.begin());
    rest = without_first(rest);
  }
  if (rest.size() > 1 && rest.ends_with('/')) rest.remove_suffix(1);
  for (const std::size_t candidate : of_service_[number]) {
    if (endpoints_[candidate].method != request.method || !fits(endpoints_[candidate], rest, match)) continue;
    match.endpoint = &endpoints_[candidate];
    return match;
  }
  explain(request, rest, number, match);
  return match;
}

void Routes::explain(const ServerRequest& request, std::string_view rest, std::size_t service,
                     Match& match) const {
  std::vector<std::string> known;
  for (const std::size_t candidate : of_service_[service]) {
    const Endpoint& endpoint = endpoints_[candidate];
    known.push_back(fmt::format("{} {}", endpoint.method,
                                endpoint.segments.empty() ? "/" + endpoint.action : endpoint.route.path));
  }
  const std::vector<std::string_view> names(known.begin(), known.end());
  const std::string wanted = fmt::format("{} {}", request.method, rest.empty() ? "/" : rest);
  match.problem.message = fmt::format("{} does not serve {}", services_[service], in_quotes(wanted));
  match.problem.fix = internal::name_fix(wanted, names);
}

wire::RequestSummary Routes::facts_of(const ServerRequest& request, const Match& match) const {
  FieldFinder finder(request, match);
  wire::RequestSummary facts;
  facts.saga_id = match.saga_of_path.empty() ? finder.find(spec_.saga_id) : match.saga_of_path;
  if (match.endpoint == nullptr) return facts;
  if (match.endpoint->operations.size() > 1) facts.step = finder.find(spec_.step);
  facts.key = finder.find(spec_.idempotency_key);
  facts.correlation_id = finder.find(spec_.correlation_id);
  facts.token = finder.find(spec_.token);
  facts.attempt = finder.find(spec_.attempt);
  constexpr std::string_view kBearer = "Bearer ";
  if (facts.token.starts_with(kBearer)) facts.token.erase(0, kBearer.size());
  return facts;
}

}  // namespace saga_harness::http
