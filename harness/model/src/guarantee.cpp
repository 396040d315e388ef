#include <saga_harness/guarantee.hpp>

#include <array>

#include <saga_harness_internal/names.hpp>

namespace saga_harness {
namespace {

constexpr std::array<std::string_view, kGuaranteeCount> kGuaranteeNames{
    "deduplicates", "tombstones", "null_compensation", "idempotent_compensation", "durable_dedup"};

}  // namespace

std::string_view name_of(Guarantee guarantee) { return internal::name_in(kGuaranteeNames, guarantee); }

Guarantee parse_guarantee(std::string_view name) {
  return internal::value_in<Guarantee>(kGuaranteeNames, name, "guarantee");
}

bool& flag_of(Guarantees& guarantees, Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::kDeduplicates:
      return guarantees.deduplicates;
    case Guarantee::kTombstones:
      return guarantees.tombstones;
    case Guarantee::kNullCompensation:
      return guarantees.null_compensation;
    case Guarantee::kIdempotentCompensation:
      return guarantees.idempotent_compensation;
    case Guarantee::kDurableDedup:
      break;
  }
  return guarantees.durable_dedup;
}

bool gives(const Guarantees& guarantees, Guarantee guarantee) {
  Guarantees copy = guarantees;
  return flag_of(copy, guarantee);
}

}  // namespace saga_harness
