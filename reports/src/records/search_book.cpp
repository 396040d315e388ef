#include <algorithm>

#include <fmt/format.h>

#include "records/record_merger.hpp"

namespace saga_harness::reports {

namespace {

std::string description_of(const ReportSearch& search) {
  std::string text = fmt::format("{:04} {}", search.max_faults, search.windows ? "windows" : "once");
  for (const std::string& kind : search.kinds) text += ' ' + kind;
  if (search.sample_ok) text += " sample";
  if (search.by_classes) text += " classes";
  if (search.swarm) text += fmt::format(" {} {}", search.swarm->schedules, search.swarm->seed);
  return text;
}

/// Of another shard: what one of them has shown, shows.
void add_known(const std::vector<ReportKnown>& more, std::vector<ReportKnown>& sum) {
  for (const ReportKnown& each : more) {
    const auto at = std::ranges::find(sum, each.known, &ReportKnown::known);
    if (at == sum.end()) {
      sum.push_back(each);
      continue;
    }
    at->schedules += each.schedules;
    if (at->shown_by.empty()) at->shown_by = each.shown_by;
  }
}

}  // namespace

void SearchBook::open(const std::string& subject, const SearchHead& head) {
  Shards& shards = searches_[{subject, description_of(head.search)}][head.search.shards];
  shards.search = head.search;
  shards.owed = head.owed;
  shards.parts.try_emplace(head.shard);
}

void SearchBook::close(const std::string& subject, const SearchHead& head, const EndRecord& end) {
  Part& part = searches_[{subject, description_of(head.search)}][head.search.shards].parts[head.shard];
  if (part.ended && part.exhausted) return;  // whatever another says, this one did it all
  part.ended = true;
  part.exhausted = end.exhausted;
  part.classes = end.classes;
  part.earned = end.earned;
  part.lacks = end.verdict ? end.verdict->lacks : std::vector<LackFound>{};
  part.notes = end.verdict ? end.verdict->notes : std::vector<std::string>{};
  part.known = end.known;
  part.error = end.verdict ? end.verdict->error : std::string();
}

/// What one process would have said of it all: a part owes nothing, the whole does.
ReportSearch SearchBook::summed(const Shards& shards, int count) {
  ReportSearch search = shards.search;
  const auto has_ended = [](const auto& part) { return part.second.ended; };
  search.complete = std::ranges::count_if(shards.parts, has_ended) == count;
  search.exhausted = search.complete && std::ranges::all_of(shards.parts, [](const auto& part) {
                       return part.second.exhausted;
                     });
  Earned earned;
  for (const auto& [number, part] : shards.parts) {
    if (search.by_classes && part.classes) search.classes = part.classes;
    earned.add(part.earned);
    for (const LackFound& lack : part.lacks) {
      if (std::ranges::find(search.lacks, lack) == search.lacks.end()) search.lacks.push_back(lack);
    }
  }
  for (const auto& [number, part] : shards.parts) {
    for (const std::string& note : part.notes) {
      if (std::ranges::find(search.notes, note) == search.notes.end()) search.notes.push_back(note);
    }
    if (!part.error.empty()) search.errors.push_back(part.error);
    add_known(part.known, search.known);
  }
  if (count == 1 || !search.complete) return search;
  for (LackFound& lack : lacks_of(shards.owed, earned)) search.lacks.push_back(std::move(lack));
  return search;
}

// By another day than the search went by, and with what no shard could say by itself.
void SearchBook::judge_known(ReportSearch& search, std::string_view today) {
  for (ReportKnown& each : search.known) {
    const bool shows = each.schedules > 0;
    each.state = state_of(each.known, shows, each.in_reach, search.exhausted, today);
    std::string error = error_of(each.known, each.state);
    if (!error.empty()) search.errors.push_back(std::move(error));
  }
}

std::vector<ReportSearch> SearchBook::of(const std::string& subject, std::string_view today) const {
  std::vector<ReportSearch> result;
  for (const auto& [key, partitions] : searches_) {
    if (std::get<0>(key) != subject) continue;
    std::optional<ReportSearch> best;
    for (const auto& [count, shards] : partitions) {
      ReportSearch search = summed(shards, count);
      const auto merit = [](const ReportSearch& each) { return std::pair(each.exhausted, each.complete); };
      if (!best || merit(search) > merit(*best)) best = std::move(search);
    }
    judge_known(*best, today);
    result.push_back(*best);
  }
  return result;
}

void SearchBook::list_lacks(const std::string& subject, const std::string& name,
                            std::set<std::string>& incomplete) const {
  for (const ReportSearch& search : of(subject)) {
    for (const LackFound& lack : search.lacks) incomplete.insert(name + ": " + lack.reason);
  }
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
        const auto shard = shards.parts.find(number);
        if (shard != shards.parts.end() && shard->second.ended) continue;
        is_whole = false;
        const std::string which =
            count == 1 ? "the search" : fmt::format("shard {}/{} of the search", number, count);
        missing.insert(shard == shards.parts.end()
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
