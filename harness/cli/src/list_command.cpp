#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <saga_harness/explore.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/search_reports.hpp>

#include "commands.hpp"
#include "terminal.hpp"

namespace saga_harness::cli {

namespace {

using OrderedJson = nlohmann::ordered_json;

std::string document_text(const OrderedJson& document) {
  return document.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

/// One operation of a step, with what the definition grants it and in how many cells it can go wrong.
struct OperationRow {
  OperationId id;
  std::size_t cells = 0;
};

std::vector<OperationRow> operations_of(const SagaIndex& saga, const Exploration& exploration) {
  std::vector<OperationRow> rows;
  for (std::size_t step = 0; step < saga.step_count(); ++step) {
    for (std::size_t operation = 0; operation < kOperationCount; ++operation) {
      const OperationId id{static_cast<StepId>(step), static_cast<Operation>(operation)};
      if (saga.action_of(id).empty()) continue;
      const auto count =
          std::count_if(exploration.cells.begin(), exploration.cells.end(), [&](const Cell& cell) {
            return OperationId{cell.step, cell.operation} == id;
          });
      rows.push_back({.id = id, .cells = static_cast<std::size_t>(count)});
    }
  }
  return rows;
}

std::vector<std::string> predecessors_of(const SagaIndex& saga, StepId step) {
  std::vector<std::string> names;
  for (const StepId before : saga.predecessors(step)) names.push_back(saga.step(before).name);
  return names;
}

OrderedJson scenario_json(const SagaIndex& saga, const Exploration& exploration) {
  OrderedJson operations = OrderedJson::array();
  for (const OperationRow& row : operations_of(saga, exploration)) {
    const Step& step = saga.step(row.id.step);
    OrderedJson& operation = operations.emplace_back();
    operation = {{"step", step.name},
                 {"operation", name_of(row.id.operation)},
                 {"service", step.service},
                 {"action", saga.action_of(row.id)},
                 {"attempts", saga.budget(row.id)},
                 {"timeout", format_duration(saga.timeout(row.id))},
                 {"after", predecessors_of(saga, row.id.step)},
                 {"pivot", step.pivot},
                 {"legal_cells", row.cells}};
    if (!step.has_effect) operation["has_effect"] = false;
    if (step.optional) operation["optional"] = true;
    if (step.compensated_if_refused) operation["compensated_if_refused"] = true;
    if (step.only_if) operation["only_if"] = to_string(*step.only_if);
    if (step.only_if) operation["skipped"] = row.cells == 0;
  }
  return {{"saga", saga.saga().name},
          {"definition_hash", hash_text(saga.hash())},
          {"parallel_compensation", saga.saga().parallel_compensation},
          {"operations", std::move(operations)},
          {"legal_cells", exploration.cells.size()}};
}

std::string_view peculiarity_of(const Step& step) {
  if (step.pivot) return " (pivot)";
  if (!step.has_effect) return step.optional ? " (optional, no effect)" : " (no effect)";
  return step.optional ? " (optional)" : "";
}

std::string scenario_text(const SagaIndex& saga, const Exploration& exploration, const Style& style) {
  Listing table{.headings = {"operation", "service", "action", "attempts", "timeout", "after", "cells"}};
  std::size_t of_steps = 0;
  std::string conditions;
  for (const OperationRow& row : operations_of(saga, exploration)) {
    const Step& step = saga.step(row.id.step);
    const bool forward = row.id.operation != Operation::kCompensation;
    if (step.only_if && row.id.operation == Operation::kAction) {
      conditions += fmt::format("  {} only if {}{}\n", step.name, printable(to_string(*step.only_if)),
                                row.cells == 0 ? ": skipped" : "");
    }
    table.rows.push_back(
        {fmt::format("{}.{}{}", step.name, name_of(row.id.operation),
                     forward                       ? peculiarity_of(step)
                     : step.compensated_if_refused ? " (even if refused)"
                                                   : ""),
         step.service, std::string(saga.action_of(row.id)), fmt::format("{}", saga.budget(row.id)),
         format_duration(saga.timeout(row.id)),
         forward ? fmt::format("{}", fmt::join(predecessors_of(saga, row.id.step), ", ")) : "",
         fmt::format("{}", row.cells)});
    of_steps += row.cells;
  }
  return fmt::format(
      "{}: {} steps{}, definition {}\n\n{}\n{}  {} legal cells, {} of them in the saga itself\n",
      printable(saga.saga().name), saga.step_count(),
      saga.saga().parallel_compensation ? ", undone in parallel" : "", hash_text(saga.hash()),
      to_string(table, style), conditions, exploration.cells.size(), exploration.cells.size() - of_steps);
}

std::string_view subject_of(const Mutant& mutant) {
  if (mutant.participant) return "participant";
  return mutant.choreography ? "choreography" : "coordinator";
}

OrderedJson catalogue_json() {
  OrderedJson document = {
      {"kinds", OrderedJson::array()}, {"rules", OrderedJson::array()}, {"mutants", OrderedJson::array()}};
  for (const FaultRow& row : kFaultCatalogue)
    document["kinds"].push_back({{"name", row.name}, {"what", row.what}});
  for (const RuleRow& row : kRuleCatalogue)
    document["rules"].push_back({{"id", row.id}, {"name", row.name}, {"demands", row.demands}});
  document["guarantees"] = OrderedJson::array();
  for (std::size_t i = 0; i < kGuaranteeCount; ++i) {
    const auto guarantee = static_cast<Guarantee>(i);
    document["guarantees"].push_back({{"name", name_of(guarantee)}, {"what", describe(guarantee)}});
  }
  for (const Mutant& mutant : mutants()) {
    document["mutants"].push_back({{"name", mutant.name},
                                   {"subject", subject_of(mutant)},
                                   {"group", mutant.group},
                                   {"bug", mutant.bug},
                                   {"predicted", id_of(mutant.predicted)},
                                   {"faults", mutant.faults},
                                   {"scenario", mutant.scenario}});
  }
  return document;
}

std::string mutants_text(std::string_view subject, const Style& style) {
  Listing table{.headings = {"name", "seen by", "faults", "scenario", "bug"}};
  for (const Mutant& mutant : mutants()) {
    if (subject_of(mutant) != subject) continue;
    table.rows.push_back({std::string(mutant.name), std::string(id_of(mutant.predicted)),
                          std::to_string(mutant.faults), std::string(mutant.scenario),
                          std::string(mutant.bug)});
  }
  return to_string(table, style);
}

std::string catalogue_text(const Style& style) {
  Listing kinds{.headings = {"kind of fault", "what happens"}};
  for (const FaultRow& row : kFaultCatalogue)
    kinds.rows.push_back({std::string(row.name), std::string(row.what)});
  Listing rules{.headings = {"rule", "", "demands"}};
  for (const RuleRow& row : kRuleCatalogue)
    rules.rows.push_back({std::string(number_of(row.rule)), std::string(row.name), std::string(row.demands)});
  Listing guarantees{.headings = {"guarantee", "what a participant promises"}};
  for (std::size_t i = 0; i < kGuaranteeCount; ++i) {
    const auto guarantee = static_cast<Guarantee>(i);
    guarantees.rows.push_back({std::string(name_of(guarantee)), std::string(describe(guarantee))});
  }
  return fmt::format(
      "{}\n{}\nCoordinators: reference, which is correct, and those with one known bug (--coordinator "
      "NAME)\n{}\n"
      "Choreographies: the same for sagas whose steps follow events (--coordinator NAME)\n{}\n"
      "Participants: reference, which are correct, and those with one known bug (--participant NAME)\n{}\n"
      "Participants that lack one guarantee at one step (--participant reference-without:GUARANTEE@STEP)\n{}",
      to_string(kinds, style), to_string(rules, style), mutants_text("coordinator", style),
      mutants_text("choreography", style), mutants_text("participant", style), to_string(guarantees, style));
}

}  // namespace

ExitCode run_list(const ListArguments& arguments) {
  const Style style = style_for(arguments.look);
  if (arguments.scenario.empty()) {
    print(arguments.look.json ? document_text(catalogue_json()) : catalogue_text(style));
    return ExitCode::kUpheld;
  }
  const Experiment subject = experiment(load_scenario(arguments.scenario));
  const Exploration exploration = explore(subject, {.max_faults = 0});  // for the cells: the denominator
  const SagaIndex& saga = *subject.setup.saga;
  print(arguments.look.json ? document_text(scenario_json(saga, exploration))
                            : scenario_text(saga, exploration, style));
  return ExitCode::kUpheld;
}

}  // namespace saga_harness::cli
