#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <string_view>

#include <saga_harness/runtime.hpp>

namespace saga_harness {

/// An event as it reaches the subscription of a step. Views live as long as the run.
struct EventDelivery {
  std::string_view event = {};           ///< its name
  std::string_view message_id = {};      ///< the same however often it is published or delivered
  std::string_view correlation_id = {};  ///< empty: it has none
  std::string_view auth_token = {};      ///< empty: it has none
  std::string_view payload = {};         ///< JSON text
  OperationId operation = {};            ///< what of which step is due: its action or its compensation
  int attempt = 1;                       ///< which delivery to this subscription in the run
  /// It is the timer of the saga that goes off, at the service of `operation`, the step that would stop it.
  bool is_deadline = false;
};
void PrintTo(const EventDelivery& value, std::ostream* out);

/// An event as a handler writes it. Views need to live only until the call that takes it returns.
struct OutgoingEvent {
  std::string_view event = {};           ///< one of those that the definition knows
  std::string_view message_id = {};      ///< empty: `SAGA_ID/STEP/EVENT`
  std::string_view correlation_id = {};  ///< pass on that of the event it answers
  std::string_view auth_token = {};      ///< … as well
  std::string_view payload = {};         ///< JSON text; empty: the saga's context
};
void PrintTo(const OutgoingEvent& value, std::ostream* out);

/// What a handler tells the bus.
enum class Handled : std::uint8_t {
  kDone,   ///< acknowledged: it will not be delivered again
  kAgain,  ///< to be delivered again, as often as the retry policy of the step says; then it is a dead letter
  kGivenUp,  ///< a dead letter at once: no delivery would help
};
[[nodiscard]] std::string_view name_of(Handled value);

/// All that a handler can see and do while it handles one event: the database of its service, its outbox, its
/// clock. What it keeps and emits in one go is one transaction with the effect of perform(): nothing can come
/// between, unless it says commit(). Only publish() leaves the transaction. When the service dies in the
/// middle, a member throws the engine's private signal, which must be let through.
class HandlerContext {
 public:
  [[nodiscard]] const SagaIndex& index() const noexcept;
  [[nodiscard]] std::string_view saga_id() const noexcept;
  [[nodiscard]] Time now() const noexcept;

  /// Is `fact` in the service's database? All steps of a service share one.
  [[nodiscard]] bool knows(std::string_view fact);
  void keep(std::string_view fact);
  /// Asks the participant for what is due. Of a compensation that is not refused, nothing may be left.
  Reply perform();
  /// Into the outbox: it is published once the handler has returned, and again until the bus has it for sure.
  void emit(const OutgoingEvent& event);
  /// Ends a transaction: what was kept, emitted and performed so far stays, whatever happens; what follows is
  /// another. As the timer goes off, all is one transaction. See Claims::separate_transactions.
  void commit();
  /// To the bus at once, outside of the transaction, and only this once.
  void publish(const OutgoingEvent& event);
  /// Acknowledges before the work is done. What the handler returns means nothing any more.
  void acknowledge();

  /// See Runtime.
  [[nodiscard]] std::string_view text(std::initializer_list<std::string_view> parts);
  void mark(std::string_view name);

 private:
  friend class Engine;
  explicit HandlerContext(Engine& engine) noexcept : engine_(&engine) {}
  Engine* engine_;
};

/// What a service of a choreography does with an event. Called once per delivery. An exception let out means
/// Handled::kAgain; an Error of ours says that something is misused, and comes out of the run.
using EventHandler = std::function<Handled(const EventDelivery&, HandlerContext&)>;

/// Makes the handler of a service: at the beginning of a run, and whenever the service starts again, after a
/// crash too. So what a handler remembers by itself is gone then, and no other service knows it; make it in
/// here. What is to outlive the service goes into its database: HandlerContext::keep().
using EventHandlerFactory = std::function<EventHandler(std::string_view service)>;

}  // namespace saga_harness
