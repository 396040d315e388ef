#include <gtest/gtest.h>

#include <chrono>
#include <saga_harness/engine.hpp>
#include <saga_harness/handler_context.hpp>
#include <saga_harness/log_store.hpp>
#include <saga_harness/participant.hpp>
#include <saga_harness/runtime.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintRuntimeTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(LogWrite::kFailed), "failed");
  EXPECT_EQ(PrintToString(Handled::kAgain), "again");
}

TEST(PrintRuntimeTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(RunBounds{.max_calls = 7}), "RunBounds{.max_calls = 7}");
  EXPECT_EQ(PrintToString(saga_harness::Setup{.saga_id = "some text"}), "Setup{.saga_id = \"some text\"}");
  EXPECT_EQ(PrintToString(StoredHead{.saga_id = "some text"}), "StoredHead{.saga_id = \"some text\"}");
  EXPECT_EQ(PrintToString(StoredSaga{.records = {"started"}}), "StoredSaga{.records = [\"started\"]}");
  EXPECT_EQ(PrintToString(StoredLine{.last = "some text"}), "StoredLine{.last = \"some text\"}");
  EXPECT_EQ(PrintToString(StoredRecord{.step = "some text"}), "StoredRecord{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(Delivery{.saga_id = "some text"}), "Delivery{.saga_id = \"some text\"}");
  EXPECT_EQ(PrintToString(Request{.service = "some text"}), "Request{.service = \"some text\"}");
  EXPECT_EQ(PrintToString(Reply{.body = "some text"}), "Reply{.body = \"some text\"}");
  EXPECT_EQ(PrintToString(LogRecord{.step = "some text"}), "LogRecord{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(EventDelivery{.event = "some text"}), "EventDelivery{.event = \"some text\"}");
  EXPECT_EQ(PrintToString(OutgoingEvent{.event = "some text"}), "OutgoingEvent{.event = \"some text\"}");
}

class NoLedger final : public Bookkeeper {
 public:
  void apply(const Delivery& /*delivery*/) override {}
  void undo(const Delivery& /*delivery*/) override {}
  [[nodiscard]] const Effect& effect(StepId /*step*/) override { return effect_; }
  void mark(std::string_view /*name*/) override {}
  void commit(const Delivery& /*delivery*/) override {}

 private:
  Effect effect_ = {};
};

TEST(PrintRuntimeTest, ShowsWhereEffectsAreWrittenByItsName) {
  NoLedger ledger;
  EXPECT_EQ(PrintToString(EffectRecorder(ledger)), "EffectRecorder");
}

TEST(PrintRuntimeTest, ShowsRequestsAndReplies) {
  EXPECT_EQ(PrintToString(Request{.service = "bank", .action = "pay", .timeout = std::chrono::seconds(2)}),
            "Request{.service = \"bank\", .action = \"pay\", .timeout = 2s}");
  EXPECT_EQ(PrintToString(Reply{.status = ReplyStatus::kRejected, .body = R"({"error":"no"})"}),
            R"(Reply{.status = rejected, .body = "{"error":"no"}"})");
  EXPECT_EQ(PrintToString(
                Delivery{.action = "pay", .operation = {.step = 2, .operation = Operation::kCompensation}}),
            "Delivery{.action = \"pay\", .operation = OperationId{.step = 2, .operation = compensation}}");
  EXPECT_EQ(PrintToString(ReplyBody("{}")), "\"{}\"");
  EXPECT_EQ(PrintToString(Pending()), "Pending{0}");
  EXPECT_EQ(PrintToString(Runtime::Completion{.index = 1, .reply = {}}), "Completion{.index = 1}");
}

}  // namespace
}  // namespace saga_harness
