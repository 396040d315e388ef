#include "records/record_cells.hpp"

#include <algorithm>

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

void CellNumbers::insert(StepId step, Operation operation, Instant phase, BitSet& reached) const {
  const std::uint32_t at = place(step, operation, phase);
  if (at != kNone) reached.insert(at);
}

void CellNumbers::collect_logged(const Event& event, BitSet& reached) const {
  switch (static_cast<LogKind>(event.detail)) {
    case LogKind::kStarted:
      return insert(kNoStep, Operation::kAction, Instant::kAfterStarted, reached);
    case LogKind::kIntent:
      return insert(event.step, event.operation, Instant::kAfterIntent, reached);
    case LogKind::kDone:
    case LogKind::kFailed:
      return insert(event.step, event.operation, Instant::kAfterResult, reached);
    case LogKind::kUndone:
    case LogKind::kStuck:
      return insert(event.step, Operation::kCompensation, Instant::kAfterResult, reached);
    case LogKind::kCompensating:
      return insert(kNoStep, Operation::kAction, Instant::kAfterCompensating, reached);
    case LogKind::kEnd:
      return insert(kNoStep, Operation::kAction, Instant::kAfterEnd, reached);
    case LogKind::kNote:
    case LogKind::kTorn:
      return insert(kNoStep, Operation::kAction, Instant::kAfterNote, reached);
  }
}

void CellNumbers::collect_reached(const Observation& observation, BitSet& reached) const {
  bool has_log = false;
  for (const Event& event : observation.events) {
    switch (event.type) {
      case EventType::kHealed:
        return;
      case EventType::kSent:
        for (const Instant phase : {Instant::kCall, Instant::kDuringCall, Instant::kAfterCall})
          insert(event.step, event.operation, phase, reached);
        break;
      case EventType::kPublished:
        if (event.step == kNoStep) break;
        insert(event.step, event.operation, Instant::kPublish, reached);
        insert(event.step, event.operation, Instant::kCommit, reached);  // … had kept what it tells of
        break;
      case EventType::kApplied:
      case EventType::kUndone:
        insert(event.step, event.operation, Instant::kCommit, reached);  // … keeps what it has done
        break;
      case EventType::kLogged:
        has_log = true;
        collect_logged(event, reached);
        break;
      case EventType::kNotLogged:
        collect_logged(event, reached);
        break;
      case EventType::kStarted:
        if (has_log && (event.detail == static_cast<std::uint8_t>(StartCause::kAfterCrash) ||
                        event.detail == static_cast<std::uint8_t>(StartCause::kTakeover))) {
          insert(kNoStep, Operation::kAction, Instant::kOnResume, reached);
        }
        break;
      case EventType::kDelivered:
      case EventType::kAnswered:
      case EventType::kReceived:
      case EventType::kTimedOut:
      case EventType::kDropped:
      case EventType::kFault:
      case EventType::kLoggedStep:
      case EventType::kCrashed:
      case EventType::kWokeUp:
      case EventType::kReported:
      case EventType::kReportedStep:
      case EventType::kReturned:
      case EventType::kThrew:
      case EventType::kGaveUp:
      case EventType::kMarked:
      case EventType::kDeadLettered:
        break;
    }
  }
}

}  // namespace saga_harness::reports
