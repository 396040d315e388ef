#include "participant_table.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness {

ParticipantTable::ParticipantTable(const Setup& setup) : services_(setup.saga->services()) {
  const std::string& saga = setup.saga->saga().name;
  for (const auto& [service, factory] : setup.participants) {
    if (std::ranges::find(services_, service) != services_.end()) continue;
    const std::string_view nearest = nearest_name(service, services_);
    throw Error(ErrorText{
        .message = fmt::format("a participant is given for service \"{}\", which saga \"{}\" does not use",
                               service, saga),
        .fix = nearest.empty() ? "" : fmt::format("did you mean \"{}\"?", nearest)});
  }
  for (const std::string_view service : services_) {
    const auto found = setup.participants.find(service);
    if (found == setup.participants.end() || !found->second) {
      throw Error(
          ErrorText{.message = fmt::format("service \"{}\" of saga \"{}\" has no participant", service, saga),
                    .fix = "give it one, e.g. ledger_fake()"});
    }
    participants_.push_back(found->second());
    if (!participants_.back()) {
      throw Error(
          ErrorText{.message = fmt::format("the ParticipantFactory of service \"{}\" made none", service),
                    .fix = "it must return a participant"});
    }
    std::ranges::move(participants_.back()->quantities(), std::back_inserter(quantities_));
  }
}

Participant* ParticipantTable::of(std::string_view service) const {
  const auto found = std::ranges::find(services_, service);
  return found == services_.end() ? nullptr
                                  : participants_[static_cast<std::size_t>(found - services_.begin())].get();
}

void ParticipantTable::reset() {
  for (const auto& participant : participants_) participant->reset();
}

void ParticipantTable::measure(bool at_end) {
  if (quantities_.empty()) return;
  measured_.clear();
  for (const auto& participant : participants_) participant->measure(measured_);
  if (measured_.size() != quantities_.size()) {
    throw Error(ErrorText{.message = fmt::format("participants announced {} quantities but measured {}",
                                                 quantities_.size(), measured_.size()),
                          .fix = "quantities() and measure() must agree"});
  }
  for (std::size_t i = 0; i < measured_.size(); ++i) {
    (at_end ? quantities_[i].at_end : quantities_[i].at_start) = measured_[i];
  }
}

}  // namespace saga_harness
