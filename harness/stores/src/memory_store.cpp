#include <map>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/stores.hpp>

namespace saga_harness {
namespace {

class MemoryStore final : public LogStore {
 public:
  explicit MemoryStore(const MemoryStoreOptions& options) : options_(options) {}

  [[nodiscard]] std::string_view name() const override { return "memory"; }
  [[nodiscard]] bool fences() const override { return options_.fences; }

  [[nodiscard]] bool create(const StoredHead& head) override {
    return sagas_.try_emplace(head.saga_id, StoredSaga{.head = head}).second;
  }

  [[nodiscard]] LogWrite append(std::string_view saga_id, std::uint64_t version,
                                std::string_view record) override {
    const auto saga = sagas_.find(saga_id);
    if (saga == sagas_.end())
      throw Error(
          {.message = fmt::format("memory store: there is no saga {}", saga_id), .fix = "create it first"});
    if (options_.fences && saga->second.records.size() != version) return LogWrite::kFenced;
    saga->second.records.emplace_back(record);
    return LogWrite::kDurable;
  }

  [[nodiscard]] std::optional<StoredSaga> load(std::string_view saga_id) override {
    const auto saga = sagas_.find(saga_id);
    if (saga == sagas_.end()) return std::nullopt;
    return saga->second;
  }

  [[nodiscard]] std::vector<StoredLine> list() override {
    std::vector<StoredLine> lines;
    for (const auto& [id, saga] : sagas_) {
      lines.push_back({.head = saga.head,
                       .version = saga.records.size(),
                       .last = saga.records.empty() ? std::string() : saga.records.back()});
    }
    return lines;
  }

 private:
  MemoryStoreOptions options_;
  std::map<std::string, StoredSaga, std::less<>> sagas_;
};

}  // namespace

std::unique_ptr<LogStore> memory_store(const MemoryStoreOptions& options) {
  return std::make_unique<MemoryStore>(options);
}

}  // namespace saga_harness
