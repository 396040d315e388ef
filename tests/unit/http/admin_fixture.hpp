#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "fixtures.hpp"

namespace saga_harness::http_tests {

using nlohmann::json;

/// Fakes, and somebody who talks to their admin API.
class AdminTest : public testing::Test {
 protected:
  void start(HttpFakesOptions options = {}, Scenario scenario = shop()) {
    fakes_ = std::make_unique<HttpFakes>(std::move(scenario), std::move(options));
    fakes_->start();
  }
  void SetUp() override { start(); }

  Answer ask(std::string_view method, std::string_view path, std::string_view body = {},
             const Headers& headers = {}) {
    return RawClient(fakes_->admin_url()).request(method, fmt::format("/__admin{}", path), body, headers);
  }
  json read(std::string_view path) { return json::parse(ask("GET", path).body); }
  Answer call(const std::string& service, const std::string& action, std::string_view body = "{}",
              const Headers& headers = {{"X-Saga-Id", "S"}}) {
    return post(fakes_->service_urls().at(service) + "/" + action, body, headers);
  }
  Answer pay(const Headers& headers = {{"X-Saga-Id", "S"}}) {
    return call("payment_service", "process_payment", "{}", headers);
  }

  std::unique_ptr<HttpFakes> fakes_;
};

}  // namespace saga_harness::http_tests
