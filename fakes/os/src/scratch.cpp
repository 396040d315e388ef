#include <saga_harness_internal/scratch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <saga_harness/error.hpp>

namespace saga_harness::os {
namespace {

constexpr std::size_t kMostFolders = 512;
constexpr std::size_t kLongestPath = 256;

enum class Slot : int { kFree, kWritten, kThere };

struct Folder {
  std::atomic<Slot> slot = Slot::kFree;
  std::array<char, kLongestPath> path = {};
};

// The folders that are there, where a signal handler finds them.
std::array<Folder, kMostFolders> folders;

void note_folder(const std::string& path) noexcept {
  if (path.size() >= kLongestPath) return;
  for (Folder& folder : folders) {
    Slot expected = Slot::kFree;
    if (!folder.slot.compare_exchange_strong(expected, Slot::kWritten)) continue;
    std::memcpy(folder.path.data(), path.c_str(), path.size() + 1);
    folder.slot = Slot::kThere;
    return;
  }
}

void forget_folder(const std::string& path) noexcept {
  for (Folder& folder : folders) {
    if (folder.slot == Slot::kThere && path == folder.path.data()) folder.slot = Slot::kFree;
  }
}

}  // namespace

Scratch::Scratch() : path_((std::filesystem::temp_directory_path() / "saga-target-XXXXXX").string()) {
  if (::mkdtemp(path_.data()) == nullptr)
    throw Error(ErrorText{.message = "no scratch folder can be made for the target"}, ErrorKind::kInternal);
  note_folder(path_);
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  forget_folder(path_);
}

// Only what may be called in a signal handler, so by another program.
void remove_all_scratch() noexcept {
  static std::array<const char*, kMostFolders + 4> arguments{"rm", "-rf", "--"};
  std::size_t count = 3;
  for (const Folder& folder : folders) {
    if (folder.slot == Slot::kThere) arguments[count++] = folder.path.data();
  }
  if (count == 3) return;
  arguments[count] = nullptr;
  const pid_t remover = ::_Fork();
  if (remover == 0) {
    ::execv("/bin/rm", const_cast<char* const*>(arguments.data()));
    ::_exit(127);
  }
  if (remover > 0) ::waitpid(remover, nullptr, 0);
}

}  // namespace saga_harness::os
