#include <saga_harness/shared_values.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "payload.hpp"

namespace saga_harness {
namespace {

using nlohmann::json;

constexpr std::uint32_t kNobody = 0xFFFFFFFF;

struct Value {
  std::int64_t amount = 0;
  std::uint64_t version = 0;
  std::uint32_t locked_by = kNobody;
};

struct SeenValue {
  std::int64_t amount = 0;
  std::uint64_t version = 0;
};

/// What a change has done, for undoing it.
struct Done {
  std::string item;
  std::int64_t by = 0;
  std::int64_t before = 0;
  std::uint64_t version = 0;  // that it made
};

const json* at_pointer(const json& payload, std::string_view pointer) {
  const json::json_pointer where{std::string(pointer)};
  return payload.contains(where) ? &payload.at(where) : nullptr;
}

std::optional<std::int64_t> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// What a saga has of the values.
struct OfSaga {
  std::map<std::string, SeenValue, std::less<>> seen = {};
  std::map<std::string, Done, std::less<>> done = {};  // by step
};

class SharedValues final : public Business {
 public:
  SharedValues(const std::map<std::string, std::int64_t>& amounts,
               std::map<std::string, ValueUse, std::less<>> uses, Countermeasures countermeasures,
               std::shared_ptr<AccessHistory> history)
      : uses_(std::move(uses)), counter_(countermeasures), history_(std::move(history)) {
    for (const auto& [name, amount] : amounts) at_start_.emplace(name, Value{.amount = amount});
    values_ = at_start_;
  }

  Reply apply(const Delivery& delivery, EffectRecorder& /*recorder*/) override {
    const auto found = uses_.find(delivery.step);
    if (found == uses_.end()) return {};
    const ValueUse& use = found->second;
    const json payload = json::parse(delivery.payload, nullptr, false);
    std::vector<std::string> items;
    for (const std::string& name : use.reads) items.push_back(item_of(name, payload));
    for (const std::string& name : use.sum_of) items.push_back(item_of(name, payload));
    const std::string changed = use.changes.empty() ? std::string() : item_of(use.changes, payload);
    if (!changed.empty()) items.push_back(changed);
    for (const std::string& item : items) {
      if (!values_.contains(item)) return refuse("there is no value: " + item);
    }
    if (counter_.semantic_lock) {
      for (const std::string& item : items) {
        const std::uint32_t holder = values_.find(item)->second.locked_by;
        if (holder != kNobody && holder != delivery.saga_number)
          return refuse("locked by another saga: " + item);
      }
    }
    OfSaga& saga = sagas_[delivery.saga_number];
    for (const std::string& name : use.reads) read(delivery, saga, item_of(name, payload));
    if (!changed.empty()) {
      const std::optional<std::int64_t> by = amount_of(use.by, payload);
      if (!by) return refuse("there is no amount: " + use.by);
      if (const Reply word = change(delivery, saga, use, changed, *by, payload); !word.ok()) return word;
    }
    if (counter_.semantic_lock) {
      for (const std::string& item : items) values_.find(item)->second.locked_by = delivery.saga_number;
    }
    if (use.ends) unlock(delivery.saga_number);
    return {};
  }

  Reply undo(const Delivery& delivery, EffectRecorder& /*recorder*/) override {
    OfSaga& saga = sagas_[delivery.saga_number];
    const auto found = saga.done.find(delivery.step);
    if (found != saga.done.end()) {
      const Done& done = found->second;
      Value& value = values_.find(done.item)->second;
      const std::uint64_t based_on = counter_.commutative_update ? value.version : done.version;
      value.amount = counter_.commutative_update ? value.amount - done.by : done.before;
      ++value.version;
      note({.saga = delivery.saga_number,
            .kind = AccessKind::kUndo,
            .step = std::string(delivery.step),
            .item = done.item,
            .version = value.version,
            .based_on = based_on,
            .overwrites = !counter_.commutative_update});
      saga.done.erase(found);
    }
    // Backwards, so that the first thing done is the last undone: with it nothing is left to guard.
    if (saga.done.empty()) unlock(delivery.saga_number);
    return {};
  }

  void reset() override {
    values_ = at_start_;
    sagas_.clear();
    if (history_) history_->clear();
  }

  [[nodiscard]] std::vector<Quantity> quantities() const override {
    std::vector<Quantity> quantities;
    for (const auto& [name, value] : values_)
      quantities.push_back({.name = name, .rule = QuantityRule::kRestored});
    return quantities;
  }

  void measure(std::vector<std::int64_t>& into) const override {
    for (const auto& [name, value] : values_) into.push_back(value.amount);
  }

 private:
  /// The body lives as long as the run: the same text is kept once.
  Reply refuse(const std::string& why) {
    return {ReplyStatus::kRejected, refusals_.try_emplace(why, error_body(why)).first->second};
  }

  static std::string item_of(const std::string& name, const json& payload) {
    if (!name.starts_with('/')) return name;
    const json* const given = at_pointer(payload, name);
    return given != nullptr && given->is_string() ? given->get<std::string>() : name;
  }

  static std::optional<std::int64_t> amount_of(std::string_view by, const json& payload) {
    if (const std::optional<std::int64_t> fixed = number(by)) return fixed;
    const bool is_less = by.starts_with('-');
    if (is_less || by.starts_with('+')) by.remove_prefix(1);
    const json* const given = at_pointer(payload, by);
    if (given == nullptr || !given->is_number_integer()) return std::nullopt;
    const auto amount = given->get<std::int64_t>();
    if (amount < -kMaxAmount || amount > kMaxAmount) return std::nullopt;
    return is_less ? -amount : amount;
  }

  void note(Access access) {
    if (history_) history_->add(std::move(access));
  }

  SeenValue read(const Delivery& delivery, OfSaga& saga, const std::string& item) {
    const Value& value = values_.find(item)->second;
    note({.saga = delivery.saga_number,
          .kind = AccessKind::kRead,
          .step = std::string(delivery.step),
          .item = item,
          .version = value.version});
    return saga.seen[item] = {value.amount, value.version};
  }

  /// What the saga takes a value to be: as it is, or as it saw it before.
  SeenValue view(const Delivery& delivery, OfSaga& saga, const std::string& item) {
    const auto known = saga.seen.find(item);
    if (counter_.reread || known == saga.seen.end()) return read(delivery, saga, item);
    return known->second;
  }

  Reply change(const Delivery& delivery, OfSaga& saga, const ValueUse& use, const std::string& item,
               std::int64_t by, const json& payload) {
    const bool needs_view = !counter_.commutative_update || !use.sum_of.empty();
    const SeenValue base = needs_view ? view(delivery, saga, item) : SeenValue{};
    std::int64_t sum = 0;
    for (const std::string& name : use.sum_of) {
      const std::string part = item_of(name, payload);
      sum += part == item ? base.amount + by : view(delivery, saga, part).amount;
    }
    if (!use.sum_of.empty() && sum < use.at_least) return refuse("not enough: " + item);
    Value& value = values_.find(item)->second;
    const std::int64_t before = value.amount;
    const std::uint64_t based_on = counter_.commutative_update ? value.version : base.version;
    value.amount = counter_.commutative_update ? value.amount + by : base.amount + by;
    ++value.version;
    std::int64_t really = 0;
    for (const std::string& name : use.sum_of) really += values_.find(item_of(name, payload))->second.amount;
    note({.saga = delivery.saga_number,
          .kind = AccessKind::kChange,
          .step = std::string(delivery.step),
          .item = item,
          .version = value.version,
          .based_on = based_on,
          .overwrites = !counter_.commutative_update,
          .condition_held = use.sum_of.empty() || really >= use.at_least});
    saga.done.insert_or_assign(std::string(delivery.step), Done{item, by, before, value.version});
    saga.seen.insert_or_assign(item, SeenValue{value.amount, value.version});
    return {};
  }

  void unlock(std::uint32_t saga) {
    for (auto& [name, value] : values_) {
      if (value.locked_by == saga) value.locked_by = kNobody;
    }
  }

  std::map<std::string, ValueUse, std::less<>> uses_;
  Countermeasures counter_;
  std::shared_ptr<AccessHistory> history_;
  std::map<std::string, Value, std::less<>> at_start_;
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::uint32_t, OfSaga> sagas_;
  std::map<std::string, ReplyBody, std::less<>> refusals_;
};

/// @throws Error if `name` is no pointer that can be followed.
void check_pointer(const std::string& step, std::string_view name) {
  try {
    const json::json_pointer parsed{std::string(name)};
  } catch (const json::exception&) {
    throw Error(
        ErrorText{.message = fmt::format("step {} names {}, which is no JSON pointer: after a ~ comes 0 or 1",
                                         internal::in_quotes(step), internal::in_quotes(name))});
  }
}

void check_name(const std::string& step, const std::string& name,
                const std::map<std::string, std::int64_t>& values) {
  if (name.starts_with('/')) return check_pointer(step, name);
  if (values.contains(name)) return;
  std::vector<std::string_view> names;
  for (const auto& [known, amount] : values) names.push_back(known);
  throw Error(ErrorText{.message = fmt::format("step {} uses the value {}, which is not there",
                                               internal::in_quotes(step), internal::in_quotes(name)),
                        .fix = internal::name_fix(name, names)});
}

}  // namespace

bool& flag_of(Countermeasures& countermeasures, std::string_view name) {
  if (name == "semantic_lock") return countermeasures.semantic_lock;
  if (name == "commutative_update") return countermeasures.commutative_update;
  if (name == "reread") return countermeasures.reread;
  constexpr std::array<std::string_view, 3> kNames{"semantic_lock", "commutative_update", "reread"};
  throw Error(ErrorText{.message = fmt::format("there is no countermeasure {}", internal::in_quotes(name)),
                        .fix = internal::name_fix(name, kNames)});
}

BusinessFactory shared_values(std::map<std::string, std::int64_t> values,
                              std::map<std::string, ValueUse, std::less<>> uses,
                              Countermeasures countermeasures, std::shared_ptr<AccessHistory> history) {
  for (const auto& [name, amount] : values) {
    if (amount >= -kMaxAmount && amount <= kMaxAmount) continue;
    throw Error(ErrorText{.message = fmt::format("the value {} is {}", internal::in_quotes(name), amount),
                          .fix = fmt::format("give one from -{} to {}", kMaxAmount, kMaxAmount)});
  }
  for (const auto& [step, use] : uses) {
    for (const std::string& name : use.reads) check_name(step, name, values);
    for (const std::string& name : use.sum_of) check_name(step, name, values);
    if (!use.changes.empty()) check_name(step, use.changes, values);
    const std::string_view by = use.by;
    const std::string_view pointer = by.starts_with('-') || by.starts_with('+') ? by.substr(1) : by;
    if (!number(by) && !pointer.starts_with('/')) {
      throw Error(ErrorText{.message = fmt::format("step {} changes a value by {}", internal::in_quotes(step),
                                                   internal::in_quotes(use.by)),
                            .fix = "give a number, or where it stands in the payload, e.g. \"-/amount\""});
    }
    if (pointer.starts_with('/')) check_pointer(step, pointer);
  }
  return [values = std::move(values), uses = std::move(uses), countermeasures, history = std::move(history)] {
    return std::make_unique<SharedValues>(values, uses, countermeasures, history);
  };
}

void AccessHistory::clear() { accesses_.clear(); }
void AccessHistory::add(Access access) { accesses_.push_back(std::move(access)); }
std::span<const Access> AccessHistory::accesses() const noexcept { return accesses_; }

bool operator==(const Access&, const Access&) = default;
bool operator==(const ValueUse&, const ValueUse&) = default;

}  // namespace saga_harness
