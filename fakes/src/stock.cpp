#include <algorithm>
#include <string>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness_internal/text.hpp>

#include "payload.hpp"

namespace saga_harness {
namespace {

constexpr std::size_t kNoProduct = static_cast<std::size_t>(-1);

/// A payload with its products looked up.
struct Reservation {
  struct Item {
    std::size_t product = kNoProduct;  // of which there never is any
    std::int64_t quantity = 0;
    ReplyBody shortage;  // the body of a rejection
  };
  std::vector<Item> items = {};
  ReplyBody refusal = {};
};

class Stock final : public Business {
 public:
  Stock(const std::map<std::string, std::int64_t>& pieces, bool partial_batch)
      : partial_batch_(partial_batch) {
    for (const auto& [name, count] : pieces) {
      names_.push_back(name);
      at_start_.push_back({.available = count});
    }
    levels_ = at_start_;
  }

  Reply apply(const Delivery& delivery, EffectRecorder& recorder) override {
    const Reservation& wanted =
        cache_.get(delivery.payload, [this](std::string_view text) { return look_up(read_items(text)); });
    if (!wanted.refusal.empty()) return {ReplyStatus::kRejected, wanted.refusal};
    for (std::size_t i = 0; i < wanted.items.size(); ++i) {
      if (reserve(wanted.items[i])) continue;
      if (!partial_batch_) {
        release(wanted, i);
      } else if (i > 0) {
        recorder.mark(markers::kPartialBatch);
      }
      return {ReplyStatus::kRejected, wanted.items[i].shortage};
    }
    reserved_.remember(delivery, wanted);
    return {};
  }

  Reply undo(const Delivery& delivery, EffectRecorder& /*recorder*/) override {
    const Reservation* reservation = reserved_.find(delivery);
    if (reservation == nullptr) return {ReplyStatus::kRejected, R"({"error":"nothing is reserved"})"};
    if (!heeds_payload(delivery)) {
      release(*reservation, reservation->items.size());
      return {};
    }
    const Reservation& named = undone_.get(
        delivery.payload, [this](std::string_view text) { return look_up(read_items_to_undo(text)); });
    if (!named.refusal.empty() && must_name_what_it_undoes(delivery))
      return {ReplyStatus::kRejected, named.refusal};
    for (const Reservation::Item& item : named.items) {
      if (item.product == kNoProduct) return {ReplyStatus::kRejected, item.shortage};
    }
    const Reservation& released = named.items.empty() ? *reservation : named;
    release(released, released.items.size());
    return {};
  }

  void reset() override {
    levels_ = at_start_;
    reserved_.forget();
    cache_.trim();
    undone_.trim();
  }

  [[nodiscard]] std::vector<Quantity> quantities() const override {
    std::vector<Quantity> quantities;
    for (const std::string& name : names_) {
      quantities.push_back({.name = name + " available + reserved", .rule = QuantityRule::kConserved});
      quantities.push_back({.name = name + " reserved", .rule = QuantityRule::kRestored});
    }
    return quantities;
  }

  void measure(std::vector<std::int64_t>& values) const override {
    for (const Level& level : levels_) {
      values.push_back(level.available + level.reserved);
      values.push_back(level.reserved);
    }
  }

 private:
  struct Level {
    std::int64_t available = 0;
    std::int64_t reserved = 0;
  };

  Reservation look_up(ItemsWanted wanted) const {
    Reservation reservation{.refusal = std::move(wanted.refusal)};
    for (const ItemsWanted::Item& item : wanted.items) {
      const auto found = std::find(names_.begin(), names_.end(), item.product);
      reservation.items.push_back(
          {.product = found == names_.end() ? kNoProduct : static_cast<std::size_t>(found - names_.begin()),
           .quantity = item.quantity,
           .shortage = error_body("not enough in stock: " + item.product)});
    }
    return reservation;
  }

  bool reserve(const Reservation::Item& item) {
    if (item.product == kNoProduct) return false;
    Level& level = levels_[item.product];
    if (level.available < item.quantity) return false;
    level.available -= item.quantity;
    level.reserved += item.quantity;
    return true;
  }

  void release(const Reservation& reservation, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      Level& level = levels_[reservation.items[i].product];
      level.available += reservation.items[i].quantity;
      level.reserved -= reservation.items[i].quantity;
    }
  }

  bool partial_batch_;
  std::vector<std::string> names_;
  std::vector<Level> at_start_;
  std::vector<Level> levels_;
  PayloadCache<Reservation> cache_;
  PayloadCache<Reservation> undone_;
  LastApplied<Reservation> reserved_;
};

}  // namespace

BusinessFactory stock(std::map<std::string, std::int64_t> pieces, bool partial_batch) {
  for (const auto& [name, count] : pieces) {
    if (count >= 0 && count <= kMaxAmount) continue;
    throw Error(ErrorText{.message = "the stock of " + internal::in_quotes(name) + ": " +
                                     std::to_string(count) + " pieces are not possible",
                          .fix = "give 0 to " + std::to_string(kMaxAmount)});
  }
  return
      [pieces = std::move(pieces), partial_batch] { return std::make_unique<Stock>(pieces, partial_batch); };
}

}  // namespace saga_harness
