// What the trace says of choices by results: which steps are to be done because of what others were answered.

#include <algorithm>

#include "trace_summary.hpp"

namespace saga_harness {

void FactReader::forget_choices() {
  choices_->forget_if_many();
  choice_states_.assign(summary_.step_count(), Choice::kNone);
  for (const StepId step : choices_->steps()) choice_states_[step] = Choice::kOpen;
  made_.assign(summary_.step_count(), ChoiceMade{});
  next_answer_ = 0;
  summary_.choices = &choice_states_;
}

// Its caller was told that a step is done on which others depend.
void FactReader::note_choice(const Event& event, Position at) {
  const auto& answers = summary_.seen->answers;
  while (next_answer_ < answers.size() && answers[next_answer_].event < at) ++next_answer_;
  if (next_answer_ == answers.size() || answers[next_answer_].event != at) return;
  for (const StepId step : choices_->steps()) {
    ChoiceMade& made = made_[step];
    if (choices_->decided_by(step) != event.step || made.is_logged) continue;
    const Choice said = choices_->holds(step, answers[next_answer_].text) ? Choice::kHolds : Choice::kSkipped;
    // Who was told what before may have been another incarnation: only the log tells which of them counts.
    const bool is_agreed = made.heard_by == 0 || choice_states_[step] == said;
    choice_states_[step] = is_agreed ? said : Choice::kInDoubt;
    made.said = said;
    made.heard_by = event.incarnation;
  }
}

// What was heard last before it counts, whatever is heard later.
void FactReader::note_choice_logged(const Event& event, bool is_done) {
  for (const StepId step : choices_->steps()) {
    ChoiceMade& made = made_[step];
    if (choices_->decided_by(step) != event.step || made.is_logged) continue;
    if (is_done && made.heard_by != event.incarnation) continue;  // by a status query
    choice_states_[step] = is_done ? made.said : without_answer(step);
    made.is_logged = true;
  }
}

Choice FactReader::without_answer(StepId step) {
  return choices_->holds(step, {}) ? Choice::kHolds : Choice::kSkipped;
}

// Before a request, and at the end: what has failed, or was skipped, has answered nothing.
void FactReader::refresh_choices(const Event* now) {
  bool is_changed = false;
  for (const StepId step : choices_->steps()) {
    const StepId by = choices_->decided_by(step);
    const ChoiceMade& made = made_[step];
    const bool is_optional = summary_.saga->step(by).optional;
    Choice& state = choice_states_[step];
    if (state == Choice::kOpen) {
      const bool is_given_up = is_optional && (now == nullptr || is_passed_over(by, *now));
      if (is_given_up || summary_.is_skipped(by)) state = without_answer(step);
    } else if (now != nullptr && is_optional && !made.is_logged && made.heard_by != 0 &&
               made.heard_by != now->incarnation) {
      state = Choice::kInDoubt;  // what was heard by one that died need not be known
    }
    const bool is_out = state == Choice::kSkipped || state == Choice::kInDoubt;
    is_changed = is_changed || is_out != (step < skipped_.size() && skipped_[step] != 0);
  }
  if (is_changed) pass_over_skipped();
}

void FactReader::finish_choices() {
  refresh_choices(nullptr);
  for (const StepId step : choices_->steps()) {
    if (choice_states_[step] == Choice::kOpen) choice_states_[step] = Choice::kInDoubt;
  }
}

}  // namespace saga_harness
