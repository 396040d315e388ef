#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/observation.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness::check_test {

/// A trip: flight, hotel, card (three attempts, or an invoice instead), and the ticket.
Saga trip();
/// The same, but once the ticket is issued there is no way back.
Saga trip_with_pivot();
/// Flight and hotel are booked side by side, the card is charged after both.
Saga parallel_trip();

/// What happened in a run, told event by event, the way an engine would have recorded it. Operations are
/// named by what is asked of the service: `book_flight`, `cancel_flight`, `send_invoice`. The first
/// incarnation is there from the beginning.
class Story {
 public:
  explicit Story(Saga saga);
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  Story& at(Time time);
  Story& at(Duration since_start) { return at(Time(since_start)); }
  Story& dies();      ///< and is not there until what follows
  Story& crashes();   ///< and is restarted: what follows is done by the next incarnation
  Story& recovers();  ///< the next incarnation, which looks after the run when all is over
  Story& heals();
  Story& gives_up(std::string_view bound);
  Story& throws(std::string_view message);

  Story& logs_started();
  Story& logs_intent(std::string_view action);
  Story& logs_done(std::string_view action);
  Story& logs_failed(std::string_view action, bool maybe_done = false);
  Story& logs_compensating();
  Story& logs_undone(std::string_view compensation);
  Story& logs_stuck(std::string_view compensation);
  Story& logs_end(Outcome outcome, std::initializer_list<std::string_view> flagged = {});
  Story& logs_note(std::string_view note);
  Story& reports(Outcome outcome, std::initializer_list<std::string_view> flagged = {});

  /// Sends under the key `trip-1/OPERATION`.
  Story& sends(std::string_view operation);
  Story& sends_keyed(std::string_view operation, std::string_view key);
  /// The last thing told, a request, lacks what these bits say (kWithoutCorrelation, kWithoutToken).
  Story& without(std::uint8_t lacks);
  /// The last thing told, a request, carries this.
  Story& carrying(std::string_view json);
  /// The last thing told, an answer given or heard, says this.
  Story& saying(std::string_view json);
  /// What the run started with.
  Story& starts_with(std::string_view json);
  /// A fault that strikes the coordinator, not a request.
  Story& strikes(FaultKind kind);
  // What becomes of the last request sent for the operation.
  Story& fault(std::string_view operation, FaultKind kind);
  Story& arrives(std::string_view operation);
  Story& copy_arrives(std::string_view operation);
  Story& takes_effect(std::string_view operation);  ///< applied, or undone for a compensation
  Story& answers(std::string_view operation, ReplyStatus status = ReplyStatus::kOk);
  Story& copy_answers(std::string_view operation, ReplyStatus status = ReplyStatus::kOk);
  Story& hears(std::string_view operation, ReplyStatus status = ReplyStatus::kOk,
               Duration retry_after = Duration::zero());
  Story& times_out(std::string_view operation);
  Story& drops(std::string_view operation);  ///< its reply comes to nobody

  /// Sent, delivered, effective, answered, heard.
  Story& calls(std::string_view operation);
  /// … with the intent before and the result after it in the log.
  Story& does(std::string_view action);
  Story& undoes(std::string_view compensation);
  /// Sent, delivered and refused: nothing done.
  Story& is_refused(std::string_view operation, ReplyStatus status = ReplyStatus::kRejected);
  /// The same by a fault: the participant never saw it.
  Story& is_made_to_fail(std::string_view operation, FaultKind kind = FaultKind::kRejected,
                         ReplyStatus status = ReplyStatus::kRejected);
  /// Sent, and never heard of again: nothing done.
  Story& is_lost(std::string_view operation);
  /// A compensation that finds nothing to undo, and is accepted.
  Story& undoes_nothing(std::string_view compensation);
  /// Logged and reported.
  Story& ends(Outcome outcome, std::initializer_list<std::string_view> flagged = {});
  /// Recovery reads the log and says the same again.
  Story& recovery_repeats(Outcome outcome, std::initializer_list<std::string_view> flagged = {});

  Story& quantity(Quantity quantity);
  /// The condition of this step did not hold.
  Story& skips(std::string_view step);
  /// What the participants' ledgers say where the trace shows something else.
  Story& ledger_says(std::string_view step, Effect effect);

  /// Position of the last event told.
  [[nodiscard]] std::uint32_t here() const { return static_cast<std::uint32_t>(events_.size() - 1); }
  /// Position of the first event of this type about the operation, of its `attempt` if given.
  [[nodiscard]] std::uint32_t when(EventType type, std::string_view operation,
                                   std::uint16_t attempt = 0) const;

  [[nodiscard]] Observation observation() const;
  [[nodiscard]] const std::shared_ptr<const SagaIndex>& saga() const { return saga_; }

 private:
  [[nodiscard]] OperationId find(std::string_view operation) const;
  Event& emit(EventType type);
  Event& emit(EventType type, std::string_view operation);
  Story& logs(LogKind kind, std::string_view operation, std::uint32_t text = 0);
  Story& name_steps(EventType type, std::initializer_list<std::string_view> steps);
  std::uint32_t text(std::string_view content);

  std::shared_ptr<const SagaIndex> saga_;
  std::vector<Event> events_;
  std::vector<Effect> effects_;
  std::vector<Quantity> quantities_;
  std::vector<std::uint8_t> skipped_;
  std::vector<std::unique_ptr<std::string>> texts_;
  std::vector<std::string_view> views_;
  std::vector<SentPayload> payloads_;
  std::vector<HeardAnswer> answers_;
  std::string_view context_ = "{}";
  std::map<std::string, std::pair<std::uint32_t, std::uint16_t>, std::less<>>
      last_calls_;  // number and attempt
  std::uint32_t calls_ = 0;
  std::int64_t now_ = 0;
  std::uint8_t incarnation_ = 1;
  Outcome outcome_ = Outcome::kUnresolved;
};

}  // namespace saga_harness::check_test
