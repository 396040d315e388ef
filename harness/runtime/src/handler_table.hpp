#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/handler_context.hpp>

namespace saga_harness {

/// The handlers of the services of a choreography, each made anew where its service starts.
class HandlerTable {
 public:
  HandlerTable(const EventHandlerFactory& factory, std::span<const std::string_view> services)
      : factory_(factory), services_(services), handlers_(services.size()), is_outdated_(services.size()) {}

  void restart_all() { std::ranges::fill(is_outdated_, std::uint8_t{1}); }
  /// It may be running, so that it is made anew only when it is next called.
  void restart(std::uint16_t service) { is_outdated_[service] = 1; }

  /// @throws Error if the factory makes none.
  [[nodiscard]] const EventHandler& of(std::uint16_t service) {
    if (is_outdated_[service] != 0) {
      handlers_[service] = factory_(services_[service]);
      is_outdated_[service] = 0;
    }
    if (!handlers_[service])
      throw Error(ErrorText{.message = fmt::format("Setup::handlers made no handler for the service \"{}\"",
                                                   services_[service]),
                            .fix = "return something to call for every service of the saga"});
    return handlers_[service];
  }

 private:
  const EventHandlerFactory& factory_;
  std::span<const std::string_view> services_;
  std::vector<EventHandler> handlers_;  // by service
  std::vector<std::uint8_t> is_outdated_;
};

}  // namespace saga_harness
