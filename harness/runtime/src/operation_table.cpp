#include "operation_table.hpp"

#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>

#include "participant_table.hpp"

namespace saga_harness {
namespace {

// A coordinator that is not durable never starts again.
std::vector<Alternative> without_restarts(std::vector<Alternative> alternatives, const Setup& setup) {
  if (!setup.durable)
    std::erase_if(alternatives, [](const Alternative& each) { return fate_of(each.kind).needs_restart(); });
  return alternatives;
}

}  // namespace

OperationTable::OperationTable(const Setup& setup, const ParticipantTable& participants, TextTable& texts)
    : saga_(*setup.saga), texts_(texts), infos_(saga_.step_count() * kOperationCount) {
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      if (saga_.action_of({step, operation}).empty()) continue;
      add(step, operation, setup);
      infos_[index_of(step, operation)].participant = participants.of(saga_.step(step).service);
    }
  }
  const auto of_saga = [this](Instant instant) { return legal_alternatives(instant, {kNoStep, {}}, saga_); };
  at_write_ = without_restarts(of_saga(Instant::kBeforeNote), setup);
  after_end_ = without_restarts(of_saga(Instant::kAfterEnd), setup);
  at_resume_ = of_saga(Instant::kOnResume);
  at_crash_ = of_saga(Instant::kAfterNote);
}

void OperationTable::add(StepId step, Operation operation, const Setup& setup) {
  const OperationId id{step, operation};
  OperationInfo& info = infos_[index_of(step, operation)];
  info.delivery = {.saga_id = setup.saga_id,
                   .service = saga_.step(step).service,
                   .action = saga_.action_of(id),
                   .step = saga_.step(step).name,
                   .operation = id,
                   .declared = &saga_.step(step)};
  info.service = texts_.intern(info.delivery.service);
  info.action = texts_.intern(info.delivery.action);
  info.timeout = saga_.timeout(id).count();
  info.budget = static_cast<std::uint16_t>(saga_.budget(id));
  info.at_tie = legal_alternatives(Instant::kTie, id, saga_);
  info.at_commit = legal_alternatives(Instant::kCommit, id, saga_);
  info.at_call = legal_alternatives(Instant::kCall, id, saga_);
  info.during_call = without_restarts(legal_alternatives(Instant::kDuringCall, id, saga_), setup);
  budgets_ += info.budget;
  if (first_by_action_.size() <= info.action) first_by_action_.resize(info.action + 1);
  info.next =
      std::exchange(first_by_action_[info.action], static_cast<std::uint16_t>(index_of(step, operation) + 1));
  for (std::uint16_t at = info.next; at != 0; at = infos_[at - 1U].next) {
    if (infos_[at - 1U].service != info.service) continue;
    infos_[at - 1U].is_alone = false;
    info.is_alone = false;
  }
}

std::uint32_t OperationTable::find(const Request& request) {
  const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(request.action.data()));
  Found& found = found_[(address * 0x9E3779B97F4A7C15U) >> 56U];
  if (found.action == request.action.data()) {
    const OperationInfo& info = infos_[found.index];
    const Delivery& known = info.delivery;
    if (same_text(known.action, request.action) && same_text(known.service, request.service) &&
        (request.step.empty() ? info.is_alone : same_text(known.step, request.step))) {
      return found.index;
    }
  }
  const std::uint32_t index = look_up(request);
  found = {request.action.data(), static_cast<std::uint16_t>(index)};
  return index;
}

std::uint32_t OperationTable::look_up(const Request& request) {
  const std::uint32_t action = texts_.intern(request.action);
  const std::uint32_t service = texts_.intern(request.service);
  std::uint16_t found = 0;
  for (std::uint16_t at = action < first_by_action_.size() ? first_by_action_[action] : 0; at != 0;
       at = infos_[at - 1U].next) {
    const OperationInfo& info = infos_[at - 1U];
    if (info.service != service) continue;
    if (!request.step.empty() && !same_text(info.delivery.step, request.step)) continue;
    if (found != 0) {
      throw Error(
          ErrorText{.message = fmt::format("steps \"{}\" and \"{}\" both use {} of {}", info.delivery.step,
                                           infos_[found - 1U].delivery.step, request.action, request.service),
                    .fix = "say which one in Request::step"});
    }
    found = at;
  }
  if (found == 0) throw_unknown(request);
  return found - 1U;
}

void OperationTable::throw_unknown(const Request& request) const {
  std::vector<std::string> known;
  for (const OperationInfo& info : infos_) {
    if (!info.delivery.action.empty())
      known.push_back(fmt::format("{} of {}", info.delivery.action, info.delivery.service));
  }
  if (const std::vector<OperationId> others = saga_.find_operations(request.service, request.action);
      !others.empty()) {
    throw Error(
        ErrorText{.message = fmt::format(
                      "the coordinator calls {} of {} for step \"{}\", but that belongs to step \"{}\"",
                      request.action, request.service, request.step, saga_.step(others.front().step).name)});
  }
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::string wanted = fmt::format("{} of {}", request.action, request.service);
  const std::string_view nearest = nearest_name(wanted, candidates);
  throw Error(ErrorText{
      .message = fmt::format("the coordinator calls {}{}, which saga \"{}\" does not declare", wanted,
                             request.step.empty() ? "" : fmt::format(" for step {}", request.step),
                             saga_.saga().name),
      .fix = nearest.empty() ? "" : fmt::format("did you mean {}?", nearest)});
}

StepId OperationTable::find_step(std::string_view name) {
  const std::uint32_t text = texts_.intern(name);
  if (text < step_by_text_.size() && step_by_text_[text] != kNoStep) return step_by_text_[text];
  const StepId step = saga_.find_step(name);
  if (step == kNoStep) throw_unknown_step(name);
  if (step_by_text_.size() <= text) step_by_text_.resize(text + 1, kNoStep);
  return step_by_text_[text] = step;
}

void OperationTable::throw_unknown_step(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const Step& known : saga_.saga().steps) names.push_back(known.name);
  const std::string_view nearest = nearest_name(name, names);
  throw Error(ErrorText{
      .message = fmt::format("the coordinator speaks of step \"{}\", which saga \"{}\" does not have", name,
                             saga_.saga().name),
      .fix = nearest.empty() ? "" : fmt::format("did you mean \"{}\"?", nearest)});
}

}  // namespace saga_harness
