#include <saga_harness_internal/identity.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/masks.hpp>
#include <saga_harness/version.hpp>
#include <saga_harness_internal/random_numbers.hpp>

#include "build_id.hpp"

namespace saga_harness {
namespace {

std::string claimed_by(const Claims& claims) {
  std::string names;
  for (const ClaimRow& row : kClaimCatalogue) {
    if (claims.*row.flag) names += (names.empty() ? "" : ",") + std::string(row.name);
  }
  return names;
}

const Context& context_of(const Setup& setup) {
  return setup.context == Context() ? setup.saga->saga().context : setup.context;
}

std::string shown_of(const Setup& setup, const Context& context) {
  return Masks(setup.saga->saga(), context).shown(context.text());
}

std::string limits_of(const RunBounds& bounds) {
  return fmt::format("{} calls, {} operations, {} incarnations", bounds.max_calls, bounds.max_operations,
                     bounds.max_incarnations);
}

template <class Range, class ToText>
std::string lines_of(const Range& range, ToText to_text) {
  std::string lines;
  for (const auto& each : range) lines += to_text(each) + '\n';
  return lines;
}

std::string version_of(const Experiment& experiment) {
  if (!experiment.version.empty() || !experiment.has_own_code) return experiment.version;
  return "build " + build_id();
}

std::string known_text(const KnownFinding& known) {
  return to_string(known) + (known.plan ? " (" + to_string(*known.plan) + ")" : std::string());
}

}  // namespace

Traits identity_of(const Experiment& experiment) {
  const Setup& setup = experiment.setup;
  return {
      {"saga_harness", std::string(kVersion)},
      {"saga", setup.saga->saga().name},
      {"definition", fmt::format("{:016x}", setup.saga->hash())},
      {"coordinator", experiment.coordinator_name},
      {"participant", experiment.participant_name},
      {"declared", experiment.declared},
      {"version", version_of(experiment)},
      {"claims", claimed_by(experiment.claims)},
      {"context", shown_of(setup, context_of(setup))},
      {"saga_id", setup.saga_id},
      {"auth_token", setup.auth_token},
      {"expects", std::string(name_of(setup.expects.value_or(Outcome::kCompleted)))},
      {"durable", setup.durable ? "yes" : "no"},
      {"earlier_sagas", std::to_string(setup.earlier_sagas)},
      {"beside", lines_of(setup.beside, [&setup](const Context& each) { return shown_of(setup, each); })},
      {"volatile", fmt::format("{}", fmt::join(setup.volatile_fields, ","))},
      {"bounds_of_a_run", limits_of(setup.bounds)},
      {"invariants", lines_of(experiment.invariants, [](const Invariant& own) { return own.name; })},
      {"switched_off", lines_of(experiment.switched_off,
                                [](const SwitchedOff& off) { return to_string(off) + ": " + off.reason; })},
      {"known", lines_of(experiment.known, known_text)},
  };
}

std::uint64_t fingerprint_of(const Experiment& experiment) {
  std::string text;
  for (const auto& [name, value] : identity_of(experiment))
    text += fmt::format("{} {}:{}\n", name, value.size(), value);
  return hash_of(text);
}

}  // namespace saga_harness
