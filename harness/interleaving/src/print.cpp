#include <ostream>

#include <saga_harness/interleaving.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(const ConcurrentExperiment& value, std::ostream* out) {
  internal::print_fields(*out, "ConcurrentExperiment", value,
                         internal::field("sagas", &ConcurrentExperiment::sagas),
                         internal::field("has_other_context", &ConcurrentExperiment::has_other_context));
}

void PrintTo(const Turn& value, std::ostream* out) {
  internal::print_fields(*out, "Turn", value, internal::field("saga", &Turn::saga),
                         internal::field("service", &Turn::service), internal::field("action", &Turn::action),
                         internal::field("step", &Turn::step), internal::field("attempt", &Turn::attempt),
                         internal::field("answer", &Turn::answer));
}

void PrintTo(const ConcurrentPlan& value, std::ostream* out) { *out << to_string(value); }

void PrintTo(const ConcurrentViolation& value, std::ostream* out) {
  internal::print_fields(*out, "ConcurrentViolation", value,
                         internal::field("rule", &ConcurrentViolation::rule),
                         internal::field("saga", &ConcurrentViolation::saga),
                         internal::field("explanation", &ConcurrentViolation::explanation),
                         internal::field("step", &ConcurrentViolation::step));
}

void PrintTo(const ConcurrentRun& value, std::ostream* out) {
  internal::print_fields(*out, "ConcurrentRun", value, internal::field("plan", &ConcurrentRun::plan),
                         internal::field("turns", &ConcurrentRun::turns),
                         internal::field("sagas", &ConcurrentRun::sagas),
                         internal::field("quantities", &ConcurrentRun::quantities),
                         internal::field("accesses", &ConcurrentRun::accesses),
                         internal::field("violations", &ConcurrentRun::violations),
                         internal::field("unfired", &ConcurrentRun::unfired));
}

void PrintTo(const InterleavingOptions& value, std::ostream* out) {
  internal::print_fields(
      *out, "InterleavingOptions", value, internal::field("max_faults", &InterleavingOptions::max_faults),
      internal::field("kinds", &InterleavingOptions::kinds),
      internal::field("windows", &InterleavingOptions::windows),
      internal::field("max_schedules", &InterleavingOptions::max_schedules),
      internal::field("max_time", &InterleavingOptions::max_time),
      internal::field("stop_at_first_violation", &InterleavingOptions::stop_at_first_violation),
      internal::field("sample_ok", &InterleavingOptions::sample_ok),
      internal::field("today", &InterleavingOptions::today));
}

void PrintTo(const ConcurrentFinding& value, std::ostream* out) {
  internal::print_fields(*out, "ConcurrentFinding", value,
                         internal::field("violation", &ConcurrentFinding::violation),
                         internal::field("plan", &ConcurrentFinding::plan),
                         internal::field("schedules", &ConcurrentFinding::schedules));
}

void PrintTo(const ConcurrentKnown& value, std::ostream* out) {
  internal::print_fields(*out, "ConcurrentKnown", value, internal::field("known", &ConcurrentKnown::known),
                         internal::field("state", &ConcurrentKnown::state),
                         internal::field("in_reach", &ConcurrentKnown::in_reach),
                         internal::field("schedules", &ConcurrentKnown::schedules),
                         internal::field("plan", &ConcurrentKnown::plan));
}

void PrintTo(const Interleavings& value, std::ostream* out) {
  internal::print_fields(
      *out, "Interleavings", value, internal::field("schedules", &Interleavings::schedules),
      internal::field("repeated", &Interleavings::repeated),
      internal::field("exhausted", &Interleavings::exhausted),
      internal::field("levels", &Interleavings::levels),
      internal::field("violated_schedules", &Interleavings::violated_schedules),
      internal::field("findings", &Interleavings::findings), internal::field("known", &Interleavings::known),
      internal::field("outcomes", &Interleavings::outcomes),
      internal::field("earned", &Interleavings::earned), internal::field("watched", &Interleavings::watched),
      internal::field("verdict", &Interleavings::verdict));
}

}  // namespace saga_harness
