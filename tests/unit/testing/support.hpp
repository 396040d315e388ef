#pragma once

#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/random_plans.hpp>
#include <saga_harness/testing.hpp>

namespace saga_harness {

/// Three steps at three services; payment is tried three times, shipping is the pivot.
inline Saga order_saga() {
  return {.name = "order",
          .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                    {.name = "pay", .service = "bank", .compensation = "refund", .retry = {.attempts = 3}},
                    {.name = "ship", .service = "post", .pivot = true}}};
}

/// The same numbers everywhere ("SplitMix64").
inline RandomBits random_bits(std::uint64_t seed) {
  return [state = seed]() mutable {
    std::uint64_t bits = state += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
    return bits ^ (bits >> 31U);
  };
}

/// What a matcher has to say of a value.
template <typename Value, typename Matcher>
std::string explanation(const Matcher& matcher, const Value& value) {
  testing::StringMatchResultListener listener;
  testing::SafeMatcherCast<const Value&>(matcher).MatchAndExplain(value, &listener);
  return listener.str();
}

/// The message of the Error that `call` throws; a failure if it throws none.
template <typename Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

}  // namespace saga_harness
