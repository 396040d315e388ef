#include "judged_scenario.hpp"

#include <saga_harness/error.hpp>
#include <saga_harness/run_limit.hpp>

namespace saga_harness::cli {

namespace {

void limit_runs(const std::string& limit) {
  if (limit.empty()) return;
  try {
    set_run_limit(limit == "off" ? Duration::zero() : parse_duration(limit));
  } catch (const Error& error) {
    throw error.within("--run-limit");
  }
}

}  // namespace

Scenario load_judged_scenario(const std::string& path, const JudgedBy& judged_by) {
  limit_runs(judged_by.run_limit);
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
