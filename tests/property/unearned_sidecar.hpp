#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <saga_harness/http_fakes.hpp>

#include "support/raw_client.hpp"
#include "unearned.hpp"

namespace saga_harness::property_test::unearned {

/// The participants of the order over HTTP, and a saga that is driven by hand: what a test in any language
/// does with the side-car.
class Sidecar {
 public:
  explicit Sidecar(const std::string& plan = "") : fakes_(order()) {
    fakes_.start();
    ask("POST", "/runs", R"({"saga_id":"S","plan":")" + (plan.empty() ? "none" : plan) + R"("})");
  }

  int ask(std::string_view method, const std::string& path, std::string_view body = {}) const {
    return http_tests::RawClient(fakes_.admin_url()).request(method, "/__admin" + path, body).status;
  }
  int call(const std::string& service, const std::string& action) const {
    return http_tests::post(fakes_.service_urls().at(service) + "/" + action,
                            std::string(order().saga.context.text()), {{"X-Saga-Id", "S"}})
        .status;
  }
  /// All that a saga asks for that completes; and says so.
  Sidecar& complete() {
    for (const auto& [service, action] :
         {std::pair("order_service", "create_order"), std::pair("inventory_service", "reserve_inventory"),
          std::pair("payment_service", "process_payment"), std::pair("shipping_service", "create_shipment"),
          std::pair("order_service", "confirm_order")})
      call(service, action);
    return report("completed");
  }
  Sidecar& report(const std::string& outcome) {
    ask("POST", "/report", R"({"saga_id":"S","outcome":")" + outcome + R"("})");
    return *this;
  }
  Sidecar& order_fault(std::string_view fault) {
    ask("POST", "/faults", fault);
    return *this;
  }

  /// The status of the verdict: 200 is green.
  [[nodiscard]] std::string verdict(const std::string& query = "") const {
    return std::to_string(ask("GET", "/verdict?saga_id=S" + query));
  }
  [[nodiscard]] std::string verify(std::string_view body) const {
    return std::to_string(ask("POST", "/verify", body));
  }

 private:
  HttpFakes fakes_;
};

inline constexpr std::string_view kNeverRefunded =
    R"({"called":{"action":"refund_payment"},"times":0,"saga_id":"S"})";

}  // namespace saga_harness::property_test::unearned
