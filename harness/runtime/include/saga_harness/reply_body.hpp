#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace saga_harness {

/// A text that a reply owns, whatever becomes of what it was made from. The usual short one costs no
/// allocation.
class ReplyBody {
 public:
  ReplyBody() = default;
  template <std::convertible_to<std::string_view> Text>
  ReplyBody(const Text& text) {  // NOLINT(google-explicit-constructor): `{.body = "{}"}`
    assign(text);
  }

  [[nodiscard]] std::string_view text() const noexcept {
    return long_ ? std::string_view(*long_) : std::string_view(short_.data(), size_);
  }
  operator std::string_view() const noexcept { return text(); }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool empty() const noexcept { return text().empty(); }

  friend bool operator==(const ReplyBody& a, const ReplyBody& b) noexcept { return a.text() == b.text(); }
  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const ReplyBody& a, const Text& b) noexcept {
    return a.text() == std::string_view(b);
  }

 private:
  void assign(std::string_view text);

  std::shared_ptr<const std::string> long_ = {};  // what does not fit the buffer; copies share it
  std::array<char, 55> short_ = {};
  std::uint8_t size_ = 0;
};
void PrintTo(const ReplyBody& value, std::ostream* out);

}  // namespace saga_harness
