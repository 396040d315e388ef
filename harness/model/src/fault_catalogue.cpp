// What follows from the rows of the catalogue.

#include <saga_harness/fault_catalogue.hpp>

#include <algorithm>

#include <saga_harness/verdict.hpp>
#include <saga_harness_internal/names.hpp>

namespace saga_harness {
namespace {

struct FaultTraits {
  bool transient = false;
  bool fails_attempt = false;
  bool keeps_from_participant = false;
  bool replaces_answer = false;
};

constexpr FaultTraits traits_from(const FaultRow& row) {
  const Fate& fate = row.fate;
  // What comes after a step that is not done yet may be refused.
  const bool is_passing = fate.is_about_attempt() || fate.order == OrderFate::kSwapped;
  return {.transient = is_passing && !row.is_breach && !fate.refuses_for_good() && !fate.promises(),
          .fails_attempt = fate.is_about_attempt() && fate.fails_the_attempt(),
          .keeps_from_participant = fate.keeps_from_participant(),
          .replaces_answer = fate.replaces_answer()};
}

constexpr auto kTraits = [] {
  std::array<FaultTraits, kFaultKindCount> traits;
  std::ranges::transform(kFaultCatalogue, traits.begin(), traits_from);
  return traits;
}();

constexpr const FaultTraits& traits_of(FaultKind kind) { return kTraits[static_cast<std::size_t>(kind)]; }

constexpr auto kKindNames = [] {
  std::array<std::string_view, kFaultKindCount> names;
  std::ranges::transform(kFaultCatalogue, names.begin(), &FaultRow::name);
  return names;
}();

}  // namespace

std::string_view name_of(FaultKind kind) { return internal::name_in(kKindNames, kind); }
std::string_view describe(FaultKind kind) { return row_of(kind).what; }
FaultKind parse_fault_kind(std::string_view name) {
  return internal::value_in<FaultKind>(kKindNames, name, "fault kind");
}

bool is_transient(FaultKind kind) { return traits_of(kind).transient; }
bool fails_the_attempt(FaultKind kind) { return traits_of(kind).fails_attempt; }
bool keeps_from_participant(FaultKind kind) { return traits_of(kind).keeps_from_participant; }
bool replaces_answer(FaultKind kind) { return traits_of(kind).replaces_answer; }
bool is_breach(FaultKind kind) { return row_of(kind).is_breach; }

bool is_in_scope(FaultKind kind, const Claims& claims) {
  const FaultRow& row = row_of(kind);
  return !row.is_breach && std::ranges::all_of(row.claims, [&claims](ClaimFlag claim) {
    return claim == nullptr || claims.*claim;
  });
}

}  // namespace saga_harness
