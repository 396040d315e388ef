#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/ledger.hpp>
#include <saga_harness/runtime.hpp>

namespace saga_harness {

/// A request as it reaches a participant. Views live as long as the run.
struct Delivery {
  std::string_view saga_id = {};
  std::string_view service = {};
  std::string_view action = {};
  std::string_view step = {};
  std::string_view idempotency_key = {};  ///< empty: none was sent
  std::string_view payload = {};          ///< JSON text
  std::string_view correlation_id = {};   ///< empty: none was sent
  std::string_view auth_token = {};       ///< empty: none was sent
  OperationId operation = {};
  std::uint32_t key_number = 0;   ///< equal for equal keys within an engine, small, 0 for no key
  std::uint32_t saga_number = 0;  ///< 0: the saga under test; 1, 2, …: those that ran before it
  std::uint16_t attempt = 1;
  const Step* declared = nullptr;  ///< what the definition says of the step: its data, for instance
  bool promised = false;           ///< its caller has been told already that it is done
};
void PrintTo(const Delivery& value, std::ostream* out);

/// What keeps the ledger: the engine of virtual time, or whatever else runs participants.
class Bookkeeper {
 public:
  virtual void apply(const Delivery& delivery) = 0;
  virtual void undo(const Delivery& delivery) = 0;
  [[nodiscard]] virtual const Effect& effect(StepId step) = 0;
  virtual void mark(std::string_view name) = 0;
  virtual void commit(const Delivery& delivery) = 0;

 protected:
  ~Bookkeeper() = default;
};

/// Where a participant writes down what it really did.
class EffectRecorder {
 public:
  explicit EffectRecorder(Bookkeeper& keeper) noexcept : keeper_(&keeper) {}
  /// The effect of the delivery's step came into being, or was undone. Recorded in trace and ledger.
  void apply(const Delivery& delivery) { keeper_->apply(delivery); }
  void undo(const Delivery& delivery) { keeper_->undo(delivery); }
  [[nodiscard]] const Effect& effect(StepId step) const { return keeper_->effect(step); }
  /// See Runtime::mark().
  void mark(std::string_view name) { keeper_->mark(name); }
  /// Ends a transaction of the participant: what it did so far stays, whatever happens; what follows is
  /// another. In virtual time it may die here (see Claims::separate_transactions): then this throws what must
  /// be let through, crash() is called and the connection is reset. A participant that never says it is in
  /// one transaction until it answers.
  void commit(const Delivery& delivery) { keeper_->commit(delivery); }

 private:
  Bookkeeper* keeper_;
};
void PrintTo(const EffectRecorder& value, std::ostream* out);

/// A service that performs actions and compensations. One object serves many runs, one after the other.
class Participant {
 public:
  virtual ~Participant() = default;
  /// Does what is asked and answers. An exception let out is answered as ReplyStatus::kError; an Error of
  /// ours says that something is misused, and comes out of the run.
  virtual Reply handle(const Delivery& delivery, EffectRecorder& recorder) = 0;
  /// Forgets everything: a new run begins.
  virtual void reset() {}
  /// Its process dies and starts again: what it did not keep durably is gone.
  virtual void crash() {}
  /// It loses what it keeps to recognise requests by: idempotency keys, tombstones.
  virtual void forget() {}
  /// It is restored from a backup made before the run: what it has done since is gone, effects too.
  virtual void restore() { reset(); }
  /// Names and rules of its business quantities; asked once, before the first run.
  [[nodiscard]] virtual std::vector<Quantity> quantities() const { return {}; }
  /// Appends the value of each quantity now, in the order of quantities(); asked at the start and the end of
  /// each run.
  virtual void measure(std::vector<std::int64_t>& /*values*/) const {}
};

/// What stands before another participant: all that is asked of it is passed on, but for what a decorator
/// overrides. So none can forget a call, and a fault that strikes the decorator strikes the participant
/// behind it.
class ForwardingParticipant : public Participant {
 public:
  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    return behind().handle(delivery, recorder);
  }
  void reset() override { behind().reset(); }
  void crash() override { behind().crash(); }
  void forget() override { behind().forget(); }
  void restore() override { behind().restore(); }
  [[nodiscard]] std::vector<Quantity> quantities() const override { return behind().quantities(); }
  void measure(std::vector<std::int64_t>& values) const override { behind().measure(values); }

 protected:
  /// The participant behind it.
  [[nodiscard]] virtual Participant& behind() const = 0;
};

/// Makes a fresh participant; called once per engine (each worker of a search has its own).
using ParticipantFactory = std::function<std::unique_ptr<Participant>()>;

/// A participant from a function; without state of its own, or with state it resets itself in `reset`.
[[nodiscard]] ParticipantFactory participant_from(
    std::function<Reply(const Delivery&, EffectRecorder&)> handle, std::function<void()> reset = {});

}  // namespace saga_harness
