#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

#include "fixtures.hpp"

namespace saga_harness::http_tests {
namespace {

using testing::HasSubstr;

Scenario files(std::string_view http_section) {
  return parse_scenario(R"({"saga": {"name": "wiki", "steps": [
    {"name": "first", "service": "files", "action": "put_file", "compensation": "delete_file"},
    {"name": "second", "service": "files", "action": "put_file", "compensation": "delete_file"},
    {"name": "index", "service": "search", "compensation": "drop_index"}]},
    "http": )" + std::string(http_section) +
                            "}",
                        "wiki.json");
}

TEST(RoutesTest, TemplatesGiveMethodPathAndParameters) {
  HttpFakes fakes(files(R"({"saga_id": {"path": "project"}, "step": {"path": "filename"},
    "routes": {"files": {"put_file": {"method": "PUT", "path": "/file/{project}/{filename}"},
                         "delete_file": {"method": "DELETE", "path": "/file/{project}/{filename}"}}}})"));
  fakes.start();
  const std::string url = fakes.service_urls().at("files");
  EXPECT_EQ(RawClient(url).request("PUT", "/file/P/first").status, 200);
  EXPECT_EQ(RawClient(url).request("PUT", "/file/P%20Q/second").status, 200);
  EXPECT_EQ(RawClient(url).request("DELETE", "/file/P/first").status, 200);
  EXPECT_EQ(RawClient(url).request("POST", "/file/P/first").status, 404);
  EXPECT_EQ(RawClient(url).request("PUT", "/file/P").status, 404);
  EXPECT_EQ(fakes.runs().close("P").ledger.effects[0], (Effect{.applied = 1, .undone = 1}));
  EXPECT_EQ(fakes.runs().close("P Q").ledger.effects[1].applied, 1U);
}

TEST(RoutesTest, StepsThatShareAnActionMustBeNamed) {
  HttpFakes fakes(files("{}"));
  fakes.start();
  const std::string url = fakes.service_urls("S").at("files") + "/put_file";
  const Answer answer = post(url);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("X-Saga-Step"));
  EXPECT_EQ(post(url, "{}", {{"X-Saga-Step", "third"}}).status, 400);
  EXPECT_EQ(post(url, "{}", {{"X-Saga-Step", "second"}}).status, 200);
  EXPECT_EQ(post(url, R"({"step":"first"})").status, 200);
  const ObservedRun run = fakes.runs().close("S");
  EXPECT_EQ(run.ledger.effects[0].applied, 1U);
  EXPECT_EQ(run.ledger.effects[1].applied, 1U);
  EXPECT_EQ(run.unmatched, 2U);
}

TEST(RoutesTest, OnePortServesThemAllBelowTheirNames) {
  HttpFakes fakes(files(R"({"ports": "one"})"));
  fakes.start();
  const auto urls = fakes.service_urls("S");
  EXPECT_EQ(urls.at("files").substr(0, urls.at("files").rfind('/')),
            urls.at("search").substr(0, urls.at("search").rfind('/')));
  EXPECT_EQ(post(urls.at("search") + "/index").status, 200);
  EXPECT_EQ(post(urls.at("search") + "/put_file").status, 404);
  EXPECT_EQ(fakes.runs().close("S").calls, 1U);
  EXPECT_EQ(post(fakes.service_urls().at("search") + "/drop_index").status, 200);
  EXPECT_THAT(post(fakes.service_urls().at("search") + "x/drop_index").body, HasSubstr("search"));
}

TEST(RoutesTest, TwoActionsInOneWayAreRefused) {
  const auto twins = [] {
    const HttpFakes fakes(files(R"({"routes": {"files": {"put_file": {"path": "/f/{a}"},
                                                         "delete_file": {"path": "/f/{b}"}}}})"));
  };
  EXPECT_THROW(twins(), Error);
}

TEST(RoutesTest, AnswersLookAsTheScenarioSays) {
  OneRun run("process_payment#2:rejected", {},
             shop(R"({"routes": {"payment_service": {"process_payment": {"replies": {
    "ok": {"status": 201, "body": {"payment_id": 7}, "headers": {"X-Shard": "b"}},
    "rejected": {"status": 402, "body": {"code": "card_declined"}}}}}}})"));
  const Answer done = run.pay();
  EXPECT_EQ(done.status, 201);
  EXPECT_EQ(done.body, R"({"payment_id":7})");
  EXPECT_EQ(done.header("X-Shard"), "b");
  const Answer declined = run.pay();
  EXPECT_EQ(declined.status, 402);
  EXPECT_EQ(declined.body, R"({"code":"card_declined"})");
}

TEST(RoutesTest, ASagaIdMayHaveAnyCharacters) {
  HttpFakes fakes(shop());
  fakes.start();
  const std::string id = "a/b ~%?#\xc3\xa4";
  fakes.runs().open(id);
  EXPECT_EQ(post(fakes.service_urls(id).at("payment_service") + "/process_payment").status, 200);
  EXPECT_EQ(fakes.runs().close(id).calls, 1U);
}

}  // namespace
}  // namespace saga_harness::http_tests
