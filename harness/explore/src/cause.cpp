#include <saga_harness_internal/cause.hpp>

#include <algorithm>
#include <array>
#include <ostream>

#include <saga_harness_internal/names.hpp>

namespace saga_harness {
namespace {

constexpr std::array<std::string_view, 4> kAnswers{"not answered", "done", "refused", "in doubt"};
constexpr std::array<std::string_view, 3> kUndoings{"never undone", "undoing not confirmed", "undone"};

bool is_sent_forward(const Event& event) { return event.operation != Operation::kCompensation; }

/// Over a wire it is not seen what the coordinator received, only what it was answered.
bool is_answer(const Event& event, bool is_virtual) {
  return event.type == (is_virtual ? EventType::kReceived : EventType::kAnswered);
}

AnswerKnown known_by(const Event& event) {
  const auto status = static_cast<ReplyStatus>(event.detail);
  if (status == ReplyStatus::kOk) return AnswerKnown::kDone;
  return is_sure_no(status) ? AnswerKnown::kRefused : AnswerKnown::kInDoubt;
}

void follow(const Event& event, bool is_virtual, Cause& cause) {
  const bool is_asked = event.type == EventType::kSent || event.type == EventType::kDelivered;
  if (is_sent_forward(event)) {
    if (event.type == EventType::kTimedOut) cause.answer = AnswerKnown::kInDoubt;
    if (is_answer(event, is_virtual)) cause.answer = known_by(event);
    return;
  }
  if (is_asked) cause.undoing = std::max(cause.undoing, Undoing::kNotConfirmed);
  if (is_answer(event, is_virtual) && known_by(event) == AnswerKnown::kDone) cause.undoing = Undoing::kDone;
}

bool is_restart(const Event& event) {
  const auto why = static_cast<StartCause>(event.detail);
  return event.type == EventType::kStarted && why != StartCause::kFirst && why != StartCause::kRecovery;
}

}  // namespace

void PrintTo(const Cause& value, std::ostream* out) {
  *out << name_of(value.outcome) << ": " << to_string(value);
}

void PrintTo(const CausedViolation& value, std::ostream* out) {
  PrintTo(value.violation, out);
  *out << ", ";
  PrintTo(value.cause, out);
}

std::string to_string(const Cause& cause) {
  std::string text;
  const auto add = [&text](std::string_view part) { (text += text.empty() ? "" : ", ") += part; };
  if (cause.has_step) {
    add(internal::name_in(kAnswers, cause.answer));
    add(internal::name_in(kUndoings, cause.undoing));
  }
  if (cause.applied_again) add("applied again");
  if (cause.restarted) add("after a restart");
  return text;
}

std::uint32_t number_of(const Cause& cause) {
  return static_cast<std::uint32_t>(cause.outcome) | static_cast<std::uint32_t>(cause.answer) << 2U |
         static_cast<std::uint32_t>(cause.undoing) << 4U | (cause.applied_again ? 1U : 0U) << 6U |
         (cause.restarted ? 1U : 0U) << 7U | (cause.has_step ? 1U : 0U) << 8U;
}

std::optional<Cause> cause_of_number(std::uint32_t number) {
  const Cause cause{.outcome = static_cast<Outcome>(number & 3U),
                    .answer = static_cast<AnswerKnown>(number >> 2U & 3U),
                    .undoing = static_cast<Undoing>(number >> 4U & 3U),
                    .applied_again = (number >> 6U & 1U) != 0,
                    .restarted = (number >> 7U & 1U) != 0,
                    .has_step = (number >> 8U & 1U) != 0};
  if (cause.undoing > Undoing::kDone || number_of(cause) != number) return std::nullopt;
  return cause;
}

Cause cause_of(const Observation& observation, StepId step) {
  Cause cause{.outcome = observation.outcome};
  cause.restarted = std::ranges::any_of(observation.events, is_restart);
  if (step == kNoStep) return cause;
  cause.has_step = true;
  const bool is_virtual = std::ranges::any_of(
      observation.events, [](const Event& event) { return event.type == EventType::kSent; });
  for (const Event& event : observation.events) {
    if (event.step == step) follow(event, is_virtual, cause);
  }
  cause.applied_again = step < observation.effects.size() && observation.effects[step].applied > 1;
  return cause;
}

}  // namespace saga_harness
