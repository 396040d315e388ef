#include <saga_harness_internal/input_file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness::internal {
namespace {

[[noreturn]] void cannot_read(const std::string& path, const std::string& fix, int error) {
  throw Error(
      ErrorText{.source = std::string(path),
                .message = fmt::format("the file cannot be read: {}", std::generic_category().message(error)),
                .fix = std::string(fix)});
}

[[noreturn]] void too_large(const std::string& path, std::size_t limit) {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20U;
  const std::string rounded = limit % kMebibyte == 0 ? fmt::format(" ({} MiB)", limit / kMebibyte) : "";
  throw Error(ErrorText{.source = std::string(path),
                        .message = fmt::format("the file has more than {} bytes{}", limit, rounded),
                        .fix = "split it"});
}

/// Closed when it goes.
class OpenInput {
 public:
  OpenInput(const std::string& path, const std::string& fix)
      : path_(path), fix_(fix), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {
    if (descriptor_ < 0) cannot_read(path_, fix_, errno);
  }
  ~OpenInput() { ::close(descriptor_); }
  OpenInput(const OpenInput&) = delete;
  OpenInput& operator=(const OpenInput&) = delete;

  /// Empty at the end.
  [[nodiscard]] std::string_view next() {
    ssize_t count = 0;
    do {
      count = ::read(descriptor_, part_.data(), part_.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0) cannot_read(path_, fix_, errno);
    return {part_.data(), static_cast<std::size_t>(count)};
  }

 private:
  const std::string& path_;
  const std::string& fix_;
  int descriptor_;
  std::array<char, 65536> part_ = {};
};

}  // namespace

std::string read_file(const std::string& path, const ReadOptions& options) {
  OpenInput file(path, options.fix);
  std::string text;
  for (std::string_view part = file.next(); !part.empty(); part = file.next()) {
    if (part.size() > options.limit - text.size()) {
      too_large(path, options.limit);
    }
    text += part;
  }
  return text;
}

std::optional<std::string> read_file_if_there(const std::string& path, const ReadOptions& options) {
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return std::nullopt;
  return read_file(path, options);
}

void read_in_parts(const std::string& path, const std::string& fix,
                   const std::function<bool(std::string_view)>& take) {
  OpenInput file(path, fix);
  for (std::string_view part = file.next(); !part.empty() && take(part); part = file.next()) {
  }
}

}  // namespace saga_harness::internal
