// Who may use the admin API: not a page of another origin, not a name that somebody else made to lead here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "fixtures.hpp"

namespace saga_harness::http_tests {
namespace {

using testing::HasSubstr;

class AccessTest : public testing::Test {
 protected:
  void start(HttpFakesOptions options = {}) {
    fakes_ = std::make_unique<HttpFakes>(shop(), std::move(options));
    fakes_->start();
  }
  Answer ask(std::string_view method, std::string_view path, std::string_view body, const Headers& headers) {
    return RawClient(fakes_->admin_url()).request(method, fmt::format("/__admin{}", path), body, headers);
  }
  [[nodiscard]] std::string host() const { return fakes_->admin_url().substr(std::string("http://").size()); }

  std::unique_ptr<HttpFakes> fakes_;
};

TEST_F(AccessTest, RefusesWhatAPageOfAnotherOriginSends) {
  start();
  for (const auto& [method, path] : {std::pair{"POST", "/reset"}, std::pair{"POST", "/heal"},
                                     std::pair{"DELETE", "/faults"}, std::pair{"GET", "/journal"}}) {
    const Answer answer = ask(method, path, {}, {{"Host", host()}, {"Origin", "http://evil.example"}});
    EXPECT_EQ(answer.status, 403) << path;
    EXPECT_THAT(answer.body, HasSubstr("http://evil.example"));
    EXPECT_EQ(ask(method, path, {}, {{"Origin", "null"}}).status, 403) << path;
    EXPECT_EQ(ask(method, path, {}, {{"Sec-Fetch-Site", "cross-site"}}).status, 403) << path;
    EXPECT_EQ(ask(method, path, {}, {{"Sec-Fetch-Site", "same-site"}}).status, 403) << path;
  }
}

TEST_F(AccessTest, ServesItsOwnOriginAndWhoIsNoPage) {
  start();
  EXPECT_EQ(ask("POST", "/reset", {}, {{"Host", host()}, {"Origin", "http://" + host()}}).status, 200);
  EXPECT_EQ(ask("POST", "/reset", {}, {{"Sec-Fetch-Site", "none"}}).status, 200);
  EXPECT_EQ(ask("POST", "/reset", {}, {{"Host", ""}}).status, 200);
}

TEST_F(AccessTest, RefusesANameThatIsNotThisMachines) {
  start();
  for (const char* name :
       {"evil.example", "evil.example:80", "127.evil", "localhost.evil.example", "[::2]:80"})
    EXPECT_EQ(ask("GET", "/health", {}, {{"Host", name}}).status, 403) << name;
  for (const char* name : {"localhost", "LOCALHOST:1", "127.0.0.1:80", "127.0.0.2", "[::1]", "[::1]:80"})
    EXPECT_EQ(ask("GET", "/health", {}, {{"Host", name}}).status, 200) << name;
}

TEST_F(AccessTest, KnowsTheNameThatItAdvertises) {
  start({.advertise = "fakes"});
  EXPECT_EQ(ask("GET", "/health", {}, {{"Host", "fakes:8080"}}).status, 200);
  EXPECT_EQ(ask("GET", "/health", {}, {{"Host", "other:8080"}}).status, 403);
}

TEST_F(AccessTest, LeavesTheNameOpenWhereOthersReachItWithAToken) {
  start({.bind = "0.0.0.0", .token = "secret"});
  const Headers with_token{{"Host", "fakes:8080"}, {"Authorization", "Bearer secret"}};
  EXPECT_EQ(ask("GET", "/health", {}, with_token).status, 200);
  EXPECT_EQ(ask("GET", "/health", {}, {{"Host", "fakes:8080"}}).status, 401);
}

TEST_F(AccessTest, RefusesATokenThatNobodyCouldSend) {
  for (const char* token : {" ", "a b", "a ", "a\r\nX: b", "\t", "\x7f", "\xc3\xa9"})
    EXPECT_THROW(HttpFakes(shop(), {.token = token}), Error) << token;
  start({.token = "!~aZ09-._+/="});
  EXPECT_EQ(ask("GET", "/health", {}, {{"Authorization", "Bearer !~aZ09-._+/="}}).status, 200);
}

TEST_F(AccessTest, RefusesABodyThatIsNotSaidToBeJson) {
  start();
  constexpr std::string_view kFault = R"({"fault":"hang"})";
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data; boundary=b", "application/jsonp", "json"}) {
    const Answer answer = ask("POST", "/faults", kFault, {{"Content-Type", type}});
    EXPECT_EQ(answer.status, 415) << type;
    EXPECT_THAT(answer.body, HasSubstr("Content-Type: application/json"));
  }
  EXPECT_THAT(ask("GET", "/faults", {}, {}).body, HasSubstr(R"("faults":[])"));
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8", "application/problem+json"})
    EXPECT_EQ(ask("POST", "/faults", kFault, {{"Content-Type", type}}).status, 201) << type;
}

}  // namespace
}  // namespace saga_harness::http_tests
