#include <ostream>

#include <saga_harness/wire.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(PointKind value, std::ostream* out) {
  switch (value) {
    case PointKind::kCall:
      *out << "call";
      return;
    case PointKind::kDelivery:
      *out << "delivery";
      return;
  }
}

void PrintTo(const ObservedRunsOptions& value, std::ostream* out) {
  internal::print_fields(*out, "ObservedRunsOptions", value,
                         internal::field("points", &ObservedRunsOptions::points),
                         internal::field("max_journal", &ObservedRunsOptions::max_journal),
                         internal::field("max_journal_bytes", &ObservedRunsOptions::max_journal_bytes));
}

void PrintTo(const ObservedRunOptions& value, std::ostream* out) {
  internal::print_fields(*out, "ObservedRunOptions", value,
                         internal::field("plan", &ObservedRunOptions::plan),
                         internal::field("kinds", &ObservedRunOptions::kinds),
                         internal::field("timeout", &ObservedRunOptions::timeout),
                         internal::field("max_calls", &ObservedRunOptions::max_calls),
                         internal::field("keys", &ObservedRunOptions::keys),
                         internal::field("context", &ObservedRunOptions::context));
}

void PrintTo(const ObservedQuestion& value, std::ostream* out) {
  internal::print_fields(*out, "ObservedQuestion", value, internal::field("point", &ObservedQuestion::point),
                         internal::field("legal", &ObservedQuestion::legal));
}

void PrintTo(const HeldBack& value, std::ostream* out) {
  internal::print_fields(*out, "HeldBack", value, internal::field("operation", &HeldBack::operation),
                         internal::field("attempt", &HeldBack::attempt),
                         internal::field("until", &HeldBack::until),
                         internal::field("is_duplicate", &HeldBack::is_duplicate));
}

void PrintTo(const ObservedRun& value, std::ostream* out) {
  internal::print_fields(
      *out, "ObservedRun", value, internal::field("trace", &ObservedRun::trace),
      internal::field("ledger", &ObservedRun::ledger), internal::field("outcome", &ObservedRun::outcome),
      internal::field("questions", &ObservedRun::questions), internal::field("fired", &ObservedRun::fired),
      internal::field("unfired", &ObservedRun::unfired),
      internal::field("held_back", &ObservedRun::held_back), internal::field("calls", &ObservedRun::calls),
      internal::field("unmatched", &ObservedRun::unmatched),
      internal::field("hit_call_cap", &ObservedRun::hit_call_cap),
      internal::field("rests_on_time", &ObservedRun::rests_on_time),
      internal::field("skipped", &ObservedRun::skipped), internal::field("context", &ObservedRun::context),
      internal::field("payloads", &ObservedRun::payloads), internal::field("answers", &ObservedRun::answers));
}

void PrintTo(const DataOfEvent& value, std::ostream* out) {
  internal::print_fields(*out, "DataOfEvent", value, internal::field("event", &DataOfEvent::event),
                         internal::field("text", &DataOfEvent::text));
}

void PrintTo(const StrayRequests& value, std::ostream* out) {
  internal::print_fields(*out, "StrayRequests", value, internal::field("late", &StrayRequests::late),
                         internal::field("unknown", &StrayRequests::unknown),
                         internal::field("unmatched", &StrayRequests::unmatched),
                         internal::field("first_unmatched", &StrayRequests::first_unmatched));
}

void PrintTo(const BrokerDelivery& value, std::ostream* out) {
  internal::print_fields(*out, "BrokerDelivery", value, internal::field("event", &BrokerDelivery::event),
                         internal::field("service", &BrokerDelivery::service),
                         internal::field("message", &BrokerDelivery::message));
}

}  // namespace saga_harness
