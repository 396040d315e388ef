#include "run_view.hpp"

#include <algorithm>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/replay.hpp>

namespace saga_harness::internal {
namespace {

constexpr std::size_t kShownCalls = 60;

Saga definition_of(const Run& run) {
  if (run.saga.steps.empty()) {
    throw Error(ErrorText{.message = "this Run does not say what saga it is of",
                          .fix = "take one from start_saga(), run() or run_plan()"});
  }
  return run.saga;
}

bool undoes(const Event& event, bool is_choreography) {
  if (event.type == EventType::kUndone) return true;
  // Those who hear of a failure and have nothing to undo are not asked to.
  return !is_choreography && event.type == EventType::kAnswered &&
         event.operation == Operation::kCompensation &&
         event.detail == static_cast<std::uint8_t>(ReplyStatus::kOk);
}

}  // namespace

RunView::RunView(const Run& run) : saga_(definition_of(run)) { read(run.trace.events); }

void RunView::read(const std::vector<Event>& events) {
  std::vector<std::size_t> place_of_call;
  for (const Event& event : events) {
    if (event.type == EventType::kSent) {
      if (place_of_call.size() <= event.call) place_of_call.resize(event.call + std::size_t{1});
      place_of_call[event.call] = calls_.size();
      calls_.push_back({.operation = {event.step, event.operation}, .attempt = event.attempt});
    } else if (event.type == EventType::kReceived || event.type == EventType::kTimedOut) {
      if (event.call < place_of_call.size()) {
        calls_[place_of_call[event.call]].answer = event.type == EventType::kTimedOut
                                                       ? ReplyStatus::kTimeout
                                                       : static_cast<ReplyStatus>(event.detail);
      }
    } else if (undoes(event, saga_.is_choreography()) &&
               std::find(compensated_.begin(), compensated_.end(), event.step) == compensated_.end()) {
      compensated_.push_back(event.step);
    }
  }
}

std::string RunView::text_of(const SeenCall& call) const {
  std::string text(saga_.action_of(call.operation));
  if (call.attempt > 1) text += "#" + std::to_string(call.attempt);
  return text.append(" ").append(call.answer ? name_of(*call.answer) : "unheard");
}

std::string RunView::calls_text() const {
  std::vector<std::string> texts;
  for (const SeenCall& call : calls_) {
    if (texts.size() == kShownCalls) {
      texts.push_back("and " + std::to_string(calls_.size() - kShownCalls) + " more");
      break;
    }
    texts.push_back(text_of(call));
  }
  return joined(texts);
}

std::string RunView::compensated_text() const {
  std::vector<std::string> texts;
  for (const StepId step : compensated_)
    texts.emplace_back(saga_.action_of({step, Operation::kCompensation}));
  return joined(texts);
}

std::vector<const CallMade*> calls_of(const Run& run, const SagaIndex& saga,
                                      const std::vector<OperationId>& operations) {
  std::vector<const CallMade*> calls;
  for (const CallMade& call : run.calls) {
    const OperationId id{saga.find_step(call.step), call.operation};
    if (std::ranges::find(operations, id) != operations.end()) calls.push_back(&call);
  }
  return calls;
}

std::string joined(const std::vector<std::string>& names, std::string_view separator) {
  if (names.empty()) return "nothing";
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += separator;
    text += name;
  }
  return text;
}

}  // namespace saga_harness::internal
