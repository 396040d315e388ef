#include <saga_harness/printers.hpp>

#include <ostream>
#include <string>

#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

void PrintTo(Outcome outcome, std::ostream* out) { *out << name_of(outcome); }
void PrintTo(ReplyStatus status, std::ostream* out) { *out << name_of(status); }
void PrintTo(Operation operation, std::ostream* out) { *out << name_of(operation); }
void PrintTo(Instant instant, std::ostream* out) { *out << name_of(instant); }
void PrintTo(FaultKind kind, std::ostream* out) { *out << name_of(kind); }
void PrintTo(FaultDuration window, std::ostream* out) { *out << name_of(window); }
void PrintTo(Rule rule, std::ostream* out) { *out << id_of(rule) << ' ' << name_of(rule); }
void PrintTo(VerdictStatus status, std::ostream* out) { *out << name_of(status); }
void PrintTo(CellStatus status, std::ostream* out) { *out << name_of(status); }
void PrintTo(const Fault& fault, std::ostream* out) { *out << to_string(fault); }
void PrintTo(const FaultPlan& plan, std::ostream* out) { *out << to_string(plan); }

void PrintTo(const Effect& effect, std::ostream* out) {
  *out << "applied " << effect.applied << ", undone " << effect.undone;
}

void PrintTo(const Quantity& quantity, std::ostream* out) {
  *out << quantity.name << ": " << quantity.at_start << " -> " << quantity.at_end;
}

void PrintTo(const Verdict& verdict, std::ostream* out) {
  *out << id_of(verdict.rule) << ' ' << internal::printable(name_of(verdict));
  *out << ": " << name_of(verdict.status);
  if (!verdict.explanation.empty()) *out << ": " << internal::printable(verdict.explanation, 2000);
}

void PrintTo(const Run& run, std::ostream* out) {
  *out << "a run";
  if (!run.saga.name.empty()) *out << " of " << internal::printable(run.saga.name);
  *out << " that ended " << name_of(run.outcome);
  std::string separator = " (";
  for (const std::string& step : run.flagged_steps) {
    *out << separator << internal::printable(step);
    separator = ", ";
  }
  if (!run.flagged_steps.empty()) *out << ")";
  *out << " under the plan " << to_string(run.plan);
  const std::size_t violations = run.violations().size();
  if (violations > 0) *out << ", violating " << counted(violations, "rule", "rules");
}

void PrintTo(const Exploration& exploration, std::ostream* out) {
  *out << counted(exploration.schedules, "schedule", "schedules") << " of up to "
       << counted(static_cast<std::uint64_t>(exploration.max_faults), "fault", "faults")
       << (exploration.exhausted ? ", exhausted" : ", not exhausted") << ", "
       << exploration.violated_schedules << " in violation";
}

void PrintTo(const Saga& saga, std::ostream* out) { *out << to_json(saga); }

void showValue(const FaultPlan& plan, std::ostream& out) { PrintTo(plan, &out); }
void showValue(const Saga& saga, std::ostream& out) { PrintTo(saga, &out); }

}  // namespace saga_harness
