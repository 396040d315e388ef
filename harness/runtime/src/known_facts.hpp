#pragma once

#include <cstdint>
#include <vector>

namespace saga_harness {

/// What services keep in their databases to recognise events by, as numbers of texts.
class KnownFacts {
 public:
  explicit KnownFacts(std::size_t services) : kept_in_(services) {}

  void reset() {
    if (++run_ != 0) return;  // what an earlier run kept counts no more
    for (std::vector<std::uint32_t>& facts : kept_in_) facts.clear();
    run_ = 1;
  }
  void keep(std::uint16_t service, std::uint32_t fact) {
    std::vector<std::uint32_t>& facts = kept_in_[service];
    if (facts.size() <= fact) facts.resize(fact + std::size_t{1});
    facts[fact] = run_;
  }
  [[nodiscard]] bool knows(std::uint16_t service, std::uint32_t fact) const {
    const std::vector<std::uint32_t>& facts = kept_in_[service];
    return fact < facts.size() && facts[fact] == run_;
  }
  void forget(std::uint16_t service) { kept_in_[service].clear(); }

 private:
  std::vector<std::vector<std::uint32_t>> kept_in_;  // by service and fact: the run that kept it
  std::uint32_t run_ = 0;
};

}  // namespace saga_harness
