#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness_internal/text.hpp>

#include "payload.hpp"

namespace saga_harness {
namespace {

/// A payload with its customer looked up.
struct Payment {
  std::size_t customer = 0;
  std::int64_t cents = 0;
  ReplyBody refusal = {};
};

class Balances final : public Business {
 public:
  explicit Balances(const std::map<std::string, std::int64_t>& cents) {
    for (const auto& [name, balance] : cents) {
      names_.push_back(name);
      at_start_.push_back(balance);
    }
    balances_ = at_start_;
  }

  Reply apply(const Delivery& delivery, EffectRecorder& /*recorder*/) override {
    const Payment& payment =
        cache_.get(delivery.payload, [this](std::string_view text) { return look_up(text); });
    if (!payment.refusal.empty()) return {ReplyStatus::kRejected, payment.refusal};
    if (balances_[payment.customer] < payment.cents) {
      return {ReplyStatus::kRejected, R"({"error":"insufficient funds"})"};
    }
    balances_[payment.customer] -= payment.cents;
    merchant_ += payment.cents;
    paid_.remember(delivery, payment);
    return {};
  }

  Reply undo(const Delivery& delivery, EffectRecorder& /*recorder*/) override {
    const Payment* payment = paid_.find(delivery);
    if (payment == nullptr) return {ReplyStatus::kRejected, R"({"error":"nothing was paid"})"};
    Payment refund = *payment;
    if (heeds_payload(delivery)) {
      const Refund& named =
          refunds_.get(delivery.payload, [this](std::string_view text) { return look_up_refund(text); });
      if (!named.refusal.empty() && must_name_what_it_undoes(delivery))
        return {ReplyStatus::kRejected, named.refusal};
      refund.customer = named.customer.value_or(refund.customer);
      refund.cents = named.cents.value_or(refund.cents);
    }
    balances_[refund.customer] += refund.cents;
    merchant_ -= refund.cents;
    return {};
  }

  void reset() override {
    balances_ = at_start_;
    merchant_ = 0;
    paid_.forget();
    cache_.trim();
    refunds_.trim();
  }

  [[nodiscard]] std::vector<Quantity> quantities() const override {
    std::vector<Quantity> quantities{{.name = "all money", .rule = QuantityRule::kConserved}};
    for (const std::string& name : names_)
      quantities.push_back({.name = name, .rule = QuantityRule::kRestored});
    return quantities;
  }

  void measure(std::vector<std::int64_t>& values) const override {
    values.push_back(std::accumulate(balances_.begin(), balances_.end(), merchant_));
    values.insert(values.end(), balances_.begin(), balances_.end());
  }

 private:
  struct Refund {
    std::optional<std::size_t> customer = std::nullopt;
    std::optional<std::int64_t> cents = std::nullopt;
    ReplyBody refusal = {};
  };

  Refund look_up_refund(std::string_view payload) const {
    const RefundWanted wanted = read_refund(payload);
    if (!wanted.refusal.empty()) return {.refusal = wanted.refusal};
    Refund refund{.cents = wanted.cents};
    if (!wanted.customer) return refund;
    const auto found = std::find(names_.begin(), names_.end(), *wanted.customer);
    if (found == names_.end()) return {.refusal = error_body("unknown customer: " + *wanted.customer)};
    refund.customer = static_cast<std::size_t>(found - names_.begin());
    return refund;
  }

  Payment look_up(std::string_view payload) const {
    PaymentWanted wanted = read_payment(payload);
    if (!wanted.refusal.empty()) return {.refusal = std::move(wanted.refusal)};
    const auto found = std::find(names_.begin(), names_.end(), wanted.customer);
    if (found == names_.end()) return {.refusal = error_body("unknown customer: " + wanted.customer)};
    return {.customer = static_cast<std::size_t>(found - names_.begin()), .cents = wanted.cents};
  }

  std::vector<std::string> names_;
  std::vector<std::int64_t> at_start_;
  std::vector<std::int64_t> balances_;
  std::int64_t merchant_ = 0;
  PayloadCache<Payment> cache_;
  PayloadCache<Refund> refunds_;
  LastApplied<Payment> paid_;
};

}  // namespace

BusinessFactory balances(std::map<std::string, std::int64_t> cents) {
  std::int64_t all = 0;
  for (const auto& [name, balance] : cents) {
    if (balance < 0 || balance > kMaxAmount - all) {
      throw Error(ErrorText{.message = "the balance of " + internal::in_quotes(name) + ": " +
                                       std::to_string(balance) + " cents are not possible",
                            .fix = "give 0 or more, and all together at most " + std::to_string(kMaxAmount)});
    }
    all += balance;
  }
  return [cents = std::move(cents)] { return std::make_unique<Balances>(cents); };
}

}  // namespace saga_harness
