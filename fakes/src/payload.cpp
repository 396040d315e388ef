#include "payload.hpp"

#include <cmath>

#include <saga_harness/error.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness {
namespace {

using internal::JsonReader;

/// What `read` makes of the payload, or the refusal.
template <class Wanted, class Read>
Wanted read_or_refuse(std::string_view payload, Read read) {
  constexpr std::string_view kSource = "payload";
  try {
    const internal::JsonValue value = internal::parse_json(payload, kSource);
    return read(JsonReader(value, kSource));
  } catch (const Error& error) {
    return {.refusal = error_body(error.what())};
  }
}

/// An amount in whole units of the currency, to the nearest cent.
std::int64_t read_cents(const JsonReader& amount) {
  constexpr std::int64_t kMost = kMaxAmount / 100;
  const double number = amount.number();
  if (!(number >= 0.0) || number > static_cast<double>(kMost)) {
    amount.refuse("the amount is out of range", "write one from 0 to " + std::to_string(kMost));
  }
  // In this range a double is exact to far less than half a cent, so rounding gives back the decimals as
  // written.
  return static_cast<std::int64_t>(std::llround(number * 100.0));
}

}  // namespace

std::string error_body(std::string_view message) {
  std::string body = R"({"error":)";
  internal::append_json_string(body, message);
  return body += '}';
}

ItemsWanted read_items(std::string_view payload) {
  return read_or_refuse<ItemsWanted>(payload, [](const JsonReader& order) {
    ItemsWanted wanted;
    const JsonReader items = order.at("items");
    for (const JsonReader& item : items.items()) {
      wanted.items.push_back({.product = item.at("product_id").string(),
                              .quantity = item.at("quantity").integer(1, kMaxAmount)});
    }
    if (wanted.items.empty()) items.refuse("nothing is wanted", "list an item");
    return wanted;
  });
}

ItemsWanted read_items_to_undo(std::string_view payload) {
  struct Found {
    bool has_items = false;
    std::string refusal = {};
  };
  const auto find = [](const JsonReader& order) {
    return Found{.has_items = order.find("items").has_value()};
  };
  Found found = read_or_refuse<Found>(payload, find);
  if (!found.refusal.empty()) return {.refusal = std::move(found.refusal)};
  return found.has_items ? read_items(payload) : ItemsWanted{};
}

PaymentWanted read_payment(std::string_view payload) {
  return read_or_refuse<PaymentWanted>(payload, [](const JsonReader& order) {
    const auto customer = order.find("customer");
    const auto amount = order.find("amount");
    return PaymentWanted{.customer = (customer ? *customer : order.at("customer_id")).string(),
                         .cents = read_cents(amount ? *amount : order.at("total_amount"))};
  });
}

RefundWanted read_refund(std::string_view payload) {
  return read_or_refuse<RefundWanted>(payload, [](const JsonReader& order) {
    RefundWanted wanted;
    for (const std::string_view key : {"customer_id", "customer"}) {
      if (const auto customer = order.find(key)) wanted.customer = customer->string();
    }
    for (const std::string_view key : {"total_amount", "amount"}) {
      if (const auto amount = order.find(key)) wanted.cents = read_cents(*amount);
    }
    return wanted;
  });
}

}  // namespace saga_harness
