#include <chrono>
#include <string>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/saga_operations.hpp>

namespace saga_harness {
namespace {

class TimedStore final : public LogStore {
 public:
  TimedStore(std::shared_ptr<LogStore> store, WallClock clock)
      : store_(std::move(store)), clock_(std::move(clock)) {
    if (!store_ || !clock_)
      throw Error(ErrorText{.message = "timed_store() has no store or no clock", .fix = "give it both"});
  }

  [[nodiscard]] std::string_view name() const override { return store_->name(); }
  [[nodiscard]] bool fences() const override { return store_->fences(); }
  [[nodiscard]] bool create(const StoredHead& head) override {
    StoredHead timed = head;
    timed.created_us = clock_();
    return store_->create(timed);
  }
  [[nodiscard]] LogWrite append(std::string_view saga_id, std::uint64_t version,
                                std::string_view record) override {
    if (!record.ends_with('}')) return store_->append(saga_id, version, record);  // torn: it stays so
    record.remove_suffix(1);
    return store_->append(saga_id, version,
                          std::string(record) + ",\"at_us\":" + std::to_string(clock_()) + '}');
  }
  [[nodiscard]] std::optional<StoredSaga> load(std::string_view saga_id) override {
    return store_->load(saga_id);
  }
  [[nodiscard]] std::vector<StoredLine> list() override { return store_->list(); }

 private:
  std::shared_ptr<LogStore> store_;
  WallClock clock_;
};

}  // namespace

WallClock wall_clock() {
  return [] {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
  };
}

std::unique_ptr<LogStore> timed_store(std::shared_ptr<LogStore> store, WallClock clock) {
  return std::make_unique<TimedStore>(std::move(store), std::move(clock));
}

}  // namespace saga_harness
