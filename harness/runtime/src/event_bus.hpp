#pragma once

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/engine.hpp>

#include "earlier_sagas.hpp"
#include "fault_windows.hpp"
#include "handler_table.hpp"
#include "held_messages.hpp"
#include "known_facts.hpp"
#include "letter_table.hpp"
#include "message_queue.hpp"
#include "outbox.hpp"
#include "participant_table.hpp"
#include "payloads.hpp"
#include "questions.hpp"
#include "run_clock.hpp"
#include "run_end.hpp"
#include "run_limits.hpp"
#include "run_memory.hpp"
#include "saga_on_bus.hpp"
#include "subscription_table.hpp"
#include "text_table.hpp"

namespace saga_harness {

/// Unwinds a handler whose service died. Not a std::exception, so that ordinary handlers let it through.
struct HandlerDies {};

/// An event bus in virtual time: a queue per subscription, at-least-once, acknowledgements, redelivery with a
/// bound, dead letters; and the services around it, each with a database and an outbox. Their handlers are
/// the subject; a subscription is an operation of a step. Events of several sagas may be on it: that under
/// test, those beside it, and before all of them earlier ones. Faults strike that under test.
class Engine::Bus final : public Bookkeeper {
 public:
  Bus(Engine& engine, Setup setup);

  const Observation& run(Choices& choices);
  [[nodiscard]] const Observation& observation() const noexcept { return observation_; }
  [[nodiscard]] const SagaIndex& saga() const noexcept { return saga_; }
  [[nodiscard]] std::span<const Event> events() const noexcept { return sagas_.front().trace.events(); }
  [[nodiscard]] const TextTable& texts() const noexcept { return texts_; }
  [[nodiscard]] Ledger ledger() const {
    const std::span<const Effect> effects = sagas_.front().effects.all();
    return {{effects.begin(), effects.end()},
            {participant_table_.quantities().begin(), participant_table_.quantities().end()}};
  }

  // The interface of the handler's context, for the handler that is running.
  [[nodiscard]] std::string_view saga_id() const noexcept {
    return running_.stray == StrayEvent::kOfAnotherSaga ? running_.event->correlation_id
                                                        : texts_.at(sagas_[running_.saga].id);
  }
  [[nodiscard]] Time now() const noexcept { return Time(Duration(clock_.now())); }
  [[nodiscard]] bool knows(std::string_view fact);
  void keep(std::string_view fact);
  Reply perform();
  void emit(const OutgoingEvent& event);
  void commit();
  void commit(const Delivery& delivery) override;
  void publish(const OutgoingEvent& event);
  void acknowledge();
  [[nodiscard]] std::string_view text(std::initializer_list<std::string_view> parts) {
    return texts_.at(texts_.intern(parts));
  }

  void mark(std::string_view name) override {
    record(sagas_.front(), EventType::kMarked).text = texts_.intern(name);
  }
  void apply(const Delivery& delivery) override;
  void undo(const Delivery& delivery) override;
  [[nodiscard]] const Effect& effect(StepId step) override;

 private:
  using Number = std::uint32_t;

  /// The handler that is running.
  struct Running {
    Number attempt = 0;  // 0: it is the timer
    Number subscription = 0;
    std::uint16_t service = 0;
    std::uint16_t saga = 0;
    bool is_copy = false;
    bool dies = false;  // at the first thing that it does
    bool acknowledged = false;
    bool refused = false;
    ReplyStatus status = ReplyStatus::kError;  // of the participant, if it said no
    Number first_row = 0;                      // that it wrote
    StrayEvent stray = StrayEvent::kNone;      // it handles that, not what is due
    const EventDelivery* event = nullptr;
  };

  void reset();
  void name_sagas();
  void run_earlier_sagas();
  void start(std::uint16_t saga);
  void pump();
  void handle(const Message& message);
  [[nodiscard]] std::optional<std::uint16_t> handled_by(const Message& message) const;
  Message pop_of_tie();
  bool swaps(const Message& delivery);
  void heal();
  void drain();
  void restart_services();
  void conclude(SagaOnBus& saga);
  void say(SagaOnBus& saga, Outcome outcome);
  void observe();
  [[nodiscard]] bool is_owed(const Quantity& quantity) const;
  [[nodiscard]] std::int64_t saga_deadline() const;
  void give_up(std::string_view bound);
  [[noreturn]] void misuse(const std::string& message);
  void note_failure(std::exception_ptr why);
  std::size_t ask(const Point& point, std::span<const Alternative> legal);

  // The bus.
  void route(Number row);
  void send(Number letter);
  void choose_fault(Number attempt);
  void dispatch(Number attempt);
  void hold(Number attempt, MessageKind kind, HoldUntil until);
  void deliver(const Message& message);
  bool deliver_stray(Number attempt, StrayEvent stray);
  bool call_handler(const EventDelivery& delivery, Handled& word);
  void answer(Number attempt, Handled word);
  void acknowledged(Number attempt);
  void timed_out(Number attempt);
  void again_or_dead(Number attempt, std::int64_t after);
  void dead_letter(Number attempt);

  // The services.
  void go_off(std::uint16_t saga);
  void count_operation();
  void do_something();
  void die(std::uint16_t service);
  [[nodiscard]] std::optional<std::uint16_t> saga_with(Number correlation_id) const;
  [[nodiscard]] bool is_for_elsewhere(const OutgoingEvent& event) const;
  Number write_row(const OutgoingEvent& event, bool in_outbox);
  bool hand_over(Number row);
  bool relay(std::uint16_t service, Number first_row = 0);

  Event& record(SagaOnBus& saga, EventType type) {
    return saga.trace.next() = {.at = clock_.now(), .type = type};
  }
  Event& record(SagaOnBus& saga, EventType type, OperationId id, std::uint16_t attempt) {
    return saga.trace.next() = {.at = clock_.now(),
                                .step = id.step,
                                .attempt = attempt,
                                .type = type,
                                .operation = id.operation};
  }
  Event& record(EventType type, Number attempt) {
    const LetterTable::Letter& letter = letters_.letter_of(attempt);
    const OperationId id = subscriptions_.operation_of(letter.subscription);
    Event& event = record(sagas_[letter.saga], type, id, letters_.attempt(attempt).attempt);
    event.call = attempt;
    return event;
  }
  /// A fault that strikes the saga under test, but no delivery.
  void record_fault(Alternative chosen, OperationId id, Instant instant, std::uint16_t occurrence) {
    Event& fault = record(sagas_.front(), EventType::kFault, id, occurrence);
    fault.detail = static_cast<std::uint8_t>(chosen.kind);
    fault.text = pack(instant, chosen.window);
  }
  [[nodiscard]] bool is_under_test(Number attempt) const { return letters_.letter_of(attempt).saga == 0; }

  Engine& engine_;
  Setup setup_;
  const SagaIndex& saga_;
  ParticipantTable participant_table_;
  TextTable texts_;
  RunMemory memory_;
  Payloads payloads_{memory_, setup_.volatile_fields};
  bool is_shared_;  // events of several sagas come to the services
  SubscriptionTable subscriptions_;

  // Of one run:
  RunClock clock_;
  MessageQueue queue_;
  HeldMessages held_;
  Outbox outbox_;
  LetterTable letters_;
  std::vector<std::uint16_t> ties_;     // reached, by subscription
  std::vector<std::uint16_t> commits_;  // reached, by subscription
  FaultWindows windows_;                // by subscription
  KnownFacts facts_;
  HandlerTable handlers_;
  std::vector<SagaOnBus> sagas_;  // that under test, and those beside it
  EarlierSagas earlier_;
  Questions questions_;
  RunLimits limits_;
  RunEnd end_;
  Running running_;
  bool healed_ = false;
  Observation observation_;
  std::vector<Quantity> owed_quantities_;
  std::vector<Observation> beside_;
  std::vector<const Observation*> seen_beside_;
};

}  // namespace saga_harness
