#include "swarm.hpp"

#include <algorithm>
#include <bit>

namespace saga_harness {
namespace {

static_assert(kFaultKindCount < 64, "a set of kinds is kept in 64 bits");
constexpr std::uint64_t kEveryKind = (std::uint64_t{1} << kFaultKindCount) - 1;

}  // namespace

SwarmChoices::SwarmChoices(const ExploreOptions& options, std::uint32_t questions)
    : seed_(hash_of(options.swarm ? options.swarm->seed : std::string())),
      may_have_windows_(options.windows),
      max_faults_(static_cast<std::uint32_t>(options.max_faults)),
      rarest_(static_cast<std::uint32_t>(std::bit_width(std::max(questions, 1U)))),
      random_(seed_) {
  for (const FaultKind kind : options.kinds) all_kinds_ |= std::uint64_t{1} << static_cast<unsigned>(kind);
  if (options.kinds.empty()) all_kinds_ = kEveryKind;
}

void SwarmChoices::start(std::uint64_t number) {
  std::uint64_t state = seed_ ^ number * 0xD1342543DE82EF95U;
  random_ = RandomNumbers(split_mix(state));
  faults_ = max_faults_ == 0 ? 0 : 1 + random_.below(max_faults_);
  kinds_ = all_kinds_ & random_.next();
  if (kinds_ == 0) kinds_ = all_kinds_;
  windows_ = may_have_windows_ && (random_.next() >> 63U) != 0;
  rarely_ = (std::uint64_t{1} << (1 + random_.below(rarest_))) - 1;
  position_ = 0;
  picks_.clear();
  branches_.clear();
}

std::size_t SwarmChoices::pick(const Point& point, std::span<const Alternative> legal) {
  const std::uint32_t position = position_++;
  if (picks_.size() == faults_) return 0;
  branches_.push_back({position, point, legal});
  if ((random_.next() >> 32U & rarely_) != 0) return 0;
  const auto count = static_cast<std::uint32_t>(
      std::ranges::count_if(legal, [this](Alternative each) { return allows(each); }));
  if (count == 0) return 0;
  std::uint32_t left = random_.below(count);
  for (std::size_t i = 0; i < legal.size(); ++i) {
    if (!allows(legal[i]) || left-- > 0) continue;
    const auto answer = static_cast<std::uint16_t>(i + 1);
    picks_.push_back({position, point, legal[i], answer});
    return answer;
  }
  return 0;
}

}  // namespace saga_harness
