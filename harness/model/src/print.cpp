#include <array>
#include <ostream>

#include <saga_harness/claims.hpp>
#include <saga_harness/condition.hpp>
#include <saga_harness/context.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/fate.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/fault_row.hpp>
#include <saga_harness/guarantee.hpp>
#include <saga_harness/ledger.hpp>
#include <saga_harness/masks.hpp>
#include <saga_harness/observation.hpp>
#include <saga_harness/rule.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/trace.hpp>
#include <saga_harness/verdict.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void internal::print_text(std::string_view text, std::ostream* out) { *out << text; }

std::string_view name_of(RequestFate value) {
  static constexpr std::array<std::string_view, 5> kNames{"delivered", "dropped", "held", "twice",
                                                          "no_subscriber"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(HoldUntil value) {
  static constexpr std::array<std::string_view, 9> kNames{"nothing",
                                                          "answer_before_timeout",
                                                          "answer_at_timeout",
                                                          "answer_after_timeout",
                                                          "answer_after_deadline",
                                                          "timeout",
                                                          "next_request",
                                                          "compensated",
                                                          "end"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(ParticipantFate value) {
  static constexpr std::array<std::string_view, 6> kNames{"serves",     "not_asked", "dies_before",
                                                          "dies_after", "forgets",   "restored"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(AnswerFate value) {
  static constexpr std::array<std::string_view, 9> kNames{
      "passed", "dropped", "held", "twice", "garbled", "foreign", "reset", "instead", "altered"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(CoordinatorFate value) {
  static constexpr std::array<std::string_view, 7> kNames{
      "undisturbed", "crashes", "taken_over", "cancelled", "started_again", "clock_forward", "clock_back"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(LogFate value) {
  static constexpr std::array<std::string_view, 6> kNames{"faithful",   "write_fails", "write_torn",
                                                          "write_lost", "read_stale",  "write_unconfirmed"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(OrderFate value) {
  static constexpr std::array<std::string_view, 2> kNames{"as_sent", "swapped"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(ResultAlteration value) {
  static constexpr std::array<std::string_view, 4> kNames{"none", "missing", "null", "other_type"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(StrayEvent value) {
  static constexpr std::array<std::string_view, 4> kNames{"none", "unreadable", "unknown", "of_another_saga"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(FaultNeed value) {
  static constexpr std::array<std::string_view, 6> kNames{"nothing", "compensation", "deadline",
                                                          "forward", "backward",     "bound_result"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(Reach value) {
  static constexpr std::array<std::string_view, 3> kNames{"none", "with_timeout", "always"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(FaultArea value) { return internal::name_in(kFaultAreaNames, value); }

void PrintTo(const Claims& value, std::ostream* out) {
  std::string_view separator = "";
  *out << "Claims{";
  for (const ClaimRow& row : kClaimCatalogue) {
    if (!(value.*row.flag)) continue;
    *out << separator << row.name;
    separator = ", ";
  }
  *out << "}";
}

void PrintTo(const ClaimRow& value, std::ostream* out) { *out << "ClaimRow{" << value.name << "}"; }

void PrintTo(const Condition& value, std::ostream* out) { *out << to_string(value); }

void PrintTo(const Json& value, std::ostream* out) { *out << value.text(); }

void PrintTo(const ErrorText& value, std::ostream* out) {
  internal::print_fields(
      *out, "ErrorText", value, internal::field("source", &ErrorText::source),
      internal::field("pointer", &ErrorText::pointer), internal::field("line", &ErrorText::line),
      internal::field("column", &ErrorText::column), internal::field("message", &ErrorText::message),
      internal::field("fix", &ErrorText::fix), internal::field("more", &ErrorText::more));
}

void PrintTo(const Error& value, std::ostream* out) {
  *out << "Error: " << internal::printable(value.what(), internal::kMostOfText);
}

void PrintTo(const Context& value, std::ostream* out) { *out << value.text(); }

void PrintTo(const InsteadAnswer& value, std::ostream* out) {
  internal::print_fields(*out, "InsteadAnswer", value, internal::field("status", &InsteadAnswer::status),
                         internal::field("body", &InsteadAnswer::body),
                         internal::field("meaning", &InsteadAnswer::meaning),
                         internal::field("retry_after", &InsteadAnswer::retry_after));
}

void PrintTo(const Fate& value, std::ostream* out) {
  internal::print_fields(
      *out, "Fate", value, internal::field("request", &Fate::request), internal::field("until", &Fate::until),
      internal::field("participant", &Fate::participant), internal::field("answer", &Fate::answer),
      internal::field("instead", &Fate::instead), internal::field("coordinator", &Fate::coordinator),
      internal::field("log", &Fate::log), internal::field("order", &Fate::order),
      internal::field("stray", &Fate::stray), internal::field("altered", &Fate::altered));
}

void PrintTo(const Alternative& value, std::ostream* out) {
  internal::print_fields(*out, "Alternative", value, internal::field("kind", &Alternative::kind),
                         internal::field("window", &Alternative::window));
}

void PrintTo(const Point& value, std::ostream* out) {
  internal::print_fields(*out, "Point", value, internal::field("step", &Point::step),
                         internal::field("operation", &Point::operation),
                         internal::field("instant", &Point::instant),
                         internal::field("attempt", &Point::attempt));
}

void PrintTo(const Fault& value, std::ostream* out) { *out << to_string(value); }

void PrintTo(const FaultPlan& value, std::ostream* out) { *out << to_string(value); }

void PrintTo(const Legality& value, std::ostream* out) {
  internal::print_fields(*out, "Legality", value, internal::field("at", &Legality::at),
                         internal::field("windows", &Legality::windows),
                         internal::field("what", &Legality::what));
}

void PrintTo(const FaultRow& value, std::ostream* out) { *out << "FaultRow{" << value.name << "}"; }

void PrintTo(const Guarantees& value, std::ostream* out) {
  internal::print_fields(*out, "Guarantees", value,
                         internal::field("deduplicates", &Guarantees::deduplicates),
                         internal::field("tombstones", &Guarantees::tombstones),
                         internal::field("null_compensation", &Guarantees::null_compensation),
                         internal::field("idempotent_compensation", &Guarantees::idempotent_compensation),
                         internal::field("durable_dedup", &Guarantees::durable_dedup));
}

void PrintTo(const Time& value, std::ostream* out) { *out << format_duration(value.time_since_epoch()); }

void PrintTo(const Effect& value, std::ostream* out) {
  *out << "applied " << value.applied << ", undone " << value.undone;
}

void PrintTo(const Quantity& value, std::ostream* out) {
  *out << internal::printable(value.name) << ": " << value.at_start << " -> " << value.at_end;
}

void PrintTo(const Ledger& value, std::ostream* out) {
  internal::print_fields(*out, "Ledger", value, internal::field("effects", &Ledger::effects),
                         internal::field("quantities", &Ledger::quantities));
}

void PrintTo(const CallMade& value, std::ostream* out) {
  CallMade shown = value;
  shown.payload = value.masks.shown(value.payload);
  shown.answer = value.masks.shown(value.answer);
  internal::print_fields(
      *out, "CallMade", shown, internal::field("service", &CallMade::service),
      internal::field("action", &CallMade::action), internal::field("step", &CallMade::step),
      internal::field("operation", &CallMade::operation), internal::field("attempt", &CallMade::attempt),
      internal::field("incarnation", &CallMade::incarnation), internal::field("sent_at", &CallMade::sent_at),
      internal::field("ended_at", &CallMade::ended_at), internal::field("key", &CallMade::key),
      internal::field("payload", &CallMade::payload), internal::field("status", &CallMade::status),
      internal::field("answer", &CallMade::answer));
}

void PrintTo(const HeardAnswer& value, std::ostream* out) {
  internal::print_fields(*out, "HeardAnswer", value, internal::field("event", &HeardAnswer::event),
                         internal::field("text", &HeardAnswer::text));
}

void PrintTo(const SentPayload& value, std::ostream* out) {
  internal::print_fields(*out, "SentPayload", value, internal::field("event", &SentPayload::event),
                         internal::field("text", &SentPayload::text));
}

void PrintTo(const Observation& value, std::ostream* out) {
  internal::print_fields(
      *out, "Observation", value, internal::field("events", &Observation::events),
      internal::field("effects", &Observation::effects),
      internal::field("quantities", &Observation::quantities), internal::field("texts", &Observation::texts),
      internal::field("outcome", &Observation::outcome), internal::field("skipped", &Observation::skipped),
      internal::field("payloads", &Observation::payloads), internal::field("context", &Observation::context),
      internal::field("answers", &Observation::answers));
}

void PrintTo(Rule rule, std::ostream* out) { *out << label_of(rule); }

void PrintTo(const RuleRow& value, std::ostream* out) {
  *out << "RuleRow{" << (value.is_numbered() ? std::string(value.id) + ' ' : "") << value.name << "}";
}

void PrintTo(const Run& value, std::ostream* out) {
  *out << "a run";
  if (!value.saga.name.empty()) *out << " of " << internal::printable(value.saga.name);
  *out << " that ended " << name_of(value.outcome);
  std::string_view separator = " (";
  for (const std::string& step : value.flagged_steps) {
    *out << separator << internal::printable(step);
    separator = ", ";
  }
  if (!value.flagged_steps.empty()) *out << ")";
  *out << " under the plan " << to_string(value.plan);
  const std::size_t violations = value.violations().size();
  if (violations > 0) *out << ", violating " << violations << (violations == 1 ? " rule" : " rules");
}

void PrintTo(const Predecessors& value, std::ostream* out) {
  if (value.is_previous_step()) {
    *out << "previous step";
  } else {
    internal::print_value(*out, value.names());
  }
}

void PrintTo(const RetryPolicy& value, std::ostream* out) {
  internal::print_fields(*out, "RetryPolicy", value, internal::field("attempts", &RetryPolicy::attempts),
                         internal::field("delay", &RetryPolicy::delay),
                         internal::field("factor", &RetryPolicy::factor),
                         internal::field("max_delay", &RetryPolicy::max_delay));
}

void PrintTo(const Emits& value, std::ostream* out) {
  internal::print_fields(*out, "Emits", value, internal::field("success", &Emits::success),
                         internal::field("failure", &Emits::failure),
                         internal::field("compensated", &Emits::compensated));
}

void PrintTo(const FromContext& value, std::ostream* out) { *out << to_string(ValueSource(value)); }
void PrintTo(const FromResult& value, std::ostream* out) { *out << to_string(ValueSource(value)); }

void PrintTo(const Binding& value, std::ostream* out) {
  *out << value.field << ": " << to_string(value.source);
}

void PrintTo(const ResultField& value, std::ostream* out) {
  *out << value.name << ": " << name_of(value.type);
}

void PrintTo(const Step& value, std::ostream* out) {
  internal::print_fields(
      *out, "Step", value, internal::field("name", &Step::name), internal::field("service", &Step::service),
      internal::field("action", &Step::action), internal::field("compensation", &Step::compensation),
      internal::field("fallback", &Step::fallback), internal::field("timeout", &Step::timeout),
      internal::field("retry", &Step::retry),
      internal::field("compensation_timeout", &Step::compensation_timeout),
      internal::field("compensation_retry", &Step::compensation_retry),
      internal::field("idempotent", &Step::idempotent),
      internal::field("compensatable", &Step::compensatable), internal::field("pivot", &Step::pivot),
      internal::field("has_effect", &Step::has_effect), internal::field("optional", &Step::optional),
      internal::field("compensated_if_refused", &Step::compensated_if_refused),
      internal::field("after", &Step::after), internal::field("only_if", &Step::only_if),
      internal::field("input", &Step::input),
      internal::field("compensation_input", &Step::compensation_input),
      internal::field("result", &Step::result),
      internal::field("compensates_without_result", &Step::compensates_without_result),
      internal::field("on_event", &Step::on_event), internal::field("emits", &Step::emits),
      internal::field("compensate_on", &Step::compensate_on));
}

void PrintTo(const Choreography& value, std::ostream* out) {
  internal::print_fields(*out, "Choreography", value,
                         internal::field("starts_with", &Choreography::starts_with),
                         internal::field("at_deadline", &Choreography::at_deadline),
                         internal::field("unless", &Choreography::unless));
}

void PrintTo(const Masks& value, std::ostream* out) {
  if (value.empty()) {
    *out << "no masks";
  } else {
    *out << "masks of " << value.fields_.size() << " fields";
  }
}
void PrintTo(const Saga& value, std::ostream* out) { *out << to_json(Masks::shown(value)); }

void PrintTo(const Problem& value, std::ostream* out) {
  internal::print_fields(*out, "Problem", value, internal::field("pointer", &Problem::pointer),
                         internal::field("message", &Problem::message),
                         internal::field("fix", &Problem::fix));
}

void PrintTo(const OperationId& value, std::ostream* out) {
  internal::print_fields(*out, "OperationId", value, internal::field("step", &OperationId::step),
                         internal::field("operation", &OperationId::operation));
}

void PrintTo(const Event& value, std::ostream* out) {
  internal::print_fields(
      *out, "Event", value, internal::field("at", &Event::at), internal::field("call", &Event::call),
      internal::field("text", &Event::text), internal::field("step", &Event::step),
      internal::field("attempt", &Event::attempt), internal::field("type", &Event::type),
      internal::field("operation", &Event::operation), internal::field("detail", &Event::detail),
      internal::field("incarnation", &Event::incarnation));
}

void PrintTo(const Trace& value, std::ostream* out) {
  internal::print_fields(*out, "Trace", value, internal::field("events", &Trace::events),
                         internal::field("texts", &Trace::texts));
}

void PrintTo(const Verdict& value, std::ostream* out) {
  *out << (value.rule == kOwnRule ? "own " + internal::printable(name_of(value)) : label_of(value.rule));
  *out << ": " << name_of(value.status);
  if (!value.explanation.empty()) {
    *out << ": " << internal::printable(value.explanation, internal::kMostOfText);
  }
}

}  // namespace saga_harness

void testing::internal::UniversalPrinter<saga_harness::Duration>::Print(const saga_harness::Duration& value,
                                                                        std::ostream* out) {
  *out << saga_harness::format_duration(value);
}
