#include <saga_harness/error.hpp>

#include <array>
#include <utility>

#include <saga_harness_internal/names.hpp>

namespace saga_harness {

std::string_view name_of(ErrorKind kind) {
  static constexpr std::array<std::string_view, 3> kNames{"misuse", "incomplete", "internal"};
  return internal::name_in(kNames, kind);
}

std::string to_string(const ErrorText& text) {
  std::string out = text.source;
  if (text.line > 0) out += ":" + std::to_string(text.line) + ":" + std::to_string(text.column);
  if (!out.empty()) out += ": ";
  if (!text.pointer.empty()) out += text.pointer + ": ";
  out += text.message;
  if (!text.fix.empty()) out += "; " + text.fix;
  if (!text.more.empty()) out += "\n" + text.more;
  return out;
}

Error::Error(ErrorText text, ErrorKind kind)
    : std::runtime_error(to_string(text)), text_(std::move(text)), kind_(kind) {}

Error Error::within(std::string_view context) const {
  ErrorText text = text_;
  text.source = text.source.empty() ? std::string(context) : std::string(context) + ": " + text.source;
  return Error(std::move(text), kind_);
}

}  // namespace saga_harness
