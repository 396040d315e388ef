#include <array>
#include <ostream>
#include <utility>

#include <saga_harness/fakes.hpp>

#include "named_effects.hpp"

namespace saga_harness {
namespace {

constexpr std::string_view kDone = R"({"ok":true})";
constexpr std::string_view kAlreadyCompensated = R"({"error":"already compensated"})";
constexpr std::string_view kNothingToCompensate = R"({"error":"nothing to compensate"})";

/// What was answered to a key. Entries of earlier runs are told by their epoch, so that forgetting costs
/// nothing.
struct Answer {
  std::uint32_t epoch = 0;
  std::uint32_t crashes = 0;  // of the participant, when it was given
  Reply reply = {};
};

/// What the fake knows of a step.
struct StepState {
  std::uint32_t epoch = 0;
  const Guarantees* guarantees = nullptr;            // that hold at this step
  bool applied = false;                              // its effect is there
  bool undone = false;                               // an effect was there and was undone
  bool tombstone = false;                            // it was compensated: a late action is to be refused
  bool in_doubt = false;                             // begun, and not known to be through
  ReplyBody given = {};                              // what its action was answered
  std::array<Answer, kOperationCount> answers = {};  // to requests without a key
};

class LedgerFake final : public Participant {
 public:
  LedgerFake(Guarantees guarantees, std::unique_ptr<Business> business, std::string_view service,
             GuaranteesAtStep at_step, Transactions transactions, Undoes undoes, GivenResults gives)
      : guarantees_(guarantees),
        at_step_(std::move(at_step)),
        is_bare_(guarantees == kNoGuarantees && at_step_.empty()),
        transactions_(transactions),
        undoes_(undoes),
        named_(std::move(gives)),
        business_(std::move(business)) {
    if (!service.empty()) prefix_.append(service).append("/");
  }

  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    StepState& state = state_of(delivery);
    Answer& stored = answer_to(delivery, state);
    return delivery.operation.operation == Operation::kCompensation
               ? compensate(delivery, recorder, state, stored)
               : act(delivery, recorder, state, stored);
  }

  void crash() override { ++crashes_; }

  void reset() override {
    crashes_ = 0;
    named_.forget_if_many();
    if (++epoch_ == 0) {  // wrapped: what looks current may be ancient
      sagas_.clear();
      answers_.clear();
      epoch_ = 1;
    }
    if (business_) business_->reset();
  }

  void forget() override {
    for (Answer& answer : answers_) answer.epoch = 0;
    for (std::vector<StepState>& steps : sagas_) {
      for (StepState& state : steps) {
        state.answers = {};
        state.tombstone = false;
      }
    }
  }

  [[nodiscard]] std::vector<Quantity> quantities() const override {
    std::vector<Quantity> quantities;
    if (business_) quantities = business_->quantities();
    for (Quantity& quantity : quantities) quantity.name.insert(0, prefix_);
    return quantities;
  }

  void measure(std::vector<std::int64_t>& values) const override {
    if (business_) business_->measure(values);
  }

 private:
  StepState& state_of(const Delivery& delivery) {
    if (delivery.saga_number >= sagas_.size()) sagas_.resize(delivery.saga_number + std::size_t{1});
    std::vector<StepState>& steps = sagas_[delivery.saga_number];
    const std::size_t step = delivery.operation.step;
    if (step >= steps.size()) steps.resize(step + 1);
    StepState& state = steps[step];
    if (state.epoch != epoch_) {
      const auto exception = at_step_.empty() ? at_step_.end() : at_step_.find(delivery.step);
      state = {};
      state.epoch = epoch_;
      state.guarantees = exception == at_step_.end() ? &guarantees_ : &exception->second;
    }
    return state;
  }

  Answer& answer_to(const Delivery& delivery, StepState& state) {
    if (delivery.key_number == 0)
      return state.answers[static_cast<std::size_t>(delivery.operation.operation)];
    if (delivery.key_number >= answers_.size()) answers_.resize(delivery.key_number + std::size_t{1});
    return answers_[delivery.key_number];
  }

  [[nodiscard]] bool is_forgotten(const Answer& stored, const StepState& state) const {
    return stored.crashes != crashes_ && !state.guarantees->durable_dedup;
  }

  // Of one that promises nothing, nobody misses anything.
  void miss(EffectRecorder& recorder, std::string_view marker) const {
    if (!is_bare_) recorder.mark(marker);
  }

  Reply act(const Delivery& delivery, EffectRecorder& recorder, StepState& state, Answer& stored) {
    if (stored.epoch == epoch_) {
      const bool is_known = !is_forgotten(stored, state);
      if (is_known && state.guarantees->deduplicates) return stored.reply;
      miss(recorder, is_known ? markers::kNoDedup : markers::kDedupNotDurable);
    }
    if (state.tombstone) {
      if (state.guarantees->tombstones) return {ReplyStatus::kRejected, kAlreadyCompensated};
      miss(recorder, markers::kNoTombstone);
    }
    const bool was_begun = std::exchange(state.in_doubt, transactions_ != Transactions::kOne);
    Reply reply{ReplyStatus::kOk, kDone};
    if (transactions_ == Transactions::kKeyBeforeEffect) {
      recorder.commit(delivery);
      if (was_begun && state.applied)
        return keep({ReplyStatus::kOk, state.given.empty() ? kDone : state.given.text()}, state, stored);
    }
    if (was_begun && state.applied) miss(recorder, markers::kEffectBeforeKey);
    if (business_) {
      const Reply word = business_->apply(delivery, recorder);
      if (!word.ok() || !word.body.empty()) reply = word;
    }
    if (reply.ok()) {
      state.applied = has_effect(delivery);
      if (state.applied) {
        recorder.apply(delivery);
      } else if (business_) {
        undo_business(delivery, recorder, false);
      }
      if (delivery.declared != nullptr && !delivery.declared->result.empty()) {
        if (reply.body == kDone)
          reply.body = named_.answer(delivery, recorder.effect(delivery.operation.step).applied);
        state.given = reply.body;
      }
      if (transactions_ != Transactions::kOne) recorder.commit(delivery);
    }
    return keep(reply, state, stored);
  }

  Reply keep(const Reply& reply, StepState& state, Answer& stored) {
    if (reply.ok() || reply.status == ReplyStatus::kRejected) stored = {epoch_, crashes_, reply};
    state.in_doubt = false;
    return reply;
  }

  Reply compensate(const Delivery& delivery, EffectRecorder& recorder, StepState& state, Answer& stored) {
    const Guarantees& guarantees = *state.guarantees;
    const bool undoes_again = state.undone && !state.applied && !guarantees.idempotent_compensation;
    const bool is_known = stored.epoch == epoch_ && !is_forgotten(stored, state);
    if (guarantees.deduplicates && is_known && !undoes_again) return stored.reply;

    if (transactions_ == Transactions::kKeyBeforeEffect) {
      state.tombstone = true;
      recorder.commit(delivery);
    }
    Reply reply{ReplyStatus::kOk, kDone};
    if (undoes_again) miss(recorder, markers::kCompensationNotIdempotent);
    if (state.applied || undoes_again) {
      const bool counts = undoes_ == Undoes::kWhatItNames && heeds_payload(delivery);
      if (counts) {
        const std::string_view refusal = named_.refusal(delivery, state.given);
        if (!refusal.empty()) return {ReplyStatus::kRejected, refusal};
      }
      if (business_) {
        const Reply word = undo_business(delivery, recorder, counts);
        if (!word.ok()) return word;
        if (!word.body.empty()) reply = word;
      }
      recorder.undo(delivery);
      state.applied = false;
      state.undone = true;
      if (transactions_ != Transactions::kOne) recorder.commit(delivery);
    } else if (!state.undone && !guarantees.null_compensation) {
      miss(recorder, markers::kNullCompensationFails);
      return {ReplyStatus::kRejected, kNothingToCompensate};
    }
    state.tombstone = true;
    stored = {epoch_, crashes_, reply};
    return reply;
  }

  Reply undo_business(const Delivery& delivery, EffectRecorder& recorder, bool payload_counts) {
    if (payload_counts) return business_->undo(delivery, recorder);
    Delivery by_key = delivery;
    by_key.declared = nullptr;
    return business_->undo(by_key, recorder);
  }

  Guarantees guarantees_;
  GuaranteesAtStep at_step_;
  bool is_bare_;
  Transactions transactions_;
  Undoes undoes_;
  NamedEffects named_;
  std::unique_ptr<Business> business_;
  std::string prefix_;
  std::uint32_t epoch_ = 1;
  std::uint32_t crashes_ = 0;                  // of this run
  std::vector<std::vector<StepState>> sagas_;  // by saga and step
  std::vector<Answer> answers_;                // by key number
};

}  // namespace

std::string_view name_of(Transactions value) {
  switch (value) {
    case Transactions::kOne:
      return "one";
    case Transactions::kKeyBeforeEffect:
      return "key_before_effect";
    case Transactions::kEffectBeforeKey:
      break;
  }
  return "effect_before_key";
}

void PrintTo(Transactions value, std::ostream* out) { *out << name_of(value); }

std::string_view name_of(Undoes value) {
  switch (value) {
    case Undoes::kWhatItNames:
      return "what_it_names";
    case Undoes::kByKey:
      break;
  }
  return "by_key";
}

void PrintTo(Undoes value, std::ostream* out) { *out << name_of(value); }

bool heeds_payload(const Delivery& delivery) { return delivery.declared != nullptr; }
bool must_name_what_it_undoes(const Delivery& delivery) {
  return delivery.declared != nullptr && !delivery.declared->compensation_input.empty();
}

bool has_effect(const Delivery& delivery) {
  return delivery.declared == nullptr || delivery.declared->has_effect;
}

ParticipantFactory ledger_fake(Guarantees guarantees, BusinessFactory business, std::string service,
                               GuaranteesAtStep at_step, Transactions transactions, Undoes undoes,
                               GivenResults gives) {
  return [guarantees, business = std::move(business), service = std::move(service),
          at_step = std::move(at_step), transactions, undoes, gives = std::move(gives)] {
    return std::make_unique<LedgerFake>(guarantees, business ? business() : nullptr, service, at_step,
                                        transactions, undoes, gives);
  };
}

}  // namespace saga_harness
