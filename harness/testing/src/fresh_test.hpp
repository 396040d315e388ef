#pragma once

#include <functional>
#include <memory>

#include <saga_harness/experiment.hpp>
#include <saga_harness/exploration.hpp>

namespace saga_harness::internal {

/// The replay of findings of one search in a test: under gtest the binary runs itself again, this test alone,
/// and in it that search runs nothing but the plans that it is told. Outside of tests a copy of the process
/// does, made before the search.
class FreshTest {
 public:
  /// To be made before anything of the search runs; counts the searches of a test. In the process that is to
  /// replay for this very search it runs what it is told, and ends the process.
  explicit FreshTest(const Experiment& experiment);
  ~FreshTest();
  FreshTest(const FreshTest&) = delete;
  FreshTest& operator=(const FreshTest&) = delete;

  /// This process replays for another search of the test: this one is not to run anything.
  [[nodiscard]] bool stands_aside() const;
  /// Replays what was found.
  void replay(Exploration& exploration);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace saga_harness::internal
