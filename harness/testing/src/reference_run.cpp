#include "reference_run.hpp"

#include <algorithm>

#include <saga_harness/choices.hpp>
#include <saga_harness/choreography.hpp>
#include <saga_harness/fakes.hpp>

namespace saga_harness::internal {
namespace {

/// Strikes where it is told to, and notes what else it is asked once it has struck everywhere.
class Following final : public Choices {
 public:
  explicit Following(std::span<const Met> faults) : open_(faults.begin(), faults.end()) {}

  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    if (open_.empty()) {
      for (const Alternative& alternative : legal) met_.push_back({point, alternative});
      return 0;
    }
    const auto due = std::ranges::find(open_, point, &Met::point);
    if (due == open_.end()) return 0;
    const auto answer = std::ranges::find(legal, due->alternative);
    if (answer == legal.end()) return 0;
    open_.erase(due);
    return static_cast<std::size_t>(answer - legal.begin()) + 1;
  }
  // A fault that was drawn may be at an instant that repeats another.
  [[nodiscard]] bool wants_synonyms() const override { return !open_.empty(); }

  [[nodiscard]] bool has_struck() const { return open_.empty(); }
  [[nodiscard]] std::vector<Met> take() { return std::move(met_); }

 private:
  std::vector<Met> open_;
  std::vector<Met> met_;
};

Setup setup_of(const Saga& saga, bool dies_between) {
  Setup setup;
  setup.saga = std::make_shared<const SagaIndex>(saga);
  setup.context = saga.context;
  Claims claims;
  use_reference(setup, claims);
  const Transactions transactions = dies_between ? Transactions::kKeyBeforeEffect : Transactions::kOne;
  for (const std::string_view service : setup.saga->services())
    setup.participants.emplace(service, ledger_fake({}, {}, {}, {}, transactions));
  return setup;
}

}  // namespace

ReferenceRun::ReferenceRun(const Saga& saga, bool dies_between) : engine_(setup_of(saga, dies_between)) {}

std::optional<std::vector<Met>> ReferenceRun::run(std::span<const Met> faults) {
  Following following(faults);
  engine_.run(following);
  if (!following.has_struck()) return std::nullopt;
  return following.take();
}

}  // namespace saga_harness::internal
