// A stored log is taken up by the definition it was begun with, or by one that is known to mean the same.

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/saga_operations.hpp>

namespace saga_harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kIntentOfReserve = R"({"kind":"intent","step":"reserve"})";

Experiment experiment_of(Saga saga) {
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(std::move(saga));
  experiment.setup.coordinator = orchestrator();
  for (const std::string_view each : experiment.setup.saga->services())
    experiment.setup.participants.emplace(each, ledger_fake());
  return experiment;
}

const Step kReserve{.name = "reserve", .service = "stock", .compensation = "release"};
const Step kCharge{.name = "charge", .service = "bank", .compensation = "refund"};

Experiment before() { return experiment_of({.name = "two", .steps = {kReserve, kCharge}}); }
/// A step is gone.
Experiment without_a_step() { return experiment_of({.name = "two", .steps = {kCharge}}); }
/// Nothing is gone, and yet it is another definition.
Experiment with_another_retry() {
  Step charge = kCharge;
  charge.retry.attempts = 7;
  return experiment_of({.name = "two", .steps = {kReserve, charge}});
}

std::string hash_of(const Experiment& experiment) { return definition_hash_of(*experiment.setup.saga); }

/// A saga that `experiment` has begun, and whose coordinator died.
std::shared_ptr<LogStore> begun_with(const Experiment& experiment, std::string_view last = kIntentOfReserve) {
  std::shared_ptr<LogStore> store = memory_store();
  EXPECT_TRUE(store->create(
      {.saga_id = "S-1", .definition = "two", .context = "{}", .definition_hash = hash_of(experiment)}));
  EXPECT_EQ(store->append("S-1", 0, R"({"kind":"started"})"), LogWrite::kDurable);
  EXPECT_EQ(store->append("S-1", 1, last), LogWrite::kDurable);
  return store;
}

template <class Work>
std::string refusal_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kMisuse);
    return error.what();
  }
  return "(no error)";
}

TEST(DefinitionTest, ARecordOfAStepThatNamesNoneIsRefused) {
  for (const char* kind : {"intent", "done", "failed", "undone", "stuck"}) {
    const auto store = begun_with(before(), std::string(R"({"kind":")") + kind + R"("})");
    EXPECT_THAT(refusal_of([&] { return run_stored(before(), store, "S-1"); }),
                AllOf(HasSubstr("stored saga \"S-1\": record 2 of its log is about a step and names none"),
                      HasSubstr(kind)));
    EXPECT_EQ(store->load("S-1")->records.size(), 2U) << "nothing is written";
  }
}

TEST(DefinitionTest, ALogThatNamesAnUnknownStepIsRefusedWithSagaStepAndBothDefinitions) {
  const std::string expected =
      "stored saga \"S-1\": its log names the step \"reserve\", which the definition has not (begun with the "
      "definition \"two\" " +
      hash_of(before()) + ", taken up with \"two\" " + hash_of(without_a_step()) +
      "); take it up with the definition it was begun with, or migrate its log";
  const auto store = begun_with(before());
  EXPECT_EQ(refusal_of([&] { return run_stored(without_a_step(), store, "S-1"); }), expected);
  EXPECT_EQ(
      refusal_of([&] { return run_stored(without_a_step(), store, "S-1", {.accept_definition = true}); }),
      expected)
      << "what nobody knows cannot be accepted";
  SagaOperations sagas(store, {without_a_step()});
  EXPECT_EQ(refusal_of([&] { sagas.resume("S-1"); }), expected);
  EXPECT_EQ(refusal_of([&] { sagas.cancel("S-1"); }), expected);
  EXPECT_EQ(refusal_of([&] { sagas.compensate("S-1"); }), expected);
  EXPECT_EQ(sagas.status("S-1").state, StoredState::kRunning);
  EXPECT_EQ(store->load("S-1")->records.size(), 2U) << "no order is left in a log that nobody takes up";
}

TEST(DefinitionTest, AFlaggedStepThatIsUnknownIsRefusedToo) {
  const auto store = begun_with(before(), R"({"kind":"end","outcome":"flagged","flagged":["reserve"]})");
  EXPECT_THAT(refusal_of([&] { return run_stored(without_a_step(), store, "S-1"); }),
              HasSubstr("names the step \"reserve\""));
}

TEST(DefinitionTest, AnotherDefinitionIsTakenOnlyIfItIsAccepted) {
  const auto store = begun_with(before());
  EXPECT_THAT(refusal_of([&] { return run_stored(with_another_retry(), store, "S-1"); }),
              AllOf(StartsWith("stored saga \"S-1\": its definition has changed since"),
                    HasSubstr("begun with the definition \"two\" " + hash_of(before())),
                    HasSubstr("taken up with \"two\" " + hash_of(with_another_retry())),
                    HasSubstr("StoredOptions::accept_definition")));
  EXPECT_EQ(store->load("S-1")->records.size(), 2U);
  EXPECT_EQ(run_stored(with_another_retry(), store, "S-1", {.accept_definition = true}), Outcome::kCompleted);
  const auto other = begun_with(before());
  SagaOperations sagas(other, {with_another_retry()}, wall_clock(), {.accept_definition = true});
  EXPECT_EQ(sagas.resume("S-1"), Outcome::kCompleted);
}

TEST(DefinitionTest, TheHeadCarriesTheHashOfTheDefinition) {
  const std::shared_ptr<LogStore> store = memory_store();
  EXPECT_EQ(run_stored(before(), store, "S-1"), Outcome::kCompleted);
  EXPECT_EQ(store->load("S-1")->head.definition_hash, hash_of(before()));
  SagaOperations sagas(store, {before()});
  sagas.create("two", "S-2", {});
  EXPECT_EQ(store->load("S-2")->head.definition_hash, hash_of(before()));
}

TEST(DefinitionTest, OneBegunByAVersionThatKeptNoHashIsTakenUp) {
  const std::shared_ptr<LogStore> store = memory_store();
  EXPECT_TRUE(store->create({.saga_id = "S-1", .definition = "two", .context = "{}"}));
  EXPECT_EQ(store->append("S-1", 0, kIntentOfReserve), LogWrite::kDurable);
  EXPECT_THAT(refusal_of([&] { return run_stored(without_a_step(), store, "S-1"); }),
              HasSubstr("\"two\" without a hash"));
  EXPECT_EQ(run_stored(before(), store, "S-1"), Outcome::kCompleted);
}

TEST(DefinitionTest, ARecordOfAnUnknownKindIsRefusedAndATornOneIsNot) {
  const auto unknown = begun_with(before(), R"({"kind":"paused","step":"reserve"})");
  EXPECT_THAT(refusal_of([&] { return run_stored(before(), unknown, "S-1"); }),
              HasSubstr("record 2 of its log is of no kind that this version knows: \"{\"kind\":\"paused\""));
  const auto torn = begun_with(before(), R"({"kind":"intent","st)");
  EXPECT_EQ(run_stored(before(), torn, "S-1"), Outcome::kCompleted);
}

}  // namespace
}  // namespace saga_harness
