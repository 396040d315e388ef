#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <string_view>
#include <vector>

namespace saga_harness {

/// Memory for one run: handed out in order, reclaimed as a whole, kept for the next run. (The standard
/// monotonic resource gives its overflow back on release, so a run that needs more than the first buffer
/// would allocate each time.)
class RunMemory final : public std::pmr::memory_resource {
 public:
  void reset() noexcept {
    block_ = 0;
    used_ = 0;
  }
  std::string_view copy(std::string_view text);

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
  };

  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* /*place*/, std::size_t /*bytes*/, std::size_t /*alignment*/) override {}
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::vector<Block> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

}  // namespace saga_harness
