#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Scenario with_http(const std::string& section) {
  return parse_scenario(R"({"saga": {"name": "wiki", "steps": [
    {"name": "store", "service": "files", "action": "put_file", "compensation": "delete_file"}]},
    "http": )" + section + "}",
                        "wiki.json");
}

std::string refusal_of(const std::string& section) {
  try {
    (void)with_http(section);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(HttpSectionTest, IsNotNeeded) {
  const Scenario scenario = with_http("{}");
  EXPECT_EQ(scenario.http, HttpSpec{});
  EXPECT_EQ(scenario.http.saga_id.front(), (RequestField{RequestPart::kHeader, "X-Saga-Id"}));
}

TEST(HttpSectionTest, SaysWhereThingsStandInARequest) {
  const HttpSpec spec = with_http(R"({"saga_id": [{"path": "project"}, {"query": "saga"}],
    "idempotency_key": {"body": "/meta/key"}, "token": [], "ports": "one", "check_keys": false})")
                            .http;
  EXPECT_THAT(spec.saga_id, ElementsAre(RequestField{RequestPart::kPath, "project"},
                                        RequestField{RequestPart::kQuery, "saga"}));
  EXPECT_THAT(spec.idempotency_key, ElementsAre(RequestField{RequestPart::kBody, "/meta/key"}));
  EXPECT_THAT(spec.token, testing::IsEmpty());
  EXPECT_TRUE(spec.one_port);
  EXPECT_FALSE(spec.check_keys);
}

TEST(HttpSectionTest, SaysHowActionsAreAskedForAndAnswer) {
  const HttpSpec spec = with_http(R"({"routes": {"files": {
    "delete_file": {"method": "DELETE", "path": "/file/{project}/{filename}"},
    "put_file": {"path": "/file", "replies": {"ok": {"status": 201, "body": {"id": 7}, "headers": {"X-A": "b"}},
                                              "rejected": {"status": 400}}}}}})")
                            .http;
  const HttpRoute& remove = spec.routes.at("files").at("delete_file");
  EXPECT_EQ(remove.method, "DELETE");
  EXPECT_EQ(remove.path, "/file/{project}/{filename}");
  const HttpRoute& put = spec.routes.at("files").at("put_file");
  EXPECT_EQ(put.replies.at(ReplyStatus::kOk),
            (HttpReply{.status = 201, .body = R"({"id":7})", .headers = {{"X-A", "b"}}}));
  EXPECT_EQ(put.replies.at(ReplyStatus::kRejected).status, 400);
}

TEST(HttpSectionTest, RefusesWhatItDoesNotKnowByPlaceAndNearestName) {
  EXPECT_THAT(refusal_of(R"({"saga": []})"), AllOf(HasSubstr("/http"), HasSubstr("saga_id")));
  EXPECT_THAT(refusal_of(R"({"saga_id": {"heder": "X"}})"),
              AllOf(HasSubstr("/http/saga_id"), HasSubstr("header")));
  EXPECT_THAT(refusal_of(R"({"saga_id": {}})"), HasSubstr("exactly one place"));
  EXPECT_THAT(refusal_of(R"({"saga_id": {"header": "a b"}})"), HasSubstr("a b"));
  EXPECT_THAT(refusal_of(R"({"saga_id": {"body": "saga"}})"), HasSubstr("JSON pointer"));
  EXPECT_THAT(refusal_of(R"({"ports": "two"})"), HasSubstr("/http/ports"));
  EXPECT_THAT(refusal_of(R"({"routes": {"file": {}}})"), HasSubstr("files"));
  EXPECT_THAT(refusal_of(R"({"routes": {"files": {"put": {}}}})"), HasSubstr("put_file"));
  const auto route = [](const std::string& text) {
    return refusal_of(R"({"routes": {"files": {"put_file": )" + text + "}}}");
  };
  EXPECT_THAT(route(R"({"method": "FETCH"})"), HasSubstr("FETCH"));
  EXPECT_THAT(route(R"({"path": "file"})"), HasSubstr("no path"));
  EXPECT_THAT(route(R"({"path": "/a/{b"})"), HasSubstr("{name}"));
  EXPECT_THAT(route(R"({"path": "/{a}/{a}"})"), HasSubstr("twice"));
  EXPECT_THAT(route(R"({"replies": {"okay": {}}})"), HasSubstr("ok"));
  EXPECT_THAT(route(R"({"replies": {"ok": {"status": 99}}})"), HasSubstr("200"));
  EXPECT_THAT(route(R"({"replies": {"ok": {"headers": {"X": "a\r\nb"}}}})"), HasSubstr("control"));
  for (const char* name :
       {"Content-Length", "transfer-encoding", "CONNECTION", "Keep-Alive", "Upgrade", "Trailer"}) {
    EXPECT_THAT(route(fmt::format(R"({{"replies": {{"ok": {{"headers": {{"{}": "1"}}}}}}}})", name)),
                AllOf(HasSubstr("framed"), HasSubstr(name)));
  }
  EXPECT_THAT(route(R"({"replies": {"ok": {"status": 204, "body": {}}}})"), HasSubstr("has no body"));
  EXPECT_THAT(route(R"({"replies": {"ok": {"status": 304, "body": {}}}})"), HasSubstr("has no body"));
}

}  // namespace
}  // namespace saga_harness
