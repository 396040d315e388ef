#include <saga_harness/trace.hpp>

#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::JsonWriter;

constexpr std::size_t kTimeWidth = 13;
constexpr std::size_t kTypeWidth = 13;

std::string_view text_of(const Event& event, std::span<const std::string> texts) {
  if (!has_text(event) || event.text >= texts.size()) return {};
  return texts[event.text];
}

// Without locale, and without the rounding of floating point.
std::string milliseconds(std::int64_t microseconds) {
  std::string digits = std::to_string(microseconds < 0 ? -microseconds : microseconds);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  digits.insert(digits.size() - 3, ".");
  return (microseconds < 0 ? "-" : "") + digits + "ms";
}

std::string step_name(const Event& event, const SagaIndex& saga) {
  if (event.step == kNoStep) return "";
  if (event.step >= saga.step_count()) return "step " + std::to_string(event.step);
  return saga.step(event.step).name;
}

Fault fault_of(const Event& event, const SagaIndex& saga) {
  return {.step = step_name(event, saga),
          .operation = event.operation,
          .attempt = event.attempt,
          .window = window_of(event),
          .instant = instant_of(event),
          .kind = static_cast<FaultKind>(event.detail)};
}

std::string_view start_of(const Event& event) { return name_of(static_cast<StartCause>(event.detail)); }

enum class About : std::uint8_t { kNothing, kStep, kOperation, kAttempt };

About about(EventType type) {
  switch (type) {
    case EventType::kSent:
    case EventType::kDelivered:
    case EventType::kApplied:
    case EventType::kUndone:
    case EventType::kAnswered:
    case EventType::kReceived:
    case EventType::kTimedOut:
    case EventType::kDropped:
    case EventType::kFault:
    case EventType::kPublished:
    case EventType::kDeadLettered:
      return About::kAttempt;
    case EventType::kLogged:
    case EventType::kNotLogged:
      return About::kOperation;
    case EventType::kLoggedStep:
    case EventType::kReportedStep:
      return About::kStep;
    case EventType::kCrashed:
    case EventType::kStarted:
    case EventType::kWokeUp:
    case EventType::kReported:
    case EventType::kReturned:
    case EventType::kThrew:
    case EventType::kGaveUp:
    case EventType::kHealed:
    case EventType::kMarked:
      return About::kNothing;
  }
  return About::kNothing;
}

std::string place_of(const Event& event, const SagaIndex& saga) {
  const About what = about(event.type);
  std::string place = step_name(event, saga);
  if (place.empty() || what == About::kNothing) return "";
  if (what == About::kStep) return place;
  place.append(".").append(name_of(event.operation));
  if (what == About::kAttempt && event.attempt > 0) place += "#" + std::to_string(event.attempt);
  return place;
}

std::string status_of(const Event& event) {
  std::string status(name_of(static_cast<ReplyStatus>(event.detail)));
  if (event.type == EventType::kAnswered && event.text == 1) status += " (duplicate)";
  return status;
}

std::string in_quotes_or_nothing(std::string_view label, std::string_view text) {
  return text.empty() ? "" : std::string(label) + internal::in_quotes(text);
}

std::string log_detail(const Event& event, std::span<const std::string> texts) {
  const auto kind = static_cast<LogKind>(event.detail);
  if (kind == LogKind::kEnd) return std::string(name_of(static_cast<Outcome>(event.text)));
  if (kind == LogKind::kFailed) return event.text == 1 ? "maybe done" : "not done";
  return in_quotes_or_nothing("", text_of(event, texts));
}

// What a request was sent without, though it should have it.
std::string lacks_of(const Event& event) {
  std::string lacks;
  if ((event.detail & kWithoutCorrelation) != 0) lacks += ", without its correlation id";
  if ((event.detail & kWithoutToken) != 0) lacks += ", without its auth token";
  return lacks;
}

// What an event says beyond its type and its place.
std::string detail_of(const Event& event, std::span<const std::string> texts) {
  switch (event.type) {
    case EventType::kSent:
      return in_quotes_or_nothing("key ", text_of(event, texts)) + lacks_of(event);
    case EventType::kNotLogged:
      return event.text == 1 ? "another incarnation has written since" : "the write failed";
    case EventType::kDelivered:
      return event.detail == 1 ? "duplicate" : "";
    case EventType::kAnswered:
    case EventType::kReceived:
      return status_of(event);
    case EventType::kLogged:
      return log_detail(event, texts);
    case EventType::kStarted:
      return std::string(start_of(event));
    case EventType::kReported:
      return std::string(name_of(static_cast<Outcome>(event.detail)));
    case EventType::kThrew:
    case EventType::kGaveUp:
    case EventType::kMarked:
      return internal::printable(text_of(event, texts), 400);
    case EventType::kPublished:
      return internal::in_quotes(text_of(event, texts)) + " (" +
             std::string(name_of(static_cast<EventRole>(event.detail))) + ")";
    case EventType::kApplied:
    case EventType::kUndone:
    case EventType::kTimedOut:
    case EventType::kDropped:
    case EventType::kFault:
    case EventType::kLoggedStep:
    case EventType::kCrashed:
    case EventType::kWokeUp:
    case EventType::kReportedStep:
    case EventType::kReturned:
    case EventType::kHealed:
    case EventType::kDeadLettered:
      return "";
  }
  return "";
}

std::string subject_of(const Event& event, const SagaIndex& saga) {
  if (event.type == EventType::kFault) {
    const Fault fault = fault_of(event, saga);
    return std::string(name_of(fault.kind)) + " at " + internal::place_of(fault);
  }
  std::string subject = place_of(event, saga);
  if (event.type != EventType::kLogged && event.type != EventType::kNotLogged) return subject;
  const std::string kind(name_of(static_cast<LogKind>(event.detail)));
  return subject.empty() ? kind : kind + " " + subject;
}

void append_padded(std::string& line, std::string_view text, std::size_t width) {
  line += text;
  if (text.size() < width) line.append(width - text.size(), ' ');
}

/// One event as an object, keys only where they mean something.
class EventWriter {
 public:
  EventWriter(JsonWriter& writer, const Event& event, std::span<const std::string> texts,
              const SagaIndex& saga)
      : writer_(writer), event_(event), texts_(texts), saga_(saga) {}

  void write() {
    writer_.begin_object();
    count("at_us", event_.at);
    pair("type", name_of(event_.type));
    if (event_.incarnation > 0) count("incarnation", event_.incarnation);
    if (event_.call > 0) count("call", event_.call);
    write_place();
    write_detail();
    writer_.end_object();
  }

 private:
  void pair(std::string_view key, std::string_view value) {
    writer_.key(key);
    writer_.string(value);
  }
  void count(std::string_view key, std::int64_t value) {
    writer_.key(key);
    writer_.number(value);
  }
  void text(std::string_view key) {
    const std::string_view value = text_of(event_, texts_);
    if (!value.empty()) pair(key, value);
  }

  void write_place() {
    const About what = about(event_.type);
    const std::string step = step_name(event_, saga_);
    if (what == About::kNothing || step.empty()) {
      if (event_.type != EventType::kFault) return;
      pair("step", internal::kSagaItself);
      return count("attempt", event_.attempt);
    }
    pair("step", step);
    if (what == About::kStep) return;
    pair("operation", name_of(event_.operation));
    if (what == About::kAttempt && event_.attempt > 0) count("attempt", event_.attempt);
  }

  void write_detail() {
    switch (event_.type) {
      case EventType::kSent:
        flag("without_correlation_id", (event_.detail & kWithoutCorrelation) != 0);
        flag("without_auth_token", (event_.detail & kWithoutToken) != 0);
        return text("key");
      case EventType::kDelivered:
        return flag("duplicate", event_.detail == 1);
      case EventType::kAnswered:
        pair("status", name_of(static_cast<ReplyStatus>(event_.detail)));
        return flag("duplicate", event_.text == 1);
      case EventType::kReceived:
        return pair("status", name_of(static_cast<ReplyStatus>(event_.detail)));
      case EventType::kFault:
        pair("kind", name_of(static_cast<FaultKind>(event_.detail)));
        pair("where", name_of(instant_of(event_)));
        return pair("window", name_of(window_of(event_)));
      case EventType::kLogged:
        return write_log();
      case EventType::kNotLogged:
        pair("record", name_of(static_cast<LogKind>(event_.detail)));
        return flag("fenced", event_.text == 1);
      case EventType::kStarted:
        return pair("cause", start_of(event_));
      case EventType::kReported:
        return pair("outcome", name_of(static_cast<Outcome>(event_.detail)));
      case EventType::kThrew:
        return text("message");
      case EventType::kGaveUp:
        return text("bound");
      case EventType::kMarked:
        return text("marker");
      case EventType::kPublished:
        text("event");
        return pair("role", name_of(static_cast<EventRole>(event_.detail)));
      case EventType::kApplied:
      case EventType::kUndone:
      case EventType::kTimedOut:
      case EventType::kDropped:
      case EventType::kLoggedStep:
      case EventType::kCrashed:
      case EventType::kWokeUp:
      case EventType::kReportedStep:
      case EventType::kReturned:
      case EventType::kHealed:
      case EventType::kDeadLettered:
        return;
    }
  }

  void write_log() {
    const auto kind = static_cast<LogKind>(event_.detail);
    pair("record", name_of(kind));
    if (kind == LogKind::kEnd) return pair("outcome", name_of(static_cast<Outcome>(event_.text)));
    if (kind == LogKind::kFailed) return flag("maybe_done", event_.text == 1);
    text("note");
  }

  void flag(std::string_view key, bool value) {
    if (!value) return;
    writer_.key(key);
    writer_.boolean(true);
  }

  JsonWriter& writer_;
  const Event& event_;
  std::span<const std::string> texts_;
  const SagaIndex& saga_;
};

}  // namespace

std::string to_string(const Event& event, std::span<const std::string> texts, const SagaIndex& saga) {
  const std::string time = milliseconds(event.at);
  std::string line(time.size() < kTimeWidth ? kTimeWidth - time.size() : 0, ' ');
  line += time + "  ";
  append_padded(line, name_of(event.type), kTypeWidth);
  for (const std::string& part : {subject_of(event, saga), detail_of(event, texts)}) {
    if (!part.empty()) line += "  " + part;
  }
  if (event.incarnation > 1) line += "  [incarnation " + std::to_string(event.incarnation) + "]";
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::string to_string(const Trace& trace, const SagaIndex& saga) {
  std::string text;
  for (const Event& event : trace.events) text += to_string(event, trace.texts, saga) + '\n';
  return text;
}

std::string to_json(const Trace& trace, const SagaIndex& saga) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_array();
  for (const Event& event : trace.events) EventWriter(writer, event, trace.texts, saga).write();
  writer.end_array();
  return text;
}

}  // namespace saga_harness
