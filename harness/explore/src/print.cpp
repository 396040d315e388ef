#include <array>
#include <ostream>

#include <saga_harness/explore.hpp>
#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/score.hpp>
#include <saga_harness/search_verdict.hpp>
#include <saga_harness/shrink.hpp>
#include <saga_harness/token.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(const Exclusion& value, std::ostream* out) {
  internal::print_fields(*out, "Exclusion", value, internal::field("cells", &Exclusion::cells),
                         internal::field("reason", &Exclusion::reason),
                         internal::field("owner", &Exclusion::owner),
                         internal::field("expires", &Exclusion::expires));
}

void PrintTo(const KnownFinding& value, std::ostream* out) {
  internal::print_fields(
      *out, "KnownFinding", value, internal::field("rule", &KnownFinding::rule),
      internal::field("step", &KnownFinding::step), internal::field("outcome", &KnownFinding::outcome),
      internal::field("reason", &KnownFinding::reason), internal::field("owner", &KnownFinding::owner),
      internal::field("expires", &KnownFinding::expires), internal::field("plan", &KnownFinding::plan));
}

void PrintTo(KnownState value, std::ostream* out) { *out << name_of(value); }

void PrintTo(const KnownSeen& value, std::ostream* out) {
  internal::print_fields(
      *out, "KnownSeen", value, internal::field("known", &KnownSeen::known),
      internal::field("state", &KnownSeen::state), internal::field("in_reach", &KnownSeen::in_reach),
      internal::field("schedules", &KnownSeen::schedules), internal::field("findings", &KnownSeen::findings));
}

void PrintTo(const Experiment& value, std::ostream* out) {
  internal::print_fields(
      *out, "Experiment", value, internal::field("setup", &Experiment::setup),
      internal::field("claims", &Experiment::claims),
      internal::field("switched_off", &Experiment::switched_off),
      internal::field("rules_as_of", &Experiment::rules_as_of),
      internal::field("invariants", &Experiment::invariants),
      internal::field("coordinator_name", &Experiment::coordinator_name),
      internal::field("participant_name", &Experiment::participant_name),
      internal::field("declared", &Experiment::declared),
      internal::field("has_own_code", &Experiment::has_own_code),
      internal::field("version", &Experiment::version), internal::field("source", &Experiment::source),
      internal::field("can_run_again", &Experiment::can_run_again),
      internal::field("target", &Experiment::target), internal::field("exclusions", &Experiment::exclusions),
      internal::field("known", &Experiment::known));
}

void PrintTo(const Cell& value, std::ostream* out) {
  internal::print_fields(
      *out, "Cell", value, internal::field("step", &Cell::step),
      internal::field("operation", &Cell::operation), internal::field("instant", &Cell::instant),
      internal::field("kind", &Cell::kind), internal::field("status", &Cell::status),
      internal::field("reached", &Cell::reached), internal::field("fired", &Cell::fired),
      internal::field("judged", &Cell::judged), internal::field("violated", &Cell::violated),
      internal::field("outcomes", &Cell::outcomes), internal::field("declared", &Cell::declared));
}

void PrintTo(const Finding& value, std::ostream* out) {
  internal::print_fields(
      *out, "Finding", value, internal::field("rule", &Finding::rule),
      internal::field("step", &Finding::step), internal::field("outcome", &Finding::outcome),
      internal::field("cause", &Finding::cause), internal::field("explanation", &Finding::explanation),
      internal::field("plan", &Finding::plan), internal::field("token", &Finding::token),
      internal::field("schedules", &Finding::schedules), internal::field("test_case", &Finding::test_case),
      internal::field("invariant", &Finding::invariant),
      internal::field("rests_on_time", &Finding::rests_on_time),
      internal::field("replayed", &Finding::replayed),
      internal::field("earlier_sagas", &Finding::earlier_sagas));
}

std::string_view name_of(Replayed value) {
  static constexpr std::array<std::string_view, 4> kNames{"not_checked", "shown", "needs_earlier_sagas",
                                                          "nowhere"};
  return internal::name_in(kNames, value);
}

void PrintTo(Replayed value, std::ostream* out) { *out << name_of(value); }

std::string_view name_of(RunAgain value) {
  static constexpr std::array<std::string_view, 2> kNames{"if_violated", "always"};
  return internal::name_in(kNames, value);
}

void PrintTo(RunAgain value, std::ostream* out) { *out << name_of(value); }

void PrintTo(const LevelCount& value, std::ostream* out) {
  internal::print_fields(*out, "LevelCount", value, internal::field("faults", &LevelCount::faults),
                         internal::field("schedules", &LevelCount::schedules),
                         internal::field("exhausted", &LevelCount::exhausted));
}

void PrintTo(const ClassCount& value, std::ostream* out) {
  internal::print_fields(*out, "ClassCount", value, internal::field("run", &ClassCount::run),
                         internal::field("of", &ClassCount::of),
                         internal::field("audited", &ClassCount::audited),
                         internal::field("unlike", &ClassCount::unlike));
}

void PrintTo(const RuleCount& value, std::ostream* out) {
  internal::print_fields(*out, "RuleCount", value, internal::field("held", &RuleCount::held),
                         internal::field("violated", &RuleCount::violated),
                         internal::field("unknown", &RuleCount::unknown),
                         internal::field("not_applicable", &RuleCount::not_applicable),
                         internal::field("invariant", &RuleCount::invariant));
}

void PrintTo(const Nondeterministic& value, std::ostream* out) {
  internal::print_fields(*out, "Nondeterministic", value, internal::field("plan", &Nondeterministic::plan),
                         internal::field("difference", &Nondeterministic::difference));
}

void PrintTo(const Exploration& value, std::ostream* out) {
  *out << value.schedules << (value.schedules == 1 ? " schedule" : " schedules") << " of up to "
       << value.max_faults << (value.max_faults == 1 ? " fault" : " faults")
       << (value.exhausted ? ", exhausted" : ", not exhausted") << ", " << value.violated_schedules
       << " in violation";
}

void PrintTo(const Violation& value, std::ostream* out) {
  internal::print_fields(*out, "Violation", value, internal::field("rule", &Violation::rule),
                         internal::field("step", &Violation::step));
}

void PrintTo(const Shard& value, std::ostream* out) {
  internal::print_fields(*out, "Shard", value, internal::field("index", &Shard::index),
                         internal::field("count", &Shard::count));
}

void PrintTo(const Swarm& value, std::ostream* out) {
  internal::print_fields(*out, "Swarm", value, internal::field("seed", &Swarm::seed),
                         internal::field("schedules", &Swarm::schedules));
}

void PrintTo(const ExploreOptions& value, std::ostream* out) {
  internal::print_fields(
      *out, "ExploreOptions", value, internal::field("max_faults", &ExploreOptions::max_faults),
      internal::field("kinds", &ExploreOptions::kinds), internal::field("windows", &ExploreOptions::windows),
      internal::field("max_schedules", &ExploreOptions::max_schedules),
      internal::field("stop_at_first_violation", &ExploreOptions::stop_at_first_violation),
      internal::field("likely_first", &ExploreOptions::likely_first),
      internal::field("max_time", &ExploreOptions::max_time),
      internal::field("shard", &ExploreOptions::shard), internal::field("workers", &ExploreOptions::workers),
      internal::field("swarm", &ExploreOptions::swarm), internal::field("today", &ExploreOptions::today),
      internal::field("sample_ok", &ExploreOptions::sample_ok),
      internal::field("recheck_every", &ExploreOptions::recheck_every),
      internal::field("prune", &ExploreOptions::prune),
      internal::field("audit_every", &ExploreOptions::audit_every),
      internal::field("classes", &ExploreOptions::classes),
      internal::field("resume", &ExploreOptions::resume),
      internal::field("save_every", &ExploreOptions::save_every),
      internal::field("tally", &ExploreOptions::tally));
}

void PrintTo(const SearchedFor& value, std::ostream* out) {
  internal::print_fields(*out, "SearchedFor", value,
                         internal::field("coordinator", &SearchedFor::coordinator),
                         internal::field("participant", &SearchedFor::participant),
                         internal::field("options", &SearchedFor::options));
}

void PrintTo(TokenFault::StepForm value, std::ostream* out) {
  switch (value) {
    case TokenFault::StepForm::kSaga:
      *out << "of the saga";
      return;
    case TokenFault::StepForm::kTag:
      *out << "by the tag of its name";
      return;
    case TokenFault::StepForm::kNumber:
      *out << "by its number";
      return;
  }
}

void PrintTo(const TokenFault& value, std::ostream* out) {
  internal::print_fields(*out, "TokenFault", value, internal::field("fault", &TokenFault::fault),
                         internal::field("form", &TokenFault::form),
                         internal::field("step", &TokenFault::step));
}

void PrintTo(const Token& value, std::ostream* out) { *out << "the token " << to_string(value); }

void PrintTo(const GuaranteeRemoval& value, std::ostream* out) {
  internal::print_fields(*out, "GuaranteeRemoval", value, internal::field("step", &GuaranteeRemoval::step),
                         internal::field("guarantee", &GuaranteeRemoval::guarantee),
                         internal::field("experiment", &GuaranteeRemoval::experiment),
                         internal::field("impossible", &GuaranteeRemoval::impossible));
}

void PrintTo(const GuaranteeDependency& value, std::ostream* out) {
  internal::print_fields(
      *out, "GuaranteeDependency", value, internal::field("step", &GuaranteeDependency::step),
      internal::field("guarantee", &GuaranteeDependency::guarantee),
      internal::field("need", &GuaranteeDependency::need), internal::field("why", &GuaranteeDependency::why),
      internal::field("participant", &GuaranteeDependency::participant),
      internal::field("schedules", &GuaranteeDependency::schedules),
      internal::field("exhausted", &GuaranteeDependency::exhausted),
      internal::field("finding", &GuaranteeDependency::finding),
      internal::field("with", &GuaranteeDependency::with),
      internal::field("without", &GuaranteeDependency::without));
}

void PrintTo(const GuaranteeDependencies& value, std::ostream* out) {
  internal::print_fields(*out, "GuaranteeDependencies", value,
                         internal::field("max_faults", &GuaranteeDependencies::max_faults),
                         internal::field("schedules", &GuaranteeDependencies::schedules),
                         internal::field("exhausted", &GuaranteeDependencies::exhausted),
                         internal::field("upheld", &GuaranteeDependencies::upheld),
                         internal::field("reference", &GuaranteeDependencies::reference),
                         internal::field("findings", &GuaranteeDependencies::findings),
                         internal::field("rows", &GuaranteeDependencies::rows),
                         internal::field("verdict", &GuaranteeDependencies::verdict));
}

void PrintTo(const MutantSearch& value, std::ostream* out) {
  internal::print_fields(*out, "MutantSearch", value, internal::field("schedules", &MutantSearch::schedules),
                         internal::field("exhausted", &MutantSearch::exhausted),
                         internal::field("activated", &MutantSearch::activated),
                         internal::field("verdict", &MutantSearch::verdict));
}

void PrintTo(const MutantCase& value, std::ostream* out) {
  internal::print_fields(
      *out, "MutantCase", value, internal::field("name", &MutantCase::name),
      internal::field("group", &MutantCase::group), internal::field("bug", &MutantCase::bug),
      internal::field("predicted", &MutantCase::predicted), internal::field("faults", &MutantCase::faults),
      internal::field("explanation", &MutantCase::explanation),
      internal::field("equivalent", &MutantCase::equivalent), internal::field("marker", &MutantCase::marker),
      internal::field("mutated", &MutantCase::mutated), internal::field("reference", &MutantCase::reference),
      internal::field("sagas", &MutantCase::sagas), internal::field("search_name", &MutantCase::search_name),
      internal::field("impossible", &MutantCase::impossible));
}

void PrintTo(const MutantScore& value, std::ostream* out) {
  internal::print_fields(
      *out, "MutantScore", value, internal::field("name", &MutantScore::name),
      internal::field("group", &MutantScore::group), internal::field("bug", &MutantScore::bug),
      internal::field("predicted", &MutantScore::predicted),
      internal::field("explanation", &MutantScore::explanation),
      internal::field("status", &MutantScore::status), internal::field("activated", &MutantScore::activated),
      internal::field("reference", &MutantScore::reference),
      internal::field("finding", &MutantScore::finding), internal::field("plan", &MutantScore::plan),
      internal::field("schedules", &MutantScore::schedules),
      internal::field("exhausted", &MutantScore::exhausted),
      internal::field("seen_first_by", &MutantScore::seen_first_by),
      internal::field("seen_first_after", &MutantScore::seen_first_after),
      internal::field("swarm_median", &MutantScore::swarm_median),
      internal::field("swarm_found", &MutantScore::swarm_found));
}

void PrintTo(const ReferenceScore& value, std::ostream* out) {
  internal::print_fields(*out, "ReferenceScore", value, internal::field("saga", &ReferenceScore::saga),
                         internal::field("coordinator", &ReferenceScore::coordinator),
                         internal::field("participant", &ReferenceScore::participant),
                         internal::field("source", &ReferenceScore::source),
                         internal::field("sagas", &ReferenceScore::sagas),
                         internal::field("max_faults", &ReferenceScore::max_faults),
                         internal::field("schedules", &ReferenceScore::schedules),
                         internal::field("exhausted", &ReferenceScore::exhausted),
                         internal::field("upheld", &ReferenceScore::upheld),
                         internal::field("verdict", &ReferenceScore::verdict),
                         internal::field("finding", &ReferenceScore::finding));
}

void PrintTo(const FaultClass& value, std::ostream* out) {
  internal::print_fields(*out, "FaultClass", value, internal::field("name", &FaultClass::name),
                         internal::field("kinds", &FaultClass::kinds));
}

void PrintTo(const AblationRow& value, std::ostream* out) {
  internal::print_fields(*out, "AblationRow", value, internal::field("name", &AblationRow::name),
                         internal::field("only", &AblationRow::only),
                         internal::field("without", &AblationRow::without),
                         internal::field("lost", &AblationRow::lost));
}

void PrintTo(const ScoreOptions& value, std::ostream* out) {
  internal::print_fields(*out, "ScoreOptions", value, internal::field("explore", &ScoreOptions::explore),
                         internal::field("as_far_as_predicted", &ScoreOptions::as_far_as_predicted),
                         internal::field("ablation", &ScoreOptions::ablation),
                         internal::field("swarm_seeds", &ScoreOptions::swarm_seeds),
                         internal::field("swarm_schedules", &ScoreOptions::swarm_schedules));
}

void PrintTo(const Score& value, std::ostream* out) {
  internal::print_fields(
      *out, "Score", value, internal::field("max_faults", &Score::max_faults),
      internal::field("has_swarm", &Score::has_swarm), internal::field("references", &Score::references),
      internal::field("mutants", &Score::mutants), internal::field("has_ablation", &Score::has_ablation),
      internal::field("ablation", &Score::ablation),
      internal::field("missed_at_the_end", &Score::missed_at_the_end),
      internal::field("verdict", &Score::verdict));
}

void PrintTo(const LackFound& value, std::ostream* out) {
  internal::print_fields(*out, "LackFound", value, internal::field("lack", &LackFound::lack),
                         internal::field("reason", &LackFound::reason));
}

void PrintTo(const SearchVerdict& value, std::ostream* out) {
  internal::print_fields(
      *out, "SearchVerdict", value, internal::field("word", &SearchVerdict::word),
      internal::field("lacks", &SearchVerdict::lacks), internal::field("scope", &SearchVerdict::scope),
      internal::field("notes", &SearchVerdict::notes), internal::field("error", &SearchVerdict::error),
      internal::field("is_part", &SearchVerdict::is_part),
      internal::field("not_checked", &SearchVerdict::not_checked));
}

void PrintTo(const Owed& value, std::ostream* out) {
  internal::print_fields(*out, "Owed", value, internal::field("without_faults", &Owed::without_faults),
                         internal::field("compensation", &Owed::compensation),
                         internal::field("request", &Owed::request),
                         internal::field("outcome_rule", &Owed::outcome_rule),
                         internal::field("flag_judged", &Owed::flag_judged));
}

void PrintTo(const Earned& value, std::ostream* out) {
  internal::print_fields(*out, "Earned", value, internal::field("asked", &Earned::asked),
                         internal::field("compensated", &Earned::compensated),
                         internal::field("flagged", &Earned::flagged),
                         internal::field("flag_judged", &Earned::flag_judged),
                         internal::field("key_changed", &Earned::key_changed),
                         internal::field("without_faults", &Earned::without_faults));
}

void PrintTo(const ShrunkPlan& value, std::ostream* out) {
  internal::print_fields(*out, "ShrunkPlan", value, internal::field("plan", &ShrunkPlan::plan),
                         internal::field("step", &ShrunkPlan::step),
                         internal::field("explanation", &ShrunkPlan::explanation),
                         internal::field("runs", &ShrunkPlan::runs));
}

void PrintTo(const ShrunkSaga& value, std::ostream* out) {
  internal::print_fields(*out, "ShrunkSaga", value, internal::field("experiment", &ShrunkSaga::experiment),
                         internal::field("plan", &ShrunkSaga::plan));
}

}  // namespace saga_harness
