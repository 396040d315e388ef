#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <fmt/format.h>

#include <saga_harness/choices.hpp>
#include <saga_harness/error.hpp>

namespace saga_harness {

/// What the engine asks Choices, and what it need not ask.
class Questions {
 public:
  /// The questions that follow go to `choices`.
  void put_to(Choices& choices) {
    choices_ = &choices;
    wants_synonyms_ = choices.wants_synonyms();
    unasked_ = 0;
  }
  void begin_run() { unasked_ = choices_->indifferent(); }

  [[nodiscard]] bool wants_synonyms() const { return wants_synonyms_; }
  /// True if the next question need not be asked; it counts as asked.
  [[nodiscard]] bool skip() {
    if (unasked_ == 0) return false;
    --unasked_;
    return true;
  }
  /// @throws what Choices throws; Error for an answer that is none.
  std::size_t ask(const Point& point, std::span<const Alternative> legal) {
    const std::size_t picked = choices_->pick(point, legal);
    unasked_ = choices_->indifferent();
    if (picked <= legal.size()) return picked;
    throw Error(ErrorText{
        .message =
            fmt::format("Choices::pick() answered {} where {} alternatives are legal", picked, legal.size()),
        .fix = "answer 0 for no fault, n for the n-th"});
  }

 private:
  Choices* choices_ = nullptr;
  bool wants_synonyms_ = false;
  std::uint32_t unasked_ = 0;
};

}  // namespace saga_harness
