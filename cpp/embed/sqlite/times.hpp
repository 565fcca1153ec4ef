// Times as SQL shows them: their unit, and instants as text.
#pragma once

#include <cstdint>
#include <string>

#include "learnedidx/file/format.hpp"

namespace learnedidx::sqlite {

// The unit of keys that are times: "nanoseconds", or "nanoseconds(25)" of steps of 25.
std::string unit_of(const FileHeader& header);

// An instant as ISO 8601 writes it, to the digit that its unit has; empty: where its seconds pass 2^60.
std::string iso_text(const FileHeader& header, std::int64_t steps);

}  // namespace learnedidx::sqlite
