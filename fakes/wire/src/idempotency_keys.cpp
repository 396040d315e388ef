#include "idempotency_keys.hpp"

#include <functional>

namespace saga_harness::wire {
namespace {

constexpr std::size_t kMostKeys = 200'000;  // more than a trace has room for

}  // namespace

std::uint32_t IdempotencyKeys::number_of(std::size_t operation, const std::string& text) {
  if (text.empty()) return 0;
  TextNumbers& numbers = numbers_[operation];
  if (const auto known = numbers.find(text); known != numbers.end()) return known->second;
  if (count_ == kMostKeys || text_bytes_ + text.size() > kMostTextBytesOfRun) forget();
  text_bytes_ += text.size();
  return numbers.emplace(text, static_cast<std::uint32_t>(++count_)).first->second;
}

void IdempotencyKeys::forget() {
  for (TextNumbers& numbers : numbers_) numbers.clear();
  states_.clear();
  count_ = 0;
  text_bytes_ = 0;
  has_forgotten_ = true;
}

IdempotencyKeys::Claim IdempotencyKeys::claim(std::uint32_t key, std::string_view body, std::uint32_t call) {
  const std::size_t hash = std::hash<std::string_view>()(body);
  const auto [entry, is_new] = states_.try_emplace(key, State{.body_hash = hash});
  State& state = entry->second;
  if (!is_new && state.body_hash != hash) return Claim::kOtherBody;
  if (state.claimed_by != 0) return Claim::kInTheWorks;
  state.claimed_by = call;
  return Claim::kGranted;
}

}  // namespace saga_harness::wire
