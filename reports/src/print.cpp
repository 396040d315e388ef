#include <array>
#include <ostream>

#include <saga_harness/report.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

std::string_view name_of(ReplayStatus value) {
  static constexpr std::array<std::string_view, 3> kNames{"reproduced", "upheld", "stale"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(JUnitDialect value) {
  static constexpr std::array<std::string_view, 3> kNames{"jenkins", "gitlab", "github"};
  return internal::name_in(kNames, value);
}

void PrintTo(const RunSample& value, std::ostream* out) {
  internal::print_fields(
      *out, "RunSample", value, internal::field("id", &RunSample::id),
      internal::field("plan", &RunSample::plan), internal::field("faults", &RunSample::faults),
      internal::field("outcome", &RunSample::outcome), internal::field("blamed", &RunSample::blamed),
      internal::field("violated", &RunSample::violated));
}

void PrintTo(const ReportCell& value, std::ostream* out) {
  internal::print_fields(
      *out, "ReportCell", value, internal::field("name", &ReportCell::name),
      internal::field("step", &ReportCell::step), internal::field("operation", &ReportCell::operation),
      internal::field("instant", &ReportCell::instant), internal::field("kind", &ReportCell::kind),
      internal::field("status", &ReportCell::status), internal::field("reached", &ReportCell::reached),
      internal::field("armed", &ReportCell::armed), internal::field("fired", &ReportCell::fired),
      internal::field("judged", &ReportCell::judged), internal::field("violated", &ReportCell::violated),
      internal::field("outcomes", &ReportCell::outcomes),
      internal::field("exclusion", &ReportCell::exclusion), internal::field("example", &ReportCell::example),
      internal::field("unreachable_within", &ReportCell::unreachable_within),
      internal::field("runs", &ReportCell::runs));
}

void PrintTo(const CompensationCount& value, std::ostream* out) {
  internal::print_fields(*out, "CompensationCount", value, internal::field("step", &CompensationCount::step),
                         internal::field("expected", &CompensationCount::expected),
                         internal::field("called", &CompensationCount::called),
                         internal::field("missing", &CompensationCount::missing),
                         internal::field("unexpected", &CompensationCount::unexpected),
                         internal::field("requests", &CompensationCount::requests),
                         internal::field("most", &CompensationCount::most),
                         internal::field("out_of_order", &CompensationCount::out_of_order));
}

void PrintTo(const ReportEvent& value, std::ostream* out) {
  internal::print_fields(
      *out, "ReportEvent", value, internal::field("at_us", &ReportEvent::at_us),
      internal::field("type", &ReportEvent::type), internal::field("incarnation", &ReportEvent::incarnation),
      internal::field("call", &ReportEvent::call), internal::field("step", &ReportEvent::step),
      internal::field("operation", &ReportEvent::operation),
      internal::field("attempt", &ReportEvent::attempt), internal::field("details", &ReportEvent::details));
}

void PrintTo(const ReportEffect& value, std::ostream* out) {
  internal::print_fields(*out, "ReportEffect", value, internal::field("step", &ReportEffect::step),
                         internal::field("service", &ReportEffect::service),
                         internal::field("applied", &ReportEffect::applied),
                         internal::field("undone", &ReportEffect::undone));
}

void PrintTo(const ReportFinding& value, std::ostream* out) {
  internal::print_fields(
      *out, "ReportFinding", value, internal::field("invariant", &ReportFinding::invariant),
      internal::field("step", &ReportFinding::step),
      internal::field("explanation", &ReportFinding::explanation),
      internal::field("plan", &ReportFinding::plan), internal::field("faults", &ReportFinding::faults),
      internal::field("token", &ReportFinding::token), internal::field("command", &ReportFinding::command),
      internal::field("test_case", &ReportFinding::test_case), internal::field("run", &ReportFinding::run),
      internal::field("runs", &ReportFinding::runs), internal::field("has_trace", &ReportFinding::has_trace),
      internal::field("outcome", &ReportFinding::outcome),
      internal::field("flagged_steps", &ReportFinding::flagged_steps),
      internal::field("evidence", &ReportFinding::evidence), internal::field("trace", &ReportFinding::trace),
      internal::field("effects", &ReportFinding::effects),
      internal::field("quantities", &ReportFinding::quantities));
}

void PrintTo(const ReportInvariant& value, std::ostream* out) {
  internal::print_fields(*out, "ReportInvariant", value, internal::field("id", &ReportInvariant::id),
                         internal::field("name", &ReportInvariant::name),
                         internal::field("status", &ReportInvariant::status),
                         internal::field("held", &ReportInvariant::held),
                         internal::field("violated", &ReportInvariant::violated),
                         internal::field("unknown", &ReportInvariant::unknown),
                         internal::field("not_applicable", &ReportInvariant::not_applicable),
                         internal::field("switched_off", &ReportInvariant::switched_off));
}

void PrintTo(const ReportExclusion& value, std::ostream* out) {
  internal::print_fields(
      *out, "ReportExclusion", value, internal::field("exclusion", &ReportExclusion::exclusion),
      internal::field("expired", &ReportExclusion::expired),
      internal::field("cells", &ReportExclusion::cells), internal::field("fired", &ReportExclusion::fired));
}

void PrintTo(const ReportKnown& value, std::ostream* out) {
  internal::print_fields(*out, "ReportKnown", value, internal::field("known", &ReportKnown::known),
                         internal::field("state", &ReportKnown::state),
                         internal::field("in_reach", &ReportKnown::in_reach),
                         internal::field("schedules", &ReportKnown::schedules),
                         internal::field("shown_by", &ReportKnown::shown_by));
}

void PrintTo(const ReportSearch& value, std::ostream* out) {
  internal::print_fields(
      *out, "ReportSearch", value, internal::field("max_faults", &ReportSearch::max_faults),
      internal::field("kinds", &ReportSearch::kinds), internal::field("windows", &ReportSearch::windows),
      internal::field("swarm", &ReportSearch::swarm), internal::field("shards", &ReportSearch::shards),
      internal::field("complete", &ReportSearch::complete),
      internal::field("exhausted", &ReportSearch::exhausted),
      internal::field("sample_ok", &ReportSearch::sample_ok),
      internal::field("by_classes", &ReportSearch::by_classes),
      internal::field("classes", &ReportSearch::classes), internal::field("notes", &ReportSearch::notes),
      internal::field("known", &ReportSearch::known), internal::field("errors", &ReportSearch::errors),
      internal::field("lacks", &ReportSearch::lacks));
}

void PrintTo(const ReportLevel& value, std::ostream* out) {
  internal::print_fields(*out, "ReportLevel", value, internal::field("faults", &ReportLevel::faults),
                         internal::field("runs", &ReportLevel::runs));
}

void PrintTo(const CellCounts& value, std::ostream* out) {
  internal::print_fields(
      *out, "CellCounts", value, internal::field("legal", &CellCounts::legal),
      internal::field("denominator", &CellCounts::denominator), internal::field("fired", &CellCounts::fired),
      internal::field("held", &CellCounts::held), internal::field("by_status", &CellCounts::by_status));
}

void PrintTo(const SagaReport& value, std::ostream* out) {
  internal::print_fields(
      *out, "SagaReport", value, internal::field("id", &SagaReport::id),
      internal::field("definition", &SagaReport::definition),
      internal::field("definition_hash", &SagaReport::definition_hash),
      internal::field("version", &SagaReport::version),
      internal::field("coordinator", &SagaReport::coordinator),
      internal::field("participant", &SagaReport::participant), internal::field("scope", &SagaReport::scope),
      internal::field("source", &SagaReport::source), internal::field("target", &SagaReport::target),
      internal::field("claims", &SagaReport::claims), internal::field("searches", &SagaReport::searches),
      internal::field("has_single_runs", &SagaReport::has_single_runs),
      internal::field("runs", &SagaReport::runs),
      internal::field("violated_runs", &SagaReport::violated_runs),
      internal::field("stale_runs", &SagaReport::stale_runs),
      internal::field("stale_plan", &SagaReport::stale_plan),
      internal::field("outcomes", &SagaReport::outcomes), internal::field("levels", &SagaReport::levels),
      internal::field("counts", &SagaReport::counts), internal::field("cells", &SagaReport::cells),
      internal::field("undeclared", &SagaReport::undeclared),
      internal::field("compensations", &SagaReport::compensations),
      internal::field("invariants", &SagaReport::invariants),
      internal::field("findings", &SagaReport::findings), internal::field("examples", &SagaReport::examples),
      internal::field("exclusions", &SagaReport::exclusions));
}

void PrintTo(const Contradiction& value, std::ostream* out) {
  internal::print_fields(*out, "Contradiction", value, internal::field("saga", &Contradiction::saga),
                         internal::field("run", &Contradiction::run),
                         internal::field("plan", &Contradiction::plan),
                         internal::field("outcomes", &Contradiction::outcomes),
                         internal::field("difference", &Contradiction::difference));
}

void PrintTo(const Report& value, std::ostream* out) {
  internal::print_fields(
      *out, "Report", value, internal::field("sagas", &Report::sagas),
      internal::field("studies", &Report::studies), internal::field("runs", &Report::runs),
      internal::field("violated_runs", &Report::violated_runs),
      internal::field("findings", &Report::findings), internal::field("counts", &Report::counts),
      internal::field("contradictions", &Report::contradictions),
      internal::field("incomplete", &Report::incomplete), internal::field("errors", &Report::errors));
}

void PrintTo(const RecordText& value, std::ostream* out) {
  internal::print_fields(*out, "RecordText", value, internal::field("name", &RecordText::name),
                         internal::field("text", &RecordText::text));
}

void PrintTo(const MergeOptions& value, std::ostream* out) {
  internal::print_fields(*out, "MergeOptions", value, internal::field("today", &MergeOptions::today));
}

void PrintTo(const Volatile& value, std::ostream* out) {
  internal::print_fields(*out, "Volatile", value, internal::field("written_at", &Volatile::written_at),
                         internal::field("host", &Volatile::host),
                         internal::field("today", &Volatile::today));
}

void PrintTo(const BaselineSaga& value, std::ostream* out) {
  internal::print_fields(*out, "BaselineSaga", value, internal::field("name", &BaselineSaga::name),
                         internal::field("coordinator", &BaselineSaga::coordinator),
                         internal::field("participant", &BaselineSaga::participant),
                         internal::field("scope", &BaselineSaga::scope),
                         internal::field("definition_hash", &BaselineSaga::definition_hash),
                         internal::field("counts", &BaselineSaga::counts),
                         internal::field("cells", &BaselineSaga::cells));
}

void PrintTo(const Baseline& value, std::ostream* out) {
  internal::print_fields(*out, "Baseline", value, internal::field("sagas", &Baseline::sagas));
}

void PrintTo(const GateOptions& value, std::ostream* out) {
  internal::print_fields(*out, "GateOptions", value,
                         internal::field("max_violations", &GateOptions::max_violations),
                         internal::field("max_stale", &GateOptions::max_stale),
                         internal::field("min_rules", &GateOptions::min_rules),
                         internal::field("min_fired", &GateOptions::min_fired),
                         internal::field("min_held", &GateOptions::min_held),
                         internal::field("max_excluded", &GateOptions::max_excluded),
                         internal::field("exhausted", &GateOptions::exhausted),
                         internal::field("baseline", &GateOptions::baseline));
}

void PrintTo(const GateRule& value, std::ostream* out) {
  internal::print_fields(
      *out, "GateRule", value, internal::field("name", &GateRule::name),
      internal::field("required", &GateRule::required), internal::field("actual", &GateRule::actual),
      internal::field("passed", &GateRule::passed), internal::field("cells", &GateRule::cells),
      internal::field("exit_code", &GateRule::exit_code));
}

void PrintTo(const Gate& value, std::ostream* out) {
  internal::print_fields(*out, "Gate", value, internal::field("rules", &Gate::rules));
}

void PrintTo(const Style& value, std::ostream* out) {
  internal::print_fields(*out, "Style", value, internal::field("colour", &Style::colour),
                         internal::field("ascii", &Style::ascii), internal::field("width", &Style::width));
}

void PrintTo(const CoverageCounts& value, std::ostream* out) {
  internal::print_fields(
      *out, "CoverageCounts", value, internal::field("denominator", &CoverageCounts::denominator),
      internal::field("fired", &CoverageCounts::fired), internal::field("held", &CoverageCounts::held));
}

void PrintTo(const FindingDetail& value, std::ostream* out) {
  internal::print_fields(*out, "FindingDetail", value, internal::field("finding", &FindingDetail::finding),
                         internal::field("run", &FindingDetail::run),
                         internal::field("gtest_case", &FindingDetail::gtest_case));
}

void PrintTo(const Listing& value, std::ostream* out) {
  internal::print_fields(*out, "Listing", value, internal::field("headings", &Listing::headings),
                         internal::field("rows", &Listing::rows));
}

void PrintTo(const RecordOrigin& value, std::ostream* out) {
  internal::print_fields(*out, "RecordOrigin", value, internal::field("tests", &RecordOrigin::tests),
                         internal::field("scope", &RecordOrigin::scope),
                         internal::field("context", &RecordOrigin::context),
                         internal::field("cells", &RecordOrigin::cells));
}

}  // namespace saga_harness
