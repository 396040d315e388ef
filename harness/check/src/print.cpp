#include <ostream>

#include <saga_harness/invariant.hpp>
#include <saga_harness/judge.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(const Invariant& value, std::ostream* out) {
  internal::print_fields(*out, "Invariant", value, internal::field("name", &Invariant::name),
                         internal::field("from_scenario", &Invariant::from_scenario));
}

void PrintTo(const SwitchedOff& value, std::ostream* out) {
  internal::print_fields(*out, "SwitchedOff", value, internal::field("rule", &SwitchedOff::rule),
                         internal::field("reason", &SwitchedOff::reason),
                         internal::field("invariant", &SwitchedOff::invariant));
}

}  // namespace saga_harness
