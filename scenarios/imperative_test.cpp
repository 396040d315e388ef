// Sagas written as code: execute_step(name, action, rollback) and commit(), as one would write them in a
// service.
#include <saga_harness/imperative.hpp>
#include <saga_harness/saga_operations.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/stores.hpp>
#include <saga_harness/testing.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace sh = saga_harness;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const sh::Step kFlight{.name = "book_flight", .service = "airline", .compensation = "cancel_flight"};
const sh::Step kCar{.name = "book_car", .service = "rental", .compensation = "cancel_car"};

sh::Scenario scenario(const std::string& name) {
  return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/" + name + ".json");
}

sh::SagaTestHarness harness_of(const sh::Scenario& scenario, std::function<void(sh::ImperativeSaga&)> body) {
  sh::SagaTestHarness harness(scenario);
  harness.use_coordinator(sh::imperative(std::move(body), "user-456"), sh::imperative_claims());
  return harness;
}

std::string file(const std::string& name) { return R"({"project":"proj-123","filename":")" + name + R"("})"; }

// One step that creates several files; without a rollback of its own, it undoes those that it has created.
void generate_wiki(sh::ImperativeSaga& saga) {
  saga.execute_step("Save wiki files", [](sh::StepCalls& calls) {
    calls.perform("save_index", file("index.md"));
    calls.perform("save_guide", file("guide.md"));
    return calls.perform("save_images", R"({"project":"proj-123","files":["logo.svg","map.png"]})");
  });
  const std::string snapshot = R"({"project":"proj-123","snapshot_id":"snap-789"})";
  saga.execute_step(
      "Create git snapshot", [&](sh::StepCalls& calls) { return calls.perform("create_snapshot", snapshot); },
      [&](sh::StepCalls& calls) { calls.undo("create_snapshot", snapshot); });
  saga.commit();
}

// The steps as the definition declares them.
void place_order_in_code(sh::ImperativeSaga& saga) {
  for (const sh::Step& step : saga.runtime().saga().steps) saga.execute_step(step.name);
  saga.commit();
}

// What get_status() says when the code is done; its texts live no longer than the run.
struct Status {
  std::string saga_id, user_id, state, failed_at, error;
  int total_steps = 0;
  int completed_steps = 0;
};
Status copy(const sh::ImperativeStatus& now) {
  return {std::string(now.saga_id),   std::string(now.user_id), std::string(name_of(now.state)),
          std::string(now.failed_at), std::string(now.error),   now.total_steps,
          now.completed_steps};
}

std::function<void(sh::ImperativeSaga&)> watched(std::vector<Status>& seen) {
  return [&seen](sh::ImperativeSaga& saga) {
    seen.push_back(copy(saga.get_status()));
    try {
      generate_wiki(saga);
    } catch (const sh::SagaAborted&) {
      seen.push_back(copy(saga.get_status()));
      throw;
    }
    seen.push_back(copy(saga.get_status()));
  };
}

TEST(ImperativeSagaTest, CommitsWhenNothingFails) {
  std::vector<Status> seen;
  auto harness = harness_of(scenario("wiki_files"), watched(seen));
  const sh::Run run = harness.start_saga({{"project", "proj-123"}});
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].state, "pending");
  EXPECT_EQ(seen[0].user_id, "user-456");
  EXPECT_EQ(seen[1].saga_id, "wiki_files-1");
  EXPECT_EQ(seen[1].state, "committed");
  EXPECT_EQ(seen[1].total_steps, 2);
  EXPECT_EQ(seen[1].completed_steps, 2);
  EXPECT_EQ(seen[1].failed_at, "");
}

TEST(ImperativeSagaTest, RollsBackInReverseWhenAStepFails) {
  std::vector<Status> seen;
  auto harness = harness_of(scenario("wiki_files"), watched(seen));
  harness.fail({"git_server", "create_snapshot"});
  const sh::Run run = harness.start_saga({{"project", "proj-123"}});
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedInOrder("save_images", "save_guide", "save_index"));
  EXPECT_FALSE(harness.was_called("git_server", "delete_snapshot")) << "a refused snapshot leaves nothing";
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].state, "rolled_back");
  EXPECT_EQ(seen[1].completed_steps, 1);
  EXPECT_EQ(seen[1].failed_at, "Create git snapshot");
  EXPECT_THAT(seen[1].error, HasSubstr("create_snapshot: rejected"));
}

TEST(ImperativeSagaTest, AStepThatCreatesSeveralUndoesJustThoseCreated) {
  auto harness = harness_of(scenario("wiki_files"), generate_wiki);
  harness.lose_reply(sh::at_step("save_guide"), sh::kWholeBudget);  // saved, but it does not know
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedExactly("save_guide", "save_index"));
  EXPECT_THAT(run, sh::NeverCalled("file_server", "save_files"));
  EXPECT_THAT(run, sh::NeverCalled("file_server", "delete_batch"));
  EXPECT_EQ(harness.effect("save_guide").net(), 0);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(ImperativeSagaTest, FlagsByNameWhatCannotBeRolledBack) {
  std::vector<Status> seen;
  auto harness = harness_of(scenario("wiki_files"), watched(seen));
  harness.fail({"git_server", "create_snapshot"});
  harness.make_unavailable(sh::at_compensation("save_guide"), sh::kAllAttempts);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kFlagged));
  EXPECT_THAT(run.flagged_steps, ElementsAre("save_guide"));
  EXPECT_EQ(harness.effect("save_index").net(), 0) << "the others are undone all the same";
  EXPECT_EQ(seen.at(1).state, "failed");
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(ImperativeSagaTest, GoesOnAfterACrashWithoutDoingAnythingTwice) {
  std::string last;
  auto harness = harness_of(scenario("wiki_files"), [&](sh::ImperativeSaga& saga) {
    generate_wiki(saga);
    last = name_of(saga.get_status().state);
  });
  harness.crash_coordinator(sh::at_step("create_snapshot"), sh::Instant::kAfterCall);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(harness.call_count("file_server", "save_file"), 2U);
  EXPECT_EQ(last, "committed");
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(ImperativeSagaTest, GoesOnRollingBackAfterACrash) {
  auto harness = harness_of(scenario("wiki_files"), generate_wiki);
  harness.fail({"git_server", "create_snapshot"});
  harness.crash_coordinator(sh::at_compensation("save_guide"), sh::Instant::kAfterCall);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_EQ(harness.call_count("file_server", "delete_batch"), 1U) << "what is logged undone is left alone";
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(ImperativeSagaTest, DoesNotAskAgainForWhatMayNotBeAskedForTwice) {
  auto harness = harness_of(scenario("travel_booking"), place_order_in_code);
  harness.crash_coordinator({"payment_service", "charge_card"}, sh::Instant::kAfterCall);
  EXPECT_THAT(harness.start_saga(), sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_EQ(harness.call_count("payment_service", "charge_card"), 1U);
  EXPECT_EQ(harness.effect("charge_card").net(), 0);
}

TEST(ImperativeSagaTest, IsRolledBackWhenItIsCancelled) {
  auto harness = harness_of(scenario("wiki_files"), generate_wiki);
  harness.cancel_during(sh::at_step("save_guide"));
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedExactly("save_guide", "save_index"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(ImperativeSagaTest, IsNotStartedTwice) {
  auto harness = harness_of(scenario("wiki_files"), generate_wiki);
  harness.start_again_during(sh::at_step("save_guide"));
  EXPECT_THAT(harness.start_saga(), sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(harness.call_count("file_server", "save_file"), 2U);
}

// It rolls back because its time is up, dies, and finds its clock an hour behind: there is time enough again.
TEST(ImperativeSagaTest, DoesNotGoForwardAgainWhenItsClockIsPutBack) {
  sh::SagaTestHarness harness(
      sh::Saga{.name = "hurried", .steps = {kFlight, kCar}, .deadline = std::chrono::seconds(15)});
  harness.use_coordinator(sh::imperative(place_order_in_code), sh::imperative_claims());
  EXPECT_THAT(harness.explore({.max_faults = 4,
                               .kinds = {sh::FaultKind::kDelayPastDeadline, sh::FaultKind::kClockForward,
                                         sh::FaultKind::kClockBack, sh::FaultKind::kCoordinatorCrash}}),
              sh::FindsNoViolation());
}

// ---- an `if` around a step: the definition is what a completed saga has done

// All but an OK before its effect: who answers before it has looked at the request cannot tell when the
// flight arrives.
std::vector<sh::FaultKind> kinds_with_an_answer(const sh::Experiment& experiment) {
  std::vector<sh::FaultKind> kinds = sh::kinds_in_scope(experiment, {});
  std::erase(kinds, sh::FaultKind::kOkBeforeEffect);
  return kinds;
}

void book_trip(sh::ImperativeSaga& saga) {
  // What it decides by is in the log: after a crash the code comes to the same decision.
  const sh::Reply flight = saga.execute_step("book_flight");
  if (flight.body.text().find("late arrival") == std::string_view::npos) saga.execute_step("book_car");
  saga.commit();
}

sh::ParticipantFactory airline(const std::string& answer) {
  return [answer] {
    class Airline final : public sh::Participant {
     public:
      explicit Airline(std::string answer) : answer_(std::move(answer)), fake_(sh::ledger_fake()()) {}
      sh::Reply handle(const sh::Delivery& delivery, sh::EffectRecorder& recorder) override {
        sh::Reply reply = fake_->handle(delivery, recorder);
        if (reply.ok()) reply.body = answer_;
        return reply;
      }
      void reset() override { fake_->reset(); }
      void crash() override { fake_->crash(); }

     private:
      std::string answer_;
      std::unique_ptr<sh::Participant> fake_;
    };
    return std::make_unique<Airline>(answer);
  };
}

TEST(ImperativeSagaTest, AConditionalStepIsAnIfInTheCode) {
  const sh::Saga with_car{.name = "trip", .steps = {kFlight, kCar}};
  const sh::Saga without{.name = "trip", .steps = {kFlight}};
  for (const bool is_late : {false, true}) {
    sh::SagaTestHarness harness(is_late ? without : with_car);
    harness.use_coordinator(sh::imperative(book_trip), sh::imperative_claims());
    harness.use_participant("airline",
                            airline(is_late ? R"({"note":"late arrival"})" : R"({"note":"noon"})"));
    EXPECT_THAT(harness.start_saga(), sh::EndsIn(sh::Outcome::kCompleted)) << is_late;
    const std::vector<sh::FaultKind> kinds = kinds_with_an_answer(harness.experiment());
    EXPECT_THAT(harness.explore({.max_faults = 2, .kinds = kinds}), sh::FindsNoViolation()) << is_late;
  }
}

// ---- every failure there is

TEST(ImperativeSagaTest, SurvivesEveryPairOfFaults) {
  auto wiki = harness_of(scenario("wiki_files"), generate_wiki);
  const sh::Exploration exploration = wiki.explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

TEST(ImperativeSagaHeavyTest, TheShopSurvivesThemToo) {
  for (const char* name :
       {"order_processing", "order_processing_fallback", "money_transfer", "travel_booking"}) {
    auto harness = harness_of(scenario(name), place_order_in_code);
    EXPECT_THAT(harness.explore({.max_faults = 2}), sh::FindsNoViolation()) << name;
  }
}

// What a step answered is read back from the store, and what the code decides by it stays decided.
TEST(ImperativeSagaTest, SurvivesEveryFaultOverAStore) {
  sh::SagaTestHarness harness(sh::Saga{.name = "trip", .steps = {kFlight}});
  harness.use_coordinator(sh::imperative(book_trip), sh::imperative_claims());
  harness.use_participant("airline", airline(R"({"note":"late arrival"})"));
  const sh::Experiment stored = sh::over_store(harness.experiment(), sh::memory_store());
  EXPECT_THAT(sh::explore(stored, {.max_faults = 2, .kinds = kinds_with_an_answer(stored)}),
              sh::FindsNoViolation());
}

// ---- orders of a person, by way of the log

sh::SagaOperations operations_on(const sh::SagaTestHarness& harness) {
  return sh::SagaOperations(sh::memory_store(), {harness.experiment()}, [] { return std::int64_t{1}; });
}

TEST(ImperativeSagaTest, IsUndoneByHandThoughItHasBeenCommitted) {
  auto harness = harness_of(scenario("wiki_files"), generate_wiki);
  sh::SagaOperations sagas = operations_on(harness);
  sagas.create("wiki_files", "wiki-proj-123", {});
  EXPECT_EQ(sagas.resume("wiki-proj-123"), sh::Outcome::kCompleted);
  EXPECT_EQ(sagas.compensate("wiki-proj-123"), sh::Outcome::kCompensated);
  EXPECT_THAT(sagas.status("wiki-proj-123").compensated_steps,
              ElementsAre("create_snapshot", "save_images", "save_guide", "save_index"));
}

TEST(ImperativeSagaTest, CancelledBeforeItHasBegunItDoesNothing) {
  auto harness = harness_of(scenario("wiki_files"), generate_wiki);
  sh::SagaOperations sagas = operations_on(harness);
  sagas.create("wiki_files", "wiki-proj-123", {});
  EXPECT_EQ(sagas.cancel("wiki-proj-123"), sh::Outcome::kCompensated);
  EXPECT_THAT(sagas.status("wiki-proj-123").completed_steps, testing::IsEmpty());
}

// ---- mistakes

TEST(ImperativeSagaTest, CodeThatForgetsToCommitIsFoundOut) {
  auto harness = harness_of(scenario("wiki_files"), [](sh::ImperativeSaga& saga) {
    for (const char* step : {"save_index", "save_guide", "save_images", "create_snapshot"})
      saga.execute_step(step);
  });
  EXPECT_THAT(harness.start_saga(), sh::Violates(sh::Rule::kTerminates));
}

TEST(ImperativeSagaTest, ARollbackThatForgetsAFileIsFlaggedForIt) {
  auto harness = harness_of(scenario("wiki_files"), [](sh::ImperativeSaga& saga) {
    saga.execute_step(
        "Save wiki files",
        [](sh::StepCalls& calls) {
          calls.perform("save_index");
          return calls.perform("save_guide");
        },
        [](sh::StepCalls& calls) { calls.undo("save_guide"); });
    saga.rollback("nobody wants it");
  });
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kFlagged));
  EXPECT_THAT(run.flagged_steps, ElementsAre("save_index"));
}

// An Error that a coordinator lets out is in the run, and in what the run is blamed for.
std::string why_it_did_not_end(std::function<void(sh::ImperativeSaga&)> body) {
  auto harness = harness_of(scenario("wiki_files"), std::move(body));
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::Violates(sh::Rule::kTerminates));
  return run.violations().empty() ? std::string() : run.violations().front().explanation;
}

TEST(ImperativeSagaTest, AStepAskedForTwiceIsRefused) {
  EXPECT_THAT(why_it_did_not_end([](sh::ImperativeSaga& saga) {
                saga.execute_step("save_index");
                saga.execute_step("save_index");
              }),
              HasSubstr("asked for twice"));
}

TEST(ImperativeSagaTest, AStepThatIsNotThereIsRefusedWithTheNearest) {
  EXPECT_THAT(why_it_did_not_end([](sh::ImperativeSaga& saga) { saga.execute_step("save_indx"); }),
              HasSubstr("did you mean \"save_index\""));
}

}  // namespace
