#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <optional>
#include <ostream>
#include <ranges>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <saga_harness/duration.hpp>
#include <saga_harness/print.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::internal {

/// Of a list so many are shown.
inline constexpr std::size_t kMostElements = 32;
/// Of a text so many characters.
inline constexpr std::size_t kMostOfText = 2000;

template <typename Value>
concept HasPrintTo = requires(const Value& value, std::ostream* out) {
  PrintTo(value, out);
};
template <typename Value>
concept IsOptional = requires(const Value& value) {
  value.has_value();
  *value;
};
template <typename Value>
concept IsPair = requires(const Value& value) {
  value.first;
  value.second;
};

template <typename Value>
void print_value(std::ostream& out, const Value& value);

template <typename Range>
void print_range(std::ostream& out, const Range& range) {
  out << '[';
  std::size_t shown = 0;
  for (const auto& element : range) {
    if (shown > 0) out << ", ";
    if (shown == kMostElements) {
      out << "...";
      break;
    }
    print_value(out, element);
    ++shown;
  }
  out << ']';
}

/// One value of a type that C++ or we have. What C++ has comes first: some of it converts to a type of ours.
template <typename Value>
void print_value(std::ostream& out, const Value& value) {
  if constexpr (std::same_as<Value, bool>) {
    out << (value ? "true" : "false");
  } else if constexpr (std::integral<Value>) {
    out << std::to_string(value);
  } else if constexpr (std::floating_point<Value>) {
    out << value;
  } else if constexpr (std::convertible_to<const Value&, std::string_view>) {
    out << '"' << printable(value, kMostOfText) << '"';
  } else if constexpr (std::same_as<Value, Duration>) {
    out << format_duration(value);
  } else if constexpr (IsOptional<Value>) {
    if (value.has_value()) {
      print_value(out, *value);
    } else {
      out << "none";
    }
  } else if constexpr (IsPair<Value>) {
    print_value(out, value.first);
    out << ": ";
    print_value(out, value.second);
  } else if constexpr (std::ranges::range<const Value>) {
    print_range(out, value);
  } else if constexpr (HasPrintTo<Value>) {
    PrintTo(value, &out);
  } else {
    static_assert(std::constructible_from<bool, const Value&>, "a value that cannot be shown");
    out << (static_cast<bool>(value) ? "given" : "none");  // a function, a pointer
  }
}

template <typename Owner, typename Member>
struct PrintedField {
  std::string_view name;
  Member Owner::*member;
};
template <typename Owner, typename Member>
[[nodiscard]] constexpr PrintedField<Owner, Member> field(std::string_view name, Member Owner::*member) {
  return {name, member};
}

/// `TYPE{.name = value, …}`, of the fields that are not as by default.
template <typename Owner, typename... Members>
void print_fields(std::ostream& out, std::string_view type, const Owner& owner,
                  const PrintedField<Owner, Members>&... fields) {
  const auto text_of = [](const auto& value) {
    std::ostringstream text;
    print_value(text, value);
    return text.str();
  };
  const Owner by_default{};
  std::string_view separator = "{";
  out << type;
  const auto print = [&](const auto& shown) {
    const std::string text = text_of(owner.*shown.member);
    if (text == text_of(by_default.*shown.member)) return;
    out << separator << '.' << shown.name << " = " << text;
    separator = ", ";
  };
  (print(fields), ...);
  out << (separator == "{" ? "{}" : "}");
}

}  // namespace saga_harness::internal
