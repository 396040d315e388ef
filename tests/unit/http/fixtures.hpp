#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/http_fakes.hpp>

#include "support/raw_client.hpp"

namespace saga_harness::http_tests {

/// create_order, process_payment (3 attempts), confirm_order (the pivot), at two services.
[[nodiscard]] Scenario shop(std::string_view http_section = {});

/// A run over fakes that have been started, driven by hand.
class OneRun {
 public:
  explicit OneRun(std::string_view plan = "none", ObservedRunOptions options = {},
                  Scenario scenario = shop());

  [[nodiscard]] std::string url(std::string_view service, std::string_view action) const;
  Answer call(std::string_view service, std::string_view action, const Headers& headers = {});
  Answer pay(const Headers& headers = {}) { return call("payment_service", "process_payment", headers); }
  Answer refund() { return call("payment_service", "refund_payment"); }
  Answer order() { return call("order_service", "create_order"); }

  ObservedRun close() { return fakes.runs().close("run-1"); }

  HttpFakes fakes;
};

/// Of a trace, one word per event: `sent`, `fault`, `delivered`, …
[[nodiscard]] std::vector<std::string> words(const ObservedRun& run);
/// The lines of a run's trace, without their times.
[[nodiscard]] std::string story(const ObservedRun& run);
/// The questions, as `process_payment.action#1@call`.
[[nodiscard]] std::vector<std::string> asked(const ObservedRun& run);

}  // namespace saga_harness::http_tests
