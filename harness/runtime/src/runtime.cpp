#include <saga_harness/runtime.hpp>

#include <array>

#include <saga_harness/runtime_memory.hpp>

#include "engine_impl.hpp"

namespace saga_harness {

const Saga& Runtime::saga() const noexcept { return engine_->impl_->saga().saga(); }
const SagaIndex& Runtime::index() const noexcept { return engine_->impl_->saga(); }
std::string_view Runtime::saga_id() const noexcept { return engine_->impl_->saga_id(); }
std::string_view Runtime::context() const noexcept { return engine_->impl_->setup().context.text(); }
bool Runtime::is_skipped(StepId step) const noexcept { return engine_->impl_->is_skipped(step); }
bool Runtime::is_skipped(std::string_view step) const {
  if (engine_->impl_->is_elsewhere()) return false;
  return engine_->impl_->is_skipped(incarnation_, step);
}
int Runtime::incarnation() const noexcept { return static_cast<int>(incarnation_); }
StartCause Runtime::cause() const noexcept { return engine_->impl_->cause_of(incarnation_); }
std::string_view Runtime::correlation_id() const noexcept { return engine_->impl_->saga_id(); }
std::string_view Runtime::auth_token() const noexcept { return engine_->impl_->setup().auth_token; }
bool Runtime::cancel_requested() const noexcept {
  return !engine_->impl_->is_elsewhere() && engine_->impl_->cancel_requested();
}
bool Runtime::is_fenced() const noexcept {
  return engine_->impl_->is_elsewhere() || engine_->impl_->is_fenced(incarnation_);
}

Reply Runtime::call(const Request& request) { return wait(start(request)); }
Pending Runtime::start(const Request& request) {
  return engine_->impl_->is_elsewhere() ? Pending{} : engine_->impl_->start(incarnation_, request);
}
Reply Runtime::wait(Pending pending) {
  if (engine_->impl_->is_elsewhere()) return {.status = ReplyStatus::kError};
  return engine_->impl_->wait(incarnation_, pending);
}
std::optional<Runtime::Completion> Runtime::wait_any(std::span<const Pending> pending, Time until) {
  if (engine_->impl_->is_elsewhere()) return std::nullopt;
  return engine_->impl_->wait_any(incarnation_, pending, until);
}

void Runtime::sleep(Duration duration) {
  if (!engine_->impl_->is_elsewhere()) engine_->impl_->sleep(incarnation_, duration);
}
Time Runtime::now() const noexcept {
  if (engine_->impl_->is_elsewhere()) return Time(Duration::zero());
  return engine_->impl_->time();
}

LogWrite Runtime::append(const LogRecord& record) {
  return engine_->impl_->is_elsewhere() ? LogWrite::kFenced : engine_->impl_->append(incarnation_, record);
}
std::span<const LogRecord> Runtime::records() const noexcept {
  if (engine_->impl_->is_elsewhere()) return {};
  return engine_->impl_->records(incarnation_);
}

void Runtime::report(Outcome outcome, std::span<const std::string_view> flagged) {
  if (engine_->impl_->is_elsewhere()) return;
  engine_->impl_->report(incarnation_, outcome, flagged);
}

std::string_view Runtime::text(std::initializer_list<std::string_view> parts) {
  if (engine_->impl_->is_elsewhere()) return {};
  return engine_->impl_->text(parts);
}

std::string_view Runtime::key(OperationId operation) {
  return engine_->impl_->is_elsewhere() ? std::string_view() : engine_->impl_->key(operation);
}

std::string_view Runtime::payload(OperationId operation, std::span<const std::string_view> results) {
  if (engine_->impl_->is_elsewhere()) return {};
  return engine_->impl_->bound_payload(operation, results);
}
bool Runtime::is_skipped(StepId step, std::span<const std::string_view> results) {
  return !engine_->impl_->is_elsewhere() && engine_->impl_->is_skipped(step, results);
}
bool Runtime::is_skipped(std::string_view step, std::string_view answer) {
  return !engine_->impl_->is_elsewhere() && engine_->impl_->is_skipped(incarnation_, step, answer);
}
bool Runtime::gives_results(StepId step, std::string_view answer) {
  return !engine_->impl_->is_elsewhere() && engine_->impl_->gives_results(step, answer);
}

void Runtime::end_quietly() noexcept {
  if (!engine_->impl_->is_elsewhere()) engine_->impl_->end_quietly(incarnation_);
}
bool Runtime::has_ended() const noexcept {
  return engine_->impl_->is_elsewhere() || engine_->impl_->has_ended(incarnation_);
}

std::pmr::memory_resource* RuntimeMemory::of(Runtime& runtime) noexcept {
  return runtime.engine_->impl_->memory();
}

void Runtime::mark(std::string_view name) {
  if (engine_->impl_->is_elsewhere()) return;
  engine_->impl_->mark(incarnation_, name);
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
