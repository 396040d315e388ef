#include <utility>

#include <saga_harness/fakes.hpp>

namespace saga_harness {
namespace {

class PromiseNotRecalled final : public ForwardingParticipant {
 public:
  explicit PromiseNotRecalled(std::unique_ptr<Participant> participant)
      : participant_(std::move(participant)) {}

  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    const Reply reply = behind().handle(delivery, recorder);
    if (reply.ok() || !delivery.promised || !has_effect(delivery)) return reply;
    recorder.mark(markers::kPromiseNotRecalled);
    recorder.apply(delivery);
    return {};
  }

 private:
  [[nodiscard]] Participant& behind() const override { return *participant_; }

  std::unique_ptr<Participant> participant_;
};

}  // namespace

ParticipantFactory promise_not_recalled(ParticipantFactory participant) {
  return
      [participant = std::move(participant)] { return std::make_unique<PromiseNotRecalled>(participant()); };
}

}  // namespace saga_harness
