#include <saga_harness/exploration.hpp>

#include <algorithm>

namespace saga_harness {

Exploration::Exploration() = default;
Exploration::~Exploration() = default;
Exploration::Exploration(const Exploration& other) = default;
Exploration::Exploration(Exploration&& other) noexcept = default;
Exploration& Exploration::operator=(const Exploration& other) = default;
Exploration& Exploration::operator=(Exploration&& other) noexcept = default;

std::uint64_t Exploration::count(CellStatus status) const {
  return static_cast<std::uint64_t>(std::ranges::count(cells, status, &Cell::status));
}

}  // namespace saga_harness
