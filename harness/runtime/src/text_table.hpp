#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace saga_harness {

/// Equality of short texts of the same size, eight bytes at a time and inlined: names are compared on every
/// call.
[[gnu::always_inline]] inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto word = [](const char* at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
  };
  if (size < 8) {  // not by memcmp, which would cost more than the texts
    for (std::size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  const std::size_t last = size - 8;
  for (std::size_t i = 0; i < last; i += 8) {
    if (word(a + i) != word(b + i)) return false;
  }
  return word(a + last) == word(b + last);
}
[[gnu::always_inline]] inline bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size());
}

/// Texts by number: equal texts have equal numbers, 0 is the empty text. Views stay valid as long as the
/// table. Coordinators name things by strings on every call, so looking up a text seen before must cost next
/// to nothing.
class TextTable {
 public:
  TextTable();

  std::uint32_t intern(std::string_view text) {
    const CacheLine& line = cache_[cache_slot(text)];
    // The address alone proves nothing: the memory may hold another text by now.
    if (line.data == text.data() && same_text(texts_[line.number], text)) return line.number;
    return intern_slowly(text);
  }
  std::uint32_t intern(std::initializer_list<std::string_view> parts);

  [[nodiscard]] std::string_view at(std::uint32_t number) const { return texts_[number]; }
  [[nodiscard]] std::span<const std::string_view> all() const { return texts_; }

 private:
  struct CacheLine {
    const char* data = nullptr;
    std::uint32_t number = 0;
  };
  static constexpr std::size_t kCacheBits = 10;

  // Where a text may be that was last seen at this address: a guess, always verified.
  static std::uint64_t mixed(std::string_view text, std::uint64_t seed = 0) {
    const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(text.data()));
    return (seed ^ address ^ text.size() << 48U) * 0x9E3779B97F4A7C15U;
  }
  static std::size_t cache_slot(std::string_view text) { return mixed(text) >> (64 - kCacheBits); }
  [[nodiscard]] static bool is_joined(std::string_view whole, std::initializer_list<std::string_view> parts,
                                      std::size_t size);
  std::uint32_t intern_slowly(std::string_view text);
  std::uint32_t intern_by_content(std::string_view text);
  void grow();
  std::string_view keep(std::string_view text);

  std::array<CacheLine, std::size_t{1} << kCacheBits> cache_ = {};
  std::array<std::uint32_t, std::size_t{1} << kCacheBits> joined_cache_ = {};
  std::vector<std::string_view> texts_;
  std::vector<std::uint32_t> slots_;  // open addressing, 0: free (the empty text is never looked up here)
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_left_ = 0;
  char* block_next_ = nullptr;
  std::vector<char> joined_;
};

}  // namespace saga_harness
