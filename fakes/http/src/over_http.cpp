#include <saga_harness/over_http.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/http_client.hpp>
#include <saga_harness_internal/waiting.hpp>

#include "mapping/participant_reply.hpp"
#include "mapping/routes.hpp"
#include "server/http_server.hpp"

namespace saga_harness {
namespace {

constexpr auto kPatience = std::chrono::minutes(5);  // a participant of a test may be stopped in a debugger

using http::Endpoint;
using http::ServerExchange;
using http::ServerRequest;

/// A participant that does nothing itself: it asks another over HTTP, which is served by its own server.
class Remote final : public ForwardingParticipant, private http::ServerHandler {
 public:
  Remote(std::unique_ptr<Participant> real, std::shared_ptr<const SagaIndex> saga,
         std::shared_ptr<const http::Routes> routes, std::string token_header, std::string_view service)
      : real_(std::move(real)),
        saga_(std::move(saga)),
        routes_(std::move(routes)),
        token_header_(std::move(token_header)),
        service_(
            static_cast<int>(std::ranges::find(routes_->services(), service) - routes_->services().begin())),
        server_(http::ServerLimits{}),
        url_(fmt::format("http://127.0.0.1:{}", server_.listen("127.0.0.1", 0, 0, *this))) {}

  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    const Endpoint& endpoint = endpoint_of(delivery);
    const http::HttpRequest request = request_for(delivery, endpoint);
    {
      const std::lock_guard lock(mutex_);
      delivery_ = &delivery;
      recorder_ = &recorder;
      failure_ = nullptr;
    }
    os::Waiting waiting(os::Clock::now() + kPatience);
    const http::HttpAnswer answer = client_.send(request, waiting);
    const std::lock_guard lock(mutex_);
    delivery_ = nullptr;
    recorder_ = nullptr;
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (answer.failure != http::HttpFailure::kNone) {
      throw Error(ErrorText{.message = fmt::format("the request {} {} got no answer: {}", request.method,
                                                   request.url, answer.why)},
                  ErrorKind::kInternal);
    }
    return reply_of(answer, endpoint, delivery);
  }

 private:
  [[nodiscard]] Participant& behind() const override { return *real_; }

  // ---- the caller's side

  [[nodiscard]] const Endpoint& endpoint_of(const Delivery& delivery) const {
    const std::vector<Endpoint>& all = routes_->endpoints();
    return *std::ranges::find_if(all, [&](const Endpoint& endpoint) {
      return endpoint.service == delivery.service && endpoint.action == delivery.action;
    });
  }

  [[nodiscard]] http::HttpRequest request_for(const Delivery& delivery, const Endpoint& endpoint) const {
    http::HttpRequest request{.method = endpoint.method,
                              .url = url_ + http::path_for(endpoint, delivery.payload)};
    const auto header = [&request](const std::string& name, std::string_view value) {
      if (!value.empty()) request.headers.emplace_back(name, value);
    };
    header("Content-Type", "application/json");
    header("X-Saga-Id", delivery.saga_id);
    header("X-Saga-Step", delivery.step);
    header("Idempotency-Key", delivery.idempotency_key);
    header("X-Correlation-ID", delivery.correlation_id);
    if (!delivery.auth_token.empty()) {
      const char* const scheme = token_header_ == "Authorization" ? "Bearer " : "";
      header(token_header_, fmt::format("{}{}", scheme, delivery.auth_token));
    }
    request.body = std::string(delivery.payload);
    return request;
  }

  Reply reply_of(const http::HttpAnswer& response, const Endpoint& endpoint, const Delivery& delivery) {
    const std::optional<ReplyStatus> status = http::reply_status(response.status, endpoint.route);
    if (!status) {
      throw Error(
          ErrorText{.message = fmt::format("{} of {} answered with status {}, which stands for nothing",
                                           endpoint.action, endpoint.service, response.status)},
          ErrorKind::kInternal);
    }
    Reply reply{.status = *status};
    reply.body = response.body;
    if (const std::string id = response.header("X-Correlation-ID"); id == delivery.correlation_id) {
      reply.correlation_id = delivery.correlation_id;
    } else {
      reply.correlation_id = *correlation_ids_.insert(id).first;
    }
    if (*status == ReplyStatus::kRateLimited)
      reply.retry_after = http::parse_retry_after(response.header("Retry-After"));
    return reply;
  }

  // ---- the participant's side, on a thread of the server

  void handle(const ServerRequest& request, ServerExchange& exchange) override {
    const std::lock_guard lock(mutex_);
    if (delivery_ == nullptr) {
      exchange.reply({.status = 409, .body = R"({"error":"nobody is being asked for anything"})"});
      return;
    }
    try {
      serve(request, exchange);
    } catch (...) {  // the caller lets it out, where it means what it means without HTTP
      failure_ = std::current_exception();
      exchange.close();
    }
  }

  void serve(const ServerRequest& request, ServerExchange& exchange) {
    const http::Match match = routes_->find(request, service_);
    if (match.endpoint == nullptr) throw Error(match.problem);
    const wire::RequestSummary facts = routes_->facts_of(request, match);
    const Delivery delivery = delivery_for(request, match, facts);
    const Reply reply = real_->handle(delivery, *recorder_);
    const bool has_own_id = !reply.correlation_id.empty();
    const http::ReplyOnWire sent =
        http::on_wire({.status = reply.status,
                       .meaning = reply.status,
                       .body = reply.body,
                       .correlation_id = has_own_id ? reply.correlation_id : facts.correlation_id,
                       .retry_after = reply.retry_after},
                      match.endpoint->route);
    exchange.reply({.status = sent.status, .body = sent.body, .headers = sent.headers});
  }

  // The numbers of key and saga belong to the engine: they stand for texts that came over the wire.
  [[nodiscard]] Delivery delivery_for(const ServerRequest& request, const http::Match& match,
                                      const wire::RequestSummary& facts) const {
    Delivery delivery = *delivery_;
    const Endpoint& endpoint = *match.endpoint;
    const auto matches = [&](std::string_view what, std::string_view sent, std::string_view came) {
      if (sent == came) return;
      throw Error(ErrorText{
          .message = fmt::format("{} of {}: the {} \"{}\" was sent, but \"{}\" was read from the request",
                                 endpoint.action, endpoint.service, what, sent, came),
          .fix = "let the \"http\" section of the scenario say where it stands"});
    };
    matches("saga id", delivery.saga_id, facts.saga_id);
    matches("idempotency key", delivery.idempotency_key, facts.key);
    const OperationId operation = endpoint.operations.size() == 1
                                      ? endpoint.operations.front()
                                      : http::operation_named(endpoint, facts.step, *saga_);
    delivery.operation = operation;
    delivery.service = saga_->step(operation.step).service;
    delivery.action = saga_->action_of(operation);
    delivery.step = saga_->step(operation.step).name;
    delivery.correlation_id = facts.correlation_id;
    delivery.auth_token = facts.token;
    delivery.payload = request.body;
    return delivery;
  }

  std::unique_ptr<Participant> real_;
  std::shared_ptr<const SagaIndex> saga_;
  std::shared_ptr<const http::Routes> routes_;
  std::string token_header_;
  int service_;
  std::mutex mutex_;  // guards what follows
  const Delivery* delivery_ = nullptr;
  EffectRecorder* recorder_ = nullptr;
  std::exception_ptr failure_;
  std::set<std::string> correlation_ids_;
  http::HttpServer server_;
  std::string url_;
  http::HttpClient client_;
};

}  // namespace

Experiment over_http(Experiment experiment, const HttpSpec& spec) {
  Scenario scenario;
  scenario.saga = experiment.setup.saga->saga();
  scenario.http = spec;
  const auto routes = std::make_shared<const http::Routes>(scenario, *experiment.setup.saga);
  const auto place = std::ranges::find(spec.token, RequestPart::kHeader, &RequestField::part);
  const std::string token = place == spec.token.end() ? "Authorization" : place->name;
  for (auto& [service, factory] : experiment.setup.participants) {
    if (!factory) continue;  // the engine says so, with its name
    factory = [real = std::move(factory), saga = experiment.setup.saga, routes, token, name = service] {
      std::unique_ptr<Participant> made = real();
      if (!made) return std::unique_ptr<Participant>();
      return std::unique_ptr<Participant>(
          std::make_unique<Remote>(std::move(made), saga, routes, token, name));
    };
  }
  return experiment;
}

std::function<Experiment(const Experiment&)> http_wire() { return http_wire(HttpSpec{}); }

std::function<Experiment(const Experiment&)> http_wire(const HttpSpec& spec) {
  return [spec](const Experiment& experiment) { return over_http(experiment, spec); };
}

}  // namespace saga_harness
