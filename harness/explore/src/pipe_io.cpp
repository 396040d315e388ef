#include <saga_harness_internal/pipe_io.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace saga_harness::internal {
namespace {

constexpr std::size_t kLengthDigits = 8;

/// So much of it as comes in time; false if it is not all.
bool receive_exactly(int pipe, std::size_t size, std::chrono::steady_clock::time_point until,
                     std::string& into) {
  std::array<char, 4096> buffer{};
  while (into.size() < size) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{.fd = pipe, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    const ssize_t count = ::read(pipe, buffer.data(), std::min(buffer.size(), size - into.size()));
    if (count == 0 || (count < 0 && errno != EINTR)) return false;
    if (count > 0) into.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

bool send_text(int pipe, std::string_view text) {
  const std::string whole = fmt::format("{:08x}{}", text.size(), text);
  std::string_view rest = whole;
  while (!rest.empty()) {
    const ssize_t written = ::send(pipe, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::optional<std::string> receive_text(int pipe, std::chrono::steady_clock::time_point until) {
  std::string head;
  if (!receive_exactly(pipe, kLengthDigits, until, head)) return std::nullopt;
  std::size_t size = 0;
  const auto [stop, error] = std::from_chars(head.data(), head.data() + head.size(), size, 16);
  if (error != std::errc() || stop != head.data() + head.size()) return std::nullopt;
  std::string text;
  if (!receive_exactly(pipe, size, until, text)) return std::nullopt;
  return text;
}

bool has_one_thread() {
  std::error_code failure;
  const std::filesystem::directory_iterator threads("/proc/self/task", failure);
  return !failure && std::distance(begin(threads), end(threads)) == 1;
}

}  // namespace saga_harness::internal
