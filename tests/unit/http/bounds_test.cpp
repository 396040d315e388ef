// What a server that runs for long is bounded by, and what it tells of itself.

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "fixtures.hpp"

namespace saga_harness::http_tests {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class BoundsTest : public testing::Test {
 protected:
  void start(HttpFakesOptions options = {}, Scenario scenario = shop()) {
    fakes_ = std::make_unique<HttpFakes>(std::move(scenario), std::move(options));
    fakes_->start();
  }
  void SetUp() override { start(); }

  Answer ask(std::string_view method, std::string_view path, std::string_view body = {}) {
    return RawClient(fakes_->admin_url()).request(method, fmt::format("/__admin{}", path), body);
  }
  [[nodiscard]] std::string payments() const { return fakes_->service_urls().at("payment_service"); }
  Answer pay(const Headers& headers = {{"X-Saga-Id", "S"}}) {
    return post(payments() + "/process_payment", "{}", headers);
  }

  std::unique_ptr<HttpFakes> fakes_;
};

TEST_F(BoundsTest, HeavyCountsMoreAttemptsThanATraceHasRoomFor) {
  constexpr int kAttempts = 65'540;
  ASSERT_EQ(ask("POST", "/faults", R"({"fault":"status","status":503,"attempt":1,"times":"always"})").status,
            201);
  RawClient client(payments());
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    const int status = client.request("POST", "/process_payment", "{}", {{"X-Saga-Id", "S"}}).status;
    ASSERT_EQ(status, attempt == 1 ? 503 : 200) << attempt;
  }
  const json newest = json::parse(ask("GET", "/journal?limit=1").body)["entries"][0];
  EXPECT_EQ(newest["attempt"], kAttempts);
}

TEST_F(BoundsTest, OneRateLimitIsOne) {
  ASSERT_EQ(ask("POST", "/faults", R"({"fault":"status","status":429,"times":1})").status, 201);
  EXPECT_EQ(pay().status, 429);
  EXPECT_EQ(pay().status, 200);
}

TEST_F(BoundsTest, ReadsNothingAfterTheLastIdThereCanBe) {
  pay();
  const json journal = json::parse(ask("GET", "/journal?since=18446744073709551615").body);
  EXPECT_TRUE(journal["entries"].empty());
  EXPECT_EQ(json::parse(ask("GET", "/journal?since=0").body)["entries"].size(), 1U);
}

TEST_F(BoundsTest, AWaitEndsWithTheServer) {
  pay();
  RawClient client(fakes_->admin_url());
  client.send(
      "POST /__admin/wait HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "36\r\n\r\n"
      R"({"quiet_for":"60s","at_most":"120s"})");
  for (int i = 0; i < 50; ++i) ASSERT_EQ(ask("GET", "/health").status, 200) << "meanwhile the wait begins";
  const auto begin = std::chrono::steady_clock::now();
  fakes_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << "sixty were asked for";
}

TEST_F(BoundsTest, RefusesIdsThatAreTooLongToBeKept) {
  const std::string id(5'000, 'x');
  for (const char* header : {"X-Saga-Id", "Idempotency-Key", "X-Correlation-ID"}) {
    const Answer answer = pay({{header, id}});
    EXPECT_EQ(answer.status, 400) << header;
    EXPECT_THAT(answer.body, HasSubstr("5000 bytes"));
  }
  EXPECT_THAT(ask("GET", "/runs").body, HasSubstr(R"("runs":[])"));
  EXPECT_EQ(pay({{"X-Saga-Id", std::string(4'096, 'x')}}).status, 200);
  EXPECT_EQ(ask("POST", "/runs", json({{"saga_id", id}}).dump()).status, 400);
}

TEST_F(BoundsTest, HeavyFaultsOfOthersCostARequestNothing) {
  json faults = json::array();
  for (int i = 0; i < 50'000; ++i)
    faults.push_back({{"fault", "status"}, {"status", 503}, {"saga_id", fmt::format("X{}", i)}});
  ASSERT_EQ(ask("POST", "/faults", faults.dump()).status, 201);
  ASSERT_EQ(ask("POST", "/faults", R"({"fault":"status","status":500,"service":"payment_service"})").status,
            201);
  EXPECT_EQ(pay({{"X-Saga-Id", "X49999"}}).status, 503) << "the older one of two that fit";
  EXPECT_EQ(pay({{"X-Saga-Id", "X49999"}}).status, 500);
  EXPECT_EQ(pay({{"X-Saga-Id", "X49999"}}).status, 200);
  EXPECT_EQ(json::parse(ask("DELETE", "/faults").body)["removed"], 50'001);
}

TEST_F(BoundsTest, TheJournalHasABoundInBytesToo) {
  start({.max_journal_bytes = 10'000});
  const std::string body = json({{"note", std::string(400, 'n')}}).dump();
  const Headers headers{{"X-Saga-Id", std::string(250, 'i')}};
  constexpr int kRequests = 100;
  for (int i = 0; i < kRequests; ++i)
    ASSERT_EQ(post(payments() + "/process_payment", body, headers).status, 200);
  const json counts = json::parse(ask("GET", "/journal/count").body);
  EXPECT_EQ(counts["total"], kRequests);
  EXPECT_THAT(counts["count"].get<int>(), AllOf(testing::Ge(9), testing::Le(14))) << "some 760 bytes each";
  EXPECT_EQ(counts["count"].get<int>() + counts["dropped"].get<int>(), kRequests);
  EXPECT_EQ(json::parse(ask("GET", "/journal").body)["entries"].back()["id"], kRequests) << "the newest stay";
}

TEST_F(BoundsTest, AnAnswerHasABodyOnlyWhereHttpHasOne) {
  Scenario scenario = shop();
  scenario.http.routes["payment_service"]["process_payment"].replies[ReplyStatus::kOk].status = 204;
  start({}, scenario);
  RawClient client(payments());
  for (int i = 0; i < 2; ++i) {
    const Answer answer = client.request("POST", "/process_payment", "{}", {{"X-Saga-Id", "S"}});
    EXPECT_EQ(answer.status, 204);
    EXPECT_THAT(answer.head, testing::Not(HasSubstr("Content-")));
    EXPECT_EQ(answer.body, "");
  }
}

TEST_F(BoundsTest, AnAnswerWithoutABodyCanBeUnreadableToo) {
  Scenario scenario = shop();
  scenario.http.routes["payment_service"]["process_payment"].replies[ReplyStatus::kOk].status = 204;
  start({}, scenario);
  for (const char* fault : {"invalid_json", "wrong_content_type"}) {
    ASSERT_EQ(ask("POST", "/faults", json({{"fault", fault}}).dump()).status, 201);
    const Answer answer = pay();
    EXPECT_EQ(answer.status, 200) << fault;
    EXPECT_NE(answer.body, "") << fault;
  }
  ASSERT_EQ(ask("POST", "/faults", R"({"fault":"truncated_body"})").status, 201);
  EXPECT_FALSE(pay().is_whole);
}

TEST_F(BoundsTest, AHeadWhoseLinesEndWithLineFeedsAloneIsAnswered) {
  RawClient client(payments());
  client.send("POST /process_payment HTTP/1.1\nHost: x\nContent-Length: 0\n\n");
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("CR LF"));
}

TEST_F(BoundsTest, ServicesHavePortsOfTheirOwnOrShareOne) {
  const std::string free = payments();  // a port that is free once its owner has ended
  const int port = std::stoi(free.substr(free.rfind(':') + 1));
  fakes_.reset();
  start({.service_ports = {{"payment_service", port}}, .advertise = "fakes"});
  EXPECT_EQ(payments(), fmt::format("http://fakes:{}", port));
  EXPECT_THAT(fakes_->admin_url(), StartsWith("http://fakes:"));
  fakes_.reset();
  start({.shared_port = port});
  EXPECT_EQ(payments(), fmt::format("http://127.0.0.1:{}/payment_service", port));
  EXPECT_EQ(pay().status, 200);
}

TEST_F(BoundsTest, RefusesAPortForAServiceThatIsNotThere) {
  const auto make = [](HttpFakesOptions options) { HttpFakes fakes(shop(), std::move(options)); };
  EXPECT_THAT(
      [&] {
        make({.service_ports = {{"payment_servic", 8080}}});
      },
      testing::ThrowsMessage<Error>(HasSubstr("did you mean \"payment_service\"")));
  EXPECT_THAT(
      [&] {
        make({.service_ports = {{"payment_service", 8080}}, .shared_port = 8081});
      },
      testing::ThrowsMessage<Error>(HasSubstr("share a port")));
}

}  // namespace
}  // namespace saga_harness::http_tests
