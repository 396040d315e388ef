#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/participant.hpp>

namespace saga_harness {

/// `{"error": …}`, with `message` escaped.
[[nodiscard]] std::string error_body(std::string_view message);

/// The part of a payload that a stock needs. `refusal` is the body to reject it with; empty: all is well.
struct ItemsWanted {
  struct Item {
    std::string product;
    std::int64_t quantity = 0;
  };
  std::vector<Item> items = {};
  std::string refusal = {};
};
[[nodiscard]] ItemsWanted read_items(std::string_view payload);

/// Those of a compensation that may leave out what it undoes: then nothing is named.
[[nodiscard]] ItemsWanted read_items_to_undo(std::string_view payload);

/// The part of a payload that an account needs: `customer_id` or `customer`, `total_amount` or `amount`.
struct PaymentWanted {
  std::string customer = {};
  std::int64_t cents = 0;
  std::string refusal = {};
};
[[nodiscard]] PaymentWanted read_payment(std::string_view payload);

/// The part of the payload of a compensation that an account heeds; nothing is as it was paid.
struct RefundWanted {
  std::optional<std::string> customer = std::nullopt;
  std::optional<std::int64_t> cents = std::nullopt;
  std::string refusal = {};
};
[[nodiscard]] RefundWanted read_refund(std::string_view payload);

/// What was read from a payload, by its text: a run says the same thing over and over, and so do a million
/// runs.
template <class Parsed>
class PayloadCache {
 public:
  template <class Read>
  const Parsed& get(std::string_view payload, Read&& read) {
    if (last_ < entries_.size() && entries_[last_]->text == payload) return entries_[last_]->parsed;
    for (last_ = 0; last_ < entries_.size(); ++last_) {
      if (entries_[last_]->text == payload) return entries_[last_]->parsed;
    }
    entries_.push_back(
        std::make_unique<Entry>(Entry{std::string(payload), std::forward<Read>(read)(payload)}));
    return entries_.back()->parsed;
  }

  /// To be called between runs, when nobody holds what get() gave.
  void trim() {
    if (entries_.size() > kKept) entries_.clear();
  }

 private:
  struct Entry {
    std::string text;
    Parsed parsed;
  };
  static constexpr std::size_t kKept = 16;

  std::vector<std::unique_ptr<Entry>> entries_;
  std::size_t last_ = 0;
};

/// What apply() last did per saga and step, so that undo() need not trust the payload of a compensation.
template <class Parsed>
class LastApplied {
 public:
  void remember(const Delivery& delivery, const Parsed& parsed) {
    const std::size_t step = delivery.operation.step;
    if (delivery.saga_number >= by_saga_.size()) by_saga_.resize(delivery.saga_number + std::size_t{1});
    std::vector<const Parsed*>& by_step = by_saga_[delivery.saga_number];
    if (step >= by_step.size()) by_step.resize(step + 1, nullptr);
    by_step[step] = &parsed;
  }
  [[nodiscard]] const Parsed* find(const Delivery& delivery) const {
    if (delivery.saga_number >= by_saga_.size()) return nullptr;
    const std::vector<const Parsed*>& by_step = by_saga_[delivery.saga_number];
    return delivery.operation.step < by_step.size() ? by_step[delivery.operation.step] : nullptr;
  }
  void forget() {
    for (auto& by_step : by_saga_) by_step.assign(by_step.size(), nullptr);
  }

 private:
  std::vector<std::vector<const Parsed*>> by_saga_;
};

}  // namespace saga_harness
