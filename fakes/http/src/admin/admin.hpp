#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness_internal/json_reader.hpp>

#include "server/http_server.hpp"
#include "server/messages.hpp"
#include "services.hpp"

namespace saga_harness::http {

/// What an operation of the admin API is given.
struct AdminCall {
  Services& services;
  wire::RunRegistry& runs;
  const ServerRequest& request;
  ServerExchange& exchange;
  std::string id = {};            ///< what stands for `{id}` in the path
  internal::JsonValue body = {};  ///< null if none came

  /// A query parameter; nothing if it is not there.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name) const;
  [[nodiscard]] internal::JsonReader json() const { return {body, "the body"}; }
  /// The run of `saga_id` if given, else the only one there is.
  /// @throws AdminRefusal
  [[nodiscard]] wire::RunPtr run(const std::optional<std::string>& saga_id) const;
};

struct AdminAnswer {
  int status = 200;
  std::string body = {};
};

/// Anything but success; an Error is 400.
struct AdminRefusal {
  int status = 400;
  std::string message = {};
};

enum class AdminBody : std::uint8_t { kNone, kOptional, kRequired };

struct AdminStatus {
  int status;
  std::string_view meaning;
};

/// An operation of the API: what is served is what is described.
struct AdminRoute {
  std::string_view method;
  std::string_view path;  ///< below /__admin; may end in /{id}
  std::string_view name;
  std::string_view summary;
  std::vector<std::string_view> query = {};
  AdminBody body = AdminBody::kNone;
  std::string_view schema = {};  ///< of the body, a JSON text
  std::vector<AdminStatus> statuses = {};
  AdminAnswer (*serve)(const AdminCall& call) = nullptr;
};

[[nodiscard]] std::vector<AdminRoute> routes_about_services();
[[nodiscard]] std::vector<AdminRoute> routes_about_faults();
[[nodiscard]] std::vector<AdminRoute> routes_about_runs();
[[nodiscard]] std::vector<AdminRoute> routes_about_verdicts();
[[nodiscard]] std::string openapi_json(std::span<const AdminRoute> routes);

/// The admin API, on a listener of its own: no fault of the services can lock it.
class Admin final : public ServerHandler {
 public:
  explicit Admin(Services& services);

  void start();
  void stop();
  [[nodiscard]] std::string url() const;
  void handle(const ServerRequest& request, ServerExchange& exchange) override;

 private:
  [[nodiscard]] AdminAnswer answer(const ServerRequest& request, ServerExchange& exchange);
  [[nodiscard]] AdminAnswer run_route(const AdminRoute& route, const ServerRequest& request,
                                      ServerExchange& exchange, std::string id);

  Services& services_;
  std::vector<AdminRoute> routes_;
  std::string openapi_;
  HttpServer server_;
  int port_ = 0;
  bool is_started_ = false;
};

}  // namespace saga_harness::http
