#include "records/study_records.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "json/json_text.hpp"
#include "json/verdict_json.hpp"
#include "records/record_format.hpp"
#include "records/record_reader.hpp"

namespace saga_harness {

std::string study_header(const Study& study) {
  return reports::on_one_line({{"format", reports::kStudyFormat},
                               {"version", study.version},
                               {"study", name_of(study.kind)},
                               {"id", study.id},
                               {"name", study.name},
                               {"source", study.source},
                               {"command", study.command},
                               {"subjects", study.subjects},
                               {"bounds", study.bounds}}) +
         '\n';
}

std::string study_end(const Study& study) {
  std::string text;
  for (const StudyFinding& finding : study.findings) {
    text += reports::on_one_line({{"found", finding.rule},
                                  {"subject", finding.subject},
                                  {"explanation", finding.explanation},
                                  {"plan", finding.plan},
                                  {"schedules", std::to_string(finding.schedules)},
                                  {"command", finding.command},
                                  {"story", finding.story}}) +
            '\n';
  }
  reports::OrderedJson end{{"end", "concluded"},
                           {"schedules", std::to_string(study.schedules)},
                           {"violated_schedules", std::to_string(study.violated_schedules)},
                           {"findings", study.findings.size()},
                           {"verdict", reports::verdict_json(study.verdict)},
                           {"missed", study.missed}};
  end["facts"] = reports::OrderedJson::array();
  for (const auto& [name, value] : study.facts)
    end["facts"].push_back(reports::OrderedJson::array({name, value}));
  for (const ReportKnown& each : study.known) end["known"].push_back(reports::known_json(each));
  return text + reports::on_one_line(end) + '\n';
}

namespace reports {

namespace {

using internal::JsonReader;

constexpr const char* kFix = "the records are damaged or lost a part: have them written anew";

std::vector<std::string> texts_of(const JsonReader& array) {
  std::vector<std::string> texts;
  for (const JsonReader& each : array.items()) texts.push_back(each.string());
  return texts;
}

StudyKind read_kind(const JsonReader& name) {
  for (std::size_t i = 0; i < kStudyKindCount; ++i) {
    if (name.string() == name_of(static_cast<StudyKind>(i))) return static_cast<StudyKind>(i);
  }
  name.refuse("there is no such study",
              "have the records read by the version of saga-harness that wrote them");
}

/// Was something lost between the search and its records?
void expect_consistent(const Study& study, const JsonReader& end) {
  const auto said = static_cast<std::size_t>(end.at("findings").integer(0, 1'000'000));
  if (said != study.findings.size())
    end.refuse(fmt::format("there were {} findings, {} are recorded", said, study.findings.size()), kFix);
  const bool is_violated = study.verdict.word == VerdictWord::kViolated;
  if (is_violated != (study.violated_schedules > 0) || is_violated != !study.findings.empty()) {
    end.refuse(fmt::format("the search is {}, but {} of its schedules are violated, and it has {} findings",
                           word_of(study.verdict), study.violated_schedules, study.findings.size()),
               kFix);
  }
}

}  // namespace

void StudyBook::open(const JsonReader& object) {
  close();
  open_ = Study{.kind = read_kind(object.at("study")),
                .id = hash_text(read_hash(object.at("id"))),
                .name = object.at("name").string(),
                .version = object.at("version").string(),
                .source = object.at("source").string(),
                .command = object.at("command").string(),
                .subjects = texts_of(object.at("subjects")),
                .bounds = texts_of(object.at("bounds"))};
}

void StudyBook::add(const JsonReader& object) {
  if (object.find("found")) return add_finding(object);
  add_end(object);
}

void StudyBook::add_finding(const JsonReader& object) {
  open_->findings.push_back({.rule = object.at("found").string(),
                             .subject = object.at("subject").string(),
                             .explanation = object.at("explanation").string(),
                             .plan = object.at("plan").string(),
                             .schedules = read_count(object.at("schedules")),
                             .command = object.at("command").string(),
                             .story = texts_of(object.at("story"))});
}

void StudyBook::add_end(const JsonReader& object) {
  Study& study = *open_;
  study.schedules = read_count(object.at("schedules"));
  study.violated_schedules = read_count(object.at("violated_schedules"));
  study.verdict = read_verdict(object.at("verdict"));
  study.missed = texts_of(object.at("missed"));
  for (const JsonReader& fact : object.at("facts").items()) {
    const std::vector<JsonReader> parts = fact.items();
    if (parts.size() != 2) fact.refuse("it is no pair", kFix);
    study.facts.emplace_back(parts[0].string(), parts[1].string());
  }
  if (const auto known = object.find("known")) {
    for (const JsonReader& each : known->items()) study.known.push_back(read_known(each));
  }
  expect_consistent(study, object);
  study.complete = true;
  close();
}

void StudyBook::close() {
  if (!open_) return;
  Study study = *std::exchange(open_, std::nullopt);
  if (!study.complete) study.findings.clear();  // it may have found more: it is told as incomplete
  const auto [at, is_new] = studies_.try_emplace(study.id, study);
  if (is_new) return;
  if (at->second.complete && study.complete && at->second != study) contradicted_.insert(study.id);
  if (!at->second.complete) at->second = std::move(study);
}

// By another day than the search went by.
void StudyBook::judge_known(Study& study, std::string_view today, std::set<std::string>& errors) {
  for (ReportKnown& each : study.known) {
    const KnownState state = state_of(each.known, each.schedules > 0, each.in_reach, false, today);
    if (each.state == KnownState::kExpired || state != KnownState::kExpired) continue;
    each.state = state;
    std::string error = error_of(each.known, each.state);
    errors.insert(study.name + ": " + error);
    if (study.verdict.error.empty()) study.verdict.error = std::move(error);
  }
}

void StudyBook::conclude(Report& report, std::string_view today, std::set<std::string>& incomplete,
                         std::set<std::string>& errors) const {
  for (const auto& [id, study] : studies_) {
    judge_known(report.studies.emplace_back(study), today, errors);
    report.findings += study.findings.size();
    if (!study.complete)
      incomplete.insert(study.name + ": the records of the search have no end: it was cut off");
    for (const LackFound& lack : study.verdict.lacks) incomplete.insert(study.name + ": " + lack.reason);
    std::string difference = study.verdict.error;
    if (contradicted_.contains(id)) difference = "the same search came out differently in other records";
    if (!difference.empty())
      report.contradictions.push_back(
          {.saga = id, .run = id, .plan = study.name, .outcomes = {}, .difference = difference});
  }
  std::ranges::sort(report.studies, {}, [](const Study& study) { return std::tie(study.name, study.id); });
}

}  // namespace reports

}  // namespace saga_harness
