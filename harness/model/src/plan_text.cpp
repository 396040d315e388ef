#include <algorithm>
#include <optional>

#include <saga_harness/error.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

constexpr std::string_view kNoFaults = "none";
constexpr std::string_view kForm = "STEP[.OPERATION][#ATTEMPT[..WINDOW]][@WHERE]:KIND";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

/// Reads one fault from front to back.
class FaultReader {
 public:
  explicit FaultReader(std::string_view text) : text_(text), rest_(text) {}

  Fault read() {
    Fault fault;
    fault.step = take_word("the name of a step");
    fault.operation_given = false;
    if (take(".")) {
      fault.operation = parse(parse_operation, take_word("action, fallback or compensation after \".\""));
      fault.operation_given = true;
    }
    if (take("#")) read_attempt(fault);
    if (take("@")) fault.instant = parse(parse_instant, take_word("a place after \"@\""));
    if (!take(":")) refuse("expected \":\" and a fault kind" + found());
    fault.kind = parse(parse_fault_kind, take_word("a fault kind after \":\""));
    if (!rest_.empty()) refuse("there is more than one fault" + found() + "; separate faults with \",\"");
    if (fault.step == internal::kSagaItself) be_about_saga(fault);
    return fault;
  }

 private:
  void read_attempt(Fault& fault) {
    if (take("*")) {
      fault.window = FaultDuration::kForever;
      if (rest_.starts_with("..")) refuse("\"#*\" is every attempt already; leave out the window");
      return;
    }
    fault.attempt = take_attempt();
    if (take("..")) fault.window = parse(parse_window, take_word("a window after \"..\""));
  }

  int take_attempt() {
    const std::string_view digits = rest_.substr(0, rest_.find_first_not_of("0123456789"));
    if (digits.empty()) refuse("expected the number of an attempt or \"*\" after \"#\"" + found());
    rest_.remove_prefix(digits.size());
    int attempt = 0;
    for (const char digit : digits)
      attempt = std::min(attempt * 10 + (digit - '0'), internal::kLastAttempt + 1);
    if (attempt < 1 || attempt > internal::kLastAttempt) {
      refuse("attempts are numbered from 1 to " + std::to_string(internal::kLastAttempt));
    }
    return attempt;
  }

  void be_about_saga(Fault& fault) const {
    if (fault.operation_given) refuse("the saga itself has no operations; leave out what follows the \".\"");
    fault.step.clear();
    fault.operation_given = true;
  }

  bool take(std::string_view mark) {
    if (!rest_.starts_with(mark)) return false;
    rest_.remove_prefix(mark.size());
    return true;
  }

  std::string take_word(std::string_view expected) {
    const std::string_view word = rest_.substr(0, rest_.find_first_of(".#@: \t\r\n"));
    if (word.empty()) refuse("expected " + std::string(expected) + found());
    rest_.remove_prefix(word.size());
    return std::string(word);
  }

  template <typename Enum>
  Enum parse(Enum (*parse_name)(std::string_view), const std::string& word) const {
    try {
      return parse_name(word);
    } catch (const Error& error) {
      refuse(error.what());
    }
  }

  [[nodiscard]] std::string found() const {
    return rest_.empty() ? ", but the text ends" : ", found " + internal::in_quotes(rest_);
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorText{.source = "fault " + internal::in_quotes(text_),
                          .message = why,
                          .fix = "the form is " + std::string(kForm)});
  }

  std::string_view text_;
  std::string_view rest_;
};

std::string attempt_text(const Fault& fault) {
  if (fault.attempt == 1 && fault.window == FaultDuration::kForever) return "#*";
  std::string text = "#" + std::to_string(fault.attempt);
  if (fault.window != FaultDuration::kOnce) text.append("..").append(name_of(fault.window));
  return text;
}

}  // namespace

namespace internal {

std::string place_of(const Fault& fault) {
  std::string text = fault.step.empty() ? std::string(kSagaItself) : fault.step;
  if (!fault.step.empty() && fault.operation_given) text.append(".").append(name_of(fault.operation));
  text += attempt_text(fault);
  if (fault.instant != Instant::kCall) text.append("@").append(name_of(fault.instant));
  return text;
}

}  // namespace internal

std::string to_string(const Fault& fault) {
  return internal::place_of(fault).append(":").append(name_of(fault.kind));
}

std::string to_string(const FaultPlan& plan) {
  if (plan.empty()) return std::string(kNoFaults);
  std::string text;
  for (const Fault& fault : plan.faults) {
    if (!text.empty()) text += ", ";
    text += to_string(fault);
  }
  return text;
}

FaultPlan parse_plan(std::string_view text) {
  FaultPlan plan;
  std::string_view rest = trimmed(text);
  if (rest.empty() || rest == kNoFaults) return plan;
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string_view part = trimmed(rest.substr(0, comma));
    if (part.empty()) {
      throw Error(
          ErrorText{.message = "plan " + internal::in_quotes(text) + ": nothing stands beside a \",\"",
                    .fix = "leave it out or write a fault"});
    }
    plan.faults.push_back(FaultReader(part).read());
    if (comma == std::string_view::npos) return plan;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace saga_harness
