// The test that a finding gives its reader to paste.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <saga_harness/replay.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Finding finding() {
  return {.rule = Rule::kTruthfulOutcome,
          .step = "process_payment",
          .plan = parse_plan("process_payment.action#1:reply_lost, create_order.compensation#*:unavailable")};
}

TEST(GtestCaseTest, LoadsTheScenarioItCameFrom) {
  Experiment experiment = subject(order_saga(), OrchestratorBug::kSkipsFirst);
  experiment.source = "scenarios/order_processing.json";
  EXPECT_EQ(gtest_case(finding(), *experiment.setup.saga, experiment),
            R"(TEST(OrderProcessingSaga, TruthfulOutcomeOfProcessPayment) {
  auto harness = saga_harness::SagaTestHarness::from_file("scenarios/order_processing.json", "skips_first");
  harness.plan("process_payment.action#1:reply_lost, create_order.compensation#*:unavailable");
  EXPECT_THAT(harness.start_saga(), saga_harness::UpholdsAllInvariants());
}
)");
}

TEST(GtestCaseTest, NamesOnlyWhatIsNotTheReference) {
  Experiment experiment = subject(order_saga());
  experiment.source = "order.json";
  const auto text = [&] { return gtest_case(finding(), *experiment.setup.saga, experiment); };
  EXPECT_THAT(text(), HasSubstr("::from_file(\"order.json\");"));
  experiment.participant_name = "no_dedup";
  EXPECT_THAT(text(), HasSubstr("::from_file(\"order.json\", \"reference\", \"no_dedup\");"));
}

TEST(GtestCaseTest, LeavesOutWhatIsMaskedAndSaysSo) {
  Saga saga{.name = "tiny", .steps = {{.name = "a", .service = "s", .pivot = true}}};
  saga.context = {{"card", "4111-1111"}};
  saga.mask = {"/card"};
  Experiment experiment = subject(saga);
  Finding whole_saga{.rule = Rule::kTerminates};
  const auto text = [&] { return gtest_case(whole_saga, *experiment.setup.saga, experiment); };
  EXPECT_THAT(text(), AllOf(Not(HasSubstr("4111")), HasSubstr("stands for data that is masked")));
  experiment.source = "tiny.json";
  EXPECT_THAT(text(), Not(HasSubstr("masked"))) << "the file has it";
  experiment.setup.context = {{"card", "5500-0000"}};
  EXPECT_THAT(text(), AllOf(Not(HasSubstr("5500")), HasSubstr("stands for data that is masked")));
}

TEST(GtestCaseTest, SpellsOutADefinitionThatHasNoFile) {
  const Experiment experiment =
      subject({.name = "tiny", .steps = {{.name = "a", .service = "s", .pivot = true}}});
  Finding whole_saga = finding();
  whole_saga.rule = Rule::kTerminates;
  whole_saga.step.clear();
  whole_saga.plan = {};
  const std::string json = to_json(experiment.setup.saga->saga());
  EXPECT_EQ(gtest_case(whole_saga, *experiment.setup.saga, experiment),
            "TEST(TinySaga, Terminates) {\n"
            "  saga_harness::SagaTestHarness harness(saga_harness::parse_saga(R\"json(" +
                json +
                ")json\", \"tiny\"));\n"
                "  harness.plan(\"none\");\n"
                "  EXPECT_THAT(harness.start_saga(), saga_harness::UpholdsAllInvariants());\n"
                "}\n");
}

TEST(GtestCaseTest, WritesConditionsAndWhatTheSagaStartsWith) {
  Saga saga = order_saga();
  saga.steps[1].only_if = Condition{.pointer = "/items", .comparison = Comparison::kAbove, .value = 0};
  saga.context = Context{{"items", 1}};
  Experiment experiment = subject(saga);
  EXPECT_THAT(gtest_case(finding(), *experiment.setup.saga, experiment),
              AllOf(HasSubstr(R"("only_if":{"pointer":"/items","above":0})"), HasSubstr(".start_saga(), ")));
  experiment.setup.context = Context{{"items", 0}};
  EXPECT_THAT(gtest_case(finding(), *experiment.setup.saga, experiment),
              HasSubstr(R"-(.start_saga(saga_harness::Context::parse(R"json({"items":0})json")), )-"));
}

TEST(GtestCaseTest, SaysWhatItCannotWriteDown) {
  Experiment experiment = subject(order_saga());
  EXPECT_THAT(gtest_case(finding(), *experiment.setup.saga, experiment), Not(HasSubstr("//")));
  experiment.coordinator_name = "custom";
  EXPECT_THAT(gtest_case(finding(), *experiment.setup.saga, experiment),
              HasSubstr("  // harness.use_coordinator(…): give it the coordinator that was explored\n"));
  experiment.participant_name = "custom";
  EXPECT_THAT(gtest_case(finding(), *experiment.setup.saga, experiment),
              HasSubstr("  // harness.use_participant(…): give it the participants that were explored\n"));
}

TEST(GtestCaseTest, NamesAreIdentifiersWhateverTheSagaIsCalled) {
  for (const auto& [name, suite] :
       std::vector<std::pair<std::string, std::string>>{{"42 orders, please", "S42OrdersPleaseSaga"},
                                                        {"été", "TSaga"},
                                                        {"£€", "SagaSaga"},
                                                        {"a-b_c", "ABCSaga"}}) {
    const Experiment experiment =
        subject({.name = name, .steps = {{.name = "a", .service = "s", .pivot = true}}});
    Finding any = finding();
    any.step = "a-1";
    EXPECT_THAT(gtest_case(any, *experiment.setup.saga, experiment),
                HasSubstr("TEST(" + suite + ", TruthfulOutcomeOfA1) {\n"));
  }
}

TEST(GtestCaseTest, TextsThatARawStringCannotHoldAreEscaped) {
  const Experiment experiment =
      subject({.name = "raw )json", .steps = {{.name = "a", .service = "s", .pivot = true}}});
  const std::string text = gtest_case(finding(), *experiment.setup.saga, experiment);
  EXPECT_THAT(text, Not(HasSubstr("R\"json")));
  EXPECT_THAT(text, HasSubstr("\\\"raw )json\\\""));
}

TEST(GtestCaseTest, BytesBeyondAsciiAreSafeBesideDigits) {
  Experiment experiment = subject(order_saga());
  experiment.source =
      "d\xC3\xA9"
      "1/\x01"
      "2\\x\".json";
  EXPECT_THAT(gtest_case(finding(), *experiment.setup.saga, experiment),
              HasSubstr("from_file(\"d\\303\\2511/\\0012\\\\x\\\".json\")"));
}

}  // namespace
}  // namespace saga_harness::explore_test
