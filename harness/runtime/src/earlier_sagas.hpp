#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness {

/// What earlier sagas were like in the first run of an engine. No fault strikes them, so they are the same in
/// every run; nobody else sees their traces.
class EarlierSagas {
 public:
  /// @throws Error with ErrorKind::kInternal if the trace of this saga, counted from 1, differs.
  void expect_same(int number, std::span<const Event> events) {
    const std::uint64_t digest = digest_of(events);
    const auto place = static_cast<std::size_t>(number) - 1;
    if (place == digests_.size()) digests_.push_back(digest);
    if (digests_[place] == digest) return;
    throw Error(ErrorText{.message = fmt::format(
                              "not deterministic: the earlier saga {} came out differently when it "
                              "was run again. A coordinator, handler or participant depends on "
                              "something outside the run",
                              number),
                          .fix = "look for a clock, a random number, a global, an address, an earlier run"},
                ErrorKind::kInternal);
  }

 private:
  [[nodiscard]] static std::uint64_t digest_of(std::span<const Event> events) {
    std::uint64_t digest = events.size();
    const auto stir = [&digest](std::uint64_t value) {
      digest = (digest ^ value) * 0x9E3779B97F4A7C15U;
      digest ^= digest >> 32U;
    };
    for (const Event& event : events) {
      stir(static_cast<std::uint64_t>(event.at));
      stir(std::uint64_t{event.call} << 32U | event.text);
      stir(std::uint64_t{event.step} << 48U | std::uint64_t{event.attempt} << 32U |
           static_cast<std::uint64_t>(event.type) << 24U |
           static_cast<std::uint64_t>(event.operation) << 16U | std::uint64_t{event.detail} << 8U |
           event.incarnation);
    }
    return digest;
  }

  std::vector<std::uint64_t> digests_;
};

}  // namespace saga_harness
