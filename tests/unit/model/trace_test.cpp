#include <saga_harness/trace.hpp>

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::order_saga;

template <typename Enum>
std::uint8_t byte(Enum value) {
  return static_cast<std::uint8_t>(value);
}

// One event of every type, and every detail that shows.
Trace every_type() {
  constexpr StepId kPaymentStep = 2;
  const auto at_payment = [](EventType type) {
    return Event{.at = 2000, .call = 3, .step = kPaymentStep, .attempt = 1, .type = type, .incarnation = 1};
  };
  const auto with = [](Event event, std::uint8_t detail, std::uint32_t text = 0) {
    event.detail = detail;
    event.text = text;
    return event;
  };
  const auto plain = [](EventType type) { return Event{.at = 12345678, .type = type, .incarnation = 2}; };
  Event undo = at_payment(EventType::kUndone);
  undo.operation = Operation::kCompensation;
  undo.attempt = 12;
  Trace trace{.texts = {"", "order-1/process_payment/action", "no \"luck\"\n", "max_calls", "forward_order"}};
  trace.events = {
      with(plain(EventType::kStarted), 0),
      with(plain(EventType::kLogged), byte(LogKind::kStarted)),
      with(at_payment(EventType::kLogged), byte(LogKind::kIntent)),
      with(at_payment(EventType::kSent), 0, 1),
      with(at_payment(EventType::kFault), byte(FaultKind::kReplyLost),
           pack(Instant::kCall, FaultDuration::kOnce)),
      with(at_payment(EventType::kFault), byte(FaultKind::kUnavailable),
           pack(Instant::kCall, FaultDuration::kForever)),
      with(at_payment(EventType::kDelivered), 0),
      with(at_payment(EventType::kDelivered), 1),
      at_payment(EventType::kApplied),
      undo,
      with(at_payment(EventType::kAnswered), byte(ReplyStatus::kOk)),
      with(at_payment(EventType::kAnswered), byte(ReplyStatus::kOk), 1),
      with(at_payment(EventType::kReceived), byte(ReplyStatus::kUnavailable)),
      at_payment(EventType::kTimedOut),
      at_payment(EventType::kDropped),
      with(at_payment(EventType::kLogged), byte(LogKind::kFailed), 1),
      with(plain(EventType::kFault), byte(FaultKind::kCoordinatorCrash),
           pack(Instant::kBeforeEnd, FaultDuration::kOnce)),
      plain(EventType::kCrashed),
      with(plain(EventType::kStarted), 1),
      with(plain(EventType::kLogged), byte(LogKind::kEnd), byte(Outcome::kFlagged)),
      at_payment(EventType::kLoggedStep),
      with(plain(EventType::kLogged), byte(LogKind::kNote), 4),
      with(plain(EventType::kReported), byte(Outcome::kFlagged)),
      at_payment(EventType::kReportedStep),
      plain(EventType::kReturned),
      with(plain(EventType::kThrew), 0, 2),
      with(plain(EventType::kGaveUp), 0, 3),
      plain(EventType::kHealed),
      with(plain(EventType::kStarted), 2),
      with(plain(EventType::kMarked), 0, 4),
  };
  trace.events[16].attempt = 1;
  return trace;
}

TEST(TraceTextTest, ShowsEveryTypeOfEvent) {
  EXPECT_EQ(to_string(every_type(), SagaIndex(order_saga())),
            R"(  12345.678ms  started        first  [incarnation 2]
  12345.678ms  logged         started  [incarnation 2]
      2.000ms  logged         intent process_payment.action
      2.000ms  sent           process_payment.action#1  key "order-1/process_payment/action"
      2.000ms  fault          reply_lost at process_payment.action#1
      2.000ms  fault          unavailable at process_payment.action#*
      2.000ms  delivered      process_payment.action#1
      2.000ms  delivered      process_payment.action#1  duplicate
      2.000ms  applied        process_payment.action#1
      2.000ms  undone         process_payment.compensation#12
      2.000ms  answered       process_payment.action#1  ok
      2.000ms  answered       process_payment.action#1  ok (duplicate)
      2.000ms  received       process_payment.action#1  unavailable
      2.000ms  timed_out      process_payment.action#1
      2.000ms  dropped        process_payment.action#1
      2.000ms  logged         failed process_payment.action  maybe done
  12345.678ms  fault          coordinator_crash at saga#1@before_end  [incarnation 2]
  12345.678ms  crashed        [incarnation 2]
  12345.678ms  started        after_crash  [incarnation 2]
  12345.678ms  logged         end  flagged  [incarnation 2]
      2.000ms  logged_step    process_payment
  12345.678ms  logged         note  "forward_order"  [incarnation 2]
  12345.678ms  reported       flagged  [incarnation 2]
      2.000ms  reported_step  process_payment
  12345.678ms  returned       [incarnation 2]
  12345.678ms  threw          no "luck"\x0a  [incarnation 2]
  12345.678ms  gave_up        max_calls  [incarnation 2]
  12345.678ms  healed         [incarnation 2]
  12345.678ms  started        recovery  [incarnation 2]
  12345.678ms  marked         forward_order  [incarnation 2]
)");
}

TEST(TraceTextTest, StaysWithinAHundredColumns) {
  std::istringstream lines(to_string(every_type(), SagaIndex(order_saga())));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(TraceTextTest, ShowsTimesExactly) {
  const SagaIndex saga(order_saga());
  const auto line = [&](std::int64_t at) {
    return to_string(Event{.at = at, .type = EventType::kHealed}, {}, saga);
  };
  EXPECT_EQ(line(0), "      0.000ms  healed");
  EXPECT_EQ(line(999), "      0.999ms  healed");
  EXPECT_EQ(line(1'000), "      1.000ms  healed");
  EXPECT_EQ(line(3'600'000'001), "3600000.001ms  healed");
  EXPECT_EQ(line(9'223'372'036'854'775'807), "9223372036854775.807ms  healed");
}

TEST(TraceTextTest, TakesANumberForATextOnlyWhereItIsOne) {
  const SagaIndex saga(order_saga());
  const std::vector<std::string> texts{"", "a note"};
  Event event{.text = 1, .type = EventType::kLogged, .detail = byte(LogKind::kNote)};
  EXPECT_EQ(to_string(event, texts, saga), "      0.000ms  logged         note  \"a note\"");
  event.detail = byte(LogKind::kStarted);
  EXPECT_EQ(to_string(event, texts, saga), "      0.000ms  logged         started");
}

TEST(TraceTextTest, SurvivesNumbersThatStandForNothing) {
  const SagaIndex saga(order_saga());
  Trace trace{.events = std::vector<Event>(256)};
  for (std::size_t value = 0; value < 256; ++value) {
    trace.events[value] = {.text = 0xFFFFFFFF,
                           .step = 99,
                           .type = static_cast<EventType>(value % 32),
                           .operation = static_cast<Operation>(value),
                           .detail = static_cast<std::uint8_t>(value)};
  }
  EXPECT_THAT(to_string(trace, saga), testing::HasSubstr("step 99"));
  EXPECT_NO_THROW(static_cast<void>(Json::parse(to_json(trace, saga))));
}

TEST(TraceJsonTest, HasKeysOnlyWhereTheyMeanSomething) {
  EXPECT_EQ(to_json(every_type(), SagaIndex(order_saga())),
            R"([{"at_us":12345678,"type":"started","incarnation":2,"cause":"first"},)"
            R"({"at_us":12345678,"type":"logged","incarnation":2,"record":"started"},)"
            R"({"at_us":2000,"type":"logged","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","record":"intent"},)"
            R"({"at_us":2000,"type":"sent","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1,)"
            R"("key":"order-1/process_payment/action"},)"
            R"({"at_us":2000,"type":"fault","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1,)"
            R"("kind":"reply_lost","where":"call","window":"once"},)"
            R"({"at_us":2000,"type":"fault","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1,)"
            R"("kind":"unavailable","where":"call","window":"forever"},)"
            R"({"at_us":2000,"type":"delivered","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1},)"
            R"({"at_us":2000,"type":"delivered","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1,"duplicate":true},)"
            R"({"at_us":2000,"type":"applied","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1},)"
            R"({"at_us":2000,"type":"undone","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"compensation","attempt":12},)"
            R"({"at_us":2000,"type":"answered","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1,"status":"ok"},)"
            R"({"at_us":2000,"type":"answered","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1,"status":"ok","duplicate":true},)"
            R"({"at_us":2000,"type":"received","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1,"status":"unavailable"},)"
            R"({"at_us":2000,"type":"timed_out","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1},)"
            R"({"at_us":2000,"type":"dropped","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","attempt":1},)"
            R"({"at_us":2000,"type":"logged","incarnation":1,"call":3,)"
            R"("step":"process_payment","operation":"action","record":"failed","maybe_done":true},)"
            R"({"at_us":12345678,"type":"fault","incarnation":2,"step":"saga","attempt":1,)"
            R"("kind":"coordinator_crash","where":"before_end","window":"once"},)"
            R"({"at_us":12345678,"type":"crashed","incarnation":2},)"
            R"({"at_us":12345678,"type":"started","incarnation":2,"cause":"after_crash"},)"
            R"({"at_us":12345678,"type":"logged","incarnation":2,"record":"end","outcome":"flagged"},)"
            R"({"at_us":2000,"type":"logged_step","incarnation":1,"call":3,"step":"process_payment"},)"
            R"({"at_us":12345678,"type":"logged","incarnation":2,"record":"note","note":"forward_order"},)"
            R"({"at_us":12345678,"type":"reported","incarnation":2,"outcome":"flagged"},)"
            R"({"at_us":2000,"type":"reported_step","incarnation":1,"call":3,"step":"process_payment"},)"
            R"({"at_us":12345678,"type":"returned","incarnation":2},)"
            R"({"at_us":12345678,"type":"threw","incarnation":2,"message":"no \"luck\"\n"},)"
            R"({"at_us":12345678,"type":"gave_up","incarnation":2,"bound":"max_calls"},)"
            R"({"at_us":12345678,"type":"healed","incarnation":2},)"
            R"({"at_us":12345678,"type":"started","incarnation":2,"cause":"recovery"},)"
            R"({"at_us":12345678,"type":"marked","incarnation":2,"marker":"forward_order"}])");
}

TEST(TraceJsonTest, OfAnEmptyTraceIsAnEmptyArray) {
  EXPECT_EQ(to_json(Trace{}, SagaIndex(order_saga())), "[]");
}

}  // namespace
}  // namespace saga_harness
