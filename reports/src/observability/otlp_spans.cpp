#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/observability.hpp>
#include <saga_harness/version.hpp>

#include "json/json_text.hpp"
#include "observability/run_story.hpp"
#include "records/hash.hpp"
#include "text/foreign_text.hpp"

namespace saga_harness {
namespace {

using reports::Attempt;
using reports::clean;
using reports::Hash;
using reports::OrderedJson;
using reports::Story;

constexpr std::int64_t kBeginning = 946'684'800;  // 2000-01-01T00:00:00Z: virtual time 0
constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;

enum SpanKind { kInternal = 1, kClient = 3, kConsumer = 5 };
enum StatusCode { kOk = 1, kError = 2 };

std::string nanoseconds(std::int64_t microseconds) {
  return fmt::format("{}000", kBeginning * kMicrosecondsPerSecond + microseconds);
}

/// An id is never all zeros.
std::string hex_id(const Hash& hash) { return fmt::format("{:016x}", hash.value() == 0 ? 1 : hash.value()); }

class Attributes {
 public:
  Attributes& text(std::string_view key, std::string_view value) {
    list_.push_back({{"key", key}, {"value", {{"stringValue", clean(value)}}}});
    return *this;
  }
  Attributes& number(std::string_view key, std::int64_t value) {
    list_.push_back({{"key", key}, {"value", {{"intValue", std::to_string(value)}}}});
    return *this;
  }
  Attributes& texts(std::string_view key, const std::vector<std::string>& values) {
    OrderedJson list = OrderedJson::array();
    for (const std::string& value : values) list.push_back({{"stringValue", clean(value)}});
    list_.push_back({{"key", key}, {"value", {{"arrayValue", {{"values", std::move(list)}}}}}});
    return *this;
  }
  [[nodiscard]] const OrderedJson& list() const { return list_; }

 private:
  OrderedJson list_ = OrderedJson::array();
};

OrderedJson status_json(StatusCode code, std::string_view message = {}) {
  OrderedJson status{{"code", static_cast<int>(code)}};
  if (!message.empty()) status["message"] = clean(message);
  return status;
}

/// Events that say nothing beside what the spans say themselves.
bool is_said_by_spans(const Event& event) {
  switch (event.type) {
    case EventType::kSent:
    case EventType::kReceived:
    case EventType::kLogged:
    case EventType::kLoggedStep:
    case EventType::kReportedStep:
    case EventType::kReturned:
    case EventType::kMarked:
    case EventType::kHealed:
      return true;
    case EventType::kDelivered:
    case EventType::kApplied:
    case EventType::kUndone:
    case EventType::kAnswered:
    case EventType::kTimedOut:
    case EventType::kDropped:
    case EventType::kFault:
    case EventType::kNotLogged:
    case EventType::kCrashed:
    case EventType::kStarted:
    case EventType::kWokeUp:
    case EventType::kReported:
    case EventType::kThrew:
    case EventType::kGaveUp:
    case EventType::kPublished:
    case EventType::kDeadLettered:
      return false;
  }
  return false;
}

/// One run as spans, one to a line.
class SpanWriter {
 public:
  SpanWriter(const Run& run, std::string_view saga_id)
      : run_(run),
        saga_(run.saga),
        story_(reports::story_of(run.trace.events, saga_)),
        saga_id_(reports::saga_id_or_default(saga_id, run.saga)),
        trace_id_(id_of("trace") + id_of("trace, second half")),
        root_id_(id_of("saga")) {}

  [[nodiscard]] std::string write() {
    gather_events();
    std::string spans = root_span();
    std::map<std::pair<StepId, Operation>, std::vector<std::size_t>> operations;
    std::vector<std::pair<StepId, Operation>> order;  // of their first attempts
    for (std::size_t i = 0; i < story_.attempts.size(); ++i) {
      const Attempt& attempt = story_.attempts[i];
      auto& attempts = operations[{attempt.step, attempt.operation}];
      if (attempts.empty()) order.emplace_back(attempt.step, attempt.operation);
      attempts.push_back(i);
    }
    for (const auto& place : order) {
      const std::vector<std::size_t>& attempts = operations[place];
      spans += ",\n" + operation_span(attempts);
      for (const std::size_t attempt : attempts) spans += ",\n" + attempt_span(attempt);
    }
    return fmt::format(
        "{{\"resourceSpans\":[{{\"resource\":{},\"scopeSpans\":[{{\"scope\":{},\"spans\":[\n{}\n]}}]}}]}}\n",
        reports::on_one_line({{"attributes", Attributes().text("service.name", run_.saga.name).list()}}),
        reports::on_one_line({{"name", "saga_harness"}, {"version", kVersion}}), spans);
  }

 private:
  [[nodiscard]] std::string id_of(std::string_view what, std::uint64_t number = 0) const {
    return hex_id(Hash()
                      .add(what)
                      .add(number)
                      .add(saga_id_)
                      .add(saga_.hash())
                      .add(run_.token)
                      .add(to_string(run_.plan)));
  }
  [[nodiscard]] std::string operation_id(const Attempt& attempt) const {
    return id_of("operation", attempt.step * std::uint64_t{kOperationCount} +
                                  static_cast<std::uint64_t>(attempt.operation));
  }
  [[nodiscard]] std::string action_of(const Attempt& attempt) const {
    if (attempt.step >= saga_.step_count()) return "unknown";
    return std::string(saga_.action_of({attempt.step, attempt.operation}));
  }

  /// Every event to the attempt it belongs to, if it came while that lasted, else to the saga.
  void gather_events() {
    attempt_events_.assign(story_.attempts.size(), OrderedJson::array());
    const auto& events = run_.trace.events;
    std::optional<Outcome> reported;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event& event = events[i];
      const bool is_repeated = event.type == EventType::kReported && !reports::is_news(event, reported);
      if (is_said_by_spans(event) || is_repeated || event.at > story_.end) continue;
      const Attempt* attempt = event.step < saga_.step_count() ? story_.find(event, i) : nullptr;
      // A fault is recorded right before or after the request that it strikes.
      if (attempt == nullptr && event.type == EventType::kFault && event.call > 0)
        attempt = story_.find(event.call);
      const bool fits = attempt != nullptr && attempt->begin <= event.at && event.at <= attempt->end;
      OrderedJson& target =
          fits ? attempt_events_[static_cast<std::size_t>(attempt - story_.attempts.data())] : root_events_;
      target.push_back(event_json(event));
    }
  }

  [[nodiscard]] OrderedJson event_json(const Event& event) const {
    Attributes attributes;
    if (event.step < saga_.step_count()) {
      attributes.text("saga.step", saga_.step(event.step).name);
      attributes.text("saga.operation", name_of(event.operation));
    }
    if (event.attempt > 0) attributes.number("saga.attempt", event.attempt);
    describe(event, attributes);
    return {{"timeUnixNano", nanoseconds(event.at)},
            {"name", name_of(event.type)},
            {"attributes", attributes.list()}};
  }

  void describe(const Event& event, Attributes& attributes) const {
    if (event.type == EventType::kFault) {
      attributes.text("saga.fault", name_of(static_cast<FaultKind>(event.detail)));
      attributes.text("saga.fault.where", name_of(instant_of(event)));
      attributes.text("saga.fault.window", name_of(window_of(event)));
    }
    if (event.type == EventType::kAnswered)
      attributes.text("saga.status", name_of(static_cast<ReplyStatus>(event.detail)));
    if (event.type == EventType::kStarted)
      attributes.text("saga.cause", name_of(static_cast<StartCause>(event.detail)));
    if (event.type == EventType::kReported)
      attributes.text("saga.outcome", name_of(static_cast<Outcome>(event.detail)));
    if (event.type == EventType::kPublished)
      attributes.text("saga.event.role", name_of(static_cast<EventRole>(event.detail)));
    if (has_text(event) && event.text < run_.trace.texts.size())
      attributes.text("saga.text", run_.trace.texts[event.text]);
  }

  [[nodiscard]] OrderedJson span(std::string_view id, std::string_view parent, std::string_view name,
                                 SpanKind kind, std::int64_t begin, std::int64_t end) const {
    OrderedJson span{{"traceId", trace_id_}, {"spanId", id}};
    if (!parent.empty()) span["parentSpanId"] = parent;
    span["name"] = clean(name);
    span["kind"] = static_cast<int>(kind);
    span["startTimeUnixNano"] = nanoseconds(begin);
    span["endTimeUnixNano"] = nanoseconds(end);
    return span;
  }

  [[nodiscard]] std::string root_span() const {
    OrderedJson root = span(root_id_, {}, run_.saga.name, kInternal, story_.begin, story_.end);
    Attributes attributes;
    attributes.text("saga.type", run_.saga.name)
        .text("saga.id", saga_id_)
        .text("saga.definition_hash", hash_text(saga_.hash()))
        .text("saga.plan", to_string(run_.plan))
        .text("saga.outcome", name_of(run_.outcome));
    if (!run_.flagged_steps.empty()) attributes.texts("saga.flagged_steps", run_.flagged_steps);
    root["attributes"] = attributes.list();
    root["events"] = root_events_;
    root["status"] =
        run_.outcome == Outcome::kCompleted ? status_json(kOk) : status_json(kError, name_of(run_.outcome));
    return reports::on_one_line(root);
  }

  [[nodiscard]] Attributes about(const Attempt& attempt) const {
    Attributes attributes;
    if (attempt.step < saga_.step_count()) {
      attributes.text("saga.step", saga_.step(attempt.step).name)
          .text("peer.service", saga_.step(attempt.step).service);
    }
    attributes.text("saga.operation", name_of(attempt.operation));
    return attributes;
  }

  [[nodiscard]] std::string operation_span(const std::vector<std::size_t>& attempts) const {
    const Attempt& first = story_.attempts[attempts.front()];
    std::int64_t end = first.end;
    const Attempt* last = &first;
    bool worked = false;
    for (const std::size_t i : attempts) {
      last = &story_.attempts[i];
      end = std::max(end, last->end);
      worked = worked || last->worked();
    }
    OrderedJson out = span(operation_id(first), root_id_, action_of(first), kInternal, first.begin, end);
    out["attributes"] =
        about(first).number("saga.attempts", static_cast<std::int64_t>(attempts.size())).list();
    out["status"] = worked ? status_json(kOk) : failure(*last);
    return reports::on_one_line(out);
  }

  [[nodiscard]] static OrderedJson failure(const Attempt& attempt) {
    return status_json(kError, attempt.status ? name_of(*attempt.status) : std::string_view("unanswered"));
  }

  [[nodiscard]] std::string attempt_span(std::size_t number) const {
    const Attempt& attempt = story_.attempts[number];
    const std::string name = attempt.step < saga_.step_count()
                                 ? fmt::format("{}/{}", saga_.step(attempt.step).service, action_of(attempt))
                                 : action_of(attempt);
    OrderedJson out = span(id_of("attempt", number + 1), operation_id(attempt), name,
                           saga_.is_choreography() ? kConsumer : kClient, attempt.begin, attempt.end);
    Attributes attributes = about(attempt);
    attributes.number("saga.attempt", attempt.number);
    const Event& sent = run_.trace.events[attempt.sent];
    const auto& texts = run_.trace.texts;
    if (sent.text < texts.size() && !texts[sent.text].empty())
      attributes.text("saga.idempotency_key", texts[sent.text]);
    attributes.text("saga.status", attempt.status ? name_of(*attempt.status) : "unanswered");
    out["attributes"] = attributes.list();
    out["events"] = attempt_events_[number];
    out["status"] = attempt.worked() ? status_json(kOk) : failure(attempt);
    return reports::on_one_line(out);
  }

  const Run& run_;
  SagaIndex saga_;
  Story story_;
  std::string saga_id_;
  std::string trace_id_;
  std::string root_id_;
  std::vector<OrderedJson> attempt_events_;
  OrderedJson root_events_ = OrderedJson::array();
};

}  // namespace

std::string otlp_json(const Run& run, std::string_view saga_id) { return SpanWriter(run, saga_id).write(); }

}  // namespace saga_harness
