#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include <saga_harness/trace.hpp>

namespace saga_harness {

/// Everything that services emit, and what of it they still have to publish.
class Outbox {
 public:
  using Number = std::uint32_t;
  static constexpr Number kNoSubscription = std::numeric_limits<Number>::max();

  struct Row {
    Number event = 0;
    Number id = 0;
    Number correlation_id = 0;
    Number auth_token = 0;
    std::string_view payload = {};
    Number subscription = kNoSubscription;  // whose handler wrote it
    std::uint16_t service = 0;
    std::uint16_t saga = 0;     // whose event it is, by its correlation id
    std::uint16_t writer = 0;   // … of which the event was that its handler handled
    bool is_of_nobody = false;  // no saga has its correlation id
    EventRole role = EventRole::kStart;
    bool is_waiting = false;  // its service publishes it again until it is confirmed
    bool waits_for_heal = false;
  };

  explicit Outbox(std::size_t subscriptions, std::size_t sagas = 1)
      : subscriptions_(subscriptions), publishings_(subscriptions * sagas) {}

  void reset() {
    rows_.clear();
    std::ranges::fill(publishings_, std::uint16_t{0});
  }
  Number add(const Row& row) {
    rows_.push_back(row);
    return end() - 1;
  }
  [[nodiscard]] const Row& operator[](Number row) const { return rows_[row]; }
  /// The number of the next row.
  [[nodiscard]] Number end() const { return static_cast<Number>(rows_.size()); }

  /// How often the handler that wrote the row has published for its saga, this time too.
  std::uint16_t count_publishing(Number row) { return ++publishings_[place_of(row)]; }
  [[nodiscard]] std::uint16_t publishings(Number row) const { return publishings_[place_of(row)]; }

  void confirm(Number row) { rows_[row].is_waiting = false; }
  void set_waits_for_heal(Number row, bool waits) { rows_[row].waits_for_heal = waits; }
  void heal() {
    for (Row& row : rows_) row.waits_for_heal = false;
  }
  /// What a service has to publish, from a row on.
  [[nodiscard]] std::optional<Number> next_of(std::uint16_t service, Number from) const {
    for (Number number = from; number < end(); ++number) {
      const Row& row = rows_[number];
      if (row.service == service && row.is_waiting && !row.waits_for_heal) return number;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::size_t place_of(Number row) const {
    return rows_[row].saga * subscriptions_ + rows_[row].subscription;
  }

  std::size_t subscriptions_;
  std::vector<Row> rows_;
  std::vector<std::uint16_t> publishings_;  // by saga and subscription
};

}  // namespace saga_harness
