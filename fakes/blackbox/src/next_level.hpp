#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/wire.hpp>
#include <saga_harness_internal/picks.hpp>

#include "plan_set.hpp"

namespace saga_harness::blackbox {

/// A plan to be run. `certain`: its parent met every point of it, so that it can be expected to strike.
struct Node {
  std::vector<Pick> picks;
  bool certain = true;
};

/// A question that comes after the last fault of a run, or may.
struct OpenQuestion {
  std::uint32_t position = 0;
  ObservedQuestion question = {};
  bool certain = true;
};
[[nodiscard]] std::vector<OpenQuestion> open_questions(std::span<const Pick> picks, const ObservedRun& run,
                                                       const SagaIndex& saga);

/// The plans with one fault more than those of a level, each once.
class NextLevel {
 public:
  /// `tried`: the kinds of fault that are, by number.
  NextLevel(const ExploreOptions& options, std::vector<bool> tried);

  /// The `at`th of its level was run. In whatever order they come, the next level is the same.
  void add(std::size_t at, const Node& node, std::vector<OpenQuestion> questions);
  [[nodiscard]] std::vector<Node> take();

 private:
  struct Ran {
    Node node;
    std::vector<OpenQuestion> questions;
  };
  void branch_out(const Ran& ran);
  void branch_out(const std::vector<Pick>& picks, const OpenQuestion& open);

  const ExploreOptions& options_;
  std::vector<bool> tried_;
  std::set<PlanKey> planned_ = {PlanKey()};
  std::map<std::size_t, Ran> waiting_;  // for one that stands before them in their level
  std::size_t expanded_ = 0;            // so many of the level
  std::vector<Node> nodes_;
};

}  // namespace saga_harness::blackbox
