#pragma once

#include <memory>
#include <vector>

#include <gmock/gmock.h>

#include <saga_harness/fakes.hpp>
#include <saga_harness/participant.hpp>

namespace saga_harness {

/// A participant whose requests a test expects with gmock. What is not expected goes to a fake with a ledger,
/// so a test spells out only what matters:
///
///     testing::NiceMock<MockParticipant> payment;
///     EXPECT_CALL(payment, handle(testing::Field(&Delivery::action, "process_payment"), testing::_))
///         .WillOnce(testing::Return(Reply{.status = ReplyStatus::kRejected}));
///     harness.use_participant("payment_service", payment);
///
/// A template only so that a file that has no mock does not compile one.
template <class Base = ForwardingParticipant>
class BasicMockParticipant : public Base {
 public:
  /// `behaviour` does whatever no expectation does.
  explicit BasicMockParticipant(const ParticipantFactory& behaviour = ledger_fake()) : fake_(behaviour()) {
    ON_CALL(*this, handle).WillByDefault([this](const Delivery& delivery, EffectRecorder& recorder) {
      return fake_->handle(delivery, recorder);
    });
  }

  MOCK_METHOD(Reply, handle, (const Delivery& delivery, EffectRecorder& recorder), (override));

  /// The fake behind the mock, for actions that do more: `Invoke([&](auto& d, auto& b) { …; return
  /// mock.fake().handle(d, b); })`.
  [[nodiscard]] Participant& fake() noexcept { return *fake_; }

 private:
  [[nodiscard]] Participant& behind() const override { return *fake_; }

  std::unique_ptr<Participant> fake_;
};

using MockParticipant = BasicMockParticipant<>;

}  // namespace saga_harness
