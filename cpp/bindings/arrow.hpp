// The Arrow C data and C stream interface: its three structs, as the specification lays them out, and columns made of them.
//   https://arrow.apache.org/docs/format/CDataInterface.html, CStreamInterface.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "column.hpp"

extern "C" {

// Released by its producer: `release` is null then.
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
  int (*get_next)(ArrowArrayStream*, ArrowArray* out);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};

}  // extern "C"

namespace learnedidx::bindings {

// The array of a capsule, taken out of it, if it is text or binary, plain or of a dictionary; else nothing. Lengths, offsets and pointers are checked; that memory is there is the producer's word.
std::optional<Column> column_of_arrow(const py::capsule& schema, const py::capsule& array, const std::string& name);
// All chunks of a stream as one column: borrowed where one alone has strings, else joined. The stream is used up.
std::optional<Column> column_of_stream(const py::capsule& stream, const std::string& name);

}  // namespace learnedidx::bindings
