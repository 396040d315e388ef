#include "run_memory.hpp"

#include <cstdint>
#include <cstring>

namespace saga_harness {
namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;

}  // namespace

void* RunMemory::do_allocate(std::size_t bytes, std::size_t alignment) {
  for (;; ++block_, used_ = 0) {
    if (block_ == blocks_.size()) {
      const std::size_t size = bytes + alignment > kBlockBytes ? bytes + alignment : kBlockBytes;
      blocks_.push_back({std::make_unique<std::byte[]>(size), size});
    }
    Block& block = blocks_[block_];
    const auto base = reinterpret_cast<std::uintptr_t>(block.bytes.get());
    const std::size_t start = ((base + used_ + alignment - 1) & ~(alignment - 1)) - base;
    if (start + bytes > block.size) continue;
    used_ = start + bytes;
    return block.bytes.get() + start;
  }
}

std::string_view RunMemory::copy(std::string_view text) {
  if (text.empty()) return {};
  auto* place = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

}  // namespace saga_harness
