#include <saga_harness_internal/set_aside.hpp>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/day.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::internal {

void check_set_aside(const std::string& which, const SetAside& set_aside, std::string_view why) {
  if (set_aside.reason.empty())
    throw Error(ErrorText{.message = which + " has no reason", .fix = std::string(why)});
  if (set_aside.owner.empty())
    throw Error(ErrorText{.message = which + " has no owner", .fix = "name somebody to ask"});
  if (!is_day(set_aside.expires)) {
    throw Error(
        ErrorText{.message = which + " expires on " + in_quotes(set_aside.expires) + ", which is no day",
                  .fix = "write e.g. 2027-06-30"});
  }
}

}  // namespace saga_harness::internal
