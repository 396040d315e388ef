#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed);
/// Of libFuzzer; not there in ordinary builds, which do not mutate.
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                                              std::size_t most);

namespace saga_harness::fuzz {

/// Lines of JSON, changed as JSON: values swapped, left out, moved, made strange; lines doubled, dropped,
/// exchanged.
class JsonLines {
 public:
  JsonLines(std::string_view text, unsigned int seed) : random_(seed) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines_.push_back({.text = std::string(text.substr(0, end))});
      lines_.back().json = nlohmann::json::parse(lines_.back().text, nullptr, false);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  /// False: there is nothing in it to change.
  bool change() {
    if (lines_.empty()) return false;
    Line& line = any(lines_);
    if (line.json.is_discarded() || below(5) == 0) return change_lines();
    std::vector<nlohmann::json*> nodes;
    collect(line.json, nodes);
    change_node(*any(nodes));
    line.text = line.json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return true;
  }

  [[nodiscard]] std::string text() const {
    std::string text;
    for (const Line& line : lines_) text += line.text + '\n';
    return text;
  }

 private:
  struct Line {
    std::string text = {};
    nlohmann::json json = {};
  };

  std::size_t below(std::size_t count) { return random_() % count; }
  template <class Value>
  Value& any(std::vector<Value>& values) {
    return values[below(values.size())];
  }

  static void collect(nlohmann::json& json, std::vector<nlohmann::json*>& nodes) {
    nodes.push_back(&json);
    if (json.is_structured()) {
      for (nlohmann::json& each : json) collect(each, nodes);
    }
  }

  nlohmann::json from_elsewhere() {
    Line& line = any(lines_);
    if (line.json.is_discarded()) return nullptr;
    std::vector<nlohmann::json*> nodes;
    collect(line.json, nodes);
    return *any(nodes);
  }

  nlohmann::json strange() {
    static std::vector<nlohmann::json> strange_values{nullptr,
                                                      true,
                                                      false,
                                                      0,
                                                      1,
                                                      -1,
                                                      65536,
                                                      INT64_MAX,
                                                      INT64_MIN,
                                                      UINT64_MAX,
                                                      1e300,
                                                      0.5,
                                                      "",
                                                      "0",
                                                      "null",
                                                      "{saga_id}",
                                                      "{target}",
                                                      "{service_urls}",
                                                      "10s",
                                                      "-1s",
                                                      "/a/b",
                                                      std::string(300, 'x'),
                                                      std::string("a\0b", 3),
                                                      "\n\x1b[31m",
                                                      nlohmann::json::array(),
                                                      nlohmann::json::object(),
                                                      nlohmann::json::array({nullptr})};
    return any(strange_values);
  }

  void change_node(nlohmann::json& node) {
    switch (below(6)) {
      case 0:
        node = from_elsewhere();
        return;
      case 1:
        node = strange();
        return;
      case 2:
        if (node.is_object() && !node.empty())
          node.erase(std::next(node.begin(), static_cast<std::ptrdiff_t>(below(node.size()))));
        else if (node.is_array() && !node.empty())
          node.erase(below(node.size()));
        else
          node = strange();
        return;
      case 3:
        if (node.is_object() && !node.empty()) {
          const auto from = std::next(node.begin(), static_cast<std::ptrdiff_t>(below(node.size())));
          const std::string key = from.key();
          node[key.substr(0, below(key.size() + 1))] = from_elsewhere();
        } else if (node.is_array()) {
          node.push_back(node.empty() ? strange() : nlohmann::json(node[below(node.size())]));
        } else {
          node = from_elsewhere();
        }
        return;
      case 4:
        if (node.is_number_integer())
          node = node.get<std::int64_t>() / 2 + static_cast<std::int64_t>(below(3)) - 1;
        else
          node = strange();
        return;
      default:
        change_text(node);
    }
  }

  void change_text(nlohmann::json& node) {
    if (!node.is_string() || LLVMFuzzerMutate == nullptr) {
      node = from_elsewhere();
      return;
    }
    std::string text = node.get<std::string>();
    const std::size_t size = text.size();
    text.resize(size + 8);
    text.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(text.data()), size, size + 8));
    node = text;
  }

  bool change_lines() {
    const std::size_t from = below(lines_.size());
    const std::size_t to = below(lines_.size());
    const Line copy = lines_[from];
    switch (below(3)) {
      case 0:
        lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(to), copy);
        break;
      case 1:
        lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(from));
        break;
      default:
        std::swap(lines_[from], lines_[to]);
    }
    return true;
  }

  std::minstd_rand random_;
  std::vector<Line> lines_;
};

/// For LLVMFuzzerCustomMutator: mostly as JSON, now and then as bytes.
inline std::size_t mutate_json_lines(std::uint8_t* data, std::size_t size, std::size_t most,
                                     unsigned int seed) {
  JsonLines lines({reinterpret_cast<const char*>(data), size}, seed);
  const bool as_bytes = seed % 5 == 0 || !lines.change();
  const std::string text = as_bytes ? std::string() : lines.text();
  if (as_bytes || text.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

}  // namespace saga_harness::fuzz
