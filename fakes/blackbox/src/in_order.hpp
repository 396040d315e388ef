#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace saga_harness::blackbox {

/// Does pieces of work 0 to `count` - 1 on several threads and takes what came of them in their order,
/// whatever the order in which they end: `worker()` makes what a thread does with a number, which gives a
/// result or, if it was cut short, none; `take(number, result)` is called on this thread and says whether to
/// go on. Once `is_over()` no piece is begun any more, and what has come of the others is taken, in their
/// order. @throws whatever any of them throws, once all threads have ended.
template <class Result, class MakeWorker, class Take, class IsOver>
void in_order(std::size_t count, int threads, MakeWorker worker, Take take, IsOver is_over) {
  constexpr std::size_t kAhead = 512;  // pieces begun before the one that is taken next has ended
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t next = 0;
  std::size_t taken = 0;
  std::size_t working = std::min(static_cast<std::size_t>(threads), count);
  std::map<std::size_t, Result> results;
  std::exception_ptr error;
  bool stop = false;

  const auto end = [&] {
    const std::lock_guard lock(mutex);
    stop = true;
    changed.notify_all();
  };
  const auto work_through = [&] {
    const auto run = worker();
    while (true) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return stop || is_over() || next < taken + kAhead; });
      if (stop || is_over() || next == count) return;
      const std::size_t at = next++;
      lock.unlock();
      std::optional<Result> result = run(at);
      lock.lock();
      if (result) results.emplace(at, std::move(*result));
      changed.notify_all();
    }
  };
  const auto work = [&] {
    std::exception_ptr thrown;
    try {
      work_through();
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    if (thrown && !error) error = thrown;
    stop = stop || thrown;
    --working;
    changed.notify_all();
  };
  const auto collect = [&] {
    for (std::size_t at = 0; at < count; ++at) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return error || results.contains(at) || working == 0; });
      if (error) return;
      if (!results.contains(at)) continue;  // it was not begun, or was cut short
      Result result = std::move(results.extract(at).mapped());
      taken = at + 1;
      changed.notify_all();
      lock.unlock();
      if (!take(at, std::move(result))) return;
    }
  };

  std::vector<std::thread> running;
  for (std::size_t i = working; i > 0; --i) running.emplace_back(work);
  try {
    collect();
  } catch (...) {
    end();
    for (std::thread& thread : running) thread.join();
    throw;
  }
  end();
  for (std::thread& thread : running) thread.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace saga_harness::blackbox
