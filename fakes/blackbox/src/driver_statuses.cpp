// What a target says, and what it means.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/text.hpp>

#include "driver.hpp"
#include "json_statuses.hpp"

namespace saga_harness::blackbox {
namespace {

using internal::in_quotes;

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  return std::string(text.substr(text.rfind('\n') + 1));
}

}  // namespace

// Nothing had failed, and the target answered: then TARGET.json looks in the wrong place.
void Driver::expect_word() const {
  if (reported_ || !wordless_) return;
  constexpr std::size_t kMostShown = 200;
  std::vector<std::string_view> members;
  const auto document = try_parse(wordless_->text);
  if (document) members.assign(document->keys.begin(), document->keys.end());
  const std::string_view pointer = target_.outcome.pointer;
  throw Error(ErrorText{
      .source = target_.source,
      .pointer = "/outcome/pointer",
      .message = fmt::format("{} did not say at {} how the saga ended, though nothing had failed: {}",
                             wordless_->who, pointer.empty() ? "its root" : pointer,
                             in_quotes(wordless_->text.substr(0, kMostShown))),
      .fix = internal::name_fix(pointer.substr(pointer.empty() ? 0 : 1), members)});
}

void Driver::hear_output() {
  const OutcomeTemplate& outcome = target_.outcome;
  ChildProcess& process = *command_;
  lost_ = true;
  constexpr int kCannotStart = 127;
  const std::string errors = process.last_lines_of_errors();
  complaint_ = fmt::format("it {}{}", process.how_it_ended(),
                           errors.empty() ? "" : "; it wrote to stderr:\n" + errors);
  if (process.exit_code() == kCannotStart && process.out().empty())
    throw Error(ErrorText{.source = target_.source, .message = std::string(complaint_)});
  if (outcome.source == OutcomeSource::kExitCode) {
    const std::string code = std::to_string(process.exit_code());
    constexpr int kSignalled = 128;
    if (process.exit_code() > kSignalled && !outcome.statuses.contains(code)) return;
    return say(code, process.out(), "exit code");
  }
  const std::string line = last_line(process.out());
  if (line.empty()) return;
  if (outcome.by_status) return say(line, {}, "the last line of stdout");
  const auto document = try_parse(line);
  const auto* value = document ? internal::at_pointer(*document, outcome.pointer) : nullptr;
  if (value != nullptr) return say(as_word(*value), line, "stdout" + outcome.pointer);
  if (process.exit_code() == 0) wordless_ = Wordless{"the last line of stdout", line};
}

void Driver::hear(const HttpAnswer& answer, std::string_view who) {
  const OutcomeTemplate& outcome = target_.outcome;
  const bool is_last = outcome.source == OutcomeSource::kResponse;
  if (outcome.by_status) return say(std::to_string(answer.status), answer.body, "the status");
  const auto document = try_parse(answer.body);
  const auto* value = document ? internal::at_pointer(*document, outcome.pointer) : nullptr;
  const auto word = value == nullptr ? std::nullopt : as_word(*value);
  if (word) return say(word, answer.body, outcome.pointer);
  const std::string status = std::to_string(answer.status);  // an error page, say
  if (outcome.statuses.contains(status)) return say(status, answer.body, "the status");
  constexpr std::size_t kMostShown = 200;
  complaint_ = fmt::format("{} answered {} without a word at {}: {}", who, answer.status,
                           outcome.pointer.empty() ? "its root" : outcome.pointer,
                           in_quotes(answer.body.substr(0, kMostShown)));
  lost_ = is_last;
  constexpr int kOk = 200;
  constexpr int kRedirected = 300;
  if (answer.status >= kOk && answer.status < kRedirected)
    wordless_ = Wordless{std::string(who), answer.body};
}

void Driver::say(const std::optional<std::string>& word, std::string_view document, std::string_view where) {
  if (!word) return;
  const OutcomeTemplate& outcome = target_.outcome;
  const auto meaning = outcome.statuses.find(*word);
  if (meaning == outcome.statuses.end()) {
    std::vector<std::string_view> known;
    for (const auto& [each, is] : outcome.statuses) known.emplace_back(each);
    throw Error(ErrorText{
        .source = target_.source,
        .message = fmt::format("the target said {} ({}), which \"statuses\" in \"outcome\" does not explain",
                               in_quotes(*word), where),
        .fix = internal::name_fix(*word, known)});
  }
  lost_ = outcome.source != OutcomeSource::kPoll;
  if (meaning->second == Outcome::kUnresolved)
    complaint_ = fmt::format("its last word was {}", in_quotes(*word));
  const std::vector<std::string> flagged =
      meaning->second == Outcome::kFlagged ? flagged_in(document) : std::vector<std::string>();
  if (reported_ == meaning->second) return;
  reported_ = meaning->second;
  if (meaning->second != Outcome::kUnresolved) settings_.runs.note_report(saga_id_, meaning->second, flagged);
}

std::vector<std::string> Driver::flagged_in(std::string_view document) const {
  const std::string& pointer = target_.outcome.flagged_steps;
  if (pointer.empty()) return {};
  const auto parsed = try_parse(document);
  const auto* list = parsed ? internal::at_pointer(*parsed, pointer) : nullptr;
  std::vector<std::string> steps;
  if (list == nullptr) return steps;
  for (const internal::JsonValue& item : list->items) steps.push_back(step_called(item.string));
  return steps;
}

std::string Driver::step_called(const std::string& name) const {
  std::vector<std::string_view> names;
  for (const Step& step : settings_.saga.saga().steps) {
    for (const std::string* each : {&step.name, &step.action, &step.compensation, &step.fallback}) {
      if (!each->empty() && *each == name) return step.name;
    }
    names.emplace_back(step.name);
  }
  throw Error(ErrorText{
      .source = target_.source,
      .message = fmt::format("the target flagged {}, which is no step of the saga", in_quotes(name)),
      .fix = internal::name_fix(name, names)});
}

}  // namespace saga_harness::blackbox
