#include <string>
#include <utility>

#include <saga_harness/fakes.hpp>

namespace saga_harness {
namespace {

class Orders final : public Business {
 public:
  explicit Orders(std::string confirming_step) : confirming_step_(std::move(confirming_step)) {}

  Reply apply(const Delivery& delivery, EffectRecorder& /*recorder*/) override {
    if (delivery.step != confirming_step_) {
      ++open_;
      return {};
    }
    if (open_ <= 0) return {ReplyStatus::kRejected, R"({"error":"there is no open order"})"};
    --open_;
    ++confirmed_;
    return {};
  }

  Reply undo(const Delivery& delivery, EffectRecorder& /*recorder*/) override {
    if (delivery.step == confirming_step_) {
      --confirmed_;
      ++open_;
    } else if (open_ <= 0 && confirmed_ > 0) {
      --confirmed_;
    } else {
      --open_;
    }
    return {};
  }

  void reset() override { open_ = confirmed_ = 0; }

  [[nodiscard]] std::vector<Quantity> quantities() const override {
    return {{.name = "open orders", .rule = QuantityRule::kRestored},
            {.name = "confirmed orders", .rule = QuantityRule::kRestored}};
  }

  void measure(std::vector<std::int64_t>& values) const override {
    values.push_back(open_);
    values.push_back(confirmed_);
  }

 private:
  std::string confirming_step_;
  std::int64_t open_ = 0;
  std::int64_t confirmed_ = 0;
};

class Shipments final : public Business {
 public:
  Reply apply(const Delivery& /*delivery*/, EffectRecorder& /*recorder*/) override {
    ++scheduled_;
    return {};
  }
  Reply undo(const Delivery& /*delivery*/, EffectRecorder& /*recorder*/) override {
    --scheduled_;
    return {};
  }
  void reset() override { scheduled_ = 0; }
  [[nodiscard]] std::vector<Quantity> quantities() const override {
    return {{.name = "scheduled", .rule = QuantityRule::kRestored}};
  }
  void measure(std::vector<std::int64_t>& values) const override { values.push_back(scheduled_); }

 private:
  std::int64_t scheduled_ = 0;
};

}  // namespace

BusinessFactory orders(std::string confirming_step) {
  return [confirming_step = std::move(confirming_step)] { return std::make_unique<Orders>(confirming_step); };
}

BusinessFactory shipments() {
  return [] { return std::make_unique<Shipments>(); };
}

}  // namespace saga_harness
