#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <saga_harness/handler_context.hpp>

namespace saga_harness {

/// Events in the queues of subscriptions, and each attempt to deliver one.
class LetterTable {
 public:
  using Number = std::uint32_t;

  struct Letter {
    Number row = 0;  // of the Outbox
    Number subscription = 0;
    std::uint16_t saga = 0;
    std::uint16_t attempts = 0;
  };
  /// A letter on its way to its subscriber, once.
  struct Attempt {
    Number letter = 0;
    std::int64_t deadline = 0;
    std::int64_t latency = 0;
    std::uint16_t attempt = 0;  // of its saga and subscription
    bool struck = false;
    bool over = false;  // acknowledged, refused or timed out
    FaultKind fault = FaultKind::kRejected;
    Handled word = Handled::kDone;
    ReplyStatus status = ReplyStatus::kOk;
  };

  LetterTable(std::size_t subscriptions, std::size_t sagas)
      : subscriptions_(subscriptions), delivered_(subscriptions * sagas) {}

  void reset() {
    letters_.clear();
    attempts_.assign(1, Attempt{});
    std::ranges::fill(delivered_, std::uint16_t{0});
  }
  Number post(Number row, Number subscription, std::uint16_t saga) {
    letters_.push_back({.row = row, .subscription = subscription, .saga = saga});
    return static_cast<Number>(letters_.size() - 1);
  }
  Number begin_attempt(Number number, std::int64_t deadline, std::int64_t latency) {
    Letter& letter = letters_[number];
    ++letter.attempts;
    attempts_.push_back({.letter = number,
                         .deadline = deadline,
                         .latency = latency,
                         .attempt = ++delivered_[letter.saga * subscriptions_ + letter.subscription]});
    return static_cast<Number>(attempts_.size() - 1);
  }
  [[nodiscard]] const Letter& letter(Number number) const { return letters_[number]; }
  [[nodiscard]] const Letter& letter_of(Number attempt) const { return letters_[attempts_[attempt].letter]; }
  [[nodiscard]] Attempt& attempt(Number number) { return attempts_[number]; }
  [[nodiscard]] const Attempt& attempt(Number number) const { return attempts_[number]; }
  /// The number that the next attempt gets; they start at 1.
  [[nodiscard]] Number next_attempt() const { return static_cast<Number>(attempts_.size()); }

 private:
  std::size_t subscriptions_;
  std::vector<Letter> letters_;
  std::vector<Attempt> attempts_;         // [0] unused
  std::vector<std::uint16_t> delivered_;  // attempts, by saga and subscription
};

}  // namespace saga_harness
