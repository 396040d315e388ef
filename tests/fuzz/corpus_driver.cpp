// Runs every file of the named folders through a target, whole and cut off at three places, without
// libFuzzer. Prints each file's name before it, so that the last one printed is the one that ended the
// process.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void run(const std::string& input, std::size_t size) {
  const std::string exact = input.substr(0, size);  // a copy, so that reading past its end is seen
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(exact.data()), exact.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::set<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) files.insert(entry.path());
  }
  if (files.empty()) {
    std::fprintf(stderr, "no corpus: name a folder with files in it\n");
    return 64;
  }
  for (const std::filesystem::path& path : files) {
    std::fprintf(stderr, "%s\n", path.c_str());
    const std::string input = read(path);
    for (const std::size_t quarters : {4U, 3U, 2U, 1U}) run(input, input.size() * quarters / 4);
  }
  std::fprintf(stderr, "%zu files\n", files.size());
  return 0;
}
