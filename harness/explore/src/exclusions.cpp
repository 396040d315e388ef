#include <algorithm>
#include <charconv>

#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness_internal/day.hpp>
#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/skipped.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

constexpr std::size_t kDayLength = 10;  // 2027-06-30

int number_at(std::string_view text, std::size_t from, std::size_t length) {
  int number = -1;
  const char* end = text.data() + from + length;
  const auto [stop, error] = std::from_chars(text.data() + from, end, number);
  return error == std::errc() && stop == end ? number : -1;
}

}  // namespace

bool internal::is_day(std::string_view text) {
  if (text.size() != kDayLength || text[4] != '-' || text[7] != '-') return false;
  const int year = number_at(text, 0, 4);
  const int month = number_at(text, 5, 2);
  const int day = number_at(text, 8, 2);
  if (year < 1 || month < 1 || month > 12) return false;
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const bool is_short = month == 4 || month == 6 || month == 9 || month == 11;
  return day >= 1 && day <= (month == 2 ? (is_leap ? 29 : 28) : is_short ? 30 : 31);
}

std::string cell_name(const Cell& cell, const SagaIndex& saga) {
  std::string name(internal::kSagaItself);
  if (cell.step < saga.step_count()) {
    name = saga.step(cell.step).name;
    name.append(".").append(name_of(cell.operation));
  }
  return name.append("@").append(name_of(cell.instant)).append(":").append(name_of(cell.kind));
}

bool matches_cell(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;  // the last one met
  std::size_t resumed = 0;                    // what it does not stand for yet
  std::size_t i = 0;
  while (i < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resumed = i;
    } else if (at < pattern.size() && pattern[at] == name[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++resumed;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

void validate(const Exclusion& exclusion, const Experiment& experiment) {
  const std::string which = "the exclusion of " + internal::in_quotes(exclusion.cells);
  if (exclusion.cells.empty()) {
    throw Error(ErrorText{.message = "an exclusion names no cell",
                          .fix = "write e.g. process_payment.action@call:reply_lost"});
  }
  if (exclusion.reason.empty())
    throw Error(ErrorText{.message = which + " has no reason", .fix = "say why it cannot be tried"});
  if (exclusion.owner.empty())
    throw Error(ErrorText{.message = which + " has no owner", .fix = "name somebody to ask"});
  if (!internal::is_day(exclusion.expires)) {
    throw Error(ErrorText{
        .message = which + " expires on " + internal::in_quotes(exclusion.expires) + ", which is no day",
        .fix = "write e.g. 2027-06-30"});
  }
  const SagaIndex& saga = *experiment.setup.saga;
  std::vector<FaultKind> kinds;
  for (std::size_t i = 0; i < kFaultKindCount; ++i) kinds.push_back(static_cast<FaultKind>(i));
  std::vector<std::string> names;
  for (const Cell& cell : internal::cells_in_any_context(saga, experiment, kinds))
    names.push_back(cell_name(cell, saga));
  if (std::ranges::any_of(names, [&](const auto& name) { return matches_cell(exclusion.cells, name); }))
    return;
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view nearest = nearest_name(exclusion.cells, views);
  throw Error(ErrorText{.message = which + " matches no cell of the saga",
                        .fix = nearest.empty() ? "write a cell like " + std::string(names.front())
                                               : "did you mean " + internal::in_quotes(nearest) + "?"});
}

bool operator==(const Exclusion&, const Exclusion&) = default;

}  // namespace saga_harness
