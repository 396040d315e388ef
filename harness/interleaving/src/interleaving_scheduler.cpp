#include "interleaving_scheduler.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness {
namespace {

constexpr std::size_t kMostTurns = 1'000'000;
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

void check(const ConcurrentExperiment& experiment) {
  const std::size_t count = experiment.sagas.size();
  if (count == 0 || count > kMostSagasAtOnce)
    throw Error(ErrorText{.message = fmt::format("ConcurrentExperiment::sagas has {}", count),
                          .fix = fmt::format("give 1 to {}", kMostSagasAtOnce)});
  std::set<std::string> ids;
  for (const Experiment& saga : experiment.sagas) {
    if (!saga.setup.saga)
      throw Error(ErrorText{.message = "Setup::saga is empty", .fix = "give every saga a SagaIndex"});
    if (saga.setup.saga->is_choreography())
      throw Error(ErrorText{.message = fmt::format("\"{}\" is a choreography", saga.setup.saga->saga().name),
                            .fix = "only orchestrated sagas can be run side by side"});
    if (!ids.insert(saga.setup.saga_id).second || saga.setup.saga_id.empty())
      throw Error(
          ErrorText{.message = fmt::format("the saga id \"{}\" is given twice or empty", saga.setup.saga_id),
                    .fix = "give each saga a Setup::saga_id of its own"});
    if (saga.setup.earlier_sagas != 0)
      throw Error(
          ErrorText{.message = "Setup::earlier_sagas is not 0, but sagas side by side have none before them",
                    .fix = "leave it out"});
  }
  for (const auto& shared : experiment.shared) {
    const std::string& service = shared.first;
    const bool is_used = std::ranges::any_of(experiment.sagas, [&service](const Experiment& saga) {
      const auto& services = saga.setup.saga->services();
      return std::ranges::find(services, service) != services.end();
    });
    if (!is_used || !shared.second)
      throw Error(
          ErrorText{.message = fmt::format(
                        "the shared participant \"{}\" is of no service of the sagas, or is none", service)});
  }
}

}  // namespace

/// Stands in an engine for a participant that several share: a request waits there for its saga's turn.
class InterleavingScheduler::Gate final : public ForwardingParticipant {
 public:
  Gate(InterleavingScheduler& scheduler, std::size_t saga, std::size_t service)
      : scheduler_(&scheduler), saga_(saga), service_(service) {}
  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    return scheduler_->pass(saga_, service_, delivery, recorder);
  }
  void restore() override {
    throw Error(ErrorText{.message = "participant_restored strikes what one saga has done, and " +
                                     scheduler_->shared_[service_].service + " is shared",
                          .fix = "leave the kind out, or search one saga with saga-harness explore"});
  }
  // The scheduler does these itself, once a run and not once a saga.
  void reset() override {}
  [[nodiscard]] std::vector<Quantity> quantities() const override { return {}; }
  void measure(std::vector<std::int64_t>& /*values*/) const override {}

 private:
  [[nodiscard]] Participant& behind() const override { return *scheduler_->shared_[service_].participant; }

  InterleavingScheduler* scheduler_;
  std::size_t saga_;
  std::size_t service_;
};

class InterleavingScheduler::OneSagasChoices final : public Choices {
 public:
  OneSagasChoices(InterleavingScheduler& scheduler, std::size_t saga) : scheduler_(&scheduler), saga_(saga) {}
  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    return scheduler_->in_order_ ? scheduler_->choices_->fault(saga_, point, legal) : 0;
  }

 private:
  InterleavingScheduler* scheduler_;
  std::size_t saga_;
};

InterleavingScheduler::InterleavingScheduler(const ConcurrentExperiment& experiment)
    : history_(experiment.history) {
  check(experiment);
  for (const auto& [service, factory] : experiment.shared) {
    shared_.push_back({service, factory()});
    std::ranges::move(shared_.back().participant->quantities(), std::back_inserter(quantities_));
  }
  for (std::size_t saga = 0; saga < experiment.sagas.size(); ++saga) {
    Setup setup = experiment.sagas[saga].setup;
    setup.carries_context = experiment.sagas[saga].claims.carries_context;
    const auto& services = setup.saga->services();
    for (std::size_t service = 0; service < shared_.size(); ++service) {
      if (std::ranges::find(services, shared_[service].service) == services.end()) continue;
      setup.participants.insert_or_assign(shared_[service].service, ParticipantFactory([this, saga, service] {
                                            return std::make_unique<Gate>(*this, saga, service);
                                          }));
    }
    engines_.push_back(std::make_unique<Engine>(std::move(setup)));
    choices_of_.push_back(std::make_unique<OneSagasChoices>(*this, saga));
    fibers_.push_back(std::make_unique<Fiber>());
  }
  waits_for_.assign(engines_.size(), kNowhere);
}

InterleavingScheduler::~InterleavingScheduler() = default;

void InterleavingScheduler::begin() {
  for (SharedParticipant& each : shared_) each.participant->reset();
  if (history_) history_->clear();
  turns_.clear();
  keys_.clear();
  in_order_ = true;
  measure(false);
  for (std::size_t saga = 0; saga < engines_.size(); ++saga) {
    fibers_[saga]->prepare([this, saga] { engines_[saga]->run(*choices_of_[saga]); });
  }
}

void InterleavingScheduler::run(ConcurrentChoices& choices) {
  choices_ = &choices;
  begin();
  std::vector<Waiting> waiting;
  try {
    for (const auto& fiber : fibers_) fiber->resume();
    for (;;) {
      waiting.clear();
      for (std::size_t saga = 0; saga < fibers_.size(); ++saga) {
        if (!fibers_[saga]->is_done()) waiting.push_back({saga, waits_for_[saga]});
      }
      if (waiting.empty()) break;
      if (turns_.size() >= kMostTurns)
        throw Error(
            ErrorText{.message = "sagas side by side have taken a million turns: one of them does not end",
                      .fix = "see that each of them ends"});
      fibers_[waiting.at(choices.turn(waiting)).saga]->resume();
    }
  } catch (...) {
    finish_without_order();
    throw;
  }
  measure(true);
}

// A fiber cannot be dropped in the middle: what stands on its stack would not be destroyed.
void InterleavingScheduler::finish_without_order() {
  in_order_ = false;
  for (const auto& fiber : fibers_) {
    while (!fiber->is_done()) {
      try {
        fiber->resume();
      } catch (...) {
        continue;  // what was thrown first is what is told
      }
    }
  }
}

Reply InterleavingScheduler::pass(std::size_t saga, std::size_t service, const Delivery& delivery,
                                  EffectRecorder& recorder) {
  if (in_order_) {
    waits_for_[saga] = service;
    fibers_[saga]->pause();
  }
  Delivery numbered = delivery;
  numbered.saga_number = static_cast<std::uint32_t>(saga);
  numbered.key_number = key_number(delivery.idempotency_key);
  const std::size_t turn = turns_.size();
  turns_.push_back({.saga = saga,
                    .service = shared_[service].service,
                    .action = std::string(delivery.action),
                    .step = std::string(delivery.step),
                    .attempt = delivery.attempt});
  const Reply reply = shared_[service].participant->handle(numbered, recorder);
  turns_[turn].answer = reply.status;
  return reply;
}

/// Equal for equal keys of whatever saga, as at a real service.
std::uint32_t InterleavingScheduler::key_number(std::string_view key) {
  if (key.empty()) return 0;
  const auto found = keys_.find(key);
  if (found != keys_.end()) return found->second;
  return keys_.emplace(std::string(key), static_cast<std::uint32_t>(keys_.size() + 1)).first->second;
}

void InterleavingScheduler::measure(bool at_end) {
  std::vector<std::int64_t> values;
  for (const SharedParticipant& each : shared_) each.participant->measure(values);
  if (values.size() != quantities_.size())
    throw Error(
        ErrorText{.message = fmt::format("shared participants announced {} quantities but measured {}",
                                         quantities_.size(), values.size())});
  for (std::size_t i = 0; i < values.size(); ++i) {
    (at_end ? quantities_[i].at_end : quantities_[i].at_start) = values[i];
  }
}

}  // namespace saga_harness
