// Files of a wiki and a snapshot of them, at a file server and a git server: POST /save_file, DELETE
// /file/{project}/{filename}, POST /delete_batch, DELETE /snapshot/{project}/{snapshot_id}, each with
// X-INTERNAL-TOKEN.
#include <saga_harness/http_fakes.hpp>
#include <saga_harness/imperative.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "support/raw_client.hpp"

namespace sh = saga_harness;
using testing::Each;
using testing::ElementsAre;

namespace {

sh::Scenario wiki() { return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/wiki_files.json"); }

// All or nothing: what was saved is deleted again if there is no snapshot of it.
void generate_files(sh::ImperativeSaga& saga) {
  const auto file = [](const std::string& name) {
    return R"({"project":"proj-123","filename":")" + name + R"("})";
  };
  saga.execute_step("Save wiki files", [&](sh::StepCalls& calls) {
    calls.perform("save_index", file("index.md"));
    calls.perform("save_guide", file("how to.md"));
    return calls.perform("save_images", R"({"project":"proj-123","files":["logo.svg","map.png"]})");
  });
  saga.execute_step("create_snapshot", R"({"project":"proj-123","snapshot_id":"snap-789"})");
  saga.commit();
}

// A server that notes what came, and turns away whoever lacks the right token.
class Server final : public sh::Participant {
 public:
  sh::Reply handle(const sh::Delivery& delivery, sh::EffectRecorder& recorder) override {
    tokens.emplace_back(delivery.auth_token);
    asked.push_back(std::string(delivery.action) + " " + std::string(delivery.payload));
    if (delivery.auth_token.empty()) return {.status = sh::ReplyStatus::kUnauthorized};
    return fake_->handle(delivery, recorder);
  }
  void reset() override { fake_->reset(); }
  void crash() override { fake_->crash(); }

  std::vector<std::string> tokens, asked;

 private:
  std::unique_ptr<sh::Participant> fake_ = sh::ledger_fake()();
};

TEST(WikiFilesTest, SavesAllFilesAndASnapshot) {
  sh::SagaTestHarness harness(wiki());
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("save_index", "save_guide", "save_images", "create_snapshot"));
}

TEST(WikiFilesTest, DeletesTheFilesWhenThereIsNoSnapshot) {
  sh::SagaTestHarness harness(wiki());
  harness.fail({"git_server", "create_snapshot"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedInOrder("save_images", "save_guide", "save_index"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(WikiFilesTest, CarriesTheInternalTokenOverHttpOnTheWayBackToo) {
  Server files;
  sh::SagaTestHarness harness(wiki());
  harness.use_coordinator(sh::imperative(generate_files), sh::imperative_claims());
  harness.use_participant("file_server", files);
  harness.use_http(wiki().http);
  harness.fail({"git_server", "create_snapshot"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(files.tokens, Each("token-of-wiki_files-1"));
  EXPECT_THAT(files.asked,
              ElementsAre(R"(save_file {"project":"proj-123","filename":"index.md"})",
                          R"(save_file {"project":"proj-123","filename":"how to.md"})",
                          R"(save_files {"project":"proj-123","files":["logo.svg","map.png"]})",
                          R"(delete_batch {"project":"proj-123","files":["logo.svg","map.png"]})",
                          R"(delete_file {"project":"proj-123","filename":"how to.md"})",
                          R"(delete_file {"project":"proj-123","filename":"index.md"})"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(WikiFilesTest, ARollbackWithoutTheTokenIsTurnedAwayAndFoundOut) {
  sh::SagaTestHarness harness(sh::experiment(wiki(), "context_lost"));
  Server files;
  harness.use_participant("file_server", files);
  harness.fail({"git_server", "create_snapshot"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::Violates(sh::Rule::kContextTravels));
  EXPECT_EQ(harness.effect("save_index").net(), 1) << "the file stays";
}

// Where the saga is in another process: the fakes behind the URLs of the two servers, as that process would
// use them.
TEST(WikiFilesTest, TheServedFakesAnswerAsTheServersDo) {
  sh::HttpFakes fakes(wiki());
  fakes.start();
  fakes.runs().open("wiki-proj-123");
  const auto urls = fakes.service_urls();
  const auto ask = [&](const char* service, const char* method, const char* path, const char* step,
                       const char* token = "right") {
    sh::http_tests::Headers headers{{"X-Saga-Id", "wiki-proj-123"}, {"X-Correlation-ID", "wiki-proj-123"}};
    if (*step != '\0') headers.emplace_back("X-Saga-Step", step);
    if (*token != '\0') headers.emplace_back("X-INTERNAL-TOKEN", token);
    return sh::http_tests::RawClient(urls.at(service)).request(method, path, "{}", headers).status;
  };
  EXPECT_EQ(ask("file_server", "POST", "/save_file", "save_index"), 200);
  EXPECT_EQ(ask("file_server", "POST", "/save_files", ""), 200);
  EXPECT_EQ(ask("git_server", "POST", "/snapshot/proj-123", ""), 201);
  EXPECT_EQ(ask("git_server", "DELETE", "/snapshot/proj-123/snap-789", ""), 200);
  EXPECT_EQ(ask("file_server", "POST", "/delete_batch", ""), 200);
  EXPECT_EQ(ask("file_server", "DELETE", "/file/proj-123/index.md", "save_index", ""), 204);
  const sh::ObservedRun run = fakes.runs().close("wiki-proj-123");
  for (const sh::Effect& effect : run.ledger.effects) EXPECT_EQ(effect.net(), 0);
  EXPECT_EQ(run.ledger.effects[0].applied, 1U);
  const auto lacks_token = [](const sh::Event& event) {
    return event.type == sh::EventType::kSent && (event.detail & sh::kWithoutToken) != 0;
  };
  EXPECT_EQ(std::ranges::count_if(run.trace.events, lacks_token), 1) << "the last one alone";
}

TEST(WikiFilesTest, SurvivesEveryPairOfFaults) {
  const sh::Exploration exploration = sh::SagaTestHarness(wiki()).explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

TEST(WikiFilesTest, SurvivesEveryFaultOverHttp) {
  sh::SagaTestHarness harness(wiki());
  harness.use_coordinator(sh::imperative(generate_files), sh::imperative_claims());
  harness.use_http(wiki().http);
  EXPECT_THAT(harness.explore({.max_faults = 1}), sh::FindsNoViolation());
}

}  // namespace
