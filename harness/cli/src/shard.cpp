#include "shard.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/output_file.hpp>

namespace saga_harness::cli {

namespace {

constexpr std::int64_t kMostShards = 1'000'000;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A variable that has to be a number.
std::int64_t number_in(const char* name, const Environment& environment) {
  const std::string_view text = environment(name);
  const std::optional<std::int64_t> number = whole_number(text);
  if (!number) {
    throw Error(
        ErrorText{.source = "--shard auto",
                  .message = fmt::format("{} is \"{}\" and not a whole number", name, printable(text)),
                  .fix = "give --shard I/N instead"});
  }
  return *number;
}

Shard checked(std::int64_t index, std::int64_t count, std::string_view source) {
  if (count < 1 || count > kMostShards || index < 0 || index >= count) {
    throw Error(ErrorText{
        .source = "--shard auto",
        .message = fmt::format("{} means part {} of {}, which does not exist", source, index + 1, count),
        .fix = "give --shard I/N instead"});
  }
  return {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(count)};
}

/// Test runners want to know that the test knows how to take part of the work.
void announce(const char* variable, const Environment& environment) {
  const std::string path(environment(variable));
  if (path.empty()) return;
  internal::replace_file(path, "");
}

/// Task numbers of an array job may begin anywhere and come in steps.
Shard of_slurm(const Environment& environment) {
  const std::int64_t task = number_in("SLURM_ARRAY_TASK_ID", environment);
  const std::int64_t first = number_in("SLURM_ARRAY_TASK_MIN", environment);
  const std::int64_t last = number_in("SLURM_ARRAY_TASK_MAX", environment);
  const std::int64_t count = number_in("SLURM_ARRAY_TASK_COUNT", environment);
  const std::int64_t step = count > 1 ? (last - first) / (count - 1) : 1;
  if (count < 1 || step < 1 || first + step * (count - 1) != last || (task - first) % step != 0) {
    throw Error(ErrorText{
        .source = "--shard auto",
        .message = fmt::format("task {} of {} from {} to {} is not in even steps", task, count, first, last),
        .fix = "submit --array=1-N, or give --shard I/N instead"});
  }
  return checked((task - first) / step, count, "SLURM_ARRAY_TASK_ID");
}

Shard of_environment(std::optional<std::int64_t> count, const Environment& environment) {
  struct RunnerVariables {
    const char* index;
    const char* total;
    const char* status_file;
  };
  constexpr std::array<RunnerVariables, 2> kRunners{
      {{"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", "GTEST_SHARD_STATUS_FILE"},
       {"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", "TEST_SHARD_STATUS_FILE"}}};
  const auto expect_count = [&](const Shard& shard, std::string_view source) {
    if (!count || *count == std::int64_t{shard.count}) return shard;
    throw Error(ErrorText{
        .message = fmt::format("--shard auto/{}: {} says that there are {}", *count, source, shard.count),
        .fix = "leave out the number"});
  };
  for (const RunnerVariables& runner : kRunners) {
    if (environment(runner.index).empty()) continue;
    announce(runner.status_file, environment);
    return expect_count(
        checked(number_in(runner.index, environment), number_in(runner.total, environment), runner.index),
        runner.total);
  }
  if (!environment("SLURM_ARRAY_TASK_ID").empty())
    return expect_count(of_slurm(environment), "SLURM_ARRAY_TASK_COUNT");
  if (!environment("JOB_COMPLETION_INDEX").empty()) {
    if (!count) {
      throw Error(ErrorText{.source = "--shard auto",
                            .message = "JOB_COMPLETION_INDEX does not say how many parts there are",
                            .fix = "give --shard auto/N with N the completions of the job"});
    }
    return checked(number_in("JOB_COMPLETION_INDEX", environment), *count, "JOB_COMPLETION_INDEX");
  }
  throw Error(ErrorText{
      .source = "--shard auto",
      .message =
          "none of GTEST_SHARD_INDEX, TEST_SHARD_INDEX, SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX is set",
      .fix = "give --shard I/N instead"});
}

}  // namespace

Shard parse_shard(std::string_view text, const Environment& environment) {
  const std::size_t slash = text.find('/');
  const std::string_view index = text.substr(0, slash);
  const bool has_count = slash != std::string_view::npos;
  const std::optional<std::int64_t> count =
      has_count ? whole_number(text.substr(slash + 1)) : std::optional<std::int64_t>();
  const bool is_count_good = count && *count >= 1 && *count <= kMostShards;
  if (index == "auto" && (!has_count || is_count_good)) return of_environment(count, environment);
  const std::optional<std::int64_t> number = whole_number(index);
  if (!is_count_good || !number || *number < 1 || *number > *count) {
    throw Error(ErrorText{.message = fmt::format("--shard \"{}\" is no part of a search", printable(text)),
                          .fix = "give I/N, from 1/N to N/N, or auto, or auto/N"});
  }
  return {static_cast<std::uint32_t>(*number - 1), static_cast<std::uint32_t>(*count)};
}

}  // namespace saga_harness::cli
