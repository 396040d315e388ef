#include "records/record_cells.hpp"

#include <algorithm>

#include <saga_harness_internal/instants_met.hpp>

namespace saga_harness::reports {

namespace {

constexpr std::size_t kWordBits = 64;
constexpr std::size_t kDigitsPerWord = 16;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

void BitSet::insert(std::size_t bit) {
  if (bit / kWordBits >= words_.size()) words_.resize(bit / kWordBits + 1);
  words_[bit / kWordBits] |= std::uint64_t{1} << bit % kWordBits;
}

bool BitSet::contains(std::size_t bit) const {
  return bit / kWordBits < words_.size() && (words_[bit / kWordBits] >> bit % kWordBits & 1U) != 0;
}

void BitSet::append_to(std::string& text) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  bool is_leading = true;
  for (std::size_t digit = words_.size() * kDigitsPerWord; digit-- > 0;) {
    const std::uint64_t value = words_[digit / kDigitsPerWord] >> digit % kDigitsPerWord * 4 & 15U;
    if (is_leading && value == 0 && digit != 0) continue;
    is_leading = false;
    text += kDigits[value];
  }
  if (words_.empty()) text += '0';
}

bool BitSet::parse(std::string_view text, std::size_t limit) {
  clear();
  if (text.empty()) return false;
  for (std::size_t digit = 0; digit < text.size(); ++digit) {
    const int value = digit_of(text[text.size() - 1 - digit]);
    if (value < 0) return false;
    for (std::size_t bit = 0; bit < 4; ++bit) {
      if ((static_cast<unsigned>(value) >> bit & 1U) == 0) continue;
      if (digit * 4 + bit >= limit) return false;
      insert(digit * 4 + bit);
    }
  }
  return true;
}

CellNumbers::CellNumbers(std::span<const Cell> cells, std::size_t step_count) : step_count_(step_count) {
  const std::size_t slots = (step_count_ + 1) * kOperationCount * kInstantCount;
  place_of_slot_.resize(slots);
  cell_of_slot_.resize(slots * kFaultKindCount);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i];
    const std::size_t at = slot(cell.step, cell.operation, cell.instant);
    if (place_of_slot_[at] == 0) place_of_slot_[at] = static_cast<std::uint32_t>(++place_count_);
    cell_of_slot_[at * kFaultKindCount + static_cast<std::size_t>(cell.kind)] =
        static_cast<std::uint32_t>(i + 1);
    place_of_cell_.push_back(place_of_slot_[at] - 1);
  }
}

std::size_t CellNumbers::slot(StepId step, Operation operation, Instant phase) const {
  const std::size_t row = std::min<std::size_t>(step, step_count_);
  return (row * kOperationCount + static_cast<std::size_t>(operation)) * kInstantCount +
         static_cast<std::size_t>(phase);
}

std::uint32_t CellNumbers::cell(StepId step, Operation operation, Instant phase, FaultKind kind) const {
  return cell_of_slot_[slot(step, operation, phase) * kFaultKindCount + static_cast<std::size_t>(kind)] - 1;
}

std::uint32_t CellNumbers::place(StepId step, Operation operation, Instant phase) const {
  return place_of_slot_[slot(step, operation, phase)] - 1;
}

void CellNumbers::collect_reached(const Observation& observation, BitSet& reached) const {
  const auto insert = [&](StepId step, Operation operation, Instant phase) {
    const std::uint32_t at = place(step, operation, phase);
    if (at != kNone) reached.insert(at);
  };
  const auto met = [&](StepId step, Operation operation, Instant phase) {
    insert(step, operation, phase);
    if (phase != Instant::kCall) return;
    for (const Instant other : internal::kComeWithCall) insert(step, operation, other);
  };
  static_cast<void>(internal::for_each_instant_met(observation.events, true, met, [](const Event&) {}));
}

}  // namespace saga_harness::reports
