#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/guarantee.hpp>
#include <saga_harness/participant.hpp>

namespace saga_harness {

/// The markers a fake leaves in the trace (see EffectRecorder::mark()) when a missing guarantee, or the bug
/// of a business, made a difference. They are the names of the mutants in scenarios/, too.
namespace markers {
inline constexpr std::string_view kNoDedup = "no_dedup";
inline constexpr std::string_view kNoTombstone = "no_tombstone";
inline constexpr std::string_view kNullCompensationFails = "null_compensation_fails";
inline constexpr std::string_view kCompensationNotIdempotent = "compensation_not_idempotent";
inline constexpr std::string_view kDedupNotDurable = "dedup_not_durable";
inline constexpr std::string_view kPartialBatch = "partial_batch";
inline constexpr std::string_view kPromiseNotRecalled = "promise_not_recalled";
inline constexpr std::string_view kEffectBeforeKey = "effect_before_key";
}  // namespace markers
/// What a fake marks when it was the lack of `guarantee` that made a difference.
[[nodiscard]] std::string_view marker_of(Guarantee guarantee);

/// The business side of a fake: state that effects change. Called only for deliveries that really take
/// effect; the effect itself is written into the ledger by the fake.
class Business {
 public:
  virtual ~Business() = default;
  /// Takes effect, or refuses with ReplyStatus::kRejected (then nothing may have changed). For a step that
  /// only looks, undo() follows at once: it says whether it could be done.
  virtual Reply apply(const Delivery& delivery, EffectRecorder& recorder) = 0;
  /// Undoes what apply() did last for this saga and step, or what the payload says of it (heeds_payload()).
  virtual Reply undo(const Delivery& delivery, EffectRecorder& recorder) = 0;
  virtual void reset() = 0;
  /// As the functions of Participant; names need not mention the service.
  [[nodiscard]] virtual std::vector<Quantity> quantities() const { return {}; }
  virtual void measure(std::vector<std::int64_t>& /*values*/) const {}
};
/// Does what the payload of a compensation names count? Not for a service that undoes by key.
[[nodiscard]] bool heeds_payload(const Delivery& delivery);
/// Is a compensation refused whose payload cannot be read? Where the definition says what it carries.
[[nodiscard]] bool must_name_what_it_undoes(const Delivery& delivery);
/// May its step leave anything (see Step::has_effect)?
[[nodiscard]] bool has_effect(const Delivery& delivery);
using BusinessFactory = std::function<std::unique_ptr<Business>()>;

/// In which transactions a fake keeps that it knows a request, what it does, and its answer. Between two of
/// them it may die: see EffectRecorder::commit().
enum class Transactions : std::uint8_t {
  kOne,              ///< all in one
  kKeyBeforeEffect,  ///< the key first; a key without an answer makes it look for its effect
  kEffectBeforeKey,  ///< the effect first: a known bug, since nobody knows it again
};
[[nodiscard]] std::string_view name_of(Transactions value);
void PrintTo(Transactions value, std::ostream* out);

/// What a compensation undoes.
enum class Undoes : std::uint8_t {
  /// The amount, customer and items that its payload names, and what it does not name as the action did it.
  /// Where the definition binds results to it (Step::compensation_input), one that nothing has is refused.
  kWhatItNames,
  kByKey,  ///< what the action of its saga and step did, whatever its payload says
};
[[nodiscard]] std::string_view name_of(Undoes value);
void PrintTo(Undoes value, std::ostream* out);

/// What an answer gives where it is to be a certain value: by step and declared result.
using GivenResults = std::map<std::string, std::map<std::string, Json, std::less<>>, std::less<>>;

/// A participant with a ledger of effects, that keeps `guarantees` (at some steps: others) around `business`
/// (nothing: every action succeeds). Its quantities are named `SERVICE/…` if `service` is given. Effects,
/// tombstones and business state outlive a crash, and so do the answers to keys unless durable_dedup is
/// withdrawn. Where a step declares results (Step::result), its answer gives them: texts
/// `SAGA/STEP/RESULT/N`, N being how often the effect was applied; a repeat of a known key gets the first;
/// but what `gives` says of one, whatever happens.
[[nodiscard]] ParticipantFactory ledger_fake(Guarantees guarantees = {}, BusinessFactory business = {},
                                             std::string service = {}, GuaranteesAtStep at_step = {},
                                             Transactions transactions = Transactions::kOne,
                                             Undoes undoes = Undoes::kWhatItNames, GivenResults gives = {});

/// A known bug around `participant`: what its caller has been told is done is done (see Delivery::promised),
/// though `participant` refuses it, because the compensation was there first.
[[nodiscard]] ParticipantFactory promise_not_recalled(ParticipantFactory participant);

/// No stock, balance, quantity or amount may be larger: no sum over a run can then overflow.
inline constexpr std::int64_t kMaxAmount = 10'000'000'000'000;

/// Stock by product, in pieces. An action reserves every item of the payload's `items`
/// (`[{"product_id": "PROD-1", "quantity": 2}]`), all or none; its compensation releases those of its own
/// payload, else what the action reserved. Rejects what is not in stock. Conserved: available + reserved per
/// product; restored on compensation: reserved per product. `partial_batch` is a known bug: a reservation
/// that fails half-way keeps what it took.
/// @throws Error if a number of pieces is negative or over kMaxAmount.
[[nodiscard]] BusinessFactory stock(std::map<std::string, std::int64_t> pieces, bool partial_batch = false);

/// Balances by customer and the merchant's own account, in cents. An action moves the payload's
/// `total_amount` (or `amount`) from `customer_id` (or `customer`) to the merchant; its compensation moves it
/// back: what its own payload names of the two, else what the action moved. Rejects an uncovered payment and
/// an unknown customer. Conserved: all the money; restored on compensation: each balance. An amount is a
/// number in whole units of the currency, rounded to the nearest cent.
/// @throws Error if a balance is negative, or all of them together are over kMaxAmount.
[[nodiscard]] BusinessFactory balances(std::map<std::string, std::int64_t> cents);

/// Orders: created, confirmed, cancelled. `confirming_step` (usually the pivot) confirms an open order and is
/// rejected where there is none; every other step creates one, and its compensation cancels it. Restored on
/// compensation: the numbers of open and of confirmed orders.
[[nodiscard]] BusinessFactory orders(std::string confirming_step = "confirm_order");

/// Shipments: scheduled, cancelled. Restored on compensation: the number of scheduled ones.
[[nodiscard]] BusinessFactory shipments();

}  // namespace saga_harness
