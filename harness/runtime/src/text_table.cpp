#include "text_table.hpp"

#include <algorithm>
#include <cstring>

namespace saga_harness {
namespace {

constexpr std::size_t kTextBlockBytes = 16 * 1024;

// Eight bytes at a time, multiply and fold. The order of the table is never shown, so any good mixing will
// do.
std::uint64_t slot_hash(std::string_view text) {
  std::uint64_t hash = 0x9E3779B97F4A7C15U ^ text.size();
  const char* data = text.data();
  std::size_t left = text.size();
  while (left > 0) {
    std::uint64_t word = 0;
    const std::size_t taken = left < 8 ? left : 8;
    std::memcpy(&word, data, taken);
    hash = (hash ^ word) * 0xD6E8FEB86659FD93U;
    hash ^= hash >> 32U;
    data += taken;
    left -= taken;
  }
  return hash;
}

}  // namespace

TextTable::TextTable() : texts_{std::string_view("")}, slots_(256, 0) {}

std::uint32_t TextTable::intern_slowly(std::string_view text) {
  CacheLine& line = cache_[cache_slot(text)];
  CacheLine& beside = cache_[cache_slot(text) ^ 1U];
  if (beside.data == text.data() && same_text(texts_[beside.number], text)) return beside.number;
  const std::uint32_t number = intern_by_content(text);
  if (line.data != nullptr) beside = line;  // which addresses collide is chance: of two that do, both stay
  line = {text.data(), number};
  return number;
}

bool TextTable::is_joined(std::string_view whole, std::initializer_list<std::string_view> parts,
                          std::size_t size) {
  if (whole.size() != size) return false;
  const char* at = whole.data();
  for (const std::string_view part : parts) {
    if (!same_bytes(at, part.data(), part.size())) return false;
    at += part.size();
  }
  return true;
}

std::uint32_t TextTable::intern(std::initializer_list<std::string_view> parts) {
  std::uint64_t guess = 0;
  std::size_t size = 0;
  for (const std::string_view part : parts) {
    guess = mixed(part, guess);
    size += part.size();
  }
  std::uint32_t& cached = joined_cache_[guess >> (64 - kCacheBits)];
  if (cached != 0 && is_joined(texts_[cached], parts, size)) return cached;
  std::array<char, 256> on_stack;
  if (size > on_stack.size()) joined_.resize(std::max(size, joined_.size()));
  char* const joined = size > on_stack.size() ? joined_.data() : on_stack.data();
  char* next = joined;
  for (const std::string_view part : parts) next = std::copy(part.begin(), part.end(), next);
  return cached = intern_by_content({joined, size});
}

std::uint32_t TextTable::intern_by_content(std::string_view text) {
  if (text.empty()) return 0;
  if (texts_.size() * 2 > slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = slot_hash(text) & mask;
  while (slots_[slot] != 0) {
    if (same_text(texts_[slots_[slot]], text)) return slots_[slot];
    slot = (slot + 1) & mask;
  }
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back(keep(text));
  slots_[slot] = number;
  return number;
}

void TextTable::grow() {
  std::vector<std::uint32_t> slots(slots_.size() * 2, 0);
  const std::size_t mask = slots.size() - 1;
  for (std::uint32_t number = 1; number < texts_.size(); ++number) {
    std::size_t slot = slot_hash(texts_[number]) & mask;
    while (slots[slot] != 0) slot = (slot + 1) & mask;
    slots[slot] = number;
  }
  slots_ = std::move(slots);
}

std::string_view TextTable::keep(std::string_view text) {
  if (block_left_ < text.size()) {
    const std::size_t bytes = text.size() > kTextBlockBytes ? text.size() : kTextBlockBytes;
    blocks_.push_back(std::make_unique<char[]>(bytes));
    block_next_ = blocks_.back().get();
    block_left_ = bytes;
  }
  char* place = block_next_;
  std::memcpy(place, text.data(), text.size());
  block_next_ += text.size();
  block_left_ -= text.size();
  return {place, text.size()};
}

}  // namespace saga_harness
