#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/interleaving.hpp>

#include "fiber.hpp"

namespace saga_harness {

/// A saga whose request waits to reach a shared participant.
struct Waiting {
  std::size_t saga = 0;
  std::size_t service = 0;  // its place among the shared ones
};

/// Decides whose turn it is, and what goes wrong.
class ConcurrentChoices {
 public:
  virtual ~ConcurrentChoices() = default;
  /// A place in `waiting`, which is never empty, in the order of the sagas.
  virtual std::size_t turn(std::span<const Waiting> waiting) = 0;
  /// As Choices::pick().
  virtual std::size_t fault(std::size_t saga, const Point& point, std::span<const Alternative> legal) = 0;
};

/// Runs sagas side by side, each on a fiber until its next turn. One object serves many runs.
class InterleavingScheduler {
 public:
  /// @throws Error if the experiment is not good.
  explicit InterleavingScheduler(const ConcurrentExperiment& experiment);
  ~InterleavingScheduler();

  /// What Choices or a subject throw comes out; every fiber has ended then.
  void run(ConcurrentChoices& choices);

  [[nodiscard]] std::size_t saga_count() const noexcept { return engines_.size(); }
  [[nodiscard]] const Engine& engine(std::size_t saga) const { return *engines_[saga]; }
  [[nodiscard]] std::span<const Turn> turns() const noexcept { return turns_; }
  [[nodiscard]] std::span<const Quantity> quantities() const noexcept { return quantities_; }
  [[nodiscard]] std::span<const Access> accesses() const {
    return history_ ? history_->accesses() : std::span<const Access>();
  }

 private:
  class Gate;
  class OneSagasChoices;

  void begin();
  void finish_without_order();
  void measure(bool at_end);
  Reply pass(std::size_t saga, std::size_t service, const Delivery& delivery, EffectRecorder& recorder);
  std::uint32_t key_number(std::string_view key);

  struct SharedParticipant {
    std::string service;
    std::unique_ptr<Participant> participant;
  };
  std::vector<SharedParticipant> shared_;
  std::shared_ptr<AccessHistory> history_;
  std::vector<Quantity> quantities_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<std::unique_ptr<OneSagasChoices>> choices_of_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<std::size_t> waits_for_;  // by saga: the service
  std::map<std::string, std::uint32_t, std::less<>> keys_;
  std::vector<Turn> turns_;
  ConcurrentChoices* choices_ = nullptr;
  bool in_order_ = true;  // false: something was thrown, and the rest is only to end
};

}  // namespace saga_harness
