#include <saga_harness/scenario.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <saga_harness/error.hpp>

namespace saga_harness {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

const std::string kSaga = R"("saga":{"name":"shopping","steps":[)"
                          R"({"name":"take","service":"shop","compensation":"give_back"},)"
                          R"({"name":"pay","service":"bank","compensation":"refund"}],"context":{"a":1}})";

Scenario parse_text(const std::string& rest) { return parse_scenario("{" + kSaga + rest + "}", "shop.json"); }

std::string scenario_refusal(const std::string& rest) {
  try {
    (void)parse_text(rest);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kMisuse);
    return error.what();
  }
  return "no error";
}

std::string answered(const std::string& gives) {
  return R"({"saga":{"name":"audited","steps":[{"name":"look_up","service":"orders","compensatable":false,)"
         R"("result":{"type":"integer"}}]},"participants":{"orders":{"gives":)" +
         gives + "}}}";
}

TEST(ScenarioTest, ReadsWhatAServiceAnswers) {
  const Scenario scenario = parse_scenario(answered(R"({"look_up":{"type":13}})"), "f.json");
  EXPECT_EQ(scenario.participants.at("orders").gives, (GivenResults{{"look_up", {{"type", 13}}}}));
}

TEST(ScenarioTest, RefusesAnswersThatAreNotDeclared) {
  const auto refusal = [](const std::string& gives) -> std::string {
    try {
      static_cast<void>(parse_scenario(answered(gives), "f.json"));
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(
      refusal(R"({"lok_up":{"type":13}})"),
      "f.json: /participants/orders/gives/lok_up: the service \"orders\" has no step \"lok_up\"; did you "
      "mean \"look_up\"?; remove or rename it");
  EXPECT_THAT(refusal(R"({"look_up":{"tpe":13}})"),
              HasSubstr("/gives/look_up/tpe: the step \"look_up\" declares no result \"tpe\"; did you mean "
                        "\"type\"?"));
  EXPECT_THAT(refusal(R"({"look_up":{"type":1.5}})"),
              HasSubstr("/gives/look_up/type: 1.5 is not of the declared type \"integer\""));
}

TEST(ScenarioTest, ReadsASagaAlone) {
  const Scenario scenario = parse_text("");
  EXPECT_EQ(scenario.source, "shop.json");
  EXPECT_EQ(scenario.saga.name, "shopping");
  EXPECT_EQ(scenario.saga.steps.size(), 2U);
  EXPECT_EQ(scenario.saga.context.text(), R"({"a":1})");
  EXPECT_THAT(scenario.participants, IsEmpty());
  EXPECT_THAT(scenario.switched_off, IsEmpty());
}

TEST(ScenarioTest, ReadsParticipants) {
  const Scenario scenario = parse_text(R"(,"participants":{
    "shop":{"fake":"stock","stock":{"B":0,"A":10},"guarantees":{"tombstones":false}},
    "bank":{"guarantees":{"deduplicates":false,"null_compensation":false,"idempotent_compensation":false}}})");
  const ParticipantSpec shop{
      .fake = FakeKind::kStock, .amounts = {{"A", 10}, {"B", 0}}, .guarantees = {.tombstones = false}};
  const ParticipantSpec bank{
      .guarantees = {.deduplicates = false, .null_compensation = false, .idempotent_compensation = false}};
  EXPECT_THAT(scenario.participants, ElementsAre(Pair("bank", bank), Pair("shop", shop)));
}

TEST(ScenarioTest, KnowsEveryFake) {
  EXPECT_EQ(parse_text(R"(,"participants":{"shop":{"fake":"ledger"}})").participants.at("shop").fake,
            FakeKind::kLedger);
  EXPECT_EQ(parse_text(R"(,"participants":{"shop":{"fake":"orders"}})").participants.at("shop").fake,
            FakeKind::kOrders);
  EXPECT_EQ(parse_text(R"(,"participants":{"shop":{"fake":"shipments"}})").participants.at("shop").fake,
            FakeKind::kShipments);
  const ParticipantSpec bank =
      parse_text(R"(,"participants":{"bank":{"fake":"balances","balances":{"C":5}}})")
          .participants.at("bank");
  EXPECT_EQ(bank, (ParticipantSpec{.fake = FakeKind::kBalances, .amounts = {{"C", 5}}}));
}

TEST(ScenarioTest, ReadsSwitchedOffRulesByNumberOrName) {
  const Scenario scenario =
      parse_text(R"(,"switched_off":{"I15":"never in stock","reverse order":"parallel"})");
  ASSERT_EQ(scenario.switched_off.size(), 2U);
  EXPECT_EQ(scenario.switched_off[0].rule, Rule::kTransientFaultsMasked);
  EXPECT_EQ(scenario.switched_off[0].reason, "never in stock");
  EXPECT_EQ(scenario.switched_off[1].rule, Rule::kReverseOrder);
}

TEST(ScenarioTest, RefusesUnknownKeysWithTheNearest) {
  EXPECT_THAT(scenario_refusal(R"(,"participant":{})"),
              AllOf(StartsWith("shop.json: /participant: "), HasSubstr(R"(did you mean "participants"?)")));
  EXPECT_THAT(scenario_refusal(R"(,"participants":{"shop":{"guarantee":{}}})"),
              AllOf(StartsWith("shop.json: /participants/shop/guarantee: "), HasSubstr(R"("guarantees")")));
  EXPECT_THAT(scenario_refusal(R"(,"participants":{"shop":{"guarantees":{"deduplicate":false}}})"),
              AllOf(StartsWith("shop.json: /participants/shop/guarantees/deduplicate: "),
                    HasSubstr(R"("deduplicates")")));
}

TEST(ScenarioTest, RefusesAnUnknownFakeWithTheNearest) {
  EXPECT_THAT(
      scenario_refusal(R"(,"participants":{"shop":{"fake":"stok"}})"),
      AllOf(StartsWith("shop.json: /participants/shop/fake: "), HasSubstr(R"(did you mean "stock"?)")));
}

TEST(ScenarioTest, RefusesAnUnknownServiceWithTheNearest) {
  EXPECT_THAT(scenario_refusal(R"(,"participants":{"shopp":{}})"),
              AllOf(StartsWith("shop.json: /participants/shopp: "), HasSubstr(R"(did you mean "shop"?)")));
}

TEST(ScenarioTest, RefusesAmountsWhereTheFakeHasNone) {
  EXPECT_THAT(scenario_refusal(R"(,"participants":{"shop":{"stock":{"A":1}}})"),
              AllOf(StartsWith("shop.json: /participants/shop/stock: "),
                    HasSubstr(R"(the fake "ledger" has no key)")));
  EXPECT_THAT(scenario_refusal(R"(,"participants":{"shop":{"fake":"stock","balances":{"A":1}}})"),
              StartsWith("shop.json: /participants/shop/balances: "));
}

TEST(ScenarioTest, RefusesMissingAndImpossibleAmounts) {
  const auto stock_refusal = [](const std::string& stock) {
    return scenario_refusal(R"(,"participants":{"shop":{"fake":"stock")" + stock + "}}");
  };
  EXPECT_THAT(stock_refusal(""),
              AllOf(StartsWith("shop.json: /participants/shop: "), HasSubstr(R"("stock" is missing)")));
  for (const char* amount : {"-1", "1.5", R"("1")", "null", "10000000000001"}) {
    EXPECT_THAT(
        stock_refusal(R"(,"stock":{"A":)" + std::string(amount) + "}"),
        AllOf(StartsWith("shop.json: /participants/shop/stock/A: "), HasSubstr("from 0 to 10000000000000")))
        << amount;
  }
}

TEST(ScenarioTest, RefusesMoreMoneyThanThereMayBe) {
  EXPECT_THAT(scenario_refusal(
                  R"(,"participants":{"bank":{"fake":"balances","balances":{"C":10000000000000,"D":1}}})"),
              AllOf(StartsWith("shop.json: /participants/bank/balances/D: "), HasSubstr("from 0 to 0")));
  EXPECT_EQ(
      scenario_refusal(R"(,"participants":{"shop":{"fake":"stock","stock":{"C":10000000000000,"D":1}}})"),
      "no error");
}

TEST(ScenarioTest, RefusesUnknownRepeatedAndUnexplainedRules) {
  EXPECT_THAT(scenario_refusal(R"(,"switched_off":{"reverse-order":"why"})"),
              AllOf(StartsWith("shop.json: /switched_off/reverse-order: "),
                    HasSubstr(R"(there is no rule "reverse-order"; did you mean "reverse order"?)")));
  EXPECT_THAT(scenario_refusal(R"(,"switched_off":{"I15":"why","transient faults are masked":"why"})"),
              AllOf(StartsWith("shop.json: /switched_off/transient faults are masked: "),
                    HasSubstr("I15 is switched off twice")));
  EXPECT_THAT(scenario_refusal(R"(,"switched_off":{"I15":""})"), HasSubstr("the reason is empty"));
  EXPECT_THAT(scenario_refusal(R"(,"switched_off":{"I15":true})"), HasSubstr("expected a string"));
  EXPECT_THAT(scenario_refusal(R"(,"switched_off":["I15"])"),
              StartsWith("shop.json: /switched_off: expected an object"));
}

TEST(ScenarioTest, SaysWhereInTheSagaSomethingIsWrong) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      (void)parse_scenario(text, "shop.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(refusal("{}"), AllOf(StartsWith("shop.json: "), HasSubstr(R"("saga" is missing)")));
  EXPECT_THAT(refusal(R"({"saga":{"name":"s","steps":[{"name":"a","service":"b","timeout":10}]}})"),
              StartsWith("shop.json: /saga/steps/0/timeout: "));
  EXPECT_THAT(
      refusal(
          R"({"saga":{"name":"s","steps":[{"name":"a","service":"b","after":["c"],"compensatable":false}]}})"),
      HasSubstr("/saga/steps/0/after/0"));
  EXPECT_THAT(refusal("[]"), StartsWith("shop.json: "));
  EXPECT_THAT(refusal("{"), StartsWith("shop.json:1:"));
  EXPECT_THAT(refusal(R"({"saga":{},"saga":{}})"), HasSubstr("twice"));
  EXPECT_THAT(refusal("{\"saga\xff\":1}"), StartsWith("shop.json"));
}

TEST(ScenarioTest, RefusesHugeAndDeepTexts) {
  EXPECT_THROW((void)parse_scenario(std::string(std::size_t{64} << 20U, ' '), "shop.json"), Error);
  EXPECT_THROW((void)parse_scenario(std::string(100'000, '['), "shop.json"), Error);
}

std::string load_refusal_of(const std::string& path) {
  try {
    (void)load_scenario(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ScenarioTest, ReadsFieldsThatMayDiffer) {
  const auto scenario_with = [](std::string_view fields) {
    return parse_scenario(
        R"({"saga": {"name": "s", "steps": [{"name": "a", "service": "x", "pivot": true}]}, "volatile": )" +
            std::string(fields) + "}",
        "file.json");
  };
  const Scenario scenario = scenario_with(R"(["/requested_at", "/trace/id"])");
  EXPECT_THAT(scenario.volatile_fields, testing::ElementsAre("/requested_at", "/trace/id"));
  EXPECT_EQ(experiment(scenario).setup.volatile_fields, scenario.volatile_fields);
  for (const char* wrong : {R"(["/a", "requested_at"])", R"(["/a", ""])", R"(["/a", "/~x"])"}) {
    try {
      static_cast<void>(scenario_with(wrong));
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("file.json: /volatile/1")) << wrong;
    }
  }
}

TEST(ScenarioFileTest, SaysWhichFileCannotBeRead) {
  EXPECT_THAT(load_refusal_of("no/such/file.json"),
              StartsWith("no/such/file.json: the file cannot be read: "));
  EXPECT_THAT(load_refusal_of(SAGA_HARNESS_SCRATCH_DIR),
              StartsWith(SAGA_HARNESS_SCRATCH_DIR ": the file cannot be read: "));
}

TEST(ScenarioFileTest, RefusesAFileThatIsTooLarge) {
  const std::string path = std::string(SAGA_HARNESS_SCRATCH_DIR) + "/too_large_scenario.json";
  {
    std::ofstream file(path, std::ios::binary);
    file.seekp((std::streamoff{64} << 20U) - 1);
    file.put(' ');
  }
  EXPECT_EQ(load_refusal_of(path), path + ": the file has more than 16777216 bytes (16 MiB); split it");
  std::filesystem::remove(path);
}

class ShippedScenarioTest : public testing::TestWithParam<const char*> {};

TEST_P(ShippedScenarioTest, LoadsAndIsNamedAfterItsFile) {
  const Scenario scenario =
      load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + GetParam() + ".json");
  EXPECT_EQ(scenario.saga.name, GetParam());
  EXPECT_EQ(scenario.saga.steps.size(), 5U);
  EXPECT_EQ(scenario.saga.context.text(),
            R"({"customer_id":"CUST-123","items":[{"product_id":"PROD-1","quantity":2},)"
            R"({"product_id":"PROD-2","quantity":1}],"total_amount":99.99})");
  EXPECT_THAT(
      scenario.participants,
      ElementsAre(Pair("inventory_service", testing::Field(&ParticipantSpec::fake, FakeKind::kStock)),
                  Pair("order_service", testing::Field(&ParticipantSpec::fake, FakeKind::kOrders)),
                  Pair("payment_service", testing::Field(&ParticipantSpec::fake, FakeKind::kBalances)),
                  Pair("shipping_service", testing::Field(&ParticipantSpec::fake, FakeKind::kShipments))));
}

INSTANTIATE_TEST_SUITE_P(All, ShippedScenarioTest,
                         testing::Values("order_processing", "order_processing_fallback",
                                         "order_processing_short_stock"),
                         [](const auto& scenario) { return std::string(scenario.param); });

}  // namespace
}  // namespace saga_harness
