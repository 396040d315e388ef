// POST /scenario while others read, call and order faults: everybody has a whole scenario in hand, the old
// one or the new.

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "admin_fixture.hpp"

namespace saga_harness::http_tests {
namespace {

constexpr int kReloads = 30;

/// Scenarios of two kinds, which share a service but no step.
std::string scenario_of(int number) {
  return number % 2 == 0
             ? R"({"saga":{"name":"even","steps":[{"name":"a","service":"shared","compensation":"b"},
                  {"name":"c","service":"of_even","pivot":true}]}})"
             : R"({"saga":{"name":"odd","steps":[{"name":"d","service":"shared","compensation":"e"},
                  {"name":"f","service":"of_odd","compensatable":false},{"name":"g","service":"of_odd","pivot":true}]}})";
}

class ReloadTest : public AdminTest {
 protected:
  void SetUp() override {
    start();
    ASSERT_EQ(ask("POST", "/scenario", scenario_of(0)).status, 200);
  }

  /// Asks for one thing after the other over one connection until the last scenario is there.
  void read_all() {
    constexpr std::array kWhere{"/scenario",      "/services",        "/runs",
                                "/ledgers",       "/faults",          "/journal",
                                "/runs/S",        "/trace?saga_id=S", "/verdict?saga_id=S",
                                "/journal/count", "/health"};
    RawClient admin(fakes_->admin_url());
    while (!is_over_) {
      for (const char* where : kWhere) {
        const Answer answer = admin.request("GET", fmt::format("/__admin{}", where));
        EXPECT_TRUE(json::accept(answer.body)) << where << ": " << answer.body;
        const bool is_of_run = std::string_view(where).find('S') != std::string_view::npos;
        EXPECT_TRUE(answer.status == 200 || (is_of_run && answer.status >= 400 && answer.status < 500))
            << where << ": " << answer.status;
        if (where == kWhere.front() && answer.status == 200) check_whole(json::parse(answer.body)["saga"]);
        ++reads_;
      }
      const Answer asked = admin.request("POST", "/__admin/verify", R"({"called":{"service":"shared"}})");
      EXPECT_TRUE(json::accept(asked.body)) << asked.body;
      EXPECT_LT(asked.status, 500) << asked.body;
    }
  }

  /// The steps that its name promises.
  static void check_whole(const json& saga) {
    std::string steps;
    for (const json& step : saga["steps"]) steps += step["name"].get<std::string>();
    EXPECT_EQ(steps, saga["name"] == "even" ? "ac" : "dfg");
  }

  /// Requests for steps of either scenario; while one is loaded, nobody listens.
  void call_services() {
    while (!is_over_) {
      for (const char* action : {"a", "b", "d", "e"}) {
        try {
          const auto urls = fakes_->service_urls();
          const Answer answer = post(urls.at("shared") + "/" + action, "{}", {{"X-Saga-Id", "S"}});
          EXPECT_TRUE(answer.status < 500 || answer.status == 503) << action << ": " << answer.status;
          if (answer.status == 200) ++served_;
        } catch (const std::runtime_error&) {  // refused
        }
      }
    }
  }

  /// Faults, runs and resets, of services and steps that may have gone.
  void give_orders() {
    RawClient admin(fakes_->admin_url());
    for (int i = 0; !is_over_; ++i) {
      admin.request(
          "POST", "/__admin/faults",
          fmt::format(R"({{"fault":"status","status":503,"service":"of_{}"}})", i % 2 == 0 ? "even" : "odd"));
      admin.request("POST", "/__admin/faults", R"({"fault":"refused","service":"of_even"})");
      admin.request("POST", "/__admin/runs", fmt::format(R"({{"saga_id":"R-{}","plan":"a#1:rejected"}})", i));
      admin.request("POST", "/__admin/report", R"({"saga_id":"S","outcome":"completed"})");
      EXPECT_EQ(admin.request("POST", i % 2 == 0 ? "/__admin/reset" : "/__admin/heal").status, 200);
    }
  }

  std::atomic<bool> is_over_{false};
  std::atomic<int> reads_{0};
  std::atomic<int> served_{0};
};

TEST_F(ReloadTest, WhoReadsMeanwhileHasAWholeScenarioInHand) {
  std::vector<std::thread> others;
  for (int i = 0; i < 2; ++i) {
    others.emplace_back([this] { read_all(); });
    others.emplace_back([this] { call_services(); });
  }
  others.emplace_back([this] { give_orders(); });
  const std::string shared = fakes_->service_urls().at("shared");
  for (int number = 1; number <= kReloads; ++number) {
    const Answer answer = ask("POST", "/scenario", scenario_of(number));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(json::parse(answer.body)["services"]["shared"], shared);
    const int reads = reads_;
    while (reads_ < reads + 5) std::this_thread::yield();
  }
  is_over_ = true;
  for (std::thread& other : others) other.join();
  EXPECT_GT(served_, 0);
  EXPECT_EQ(read("/scenario")["saga"]["name"], "even");
  EXPECT_EQ(ask("POST", "/reset").status, 200);
  EXPECT_EQ(call("shared", "a").status, 200);
  EXPECT_EQ(call("shared", "d").status, 404);
  EXPECT_EQ(read("/runs/S")["calls"], 1);
}

}  // namespace
}  // namespace saga_harness::http_tests
