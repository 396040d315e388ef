// The admin API as a service: scenarios, restarts, tokens, its description, replayed answers.
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "admin_fixture.hpp"

namespace saga_harness::http_tests {
namespace {

using testing::HasSubstr;

TEST_F(AdminTest, LoadsAnotherScenario) {
  pay();
  const std::string before = fakes_->service_urls().at("payment_service");
  const Answer loaded = ask("POST", "/scenario", R"({"saga":{"name":"other","steps":[
    {"name":"charge","service":"payment_service","compensation":"refund"},
    {"name":"ship","service":"shipping","pivot":true}]}})");
  ASSERT_EQ(loaded.status, 200) << loaded.body;
  const json services = json::parse(loaded.body)["services"];
  EXPECT_EQ(services.size(), 2U);
  EXPECT_EQ(services["payment_service"], before) << "the same name, the same port";
  EXPECT_EQ(post(services["shipping"].get<std::string>() + "/ship").status, 200);
  EXPECT_EQ(call("payment_service", "process_payment").status, 404);
  EXPECT_EQ(read("/scenario")["saga"]["name"], "other");
  EXPECT_EQ(ask("POST", "/scenario", R"({"saga":{}})").status, 400);
  EXPECT_EQ(call("payment_service", "charge").status, 200) << "what was refused changed nothing";
}

TEST_F(AdminTest, NoAnswerTellsWhatTheDefinitionMasks) {
  Scenario scenario = shop();
  scenario.saga.context = Context{{"card", "4111-1111"}};
  scenario.saga.mask = {"/card"};
  scenario.http.routes["payment_service"]["process_payment"].path = "/pay/{card}/now";
  start({}, scenario);
  EXPECT_EQ(read("/scenario")["saga"]["context"]["card"], "***");
  const std::string url = fakes_->service_urls().at("payment_service");
  EXPECT_EQ(post(url + "/pay/5500-0000/now", R"({"card":"4111-1111","total":1})").status, 200);
  EXPECT_EQ(post(url + "/nowhere/4111-1111", R"({"x":"4111-1111"})").status, 404);
  for (const char* path : {"/scenario", "/journal?since=0", "/metrics", "/runs"}) {
    const std::string said = ask("GET", path).body;
    EXPECT_EQ(said.find("4111"), std::string::npos) << said;
    EXPECT_EQ(said.find("5500"), std::string::npos) << said;
  }
  const json entries = read("/journal?since=0")["entries"];
  EXPECT_EQ(entries[0]["path"], "/pay/***/now");
  EXPECT_EQ(entries[0]["body"], R"({"card":"***","total":1})");
  EXPECT_EQ(entries[1]["path"], "/nowhere/***");
}

// Not under UBSan: to look at the type of what is thrown it opens a pipe, and no descriptor is left for it.
#ifndef __SANITIZE_ADDRESS__
/// Takes away all but `left` of the descriptors that may still be opened.
class FewDescriptors {
 public:
  explicit FewDescriptors(int left) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    std::vector<int> free;  // in their order; not every one behind a free one is free, too
    for (int i = 0; i <= left; ++i) free.push_back(::dup(0));
    for (const int descriptor : free) ::close(descriptor);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(free.back());
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_ = {};
};

TEST_F(AdminTest, AScenarioThatCannotBeServedLeavesAllAsItWas) {
  pay();
  ask("POST", "/faults", R"({"fault":"refused","service":"order_service"})");
  const auto before = fakes_->service_urls();
  json steps = json::array();
  for (int i = 0; i < 100; ++i)
    steps.push_back(
        {{"name", fmt::format("s{}", i)}, {"service", fmt::format("at{}", i)}, {"compensatable", false}});
  const std::string many = json{{"saga", {{"name", "many"}, {"steps", steps}}}}.dump();
  RawClient admin(fakes_->admin_url());
  EXPECT_EQ(admin.request("GET", "/__admin/health").status, 200);
  {
    const FewDescriptors few(10);
    const Answer refused = admin.request("POST", "/__admin/scenario", many);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr("no file descriptor is left"));
    EXPECT_THAT(refused.body, HasSubstr("ulimit -n"));
  }
  EXPECT_EQ(fakes_->service_urls(), before);
  EXPECT_EQ(read("/scenario")["saga"]["name"], "shop");
  EXPECT_EQ(read("/ledgers?saga_id=S")["S"]["effects"]["process_payment"]["applied"], 1);
  EXPECT_EQ(read("/journal")["total"], 1);
  EXPECT_TRUE(is_refused(before.at("order_service"))) << "a fault that was asked for holds";
  EXPECT_EQ(pay().status, 200);
  EXPECT_EQ(ask("POST", "/scenario", many).status, 200);
}

int listeners_of_shop() {
  HttpFakes fakes(shop(), {});
  fakes.start();
  return static_cast<int>(fakes.service_urls().size()) + 1;  // and of the admin API
}

TEST(HttpServerTest, DoesNotListenWhereNobodyCouldBeAccepted) {
  const int listeners = listeners_of_shop();
  for (int left = 0; left <= listeners; ++left) {
    HttpFakes fakes(shop(), {});
    const FewDescriptors few(left);
    try {
      fakes.start();
      ADD_FAILURE() << "with " << left << " descriptors for " << listeners << " listeners";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("raise the limit of open files (ulimit -n)"));
    }
  }
  HttpFakes fakes(shop(), {});
  const FewDescriptors few(2 * listeners);  // accept() takes the next connection's before it waits for one
  fakes.start();
}

#endif

TEST_F(AdminTest, WhatIsRefusedStaysRefusedOverARestart) {
  ask("POST", "/faults", R"({"fault":"refused","service":"order_service"})");
  fakes_->stop();
  fakes_->start();
  EXPECT_TRUE(is_refused(fakes_->service_urls().at("order_service")));
  EXPECT_FALSE(is_refused(fakes_->service_urls().at("payment_service")));
  EXPECT_EQ(ask("DELETE", "/faults").status, 200);
  EXPECT_FALSE(is_refused(fakes_->service_urls().at("order_service")));
}

TEST_F(AdminTest, AsksForItsTokenEverywhere) {
  start({.token = "secret"});
  for (const std::string_view path : {"/health", "/openapi.json", "/faults", "/nothing"}) {
    EXPECT_EQ(ask("GET", path).status, 401) << path;
    EXPECT_EQ(ask("GET", path, "", {{"Authorization", "Bearer secre"}}).status, 401) << path;
    EXPECT_EQ(ask("GET", path, "", {{"Authorization", "secret"}}).status, 401) << path;
    EXPECT_NE(ask("GET", path, "", {{"Authorization", "Bearer secret"}}).status, 401) << path;
  }
  EXPECT_EQ(pay().status, 200) << "the services do not ask";
}

TEST_F(AdminTest, OtherAddressesNeedAToken) {
  EXPECT_THROW(HttpFakes(shop(), {.bind = "0.0.0.0"}), Error);
  EXPECT_NO_THROW(HttpFakes(shop(), {.bind = "0.0.0.0", .token = "secret"}));
}

TEST_F(AdminTest, ServesWhatItDescribesAndNothingElse) {
  const json document = read("/openapi.json");
  std::size_t operations = 0;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const std::string method : {"get", "post", "put", "patch", "delete"}) {
      std::string target = path.substr(std::string_view("/__admin").size());
      if (const std::size_t id = target.find("{id}"); id != std::string::npos) target.replace(id, 4, "1");
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(c - 32);
      const int status = ask(upper, target).status;
      if (!methods.contains(method)) {
        EXPECT_EQ(status, 405) << upper << ' ' << path;
        continue;
      }
      ++operations;
      EXPECT_NE(status, 405) << upper << ' ' << path;
      EXPECT_TRUE(methods[method]["responses"].contains(std::to_string(status)))
          << upper << ' ' << path << " answered " << status;
      EXPECT_TRUE(methods[method].contains("summary"));
    }
  }
  EXPECT_EQ(operations, 28U) << "one of each route in the tables, and this document";
  EXPECT_EQ(ask("GET", "/nothing").status, 404);
  EXPECT_THAT(ask("GET", "/faultz").body, HasSubstr("/__admin/faults"));
}

TEST_F(AdminTest, NoFaultLocksItsOwnerOut) {
  ask("POST", "/faults", R"([{"fault":"refused","service":"payment_service"},
                             {"fault":"hang","times":"always"}])");
  EXPECT_EQ(ask("GET", "/health").status, 200);
  EXPECT_EQ(ask("POST", "/reset").status, 200);
  EXPECT_EQ(pay().status, 200);
}

TEST_F(AdminTest, ReplaysWhatTheHandlerAnsweredNotWhatWasDelivered) {
  const Headers key{{"X-Saga-Id", "S"}, {"Idempotency-Key", "K"}};
  ask("POST", "/faults", R"({"fault":"error_after_effect"})");
  EXPECT_EQ(pay(key).status, 500);
  EXPECT_EQ(pay(key).status, 200);
  EXPECT_EQ(read("/ledgers")["S"]["effects"]["process_payment"]["applied"], 1);
}

TEST_F(AdminTest, RefusesAKeyWithAnotherBody) {
  const Headers key{{"X-Saga-Id", "S"}, {"Idempotency-Key", "K"}};
  EXPECT_EQ(call("payment_service", "process_payment", R"({"a":1})", key).status, 200);
  EXPECT_EQ(call("payment_service", "process_payment", R"({"a":2})", key).status, 422);
  EXPECT_EQ(call("payment_service", "process_payment", R"({"a":1})", key).status, 200);
  EXPECT_EQ(call("order_service", "create_order", R"({"a":2})", key).status, 200) << "another operation";
  EXPECT_EQ(read("/ledgers")["S"]["effects"]["process_payment"]["applied"], 1);
}

TEST_F(AdminTest, AKeyIsInConflictWhileItsFirstRequestIsInTheWorks) {
  const Headers key{{"X-Saga-Id", "S"}, {"Idempotency-Key", "K"}};
  ask("POST", "/faults", R"({"fault":"delay_over_timeout","timeout":"5s"})");
  RawClient first(fakes_->service_urls().at("payment_service"));
  first.send(
      "POST /process_payment HTTP/1.1\r\nX-Saga-Id: S\r\nIdempotency-Key: K\r\nContent-Length: 2\r\n\r\n{}");
  while (read("/journal/count")["total"] == 0) {
  }
  EXPECT_EQ(pay(key).status, 409);
  ask("POST", "/drain");
  EXPECT_EQ(ask("POST", "/wait", R"({"quiet_for":"1ms"})").status, 200);
  EXPECT_EQ(pay(key).status, 200);
  EXPECT_EQ(read("/ledgers")["S"]["effects"]["process_payment"]["applied"], 1);
}

}  // namespace
}  // namespace saga_harness::http_tests
