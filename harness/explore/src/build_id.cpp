#include "build_id.hpp"

#include <link.h>

#include <array>
#include <cstring>
#include <fstream>
#include <span>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/random_numbers.hpp>

namespace saga_harness {
namespace {

constexpr std::size_t aligned(std::size_t size) {
  constexpr std::size_t kAlignment = 4;
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

/// Empty if there is none.
std::string build_id_in(std::span<const unsigned char> notes) {
  constexpr std::string_view kOwner("GNU\0", 4);
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes.data(), sizeof note);
    const std::size_t content = sizeof note + aligned(note.n_namesz);
    const std::size_t end = content + aligned(note.n_descsz);
    if (end > notes.size()) return {};
    const bool is_gnu = note.n_namesz == kOwner.size() &&
                        std::memcmp(notes.data() + sizeof note, kOwner.data(), kOwner.size()) == 0;
    if (is_gnu && note.n_type == NT_GNU_BUILD_ID)
      return fmt::format("{:02x}", fmt::join(notes.subspan(content, note.n_descsz), ""));
    notes = notes.subspan(end);
  }
  return {};
}

// The first object is the executable itself; there it ends.
int take_build_id(dl_phdr_info* object, std::size_t /*size*/, void* found) {
  std::string& id = *static_cast<std::string*>(found);
  for (std::size_t i = 0; i < object->dlpi_phnum && id.empty(); ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* notes = reinterpret_cast<const unsigned char*>(  // NOLINT(performance-no-int-to-ptr)
        object->dlpi_addr + segment.p_vaddr);
    id = build_id_in({notes, segment.p_memsz});
  }
  return 1;
}

/// Empty if it cannot be read.
std::string hash_of_executable() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  std::array<char, 65536> part = {};
  std::uint64_t hash = 0;
  bool is_read = false;
  while (file.read(part.data(), part.size()) || file.gcount() > 0) {
    hash = hash * 31 + hash_of({part.data(), static_cast<std::size_t>(file.gcount())});
    is_read = true;
  }
  return is_read ? fmt::format("{:016x}", hash) : std::string();
}

}  // namespace

const std::string& build_id() {
  static const std::string kId = [] {
    std::string id;
    ::dl_iterate_phdr(take_build_id, &id);
    return id.empty() ? hash_of_executable() : id;
  }();
  if (kId.empty()) {
    throw Error(ErrorText{.message = "nothing tells this executable from another: it has no build id, and "
                                     "/proc/self/exe cannot be read",
                          .fix = "give the subject a version, with named(\"NAME\", \"VERSION\") or as "
                                 "Experiment::version"});
  }
  return kId;
}

}  // namespace saga_harness
