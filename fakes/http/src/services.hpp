#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/http_fakes.hpp>
#include <saga_harness_internal/run_registry.hpp>

#include "mapping/routes.hpp"
#include "server/http_server.hpp"

namespace saga_harness::http {

/// In the URLs that are told: as the options say, else where the fakes listen.
[[nodiscard]] std::string advertised_host(const HttpFakesOptions& options);

using Urls = std::map<std::string, std::string, std::less<>>;

/// A scenario and the ways to its actions; immutable.
struct RoutedScenario {
  explicit RoutedScenario(std::shared_ptr<const wire::ServedScenario> given)
      : served(std::move(given)), routes(served->scenario, *served->saga) {}

  std::shared_ptr<const wire::ServedScenario> served;
  Routes routes;
};

/// The services of a scenario as HTTP has them: their listeners, and the way from a request to its run.
/// Thread-safe.
class Services final : public ServerHandler {
 public:
  /// @throws Error if two actions are asked for in the same way, or others could reach them without a token.
  Services(wire::RunRegistry& runs, HttpFakesOptions options);

  void start();
  void stop();
  /// Other services, and nothing left of what was. @throws Error, and then all is as it was.
  void load(Scenario scenario);
  void handle(const ServerRequest& request, ServerExchange& connection) override;

  [[nodiscard]] wire::RunRegistry& runs() noexcept { return runs_; }
  [[nodiscard]] std::shared_ptr<const RoutedScenario> scenario() const;
  [[nodiscard]] Urls urls(std::string_view prefix) const;
  [[nodiscard]] const HttpFakesOptions& options() const noexcept { return options_; }
  /// Do all services listen on one port?
  [[nodiscard]] bool share_port(const wire::ServedScenario& served) const noexcept {
    return options_.shared_port != 0 || served.scenario.http.one_port;
  }

  std::vector<std::uint64_t> add_faults(std::vector<wire::OrderedFault> faults);
  /// How many there were.
  std::size_t remove_faults(std::optional<std::uint64_t> id);
  /// Runs, ordered faults and journal as if it had just been started; of one saga, or all.
  void reset(std::optional<std::string_view> saga_id);
  void heal();

 private:
  void check_service_ports() const;
  [[nodiscard]] int wanted_port(std::string_view service) const;
  void listen(const RoutedScenario& scenario, std::vector<int>& ports);
  /// Returns the runs there were.
  wire::RunRegistry::Runs change_scenario(const std::shared_ptr<const RoutedScenario>& scenario,
                                          wire::RunRegistry::Runs runs);
  [[nodiscard]] std::uint32_t listener_of(std::string_view service) const;
  void refuse_again();
  void accept_again(const std::vector<wire::OrderedFault>& removed);

  wire::RunRegistry& runs_;
  const HttpFakesOptions options_;
  HttpServer server_;
  std::mutex loading_;  // one scenario at a time; taken before the other
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const RoutedScenario> scenario_;
  std::vector<int> ports_;
  bool is_started_ = false;
};

/// What the path of a service's URL begins with for requests of that saga: `/~SAGA_ID`.
[[nodiscard]] std::string saga_prefix(std::string_view saga_id);

}  // namespace saga_harness::http
