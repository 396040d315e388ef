#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/engine.hpp>
#include <saga_harness/fault_catalogue.hpp>

#include "message_queue.hpp"
#include "participant_table.hpp"
#include "payloads.hpp"
#include "run_memory.hpp"
#include "text_table.hpp"

namespace saga_harness {

/// Unwinds a handler whose service died. Not a std::exception, so that ordinary handlers let it through.
struct HandlerDies {};

/// An event bus in virtual time: a queue per subscription, at-least-once, acknowledgements, redelivery with a
/// bound, dead letters; and the services around it, each with a database and an outbox. Their handlers are
/// the subject; a subscription is an operation of a step.
class Engine::Bus final : public Bookkeeper {
 public:
  Bus(Engine& engine, Setup setup);

  const Observation& run(Choices& choices);
  [[nodiscard]] const Observation& observation() const noexcept { return observation_; }
  [[nodiscard]] const SagaIndex& saga() const noexcept { return saga_; }
  [[nodiscard]] std::span<const Event> events() const noexcept { return events_; }
  [[nodiscard]] const TextTable& texts() const noexcept { return texts_; }
  [[nodiscard]] Ledger ledger() const {
    return {effects_, {participant_table_.quantities().begin(), participant_table_.quantities().end()}};
  }

  // The interface of the handler's context, for the handler that is running.
  [[nodiscard]] std::string_view saga_id() const noexcept { return setup_.saga_id; }
  [[nodiscard]] Time now() const noexcept { return Time(Duration(now_)); }
  [[nodiscard]] bool knows(std::string_view fact);
  void keep(std::string_view fact);
  Reply perform();
  void emit(const OutgoingEvent& event);
  void publish(const OutgoingEvent& event);
  void acknowledge();
  [[nodiscard]] std::string_view text(std::initializer_list<std::string_view> parts) {
    return texts_.at(texts_.intern(parts));
  }

  void mark(std::string_view name) override { record(EventType::kMarked).text = texts_.intern(name); }
  void apply(const Delivery& delivery) override;
  void undo(const Delivery& delivery) override;
  [[nodiscard]] const Effect& effect(StepId step) override;

 private:
  using Number = std::uint32_t;

  /// An operation of a step and what the bus must know to deliver to it.
  struct Subscription {
    Delivery delivery;  // template for the participant
    Participant* participant = nullptr;
    std::uint16_t service = 0;
    std::uint16_t budget = 1;
    std::int64_t timeout = 0;
    std::vector<Alternative> at_call;
    std::vector<Alternative> at_publish;
  };
  struct ActiveWindow {
    bool active = false;
    FaultKind kind = FaultKind::kRejected;
    FaultDuration window = FaultDuration::kOnce;
    std::uint16_t last_attempt = 0;
  };
  /// Everything that is emitted, once per outbox.
  struct Row {
    Number event = 0;
    Number id = 0;
    Number correlation_id = 0;
    Number auth_token = 0;
    std::string_view payload;
    Number subscription = kNone;  // whose handler wrote it
    std::uint16_t service = 0;
    EventRole role = EventRole::kStart;
    bool in_outbox = false;  // its service publishes it again until it is confirmed
    bool waits_for_heal = false;
  };
  /// An event in the queue of a subscription.
  struct Letter {
    Number row = 0;
    Number subscription = 0;
    std::uint16_t attempts = 0;
  };
  /// A letter on its way to its subscriber, once.
  struct Attempt {
    Number letter = 0;
    std::int64_t deadline = 0;
    std::int64_t latency = 0;
    std::uint16_t attempt = 0;  // of its subscription
    bool struck = false;
    bool over = false;  // acknowledged, refused or timed out
    FaultKind fault = FaultKind::kRejected;
    Handled word = Handled::kDone;
    ReplyStatus status = ReplyStatus::kOk;
  };
  struct Held {
    Number attempt = 0;
    MessageKind kind = MessageKind::kRequest;
    HoldUntil until = HoldUntil::kEnd;
  };
  /// The handler that is running.
  struct Running {
    Number attempt = 0;  // 0: it is the timer
    Number subscription = 0;
    std::uint16_t service = 0;
    bool is_copy = false;
    bool dies = false;  // at the first thing that it does
    bool acknowledged = false;
    bool refused = false;
    ReplyStatus status = ReplyStatus::kError;  // of the participant, if it said no
    std::size_t first_row = 0;                 // that it wrote
  };

  static constexpr Number kNone = 0xFFFFFFFF;

  void index_subscriptions();
  void index_events();
  void reset();
  void pump();
  void handle(const Message& message);
  void heal();
  void drain();
  void restart_services();
  void conclude();
  void account_for(StepId step, std::vector<bool>& accounted_for);
  void say(Outcome outcome);
  [[nodiscard]] std::int64_t saga_deadline() const;
  void give_up(std::string_view bound);
  [[noreturn]] void misuse(const std::string& message);
  void note_failure(std::exception_ptr why);
  std::size_t ask(const Point& point, std::span<const Alternative> legal);

  // The bus.
  void route(Number row);
  void take_note(EventRole role, StepId step);
  void send(Number letter);
  void choose_fault(Number attempt);
  void dispatch(Number attempt);
  void hold(Number attempt, MessageKind kind, HoldUntil until);
  void deliver(const Message& message);
  bool call_handler(const EventDelivery& delivery, Handled& word);
  void answer(Number attempt, Handled word);
  void acknowledged(Number attempt);
  void timed_out(Number attempt);
  void again_or_dead(Number attempt, std::int64_t after);
  void dead_letter(Number attempt);
  template <class IsDue>
  void release(std::int64_t at, IsDue is_due);

  // The services.
  void go_off();
  void count_operation();
  void do_something();
  void die(std::uint16_t service);
  Number write_row(const OutgoingEvent& event, bool in_outbox);
  bool hand_over(Number row);
  bool relay(std::uint16_t service, std::size_t first_row = 0);

  Event& record(EventType type) { return events_.emplace_back(Event{.at = now_, .type = type}); }
  Event& record(EventType type, Number subscription, std::uint16_t attempt) {
    const OperationId id = subscriptions_[subscription].delivery.operation;
    return events_.emplace_back(
        Event{.at = now_, .step = id.step, .attempt = attempt, .type = type, .operation = id.operation});
  }
  Event& record(EventType type, Number attempt) {
    const Attempt& about = attempts_[attempt];
    Event& event = record(type, letters_[about.letter].subscription, about.attempt);
    event.call = attempt;
    return event;
  }
  [[nodiscard]] static std::size_t place_of(OperationId id) {
    return static_cast<std::size_t>(id.step) * kOperationCount + static_cast<std::size_t>(id.operation);
  }

  Engine& engine_;
  Setup setup_;
  const SagaIndex& saga_;
  ParticipantTable participant_table_;
  TextTable texts_;
  RunMemory memory_;
  Payloads payloads_{memory_, setup_.volatile_fields};
  Number saga_text_ = 0;
  Number token_text_ = 0;
  std::vector<Subscription> subscriptions_;  // by step and operation
  struct Declared {
    bool known = false;
    EventRole role = EventRole::kStart;
    std::vector<Number> subscribers;
  };
  std::vector<Declared> declared_;  // events, by text number
  std::vector<StepId> last_steps_;
  Number call_bound_ = 0;

  // Of the run:
  Choices* choices_ = nullptr;
  std::uint32_t indifferent_ = 0;  // questions that need not be asked
  std::int64_t now_ = 0;
  MessageQueue queue_;
  std::vector<Event> events_;
  std::vector<Effect> effects_;
  std::vector<Row> rows_;
  std::vector<Letter> letters_;
  std::vector<Attempt> attempts_;  // [0] unused
  std::vector<Held> held_;
  std::vector<ActiveWindow> windows_;              // by subscription
  std::vector<std::uint16_t> delivered_;           // attempts, by subscription
  std::vector<std::uint16_t> published_;           // attempts, by subscription
  std::vector<std::vector<std::uint32_t>> known_;  // by service and text: the run that kept it
  std::uint32_t run_ = 0;
  std::vector<bool> succeeded_;  // by step: its success is on the bus
  std::vector<bool> dead_compensations_;
  bool dead_action_ = false;
  bool failed_ = false;
  bool completed_ = false;
  Running running_;
  std::uint32_t operations_ = 0;
  bool healed_ = false;
  bool gave_up_ = false;
  std::exception_ptr misuse_;
  Outcome outcome_ = Outcome::kUnresolved;
  Observation observation_;
};

}  // namespace saga_harness
