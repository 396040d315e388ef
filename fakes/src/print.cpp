#include <array>
#include <ostream>

#include <saga_harness/fakes.hpp>
#include <saga_harness/shared_values.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

std::string_view name_of(AccessKind value) {
  static constexpr std::array<std::string_view, 3> kNames{"read", "change", "undo"};
  return internal::name_in(kNames, value);
}

void PrintTo(const Access& value, std::ostream* out) {
  internal::print_fields(*out, "Access", value, internal::field("saga", &Access::saga),
                         internal::field("kind", &Access::kind), internal::field("step", &Access::step),
                         internal::field("item", &Access::item), internal::field("version", &Access::version),
                         internal::field("based_on", &Access::based_on),
                         internal::field("overwrites", &Access::overwrites),
                         internal::field("condition_held", &Access::condition_held));
}

void PrintTo(const Countermeasures& value, std::ostream* out) {
  internal::print_fields(*out, "Countermeasures", value,
                         internal::field("semantic_lock", &Countermeasures::semantic_lock),
                         internal::field("commutative_update", &Countermeasures::commutative_update),
                         internal::field("reread", &Countermeasures::reread));
}

void PrintTo(const ValueUse& value, std::ostream* out) {
  internal::print_fields(*out, "ValueUse", value, internal::field("reads", &ValueUse::reads),
                         internal::field("changes", &ValueUse::changes), internal::field("by", &ValueUse::by),
                         internal::field("sum_of", &ValueUse::sum_of),
                         internal::field("at_least", &ValueUse::at_least),
                         internal::field("ends", &ValueUse::ends));
}

}  // namespace saga_harness
