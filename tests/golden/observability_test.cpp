// Log lines, metrics and spans of runs, byte for byte.

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/observability.hpp>
#include <saga_harness/over_http.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>

#include "golden_file.hpp"
#include "samples.hpp"

namespace saga_harness::golden {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Case {
  std::string name = {};
  std::string scenario = {};
  std::string plan = {};
};
void PrintTo(const Case& which, std::ostream* out) { *out << which.name; }

const std::vector<Case> kCases = {
    {"completed", "order_processing", "process_payment.action#1:reply_lost"},
    {"compensated", "order_processing", "process_payment.action#1:rejected"},
    {"flagged", "order_processing",
     "process_payment.action#1:rejected, reserve_inventory.compensation#*:unavailable"},
    {"crashed", "order_processing", "process_payment.action#1@after_call:coordinator_crash"},
    {"fallback", "order_processing_fallback", "process_payment.action#1:rejected"},
    {"parallel", "travel_booking", "reserve_hotel.action#1:rejected"},
    {"choreography", "order_choreography",
     "process_payment.action#1:rejected, reserve_inventory.compensation#1:unavailable"},
    {"dead_letter", "order_choreography",
     "process_payment.action#1:rejected, create_order.compensation#*:unavailable"},
};

Experiment experiment_of(const std::string& scenario) {
  return experiment(load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + scenario + ".json"),
                    "reference", "reference");
}

class ObservabilityGoldenTest : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] static saga_harness::Run run_of(const Experiment& experiment) {
    return run_plan(experiment, resolve(parse_plan(GetParam().plan), *experiment.setup.saga));
  }
  [[nodiscard]] static std::string file(const char* ending) { return "observed_" + GetParam().name + ending; }

  saga_harness::Run run_ = run_of(experiment_of(GetParam().scenario));
};

TEST_P(ObservabilityGoldenTest, ThePlanStrikes) { EXPECT_TRUE(run_.unfired.empty()); }

TEST_P(ObservabilityGoldenTest, LogLines) { EXPECT_TRUE(matches_file(file(".log"), log_lines(run_))); }

TEST_P(ObservabilityGoldenTest, Metrics) { EXPECT_TRUE(matches_file(file(".prom"), prometheus_text(run_))); }

TEST_P(ObservabilityGoldenTest, Spans) { EXPECT_TRUE(matches_file(file(".otlp.json"), otlp_json(run_))); }

TEST_P(ObservabilityGoldenTest, OverHttpTheyAreTheSame) {
  const Experiment virtual_time = experiment_of(GetParam().scenario);
  if (virtual_time.setup.saga->is_choreography()) return;  // its deliveries are the bus's
  const saga_harness::Run run = run_of(over_http(virtual_time));
  EXPECT_EQ(log_lines(run), log_lines(run_));
  EXPECT_EQ(prometheus_text(run), prometheus_text(run_));
  EXPECT_EQ(otlp_json(run), otlp_json(run_));
}

INSTANTIATE_TEST_SUITE_P(Runs, ObservabilityGoldenTest, testing::ValuesIn(kCases),
                         [](const auto& which) { return which.param.name; });

TEST(ObservabilityTest, LogsWhatCliffracerLogs) {
  const Experiment experiment = experiment_of("order_processing");
  const saga_harness::Run run = run_plan(experiment, parse_plan("process_payment.action#1:rejected"));
  EXPECT_EQ(log_lines(run, "123"),
            "[SAGA-123] Starting saga: order_processing\n"
            "[SAGA-123] Step 1/5: create_order - SUCCESS\n"
            "[SAGA-123] Step 2/5: reserve_inventory - SUCCESS\n"
            "[SAGA-123] Step 3/5: process_payment - FAILED\n"
            "[SAGA-123] Compensating: release_inventory\n"
            "[SAGA-123] Compensating: cancel_order\n"
            "[SAGA-123] Saga compensated successfully\n");
}

/// Of a coordinator whose log nobody sees.
saga_harness::Run unlogged_run() {
  const Experiment experiment = sample_experiment();
  saga_harness::Run run = violating_run(*experiment.setup.saga);
  run.saga = experiment.setup.saga->saga();
  return run;
}

TEST(ObservabilityTest, WhoKeepsNoLogShowsByGoingBackWhatFailed) {
  EXPECT_EQ(log_lines(unlogged_run(), "7"),
            "[SAGA-7] Starting saga: order\n"
            "[SAGA-7] Step 1/3: create_order - SUCCESS\n"
            "[SAGA-7] Step 2/3: process_payment - FAILED\n"
            "[SAGA-7] Compensating: cancel_order\n"
            "[SAGA-7] Saga compensated successfully\n");
}

TEST(ObservabilityTest, MetricsOfManyRunsAreTheirSum) {
  const Experiment experiment = experiment_of("order_processing");
  SagaMetrics metrics;
  for (const char* plan : {"none", "process_payment#1:rejected", "create_order#1:rejected"})
    metrics.add(run_plan(experiment, parse_plan(plan)));
  const std::string text = metrics.to_text();
  EXPECT_THAT(text, HasSubstr("\nsaga_started_total{type=\"order_processing\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\nsaga_completed_total{type=\"order_processing\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nsaga_failed_total{type=\"order_processing\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\nsaga_compensated_total{type=\"order_processing\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\nsaga_success_ratio{type=\"order_processing\"} 0.3333333333333333\n"));
  EXPECT_THAT(text, HasSubstr("saga_step_duration_seconds_count{type=\"order_processing\","
                              "step=\"create_order\",operation=\"action\"} 3\n"));
}

TEST(ObservabilityTest, AReportTellsHowItsSagasEnded) {
  const std::vector<std::string> paths{std::string(SAGA_HARNESS_GOLDEN_DIR) + "/records/violated.runs.jsonl"};
  EXPECT_TRUE(matches_file("report_violated.prom", prometheus_text(merge_record_files(paths))));
}

// A definition has no control characters in its names; what a program throws, and a saga's id, may have any.
TEST(ObservabilityTest, ForeignTextStaysInItsLine) {
  saga_harness::Run run = unlogged_run();
  run.saga.name = "or\"der\\{}\xe2\x80\xa8</script>";
  run.saga.steps[0].name = "create\"}\\";
  run.trace.events.push_back(
      {.at = 254000, .text = static_cast<std::uint32_t>(run.trace.texts.size()), .type = EventType::kThrew});
  run.trace.texts.emplace_back("\xff\x1b[31m\n[SAGA-7] Saga completed successfully");
  const std::string log = log_lines(run, "7\n[SAGA-8]");
  EXPECT_THAT(log, Not(HasSubstr("\n[SAGA-8]")));
  EXPECT_THAT(log, Not(HasSubstr("\n[SAGA-7] Saga completed successfully")));
  EXPECT_THAT(log, HasSubstr("Coordinator failed: \\xff\\x1b[31m\\x0a[SAGA-7] Saga completed"));
  EXPECT_THAT(prometheus_text(run), HasSubstr("type=\"or\\\"der\\\\{}\\\\u{2028}</script>\""));
  EXPECT_THAT(prometheus_text(run), HasSubstr("step=\"create\\\"}\\\\\""));
  const std::string spans = otlp_json(run, "7\n[SAGA-8]");
  for (const char* const raw : {"\xff", "\x1b", "\xe2\x80\xa8"}) {
    EXPECT_THAT(log, Not(HasSubstr(raw)));
    EXPECT_THAT(spans, Not(HasSubstr(raw)));
    EXPECT_THAT(prometheus_text(run), Not(HasSubstr(raw)));
  }
  EXPECT_THAT(spans, HasSubstr("Saga completed successfully"));
}

}  // namespace
}  // namespace saga_harness::golden
