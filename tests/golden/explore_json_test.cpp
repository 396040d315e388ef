#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <saga_harness/run_records.hpp>
#include <saga_harness/search_reports.hpp>

#include "golden_file.hpp"
#include "samples.hpp"

namespace saga_harness::golden {
namespace {

using nlohmann::json;

class ExploreJsonTest : public testing::Test {
 protected:
  [[nodiscard]] const SagaIndex& saga() const { return *experiment_.setup.saga; }

  Experiment experiment_ = sample_experiment();
  ExploreOptions options_ = {};
};

TEST_F(ExploreJsonTest, IsTheSameToTheByte) {
  EXPECT_TRUE(matches_file("explore_violated.json",
                           explore_json(experiment_, options_, violated_exploration(saga()))));
}

TEST_F(ExploreJsonTest, WritesCountsThatADoubleCannotHold) {
  Exploration exploration = upheld_exploration(saga());
  exploration.schedules = 18446744073709551615U;
  const json document = json::parse(explore_json(experiment_, options_, exploration));
  EXPECT_EQ(document["schedules"], "18446744073709551615");
}

TEST_F(ExploreJsonTest, NamesTheKindsThatWereTried) {
  options_.kinds = {FaultKind::kReplyLost};
  options_.windows = false;
  const json document = json::parse(explore_json(experiment_, options_, bounded_exploration(saga())));
  EXPECT_EQ(document["kinds"], json::array({"reply_lost"}));
  EXPECT_EQ(document["windows"], false);
  EXPECT_EQ(document["verdict"], "inconclusive");
}

TEST_F(ExploreJsonTest, StaysJsonWhateverTheTextsHold) {
  Exploration exploration = violated_exploration(saga());
  exploration.findings[0].explanation = "\xff\"\n\x01";
  const json document = json::parse(explore_json(experiment_, options_, exploration));
  EXPECT_EQ(document["findings"][0]["explanation"], "\xEF\xBF\xBD\"\n\x01");
}

TEST_F(ExploreJsonTest, RunRecordsAreOneLineEach) {
  const FaultPlan plan = violating_run(saga()).plan;
  Judgement judgement(kRuleCount, VerdictStatus::kHeld);
  judgement[static_cast<std::size_t>(Rule::kTruthfulOutcome)] = VerdictStatus::kViolated;
  judgement[static_cast<std::size_t>(Rule::kTransientFaultsMasked)] = VerdictStatus::kUnknown;
  Observation observation;
  observation.outcome = Outcome::kCompensated;
  const saga_harness::Run shown = violating_run(saga());
  observation.events = shown.trace.events;
  observation.effects = shown.ledger.effects;
  const std::vector<Violation> violations{{Rule::kTruthfulOutcome, saga().find_step("process_payment")}};
  const Schedule schedule{.number = 7,
                          .plan = plan,
                          .observation = observation,
                          .judgement = judgement,
                          .violations = violations,
                          .blamed = true,
                          .run = &shown};
  RunRecords records(experiment_, options_);
  std::string text = records.header();
  text += records.record(schedule);
  text += records.record(shown);
  Exploration end = violated_exploration(saga());
  end.schedules = end.violated_schedules = 2;
  end.findings.resize(1);
  text += records.end(end);
  EXPECT_TRUE(matches_file("runs.jsonl", text));
}

}  // namespace
}  // namespace saga_harness::golden
