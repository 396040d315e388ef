#include "json/verdict_json.hpp"

#include "records/record_reader.hpp"

#include <saga_harness/error.hpp>
#include <saga_harness_internal/faults.hpp>

namespace saga_harness::reports {

namespace {

using internal::JsonReader;

OrderedJson outcome_json(const std::optional<Outcome>& outcome) {
  return outcome ? OrderedJson(name_of(*outcome)) : OrderedJson(nullptr);
}

std::optional<Outcome> read_optional_outcome(const JsonReader& value) {
  return value.is_null() ? std::nullopt : std::optional(read_outcome(value));
}

}  // namespace

void add_lacks(const SearchVerdict& verdict, OrderedJson& object) {
  object["lacks"] = OrderedJson::array();
  for (const LackFound& each : verdict.lacks)
    object["lacks"].push_back({{"lack", name_of(each.lack)}, {"reason", each.reason}});
  if (!verdict.scope.empty()) object["scope"] = verdict.scope;
  if (!verdict.notes.empty()) object["notes"] = verdict.notes;
  if (!verdict.error.empty()) object["error"] = verdict.error;
  if (!verdict.not_checked.empty()) object["not_checked"] = verdict.not_checked;
}

OrderedJson verdict_json(const SearchVerdict& verdict) {
  OrderedJson json{{"word", name_of(verdict.word)}};
  add_lacks(verdict, json);
  return json;
}

OrderedJson owed_json(const Owed& owed) {
  return {{"without_faults", outcome_json(owed.without_faults)},
          {"compensation", owed.compensation ? OrderedJson(*owed.compensation) : OrderedJson(nullptr)},
          {"request", owed.request},
          {"outcome_rule", owed.outcome_rule},
          {"flag_judged", owed.flag_judged}};
}

OrderedJson earned_json(const Earned& earned) {
  return {{"without_faults", outcome_json(earned.without_faults)},
          {"asked", earned.asked},
          {"compensated", earned.compensated},
          {"flagged", earned.flagged},
          {"flag_judged", earned.flag_judged},
          {"key_changed", earned.key_changed}};
}

OrderedJson classes_json(const ClassCount& classes) {
  return {{"run", std::to_string(classes.run)},
          {"of", std::to_string(classes.of)},
          {"audited", std::to_string(classes.audited)},
          {"unlike", std::to_string(classes.unlike)}};
}

ReportKnown report_known(const KnownSeen& seen) {
  return {.known = seen.known,
          .state = seen.state,
          .in_reach = seen.in_reach,
          .schedules = seen.schedules,
          .shown_by = seen.findings.empty() ? std::string() : to_string(seen.findings.front().plan)};
}

ReportKnown report_known(const ConcurrentKnown& seen) {
  return {.known = seen.known,
          .state = seen.state,
          .in_reach = seen.in_reach,
          .schedules = seen.schedules,
          .shown_by = seen.plan ? to_string(*seen.plan) : std::string()};
}

OrderedJson known_json(const ReportKnown& each) {
  const KnownFinding& known = each.known;
  OrderedJson json{{"rule", known.rule},
                   {"step", known.step.empty() ? std::string(internal::kSagaItself) : known.step},
                   {"outcome", name_of(known.outcome)},
                   {"reason", known.reason},
                   {"owner", known.owner},
                   {"expires", known.expires}};
  if (known.plan) json["plan"] = to_string(*known.plan);
  json["state"] = name_of(each.state);
  json["in_reach"] = each.in_reach;
  json["schedules"] = count(each.schedules);
  if (!each.shown_by.empty()) json["shown_by"] = each.shown_by;
  return json;
}

ReportKnown read_known(const JsonReader& object) {
  ReportKnown each{.known = {.rule = object.at("rule").string(),
                             .step = object.at("step").string(),
                             .outcome = read_outcome(object.at("outcome")),
                             .reason = object.at("reason").string(),
                             .owner = object.at("owner").string(),
                             .expires = object.at("expires").string()},
                   .in_reach = object.at("in_reach").boolean(),
                   .schedules = read_count(object.at("schedules"))};
  if (each.known.step == internal::kSagaItself) each.known.step.clear();
  if (const auto plan = object.find("plan")) {
    try {
      each.known.plan = parse_plan(plan->string());
    } catch (const Error& error) {
      plan->refuse(error.what(), "have the records written anew");
    }
  }
  if (const auto shown_by = object.find("shown_by")) each.shown_by = shown_by->string();
  return each;
}

SearchVerdict read_verdict(const JsonReader& object) {
  constexpr const char* kFix = "have the records written anew";
  SearchVerdict verdict;
  const JsonReader word = object.at("word");
  bool is_known = false;
  for (const VerdictWord each : {VerdictWord::kUpheld, VerdictWord::kViolated, VerdictWord::kInconclusive}) {
    if (word.string() != name_of(each)) continue;
    verdict.word = each;
    is_known = true;
  }
  if (!is_known) word.refuse("there is no such verdict", kFix);
  for (const JsonReader& each : object.at("lacks").items()) {
    const JsonReader name = each.at("lack");
    try {
      verdict.lacks.push_back({parse_lack(name.string()), each.at("reason").string()});
    } catch (const Error& error) {
      name.refuse(error.what(), kFix);
    }
  }
  if (const auto scope = object.find("scope")) verdict.scope = scope->string();
  if (const auto notes = object.find("notes")) {
    for (const JsonReader& note : notes->items()) verdict.notes.push_back(note.string());
  }
  if (const auto error = object.find("error")) verdict.error = error->string();
  if (const auto not_checked = object.find("not_checked")) verdict.not_checked = not_checked->string();
  if (verdict.word == VerdictWord::kUpheld && !verdict.lacks.empty())
    word.refuse("it is upheld, yet lacks something", kFix);
  return verdict;
}

Owed read_owed(const JsonReader& object) {
  Owed owed{.without_faults = read_optional_outcome(object.at("without_faults")),
            .request = object.at("request").boolean(),
            .outcome_rule = object.at("outcome_rule").boolean(),
            .flag_judged = object.at("flag_judged").boolean()};
  if (const JsonReader text = object.at("compensation"); !text.is_null()) owed.compensation = text.string();
  return owed;
}

Earned read_earned(const JsonReader& object) {
  const auto key_changed = object.find("key_changed");
  return {.asked = object.at("asked").boolean(),
          .compensated = object.at("compensated").boolean(),
          .flagged = object.at("flagged").boolean(),
          .flag_judged = object.at("flag_judged").boolean(),
          .key_changed = key_changed && key_changed->boolean(),
          .without_faults = read_optional_outcome(object.at("without_faults"))};
}

ClassCount read_classes(const JsonReader& object) {
  return {.run = read_count(object.at("run")),
          .of = read_count(object.at("of")),
          .audited = read_count(object.at("audited")),
          .unlike = read_count(object.at("unlike"))};
}

}  // namespace saga_harness::reports
