#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/participant.hpp>

namespace saga_harness {

/// What a participant promises to those that call it. Each can be withdrawn: that is how a bug in a
/// participant, or a saga that relies on more than it may, is shown.
struct Guarantees {
  bool deduplicates =
      true;                ///< a repeated idempotency key (without keys: saga, step, direction) is done once
  bool tombstones = true;  ///< an action that arrives after its compensation is refused
  bool null_compensation = true;        ///< compensating what never happened is accepted and changes nothing
  bool idempotent_compensation = true;  ///< compensating twice undoes once
  bool durable_dedup = true;  ///< which keys were seen is still known after a crash of the participant

  friend bool operator==(const Guarantees&, const Guarantees&) = default;
};

/// For the services of a choreography, whose inboxes and tombstones are their own: what they ask for twice is
/// done twice.
inline constexpr Guarantees kNoGuarantees{false, false, false, false, false};

/// One of the Guarantees, by the name of its flag.
enum class Guarantee : std::uint8_t {
  kDeduplicates,
  kTombstones,
  kNullCompensation,
  kIdempotentCompensation,
  kDurableDedup,
};
inline constexpr std::size_t kGuaranteeCount = 5;
[[nodiscard]] std::string_view name_of(Guarantee guarantee);
/// @throws Error with the nearest name.
[[nodiscard]] Guarantee parse_guarantee(std::string_view name);
[[nodiscard]] bool& flag_of(Guarantees& guarantees, Guarantee guarantee);
[[nodiscard]] bool gives(const Guarantees& guarantees, Guarantee guarantee);

/// What a service guarantees, where its steps differ: by name of the step, instead of the rest.
using GuaranteesAtStep = std::map<std::string, Guarantees, std::less<>>;

/// The markers a fake leaves in the trace (see EffectRecorder::mark()) when a missing guarantee, or the bug
/// of a business, made a difference. They are the names of the mutants in scenarios/, too.
namespace markers {
inline constexpr std::string_view kNoDedup = "no_dedup";
inline constexpr std::string_view kNoTombstone = "no_tombstone";
inline constexpr std::string_view kNullCompensationFails = "null_compensation_fails";
inline constexpr std::string_view kCompensationNotIdempotent = "compensation_not_idempotent";
inline constexpr std::string_view kDedupNotDurable = "dedup_not_durable";
inline constexpr std::string_view kPartialBatch = "partial_batch";
}  // namespace markers
/// What a fake marks when it was the lack of `guarantee` that made a difference.
[[nodiscard]] std::string_view marker_of(Guarantee guarantee);

/// The business side of a fake: state that effects change. Called only for deliveries that really take
/// effect; the effect itself is written into the ledger by the fake. Bodies of replies live as long as the
/// run.
class Business {
 public:
  virtual ~Business() = default;
  /// Takes effect, or refuses with ReplyStatus::kRejected (then nothing may have changed).
  virtual Reply apply(const Delivery& delivery, EffectRecorder& recorder) = 0;
  /// Undoes what apply() did last for this saga and step, whatever the payload says now.
  virtual Reply undo(const Delivery& delivery, EffectRecorder& recorder) = 0;
  virtual void reset() = 0;
  /// As the functions of Participant; names need not mention the service.
  [[nodiscard]] virtual std::vector<Quantity> quantities() const { return {}; }
  virtual void measure(std::vector<std::int64_t>& /*values*/) const {}
};
using BusinessFactory = std::function<std::unique_ptr<Business>()>;

/// A participant with a ledger of effects, that keeps `guarantees` (at some steps: others) around `business`
/// (nothing: every action succeeds). Its quantities are named `SERVICE/…` if `service` is given. Effects,
/// tombstones and business state outlive a crash, and so do the answers to keys unless durable_dedup is
/// withdrawn.
[[nodiscard]] ParticipantFactory ledger_fake(Guarantees guarantees = {}, BusinessFactory business = {},
                                             std::string service = {}, GuaranteesAtStep at_step = {});

/// No stock, balance, quantity or amount may be larger: no sum over a run can then overflow.
inline constexpr std::int64_t kMaxAmount = 10'000'000'000'000;

/// Stock by product, in pieces. An action reserves every item of the payload's `items`
/// (`[{"product_id": "PROD-1", "quantity": 2}]`), all or none; its compensation releases them. Rejects what
/// is not in stock. Conserved: available + reserved per product; restored on compensation: reserved per
/// product. `partial_batch` is a known bug: a reservation that fails half-way keeps what it took.
/// @throws Error if a number of pieces is negative or over kMaxAmount.
[[nodiscard]] BusinessFactory stock(std::map<std::string, std::int64_t> pieces, bool partial_batch = false);

/// Balances by customer and the merchant's own account, in cents. An action moves the payload's
/// `total_amount` from `customer_id` to the merchant; its compensation moves it back. Rejects an uncovered
/// payment and an unknown customer. Conserved: all the money; restored on compensation: each balance. An
/// amount is a number in whole units of the currency, rounded to the nearest cent.
/// @throws Error if a balance is negative, or all of them together are over kMaxAmount.
[[nodiscard]] BusinessFactory balances(std::map<std::string, std::int64_t> cents);

/// Orders: created, confirmed, cancelled. `confirming_step` (usually the pivot) confirms an open order and is
/// rejected where there is none; every other step creates one, and its compensation cancels it. Restored on
/// compensation: the numbers of open and of confirmed orders.
[[nodiscard]] BusinessFactory orders(std::string confirming_step = "confirm_order");

/// Shipments: scheduled, cancelled. Restored on compensation: the number of scheduled ones.
[[nodiscard]] BusinessFactory shipments();

}  // namespace saga_harness
