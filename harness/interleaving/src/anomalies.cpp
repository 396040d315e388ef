#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/interleaving.hpp>
#include <saga_harness_internal/names.hpp>

namespace saga_harness {
namespace {

constexpr std::array<std::string_view, kAnomalyCount> kAnomalyNames{"lost update", "dirty read", "write skew",
                                                                    "non-repeatable read"};

/// Whether the change at `change` is taken back later, and where.
std::optional<std::size_t> undone_at(std::span<const Access> accesses, std::size_t change) {
  for (std::size_t i = change + 1; i < accesses.size(); ++i) {
    const Access& access = accesses[i];
    if (access.kind == AccessKind::kUndo && access.saga == accesses[change].saga &&
        access.item == accesses[change].item && access.step == accesses[change].step)
      return i;
  }
  return std::nullopt;
}

bool completed(std::span<const Outcome> outcomes, std::uint32_t saga) {
  return saga < outcomes.size() && outcomes[saga] == Outcome::kCompleted;
}

ConcurrentViolation violation(Anomaly anomaly, std::uint32_t saga, std::string explanation) {
  return {std::string(name_of(anomaly)), saga, std::move(explanation)};
}

class Finder {
 public:
  Finder(std::span<const Access> accesses, std::span<const Outcome> outcomes)
      : accesses_(accesses), outcomes_(outcomes) {}

  std::vector<ConcurrentViolation> find() {
    for (std::size_t at = 0; at < accesses_.size(); ++at) {
      const Access& access = accesses_[at];
      switch (access.kind) {
        case AccessKind::kRead:
          look_for_dirty_read(at);
          look_for_non_repeatable_read(at);
          break;
        case AccessKind::kChange:
          look_for_lost_update(at);
          look_for_write_skew(at);
          break;
        case AccessKind::kUndo:
          look_for_lost_update(at);
          break;
      }
    }
    return std::move(found_);
  }

 private:
  void add(Anomaly anomaly, const Access& access, std::string explanation) {
    if (seen_.emplace(anomaly, access.saga, access.item).second)
      found_.push_back(violation(anomaly, access.saga, std::move(explanation)));
  }

  /// The first change by another saga, on the same value, after version `base` and before `at`; one that was
  /// taken back by then does not count.
  std::optional<std::size_t> change_between(std::size_t at, std::uint64_t base,
                                            const std::string& item) const {
    for (std::size_t i = 0; i < at; ++i) {
      const Access& other = accesses_[i];
      if (other.kind != AccessKind::kChange || other.saga == accesses_[at].saga || other.item != item)
        continue;
      if (other.version <= base) continue;
      const std::optional<std::size_t> undone = undone_at(accesses_, i);
      if (!undone || *undone > at) return i;
    }
    return std::nullopt;
  }

  void look_for_lost_update(std::size_t at) {
    const Access& access = accesses_[at];
    if (!access.overwrites) return;
    const std::optional<std::size_t> lost = change_between(at, access.based_on, access.item);
    if (!lost) return;
    add(Anomaly::kLostUpdate, access,
        fmt::format("{} of saga {} {} {}, as it was before saga {} changed it by {}", access.step,
                    access.saga + 1, access.kind == AccessKind::kUndo ? "restores" : "writes", access.item,
                    accesses_[*lost].saga + 1, accesses_[*lost].step));
  }

  /// A person gets the saga, and with it what it has made of what it read.
  [[nodiscard]] bool was_flagged_with_changes(std::uint32_t saga) const {
    if (outcomes_[saga] != Outcome::kFlagged) return false;
    for (std::size_t i = 0; i < accesses_.size(); ++i) {
      const bool is_own_change = accesses_[i].saga == saga && accesses_[i].kind == AccessKind::kChange;
      if (is_own_change && !undone_at(accesses_, i)) return true;
    }
    return false;
  }

  [[nodiscard]] bool has_left_something(std::uint32_t saga) const {
    return completed(outcomes_, saga) || was_flagged_with_changes(saga);
  }

  void look_for_dirty_read(std::size_t at) {
    const Access& read = accesses_[at];
    if (!has_left_something(read.saga)) return;
    for (std::size_t i = 0; i < at; ++i) {
      const Access& other = accesses_[i];
      if (other.kind != AccessKind::kChange || other.saga == read.saga || other.item != read.item) continue;
      const std::optional<std::size_t> undone = undone_at(accesses_, i);
      if (!undone || *undone < at) continue;
      add(Anomaly::kDirtyRead, read,
          fmt::format("{} of saga {} reads {} as {} of saga {} has left it, which is taken back later",
                      read.step, read.saga + 1, read.item, other.step, other.saga + 1));
      return;
    }
  }

  /// Steps are atomic: what one reads and changes, it decides by what it has read itself.
  [[nodiscard]] bool decides_anew(std::size_t read) const {
    for (std::size_t i = read + 1; i < accesses_.size() && accesses_[i].saga == accesses_[read].saga; ++i) {
      if (accesses_[i].step != accesses_[read].step) return false;
      if (accesses_[i].kind == AccessKind::kChange) return true;
    }
    return false;
  }

  void look_for_non_repeatable_read(std::size_t at) {
    const Access& again = accesses_[at];
    if (!has_left_something(again.saga) || decides_anew(at)) return;
    for (std::size_t i = 0; i < at; ++i) {
      const Access& first = accesses_[i];
      const bool is_read_before = first.kind == AccessKind::kRead && first.saga == again.saga &&
                                  first.item == again.item && first.step != again.step;
      if (!is_read_before) continue;
      const std::optional<std::size_t> other = change_between(at, first.version, again.item);
      if (!other) continue;
      add(Anomaly::kNonRepeatableRead, again,
          fmt::format(
              "{} of saga {} reads {} again, which {} of the same saga had read before saga {} changed it "
              "by {}",
              again.step, again.saga + 1, again.item, first.step, accesses_[*other].saga + 1,
              accesses_[*other].step));
      return;
    }
  }

  // What the saga has last read of every value, against what others have made of it by now.
  void look_for_write_skew(std::size_t at) {
    const Access& change = accesses_[at];
    if (change.condition_held || !completed(outcomes_, change.saga)) return;
    std::map<std::string, std::uint64_t> last_read;
    for (std::size_t i = 0; i < at; ++i) {
      if (accesses_[i].saga == change.saga && accesses_[i].kind == AccessKind::kRead)
        last_read[accesses_[i].item] = accesses_[i].version;
    }
    for (const auto& [item, version] : last_read) {
      const std::optional<std::size_t> other = change_between(at, version, item);
      if (!other || !completed(outcomes_, accesses_[*other].saga)) continue;
      add(Anomaly::kWriteSkew, change,
          fmt::format(
              "{} of saga {} relies on {}, which saga {} has changed by {} since saga {} read it; together "
              "they break the condition that each has looked at",
              change.step, change.saga + 1, item, accesses_[*other].saga + 1, accesses_[*other].step,
              change.saga + 1));
      return;
    }
  }

  std::span<const Access> accesses_;
  std::span<const Outcome> outcomes_;
  std::set<std::tuple<Anomaly, std::uint32_t, std::string>> seen_;
  std::vector<ConcurrentViolation> found_;
};

}  // namespace

std::string_view name_of(Anomaly anomaly) { return internal::name_in(kAnomalyNames, anomaly); }

std::vector<ConcurrentViolation> find_anomalies(std::span<const Access> accesses,
                                                std::span<const Outcome> outcomes) {
  return Finder(accesses, outcomes).find();
}

}  // namespace saga_harness
