#include <saga_harness/runtime.hpp>

#include <array>

#include "engine_impl.hpp"

namespace saga_harness {

const Saga& Runtime::saga() const noexcept { return engine_->impl_->saga_.saga(); }
const SagaIndex& Runtime::index() const noexcept { return engine_->impl_->saga_; }
std::string_view Runtime::saga_id() const noexcept { return engine_->impl_->saga_id_; }
std::string_view Runtime::context() const noexcept { return engine_->impl_->setup_.context.text(); }
bool Runtime::is_skipped(StepId step) const noexcept {
  const std::vector<std::uint8_t>& skipped = engine_->impl_->skipped_;
  return step < skipped.size() && skipped[step] != 0;
}
bool Runtime::is_skipped(std::string_view step) const {
  engine_->impl_->enter(incarnation_);
  return is_skipped(engine_->impl_->step_named(step));
}
int Runtime::incarnation() const noexcept { return static_cast<int>(incarnation_); }
StartCause Runtime::cause() const noexcept { return engine_->impl_->causes_[incarnation_]; }
std::string_view Runtime::correlation_id() const noexcept { return engine_->impl_->saga_id_; }
std::string_view Runtime::auth_token() const noexcept { return engine_->impl_->setup_.auth_token; }
bool Runtime::cancel_requested() const noexcept { return engine_->impl_->cancel_requested_; }
bool Runtime::is_fenced() const noexcept { return engine_->impl_->is_fenced(incarnation_); }

Reply Runtime::call(const Request& request) { return wait(start(request)); }
Pending Runtime::start(const Request& request) { return engine_->impl_->start(incarnation_, request); }
Reply Runtime::wait(Pending pending) { return engine_->impl_->wait(incarnation_, pending); }
std::optional<Runtime::Completion> Runtime::wait_any(std::span<const Pending> pending, Time until) {
  return engine_->impl_->wait_any(incarnation_, pending, until);
}

void Runtime::sleep(Duration duration) { engine_->impl_->sleep(incarnation_, duration); }
Time Runtime::now() const noexcept { return Time(engine_->impl_->now_ + engine_->impl_->clock_ahead_); }

LogWrite Runtime::append(const LogRecord& record) { return engine_->impl_->append(incarnation_, record); }
std::span<const LogRecord> Runtime::records() const noexcept { return engine_->impl_->records(incarnation_); }

void Runtime::report(Outcome outcome, std::span<const std::string_view> flagged) {
  engine_->impl_->report(incarnation_, outcome, flagged);
}

std::string_view Runtime::text(std::initializer_list<std::string_view> parts) {
  TextTable& texts = engine_->impl_->texts_;
  return texts.at(texts.intern(parts));
}

std::pmr::memory_resource* Runtime::memory() noexcept { return &engine_->impl_->memory_; }

void Runtime::mark(std::string_view name) {
  engine_->impl_->enter(incarnation_);
  engine_->impl_->mark(name);
}

namespace {

class FunctionParticipant final : public Participant {
 public:
  FunctionParticipant(std::function<Reply(const Delivery&, EffectRecorder&)> handle,
                      std::function<void()> reset)
      : handle_(std::move(handle)), reset_(std::move(reset)) {}

  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    return handle_(delivery, recorder);
  }
  void reset() override {
    if (reset_) reset_();
  }

 private:
  std::function<Reply(const Delivery&, EffectRecorder&)> handle_;
  std::function<void()> reset_;
};

}  // namespace

ParticipantFactory participant_from(std::function<Reply(const Delivery&, EffectRecorder&)> handle,
                                    std::function<void()> reset) {
  return [handle = std::move(handle), reset = std::move(reset)] {
    return std::make_unique<FunctionParticipant>(handle, reset);
  };
}

}  // namespace saga_harness
