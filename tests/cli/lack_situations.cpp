#include "lack_situations.hpp"

#include <fmt/format.h>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;

json step(const std::string& name, const std::string& service, bool is_pivot = false) {
  json result{{"name", name}, {"service", service}};
  if (is_pivot) {
    result["pivot"] = true;
  } else {
    result["compensation"] = "undo_" + name;
  }
  return result;
}

json step_without_compensation(const std::string& name, const std::string& service) {
  return {{"name", name}, {"service", service}, {"compensatable", false}};
}

json all_skipped() {
  json saga{
      {"name", "skipped"}, {"steps", {step("a", "s"), step("b", "t")}}, {"context", {{"wanted", false}}}};
  for (json& each : saga["steps"]) each["only_if"] = {{"pointer", "/wanted"}, {"equals", true}};
  return saga;
}

json without_compensations() {
  return {{"name", "mails"},
          {"steps", {step_without_compensation("send", "post"), step_without_compensation("file", "shop")}}};
}

json pivot_first() {
  return {{"name", "pivot_first"},
          {"steps", {step("close", "shop", true), step_without_compensation("tell", "post")}}};
}

/// Its participants refuse it, whatever nobody does to it.
json always_refused() {
  json scenario = json::parse(read_file(cli_tests::scenario("order_processing_short_stock")));
  scenario.erase("expects");
  return scenario;
}

/// An invariant of sagas that are flagged, and none is.
json with_idle_invariant() {
  json scenario = {{"saga", order_saga()}};
  scenario["saga"]["context"] = {{"items", {{{"product_id", "BOOK"}, {"quantity", 2}}}}};
  scenario["participants"]["stock"] = {{"fake", "stock"}, {"stock", {{"BOOK", 5}}}};
  scenario["invariants"] = {
      {{"name", "nothing is reserved"}, {"level", "stock/BOOK reserved"}, {"max", 0}, {"when", {"flagged"}}}};
  return scenario;
}

/// Refused at its first step: there is never anything to undo.
json refused_at_once() {
  json scenario = {{"saga", order_saga()}, {"expects", "compensated"}};
  scenario["saga"]["context"] = {{"items", {{{"product_id", "BOOK"}, {"quantity", 2}}}}};
  scenario["participants"]["stock"] = {{"fake", "stock"}, {"stock", {{"BOOK", 0}}}};
  return scenario;
}

/// For a coordinator that does what the context rules out; the rules that would say so are off.
json not_wanted() {
  json saga = order_saga();
  saga["context"] = {{"wanted", false}};
  saga["steps"][1]["only_if"] = {{"pointer", "/wanted"}, {"equals", true}};
  return {{"saga", saga}, {"switched_off", {{"I1", "x"}, {"I3", "x"}}}};
}

json choreography() { return json::parse(read_file(cli_tests::scenario("order_choreography"))); }

void flags_at_once(Runtime& runtime) { runtime.report(Outcome::kFlagged); }

/// Does everything, and then leaves it to a person.
void flags_what_it_has_done(Runtime& runtime) {
  for (StepId step = 0; step < runtime.index().step_count(); ++step) {
    const Step& each = runtime.index().step(step);
    if (!runtime.call({.service = each.service, .action = each.action}).ok()) break;
  }
  runtime.report(Outcome::kFlagged);
}

const ExploreOptions kNoFaults{.max_faults = 0};

ExploreOptions only(FaultKind kind) { return {.max_faults = 1, .kinds = {kind}}; }

ExploreOptions sample(bool is_ok) {
  return {.max_faults = 1, .swarm = Swarm{.seed = "monday", .schedules = 300}, .sample_ok = is_ok};
}

std::vector<Situation> upheld() {
  return {
      {"k0", order_saga(), kNoFaults},
      {"k1", order_saga()},
      {"kinds_that_fail_no_step", order_saga(), only(FaultKind::kDelayUnderTimeout)},
      {"kinds_that_fail_a_step", order_saga(), only(FaultKind::kRejected)},
      {"all_steps_skipped", all_skipped()},
      {"no_compensations", without_compensations()},
      {"pivot_first", pivot_first()},
      {"one_step", {{"name", "single"}, {"steps", {step("a", "s")}}}},
      {"always_refused_and_expected",
       json::parse(read_file(cli_tests::scenario("order_processing_short_stock")))},
      {"choreography", choreography()},
      {"swarm_that_will_do", order_saga(), sample(true)},
  };
}

std::vector<Situation> lacking() {
  const std::string kInconclusive = "inconclusive";
  const json flagged = {{"saga", order_saga()}, {"expects", "flagged"}};
  return {
      {"stopped", order_saga(), {.max_faults = 1, .max_schedules = 30}, kInconclusive, {"not_exhausted"}},
      {"stopped_before_it_began",
       order_saga(),
       {.max_faults = 0, .max_time = std::chrono::microseconds(1)},
       kInconclusive,
       {"nothing_ran", "not_exhausted", "no_request", "unexpected_outcome"}},
      {"outcome_rules_off",
       outcome_rules_off(order_saga()),
       {.max_faults = 1},
       kInconclusive,
       {"no_outcome_rule"}},
      {"outcome_rules_off_without_faults",
       outcome_rules_off(order_saga()),
       kNoFaults,
       kInconclusive,
       {"no_outcome_rule"}},
      {"choreography_without_outcome_rules",
       outcome_rules_off(choreography()["saga"]),
       {.max_faults = 1},
       kInconclusive,
       {"no_outcome_rule"}},
      {"expected_otherwise",
       {{"saga", order_saga()}, {"expects", "compensated"}},
       kNoFaults,
       kInconclusive,
       {"unexpected_outcome"}},
      {"never_exercises_an_invariant",
       with_idle_invariant(),
       kNoFaults,
       kInconclusive,
       {"invariant_not_exercised"}},
      {"swarm", order_saga(), sample(false), kInconclusive, {"sampled"}},
      {"refused_at_once", refused_at_once(), {.max_faults = 1}, kInconclusive, {"never_compensates"}},
      {"done_though_not_wanted",
       not_wanted(),
       {.max_faults = 1},
       kInconclusive,
       {"unforeseen_point"},
       "condition_ignored"},
      {"asks_for_nothing", flagged, kNoFaults, kInconclusive, {"no_request"}, "own", flags_at_once},
      {"flags_what_nobody_can_undo",
       {{"saga", without_compensations()}, {"expects", "flagged"}},
       kNoFaults,
       kInconclusive,
       {"no_flag_judged"},
       "own",
       flags_what_it_has_done},
  };
}

}  // namespace

json order_saga() {
  return {{"name", "order"},
          {"steps", {step("reserve", "stock"), step("pay", "bank"), step("close", "shop", true)}}};
}

json outcome_rules_off(const json& saga) {
  return {{"saga", saga}, {"switched_off", {{"I1", "x"}, {"I5", "x"}, {"I6", "x"}}}};
}

json sagas_that_do_not_meet() {
  json pay = step("pay", "bank");
  pay["only_if"] = {{"pointer", "/pays"}, {"equals", true}};
  return {{"saga", {{"name", "apart"}, {"steps", {pay, step("ship", "post")}}}},
          {"participants", {{"bank", {{"fake", "balances"}, {"balances", {{"ANN", 1000}}}}}}},
          {"together", {{{"pays", true}, {"customer_id", "ANN"}, {"total_amount", 1}}, {{"pays", false}}}}};
}

std::vector<Situation> situations() {
  std::vector<Situation> all = upheld();
  for (Situation& each : lacking()) all.push_back(std::move(each));
  all.push_back({"always_refused", always_refused(), {.max_faults = 1}, "violated"});
  return all;
}

std::vector<std::string> arguments_of(const Situation& situation, const std::string& file) {
  const ExploreOptions& options = situation.options;
  std::vector<std::string> arguments{"explore", file, "-k", fmt::to_string(options.max_faults)};
  const auto add = [&arguments](const char* option, std::string value) {
    arguments.insert(arguments.end(), {option, std::move(value)});
  };
  if (situation.coordinator != kReference) add("--coordinator", situation.coordinator);
  for (const FaultKind kind : options.kinds) add("--faults", std::string(name_of(kind)));
  if (options.max_schedules != 0) add("--max-schedules", fmt::to_string(options.max_schedules));
  if (options.max_time != Duration::zero()) add("--max-time", format_duration(options.max_time));
  if (options.swarm) {
    add("--swarm", options.swarm->seed);
    add("--schedules", fmt::to_string(options.swarm->schedules));
  }
  if (options.sample_ok) arguments.emplace_back("--sample-ok");
  return arguments;
}

SagaTestHarness harness_of(const Situation& situation) {
  const Scenario scenario = parse_scenario(situation.scenario.dump(), situation.name);
  if (!situation.own) return SagaTestHarness(experiment(scenario, situation.coordinator));
  SagaTestHarness harness(scenario);
  harness.use_coordinator(situation.own).named(situation.name);
  return harness;
}

}  // namespace saga_harness::cli_tests
