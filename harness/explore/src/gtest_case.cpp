#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/masks.hpp>
#include <saga_harness/replay.hpp>

namespace saga_harness {
namespace {

std::string identifier(std::string_view text) {
  std::string name;
  bool is_start = true;
  for (const char c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_letter && !is_digit) {
      is_start = true;
      continue;
    }
    if (name.empty() && is_digit) name += 'S';
    name += is_start && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    is_start = false;
  }
  return name.empty() ? "Saga" : name;
}

std::string string_literal(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte >= 0x7F) {
      result += fmt::format("\\{:03o}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

// As a raw string, which a person can read, unless the text itself gets in the way.
std::string literal(std::string_view text) {
  constexpr std::string_view kEnd = ")json\"";
  const bool is_plain = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
  if (!is_plain || text.find(kEnd) != std::string_view::npos) return string_literal(text);
  return fmt::format("R\"json({})json\"", text);
}

std::string harness_of(const SagaIndex& saga, const Experiment& experiment) {
  if (experiment.source.empty()) {
    return fmt::format("saga_harness::SagaTestHarness harness(saga_harness::parse_saga({}, {}));",
                       literal(to_json(Masks::shown(saga.saga()))), string_literal(saga.saga().name));
  }
  std::string arguments = string_literal(experiment.source);
  const bool has_participant = experiment.participant_name != "reference";
  if (has_participant || experiment.coordinator_name != "reference")
    arguments += ", " + string_literal(experiment.coordinator_name);
  if (has_participant) arguments += ", " + string_literal(experiment.participant_name);
  return fmt::format("auto harness = saga_harness::SagaTestHarness::from_file({});", arguments);
}

// What is judged beside or instead of the built-in rules, where the scenario does not say it.
std::string own_rules(const Experiment& experiment) {
  std::string text;
  for (const Invariant& own : experiment.invariants) {
    if (own.from_scenario && !experiment.source.empty()) continue;
    text += fmt::format("  // harness.add_invariant(…): give it {}\n", string_literal(own.name));
  }
  const std::string& version = experiment.rules_as_of;
  if (!version.empty()) text += fmt::format("  harness.rules_as_of({});\n", string_literal(version));
  for (const SwitchedOff& off : experiment.switched_off) {
    if (!experiment.source.empty() || !off.invariant.empty()) continue;
    if (!version.empty() && is_newer(row_of(off.rule), version)) continue;
    text += fmt::format("  harness.switch_off({}, {});\n", string_literal(id_of(off.rule)),
                        string_literal(off.reason));
  }
  return text;
}

// What the saga starts with, where the definition does not say it.
std::string start(const SagaIndex& saga, const Experiment& experiment) {
  const Context& context = experiment.setup.context;
  if (context == Context() || context == saga.saga().context) return {};
  return fmt::format("saga_harness::Context::parse({})",
                     literal(Masks(saga.saga(), context).shown(context.text())));
}

bool shows_masked_data(const SagaIndex& saga, const Experiment& experiment) {
  return !saga.saga().mask.empty() && (experiment.source.empty() || !start(saga, experiment).empty());
}

}  // namespace

std::string gtest_case(const Finding& finding, const SagaIndex& saga, const Experiment& experiment) {
  const std::string what =
      identifier(name_of(finding)) + (finding.step.empty() ? "" : "Of" + identifier(finding.step));
  std::string text = fmt::format("TEST({}Saga, {}) {{\n", identifier(saga.saga().name), what);
  if (shows_masked_data(saga, experiment))
    text += "  // \"***\" stands for data that is masked: put in your own\n";
  text += "  " + harness_of(saga, experiment) + '\n';
  const bool is_own_coordinator = experiment.source.empty() && experiment.coordinator_name != "reference";
  if (is_own_coordinator)
    text += saga.is_choreography()
                ? "  // harness.use_choreography(…): give it the handlers that were explored\n"
                : "  // harness.use_coordinator(…): give it the coordinator that was explored\n";
  const bool is_own_participant = experiment.source.empty() && experiment.participant_name != "reference";
  if (is_own_participant)
    text += "  // harness.use_participant(…): give it the participants that were explored\n";
  text += own_rules(experiment);
  text += fmt::format("  harness.plan({});\n", string_literal(to_string(finding.plan)));
  text += fmt::format("  EXPECT_THAT(harness.start_saga({}), saga_harness::UpholdsAllInvariants());\n}}\n",
                      start(saga, experiment));
  return text;
}

}  // namespace saga_harness
