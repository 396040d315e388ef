#include "search_bounds.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace saga_harness {

void SearchStop::request() {
  const std::lock_guard lock(mutex_);
  requested_ = true;
  if (what_) what_();
}

void SearchStop::on_request(std::function<void()> what) {
  const std::lock_guard lock(mutex_);
  what_ = std::move(what);
  if (what_ && requested_) what_();
}

namespace blackbox {
namespace {

void add(std::atomic<os::Clock::duration>& sum, os::Clock::duration time) {
  os::Clock::duration before = sum;
  while (!sum.compare_exchange_weak(before, before + time)) {
  }
}

}  // namespace

SearchBounds::SearchBounds(Duration max_time, const SearchStop* stop) : stop_(stop) {
  const os::Moment now = os::Clock::now();
  using Seconds = std::chrono::duration<double>;  // in which no time is too long
  if (max_time <= Duration::zero() || Seconds(max_time) >= Seconds(os::Moment::max() - now)) return;
  deadline_ = now + max_time;
  free_ = std::min<os::Clock::duration>(free_, max_time / 3);
}

bool SearchBounds::is_over() const { return is_cut_short() || (deadline_ && os::Clock::now() >= *deadline_); }
bool SearchBounds::is_cut_short() const { return stop_ != nullptr && stop_->is_requested(); }

void SearchBounds::note(Run which, os::Clock::duration time) {
  add(which == Run::kFirst ? first_ : again_, time);
}

bool SearchBounds::may_run_again() const {
  const os::Clock::duration again = again_;
  return !is_over() && (again < free_ || 2 * again < first_.load());
}

void SearchBounds::note_confirmed(std::span<const Violation> violations) {
  const std::lock_guard lock(mutex_);
  confirmed_.insert(violations.begin(), violations.end());
}

bool SearchBounds::are_confirmed(std::span<const Violation> violations) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::all_of(violations, [this](const Violation& each) { return confirmed_.contains(each); });
}

}  // namespace blackbox
}  // namespace saga_harness
