#include "observability/run_story.hpp"

#include <algorithm>

namespace saga_harness::reports {
namespace {

/// Does the saga last at least until this event?
bool is_of_the_saga(EventType type) {
  switch (type) {
    case EventType::kSent:
    case EventType::kDelivered:
    case EventType::kApplied:
    case EventType::kUndone:
    case EventType::kAnswered:
    case EventType::kReceived:
    case EventType::kTimedOut:
    case EventType::kDropped:
    case EventType::kFault:
    case EventType::kCrashed:
    case EventType::kThrew:
    case EventType::kGaveUp:
    case EventType::kPublished:
    case EventType::kDeadLettered:
      return true;
    case EventType::kLogged:
    case EventType::kNotLogged:
    case EventType::kLoggedStep:
    case EventType::kStarted:
    case EventType::kWokeUp:
    case EventType::kReported:
    case EventType::kReportedStep:
    case EventType::kReturned:
    case EventType::kHealed:
    case EventType::kMarked:
      return false;
  }
  return false;
}

bool begins_rollback(const Event& event) {
  switch (event.type) {
    case EventType::kLogged:
      return event.detail == static_cast<std::uint8_t>(LogKind::kCompensating);
    case EventType::kPublished:
      return event.detail == static_cast<std::uint8_t>(EventRole::kFailure);
    case EventType::kSent:
      return event.operation == Operation::kCompensation;
    default:
      return false;
  }
}

/// Builds a story event by event.
class Teller {
 public:
  explicit Teller(bool is_choreography) : is_choreography_(is_choreography) {}

  void take(const Event& event, std::uint32_t position) {
    // Nobody reports how a choreography ends: that is the harness's own word, at the end of the run.
    const bool ends = is_of_the_saga(event.type) || (is_news(event, reported_) && !is_choreography_);
    if (ends) story_.end = std::max(story_.end, event.at);
    if (!story_.rollback_begin && begins_rollback(event)) story_.rollback_begin = event.at;
    if (event.type == EventType::kUndone) story_.last_undone = event.at;
    if (event.type == EventType::kSent) open(event, position);
    if (event.type == EventType::kReceived) close(event, static_cast<ReplyStatus>(event.detail));
    if (event.type == EventType::kTimedOut) close(event, ReplyStatus::kTimeout);
    if (event.type == EventType::kCrashed) abandon(event);
  }

  [[nodiscard]] Story told() {
    for (std::size_t i = 0; i < story_.attempts.size(); ++i) {
      if (is_open_[i]) story_.attempts[i].end = story_.end;
    }
    return std::move(story_);
  }

 private:
  void open(const Event& event, std::uint32_t position) {
    story_.attempts.push_back({.call = event.call,
                               .step = event.step,
                               .operation = event.operation,
                               .number = event.attempt,
                               .sent = position,
                               .begin = event.at,
                               .end = event.at});
    incarnations_.push_back(event.incarnation);
    is_open_.push_back(true);
  }

  void close(const Event& event, ReplyStatus status) {
    Attempt* attempt = story_.find(event.call);
    if (attempt == nullptr) return;
    const auto place = static_cast<std::size_t>(attempt - story_.attempts.data());
    if (!is_open_[place]) return;
    is_open_[place] = false;
    attempt->end = event.at;
    attempt->status = status;
  }

  void abandon(const Event& crash) {
    for (std::size_t i = 0; i < story_.attempts.size(); ++i) {
      if (!is_open_[i] || incarnations_[i] != crash.incarnation) continue;
      is_open_[i] = false;
      story_.attempts[i].end = crash.at;
    }
  }

  bool is_choreography_;
  Story story_;
  std::vector<std::uint8_t> incarnations_;  // of the attempts
  std::vector<bool> is_open_;
  std::optional<Outcome> reported_;
};

}  // namespace

Attempt* Story::find(std::uint32_t call) {
  for (auto attempt = attempts.rbegin(); attempt != attempts.rend(); ++attempt) {
    if (attempt->call == call) return &*attempt;
  }
  return nullptr;
}

const Attempt* Story::find(const Event& event, std::size_t before) const {
  for (auto attempt = attempts.rbegin(); attempt != attempts.rend(); ++attempt) {
    if (attempt->sent >= before) continue;
    const bool is_it = event.call > 0 ? attempt->call == event.call
                                      : attempt->step == event.step && attempt->number == event.attempt &&
                                            attempt->operation == event.operation;
    if (is_it) return &*attempt;
  }
  return nullptr;
}

Story story_of(std::span<const Event> events, const SagaIndex& saga) {
  Teller teller(saga.is_choreography());
  for (std::size_t i = 0; i < events.size(); ++i) teller.take(events[i], static_cast<std::uint32_t>(i));
  Story story = teller.told();
  if (!events.empty()) story.begin = events.front().at;
  story.end = std::max(story.end, story.begin);
  return story;
}

bool is_news(const Event& event, std::optional<Outcome>& last) {
  if (event.type != EventType::kReported) return false;
  const auto outcome = static_cast<Outcome>(event.detail);
  if (last == outcome) return false;
  last = outcome;
  return true;
}

std::string saga_id_or_default(std::string_view saga_id, const Saga& saga) {
  return saga_id.empty() ? saga.name + "-1" : std::string(saga_id);
}

}  // namespace saga_harness::reports
