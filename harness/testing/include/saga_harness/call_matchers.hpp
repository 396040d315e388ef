#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include <saga_harness/call_made.hpp>
#include <saga_harness/matchers.hpp>
#include <saga_harness/source_place.hpp>

namespace saga_harness {

/// A matcher of one request: `EXPECT_THAT(run, CalledWith("payment_service", "refund_payment",
/// Carries("/payment", payment_id)))`.
using CallMatcher = testing::Matcher<const CallMade&>;

/// What stands at a JSON pointer of the request's payload, in canonical JSON (a text has its quotes), is what
/// `value` matches. Nothing there: it does not match.
[[nodiscard]] CallMatcher Carries(std::string_view pointer, testing::Matcher<const std::string&> value);
/// The same of the answer that its caller got.
[[nodiscard]] CallMatcher Answered(std::string_view pointer, testing::Matcher<const std::string&> value);

/// The coordinator sent this request at least once, and some of them matched.
[[nodiscard]] RunMatcher CalledWith(std::string_view service, std::string_view action, CallMatcher call,
                                    SourcePlace place = SourcePlace::here());
/// The coordinator sent this request so many times, those that were lost included.
[[nodiscard]] RunMatcher CalledTimes(std::string_view service, std::string_view action,
                                     testing::Matcher<std::size_t> times,
                                     SourcePlace place = SourcePlace::here());

/// Every request called `first` had ended (its caller was answered, or gave up) before the first called
/// `then` was sent, and both were sent. Names of actions, fallbacks or compensations, or of a step for its
/// action.
[[nodiscard]] RunMatcher Before(std::string_view first, std::string_view then,
                                SourcePlace place = SourcePlace::here());
/// At some time one called `one` and one called `other` were under way. Names as for Before().
[[nodiscard]] RunMatcher Overlapped(std::string_view one, std::string_view other,
                                    SourcePlace place = SourcePlace::here());

}  // namespace saga_harness
