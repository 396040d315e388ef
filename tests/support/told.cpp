#include "support/told.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "support/plain_text.hpp"

namespace saga_harness::support {
namespace {

using nlohmann::json;

constexpr std::string_view kBad = "not upheld";

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower)
    letter = letter == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return lower;
}

/// What stands between `begin` and `end`, the first time; nothing, if it does not.
std::string between(std::string_view text, std::string_view begin, std::string_view end) {
  const std::size_t at = text.find(begin);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + begin.size();
  return std::string(text.substr(from, text.find(end, from) - from));
}

std::string_view last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t at = text.rfind('\n');
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

std::string good_or_bad(bool is_good) { return std::string(is_good ? "upheld" : kBad); }

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string word_in_badge(const std::string& text) {
  const std::string shown = between(text, "<title>saga failures: ", "</title>");
  for (const char* word : {"inconclusive", "violated", "error", "coverage_missed"}) {
    if (has(shown, word)) return word;
  }
  return has(shown, "held") ? "upheld" : shown;
}

std::string word_in(std::string_view output, const std::string& text) {
  if (output == "terminal") return lower_case(between(text, "", "\n"));
  if (output == "json" || output == "search_json") return json::parse(text).at("verdict");
  if (output == "markdown") return plain_text(between(text, "# Failures of sagas: ", "\n"));
  if (output == "html") return between(text, "class=\"verdict ", "\"");
  if (output == "junit") return good_or_bad(!has(text, "<failure") && !has(text, "<error"));
  if (output == "github") return good_or_bad(!has(text, "::error"));
  if (output == "badge") return word_in_badge(text);
  if (output == "prometheus") return between(text, "verdict=\"", "\"");
  if (output == "search" || output == "search_of_several")
    return lower_case(between(last_line(text), "", ":"));
  return good_or_bad(text.starts_with("matches: "));  // a matcher
}

/// The parts of `text` that begin with `begin`.
std::vector<std::string> split(std::string_view text, std::string_view begin) {
  std::vector<std::string> parts;
  for (std::size_t at = text.find(begin); at != std::string_view::npos;) {
    const std::size_t next = text.find(begin, at + begin.size());
    parts.emplace_back(text.substr(at, next - at));
    at = next;
  }
  return parts;
}

/// Where a finding has nothing to begin with, it ends with its plan and how to repeat it.
std::vector<std::string> ending_with_plans(std::string_view text, std::string_view end) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t plan = text.find("plan: "); plan != std::string_view::npos;) {
    const std::size_t to = text.find('\n', text.find(end, plan));
    parts.emplace_back(text.substr(from, to - from));
    if (to == std::string_view::npos) break;
    from = to;
    plan = text.find("plan: ", to);
  }
  return parts;
}

std::vector<std::string> with_plan(std::vector<std::string> parts) {
  std::erase_if(parts, [](const std::string& part) { return !has(part, "plan: "); });
  return parts;
}

std::vector<std::string> in_failures(const std::string& text) {
  std::vector<std::string> parts;
  for (const std::string& failure : split(text, "<failure ")) {
    std::string body = between(failure, ">", "</failure>");
    for (std::size_t at = body.find("&#10;"); at != std::string::npos; at = body.find("&#10;", at))
      body.replace(at, 5, "\n");
    for (std::string& part : ending_with_plans(body, "repeat: ")) parts.push_back(std::move(part));
  }
  return parts;
}

std::vector<std::string> in_articles(const std::string& text) {
  std::vector<std::string> parts;
  for (const std::string& article : split(text, "<article")) {
    const bool is_of_a_cell = article.starts_with("<article class=\"cell");
    if (!is_of_a_cell) parts.push_back(between(article, "", "</article>"));
  }
  return parts;
}

std::vector<std::string> in_timeline(const std::string& text) {
  std::vector<std::string> parts;
  const json document = json::parse(text);
  for (const json& event : document.at("traceEvents")) {
    if (event.at("name") == "process_name") parts.push_back(event.at("args").at("name"));
  }
  return parts;
}

/// The text of each finding, as it was before the format wrote it its own way.
std::vector<std::string> findings_in(std::string_view output, const std::string& text) {
  std::vector<std::string> parts;
  if (output == "terminal" || output == "search") parts = split(text, "\nFinding ");
  if (output == "markdown") parts = split(text, "\n### ");
  if (output == "html") parts = in_articles(text);
  if (output == "junit") parts = in_failures(text);
  if (output == "github") parts = with_plan(split(text, "::error "));
  if (output == "timeline") parts = in_timeline(text);
  if (output == "matcher") parts = ending_with_plans(text, "token: ");
  if (output == "matcher_of_anomalies") parts = ending_with_plans(text, "plan: ");
  for (std::string& part : parts) part = plain_text(part);
  return parts;
}

std::string label_of(const json& finding) {
  const std::string id = finding.at("rule");
  const std::string name = finding.value("name", id);
  return id == "own" || id == name ? name : id + " " + name;
}

ToldFinding of_search(const json& finding) {
  const std::string step = finding.at("step");
  return {.rule = label_of(finding),
          .subject = step == "saga" ? std::string() : step,
          .outcome = finding.at("outcome"),
          .cause = finding.at("cause"),
          .explanation = finding.at("explanation"),
          .plan = finding.at("plan")};
}

ToldFinding of_study(const json& finding) {
  return {.rule = finding.at("rule"),
          .subject = finding.at("subject"),
          .explanation = finding.at("explanation"),
          .plan = finding.at("plan")};
}

std::vector<ToldFinding> findings_of(const json& document) {
  std::vector<ToldFinding> findings;
  if (document.contains("sagas")) {
    for (const json& saga : document["sagas"]) {
      for (const json& finding : saga.at("findings")) findings.push_back(of_search(finding));
    }
    for (const json& study : document.value("studies", json::array())) {
      for (const json& finding : study.at("findings")) findings.push_back(of_study(finding));
    }
  } else {
    for (const json& finding : document.at("findings")) findings.push_back(of_search(finding));
  }
  std::ranges::sort(findings);
  return findings;
}

std::string shown(const ToldFinding& finding) {
  return fmt::format("{} at {} ({}, {}) under {}", finding.rule, finding.subject, finding.outcome,
                     finding.cause, finding.plan);
}

void compare_documents(const Told& told, const std::string& text, std::vector<std::string>& result) {
  std::vector<ToldFinding> expected = told.findings;
  std::ranges::sort(expected);
  const std::vector<ToldFinding> seen = findings_of(json::parse(text));
  std::vector<ToldFinding> differing;
  std::ranges::set_symmetric_difference(expected, seen, std::back_inserter(differing));
  for (const ToldFinding& each : differing) result.push_back("finding told otherwise: " + shown(each));
}

/// How the plan of a finding is written: nothing may come before or after it.
std::vector<std::string> phrases_of_plan(const std::string& plan) {
  std::vector<std::string> phrases;
  for (const char* phrase :
       {"plan: {}, shown by", "plan {} shown by", "plan <code>{}</code>, shown by", "plan: ```text {} ```",
        "aria-label=plan><code>{}</code>", "plan: {} repeat:", "plan: {} token:"})
    phrases.push_back(fmt::format(fmt::runtime(phrase), plan));
  return phrases;
}

std::vector<std::string> phrases_of_outcome(const std::string& outcome) {
  return {"outcome " + outcome + ",", "the run ended <strong>" + outcome + "</strong>"};
}

/// How a finding is called: its rule, and where it was violated.
std::vector<std::string> titles_of(const ToldFinding& finding) {
  if (finding.subject.empty()) return {finding.rule};
  std::vector<std::string> titles;
  for (const char* separator : {" at ", ", ", ", step "})
    titles.push_back(finding.rule + separator + finding.subject);
  return titles;
}

/// `phrase` stands in `part`, and no letter goes on with it.
bool has_whole(std::string_view part, const std::string& phrase) {
  const std::string plain = plain_text(phrase);
  for (std::size_t at = part.find(plain); at != std::string_view::npos; at = part.find(plain, at + 1)) {
    const std::size_t end = at + plain.size();
    const bool goes_on =
        end < part.size() && (std::isalnum(static_cast<unsigned char>(part[end])) != 0 || part[end] == '_');
    if (!goes_on) return true;
  }
  return false;
}

std::vector<std::string> phrases_of(const ToldFinding& finding, Part which, std::string_view output) {
  switch (which) {
    case Part::kRule:
      return {finding.rule};
    case Part::kSubject:
      return titles_of(finding);
    case Part::kOutcome:
      return finding.outcome.empty() ? std::vector<std::string>{""} : phrases_of_outcome(finding.outcome);
    case Part::kCause:
      return {finding.cause};
    case Part::kExplanation:
      return {finding.explanation};
    case Part::kPlan:
      break;
  }
  if (output == "matcher_of_anomalies") return {"plan: " + finding.plan};
  return phrases_of_plan(finding.plan);
}

bool tells(const std::string& part, const ToldFinding& finding, const Output& output) {
  return std::ranges::all_of(output.parts, [&](Part which) {
    const std::vector<std::string> phrases = phrases_of(finding, which, output.name);
    return std::ranges::any_of(phrases,
                               [&part](const std::string& phrase) { return has_whole(part, phrase); });
  });
}

/// A terminal gets the first findings in full, and the number of the others.
std::size_t left_out_of(const Output& output, const std::string& text) {
  if (output.name != "terminal") return 0;
  const std::string_view sentence = "\n  and ";
  for (std::size_t at = text.find(sentence); at != std::string::npos; at = text.find(sentence, at + 1)) {
    const std::string line = between(std::string_view(text).substr(at), sentence, "\n");
    if (line.ends_with(" finding more") || line.ends_with(" findings more")) return std::stoul(line);
  }
  return 0;
}

void compare_parts(const Told& told, const Output& output, const std::string& text,
                   std::vector<std::string>& result) {
  std::vector<std::string> parts = findings_in(output.name, text);
  std::vector<ToldFinding> findings = told.findings;
  // The longest plan first, since it holds the shorter ones; so each part is taken for its own finding.
  std::ranges::stable_sort(findings, std::greater(),
                           [](const ToldFinding& each) { return each.plan.size(); });
  const std::size_t left_out = left_out_of(output, text);
  const std::size_t all = parts.size() + left_out;
  std::size_t missing = 0;
  for (const ToldFinding& finding : told.findings) {
    const auto part =
        std::ranges::find_if(parts, [&](const std::string& each) { return tells(each, finding, output); });
    if (part == parts.end()) {
      if (++missing == left_out + 1) result.push_back("finding not told: " + shown(finding));
    } else {
      parts.erase(part);
    }
  }
  if (all != told.findings.size())
    result.push_back(fmt::format("{} findings, not {}", all, told.findings.size()));
}

}  // namespace

void PrintTo(const ToldFinding& value, std::ostream* out) { *out << shown(value); }

const std::vector<Output>& outputs() {
  using enum Part;
  static const std::vector<Output> kOutputs{
      {"search", WordTold::kExactly, true, {kRule, kSubject, kCause, kExplanation, kPlan}},
      {"search_json", WordTold::kExactly, true, {kRule, kSubject, kOutcome, kCause, kExplanation, kPlan}},
      {"matcher", WordTold::kGoodOrBad, true, {kRule, kSubject, kCause, kExplanation, kPlan}},
      {"search_of_several", WordTold::kExactly, true, {}},
      {"matcher_of_anomalies", WordTold::kGoodOrBad, true, {kRule, kExplanation, kPlan}},
      {"terminal", WordTold::kExactly, true, {kRule, kSubject, kCause, kExplanation, kPlan}},
      {"json", WordTold::kExactly, true, {kRule, kSubject, kOutcome, kCause, kExplanation, kPlan}},
      {"markdown", WordTold::kExactly, true, {kRule, kSubject, kOutcome, kCause, kExplanation, kPlan}},
      {"html", WordTold::kExactly, true, {kRule, kSubject, kOutcome, kCause, kExplanation, kPlan}},
      {"junit", WordTold::kGoodOrBad, true, {kRule, kSubject, kCause, kExplanation, kPlan}},
      {"github", WordTold::kGoodOrBad, true, {kRule, kSubject, kExplanation, kPlan}},
      {"timeline", WordTold::kNot, false, {kRule, kSubject}},
      {"badge", WordTold::kExactly, false, {}},
      {"prometheus", WordTold::kExactly, false, {}}};
  return kOutputs;
}

const Output& output(std::string_view name) { return *std::ranges::find(outputs(), name, &Output::name); }

Told told_by(const json& exploration) {
  Told told{.word = exploration.at("verdict"), .findings = findings_of(exploration)};
  for (const json& lack : exploration.at("lacks")) told.lacks.push_back(lack.at("reason"));
  return told;
}

std::vector<std::string> disagreements(const Told& told, const Output& output, const std::string& text) {
  std::vector<std::string> result;
  const bool is_good = told.word == "upheld";
  if (output.word != WordTold::kNot) {
    const std::string word = word_in(output.name, text);
    const std::string expected = output.word == WordTold::kExactly ? told.word : good_or_bad(is_good);
    if (word != expected) result.push_back(fmt::format("the word is \"{}\", not \"{}\"", word, expected));
  }
  if (output.name == "json" || output.name == "search_json") {
    compare_documents(told, text, result);
  } else if (!output.parts.empty()) {
    compare_parts(told, output, text, result);
  }
  const std::string plain = output.names_lacks ? plain_text(text) : std::string();
  for (const std::string& lack : told.lacks) {
    if (output.names_lacks && !has(plain, plain_text(lack))) result.push_back("not named: " + lack);
  }
  for (std::string& each : result) each = fmt::format("{}: {}", output.name, each);
  return result;
}

}  // namespace saga_harness::support
