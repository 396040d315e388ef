#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/judge.hpp>
#include <saga_harness/observation.hpp>
#include <saga_harness_internal/picks.hpp>

namespace saga_harness {

/// Some of the schedules that a search has run, and how each came out: by which a search that is taken up
/// again, or merged, knows its subject. Which ones is drawn by what they are, single faults first of all, so
/// that whoever ran them, in whatever order, has drawn alike.
class Sample {
 public:
  struct Drawn {
    std::uint64_t rank = 0;    ///< the lowest are kept
    std::uint64_t digest = 0;  ///< see digest_of()
    std::string plan = {};

    friend bool operator==(const Drawn&, const Drawn&) = default;
  };
  /// A run again costs what a run costs: one in so many, but as many as `kFewest`, which is next to nothing.
  static constexpr std::uint64_t kOneIn = 256;
  static constexpr std::size_t kFewest = 64;
  static constexpr std::size_t kMost = 1024;

  /// Where the schedule of these faults stands; lower is drawn first.
  [[nodiscard]] static std::uint64_t rank_of(std::span<const Pick> picks);

  /// Is a schedule of this rank to be kept, as one of so many?
  [[nodiscard]] bool wants(std::uint64_t rank, std::uint64_t schedules) const;
  void add(Drawn drawn, std::uint64_t schedules);
  void merge(const Sample& other, std::uint64_t schedules);

  /// The lowest rank first.
  [[nodiscard]] std::span<const Drawn> drawn() const { return drawn_; }

 private:
  [[nodiscard]] static std::size_t size_after(std::uint64_t schedules);

  std::vector<Drawn> drawn_;
};

/// Of all that was observed of a run and of how it was judged; the same in every process.
[[nodiscard]] std::uint64_t digest_of(const Observation& observation, const Judgement& judgement);

}  // namespace saga_harness
