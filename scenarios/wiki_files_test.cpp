// Files of a wiki and a snapshot of them, at a file server and a git server: POST /save_file, DELETE
// /file/{project}/{filename}, POST /delete_batch, DELETE /snapshot/{project}/{snapshot_id}, each with
// X-INTERNAL-TOKEN.
#include <saga_harness/imperative.hpp>
#include <saga_harness/testing.hpp>

#include <string>
#include <vector>

namespace sh = saga_harness;
using testing::Each;
using testing::ElementsAre;

namespace {

sh::Scenario wiki() { return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/wiki_files.json"); }

// All or nothing: what was saved is deleted again if there is no snapshot of it.
void generate_wiki(sh::ImperativeSaga& saga) {
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

// A server that notes what came, and turns away whoever has not the token of the house.
class Server final : public sh::Participant {
 public:
  sh::Reply handle(const sh::Delivery& delivery, sh::Books& books) override {
    tokens.emplace_back(delivery.auth_token);
    asked.push_back(std::string(delivery.action) + " " + std::string(delivery.payload));
    if (delivery.auth_token.empty()) return {.status = sh::ReplyStatus::kUnauthorized};
    return fake_->handle(delivery, books);
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
  harness.fail("git_server", "create_snapshot");
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedInOrder("save_images", "save_guide", "save_index"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(WikiFilesTest, CarriesTheInternalTokenOverHttpOnTheWayBackToo) {
  Server files;
  sh::SagaTestHarness harness(wiki());
  harness.use_coordinator(sh::imperative(generate_wiki), sh::imperative_claims());
  harness.use_participant("file_server", files);
  harness.use_http(wiki().http);
  harness.fail("git_server", "create_snapshot");
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
  harness.fail("git_server", "create_snapshot");
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::Violates(sh::Rule::kContext));
  EXPECT_EQ(harness.effect("save_index").net(), 1) << "the file stays";
}

TEST(WikiFilesTest, SurvivesEveryPairOfFaults) {
  const sh::Exploration exploration = sh::SagaTestHarness(wiki()).explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

TEST(WikiFilesTest, SurvivesEveryFaultOverHttp) {
  sh::SagaTestHarness harness(wiki());
  harness.use_coordinator(sh::imperative(generate_wiki), sh::imperative_claims());
  harness.use_http(wiki().http);
  EXPECT_THAT(harness.explore({.max_faults = 1}), sh::FindsNoViolation());
}

}  // namespace
