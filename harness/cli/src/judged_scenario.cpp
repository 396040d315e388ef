#include "judged_scenario.hpp"

#include <saga_harness/error.hpp>

namespace saga_harness::cli {

Scenario load_judged_scenario(const std::string& path, const JudgedBy& judged_by) {
  Scenario scenario = load_scenario(path);
  if (judged_by.rules_as_of.empty()) return scenario;
  try {
    keep_rules_of(judged_by.rules_as_of, scenario);
  } catch (const Error& error) {
    throw error.within("--rules-as-of");
  }
  return scenario;
}

}  // namespace saga_harness::cli
