// Whatever stands before a participant passes on all that is asked of it: a fault that fires and does nothing
// is no coverage.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::Contains;

using Calls = std::shared_ptr<std::vector<std::string>>;

/// A ledger fake that writes down what it is asked for.
class Listening final : public ForwardingParticipant {
 public:
  explicit Listening(Calls calls) : calls_(std::move(calls)), fake_(ledger_fake()()) {}
  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    calls_->push_back("handle");
    return ForwardingParticipant::handle(delivery, recorder);
  }
  void reset() override {
    calls_->push_back("reset");
    ForwardingParticipant::reset();
  }
  void crash() override {
    calls_->push_back("crash");
    ForwardingParticipant::crash();
  }
  void forget() override {
    calls_->push_back("forget");
    ForwardingParticipant::forget();
  }
  void restore() override {
    calls_->push_back("restore");
    ForwardingParticipant::restore();
  }
  [[nodiscard]] std::vector<Quantity> quantities() const override {
    calls_->push_back("quantities");
    return {{.name = "listened", .rule = QuantityRule::kRestored}};
  }
  void measure(std::vector<std::int64_t>& values) const override {
    calls_->push_back("measure");
    values.push_back(0);
  }

 private:
  [[nodiscard]] Participant& behind() const override { return *fake_; }

  Calls calls_;
  std::unique_ptr<Participant> fake_;
};

struct Decorator {
  const char* name = "";
  std::function<void(SagaTestHarness&, const ParticipantFactory&)> put_before;
};

void PrintTo(const Decorator& decorator, std::ostream* out) { *out << decorator.name; }

class DecoratorTest : public testing::TestWithParam<Decorator> {};

// What the decorators need to live as long as the harness.
std::unique_ptr<Participant> lent;
std::unique_ptr<testing::NiceMock<MockParticipant>> mock;

INSTANTIATE_TEST_SUITE_P(
    All, DecoratorTest,
    testing::Values(Decorator{"borrowed",
                              [](SagaTestHarness& harness, const ParticipantFactory& factory) {
                                lent = factory();
                                harness.use_participant("bank", *lent);
                              }},
                    Decorator{"mock",
                              [](SagaTestHarness& harness, const ParticipantFactory& factory) {
                                mock = std::make_unique<testing::NiceMock<MockParticipant>>(factory);
                                harness.use_participant("bank", *mock);
                              }},
                    Decorator{"promise_not_recalled",
                              [](SagaTestHarness& harness, const ParticipantFactory& factory) {
                                harness.use_participant("bank", promise_not_recalled(factory));
                              }},
                    Decorator{"over_http",
                              [](SagaTestHarness& harness, const ParticipantFactory& factory) {
                                harness.use_participant("bank", factory).use_http();
                              }}),
    [](const auto& decorator) { return std::string(decorator.param.name); });

TEST_P(DecoratorTest, PassesOnAllThatIsAskedOfIt) {
  const auto calls = std::make_shared<std::vector<std::string>>();
  {
    SagaTestHarness harness(order_saga());
    GetParam().put_before(harness, [calls] { return std::make_unique<Listening>(calls); });
    harness.plan("pay.action#1:participant_crash_after, pay.action#2:participant_forgets").start_saga();
    harness.plan("pay.action#1:participant_restored").start_saga();
  }
  mock.reset();
  lent.reset();
  for (const char* call : {"handle", "reset", "crash", "forget", "restore", "quantities", "measure"})
    EXPECT_THAT(*calls, Contains(call));
}

}  // namespace
}  // namespace saga_harness
