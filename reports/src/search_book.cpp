#include <algorithm>

#include <fmt/format.h>

#include "record_merger.hpp"

namespace saga_harness::reports {

namespace {

std::string description_of(const ReportSearch& search) {
  std::string text = fmt::format("{:04} {}", search.max_faults, search.windows ? "windows" : "once");
  for (const std::string& kind : search.kinds) text += ' ' + kind;
  if (search.swarm) text += fmt::format(" {} {}", search.swarm->schedules, search.swarm->seed);
  return text;
}

}  // namespace

void SearchBook::open(const std::string& subject, const SearchHead& head) {
  Shards& shards = searches_[{subject, description_of(head.search)}][head.search.shards];
  shards.search = head.search;
  shards.ended.try_emplace(head.shard, false, false);
}

void SearchBook::close(const std::string& subject, const SearchHead& head, bool exhausted) {
  auto& [ended, was_exhausted] =
      searches_[{subject, description_of(head.search)}][head.search.shards].ended[head.shard];
  ended = true;
  was_exhausted = was_exhausted || exhausted;
}

std::vector<ReportSearch> SearchBook::of(const std::string& subject) const {
  std::vector<ReportSearch> result;
  for (const auto& [key, partitions] : searches_) {
    if (std::get<0>(key) != subject) continue;
    std::optional<ReportSearch> best;
    for (const auto& [count, shards] : partitions) {
      ReportSearch search = shards.search;
      search.complete =
          std::ranges::count_if(shards.ended, [](const auto& shard) { return shard.second.first; }) == count;
      search.exhausted = search.complete && std::ranges::all_of(shards.ended, [](const auto& shard) {
                           return shard.second.second;
                         });
      const auto merit = [](const ReportSearch& each) { return std::pair(each.exhausted, each.complete); };
      if (!best || merit(search) > merit(*best)) best = search;
    }
    result.push_back(*best);
  }
  return result;
}

void SearchBook::list_missing(const std::string& subject, const std::string& name,
                              std::set<std::string>& incomplete) const {
  for (const auto& [key, partitions] : searches_) {
    if (std::get<0>(key) != subject) continue;
    std::set<std::string> missing;
    bool is_complete = false;
    for (const auto& [count, shards] : partitions) {
      bool is_whole = true;
      for (int number = 1; number <= count; ++number) {
        const auto shard = shards.ended.find(number);
        if (shard != shards.ended.end() && shard->second.first) continue;
        is_whole = false;
        const std::string which =
            count == 1 ? "the search" : fmt::format("shard {}/{} of the search", number, count);
        missing.insert(shard == shards.ended.end()
                           ? fmt::format("{}: {} is missing", name, which)
                           : fmt::format("{}: the records of {} have no end: it was cut off", name, which));
        if (missing.size() > 20) break;  // of a million shards
      }
      is_complete = is_complete || is_whole;
    }
    if (!is_complete) incomplete.merge(missing);
  }
}

}  // namespace saga_harness::reports
