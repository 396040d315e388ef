#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/error.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness_internal/exchange.hpp>

#include "server/messages.hpp"

namespace saga_harness::http {

/// An action of a service as the wire knows it, with the steps it may be of.
struct Endpoint {
  std::string service = {};
  std::string action = {};
  std::string method = {};
  std::vector<std::string> segments = {};  ///< of its template; empty: there is none
  std::vector<OperationId> operations = {};
  HttpRoute route = {};
};

/// Which endpoint a request is for, and its parameters.
struct Match {
  const Endpoint* endpoint = nullptr;
  std::string saga_of_path = {};  ///< from a prefix `/~SAGA_ID`
  std::vector<std::pair<std::string_view, std::string>> parameters = {};
  ErrorText problem = {};  ///< where nothing fits: what to answer
};

/// The ways to the actions of a scenario.
class Routes {
 public:
  /// @throws Error if two actions of a service are asked for in the same way.
  explicit Routes(const Scenario& scenario, const SagaIndex& saga);

  [[nodiscard]] const std::vector<std::string>& services() const noexcept { return services_; }
  /// `service`: its number, or -1 on the port of them all.
  [[nodiscard]] Match find(const ServerRequest& request, int service) const;
  [[nodiscard]] wire::RequestSummary facts_of(const ServerRequest& request, const Match& match) const;
  [[nodiscard]] const std::vector<Endpoint>& endpoints() const noexcept { return endpoints_; }

 private:
  void add(const SagaIndex& saga, std::size_t service, std::string_view action);
  void refuse_twins() const;
  bool fits(const Endpoint& endpoint, std::string_view rest, Match& match) const;
  void explain(const ServerRequest& request, std::string_view rest, std::size_t service, Match& match) const;

  const HttpSpec spec_;
  std::vector<std::string> services_;
  std::vector<Endpoint> endpoints_;
  std::vector<std::vector<std::size_t>> of_service_;  // by service
};

}  // namespace saga_harness::http
