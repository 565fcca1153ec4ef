// What is asked of files that an index opens and saves.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "learnedidx/file/plan.hpp"
#include "learnedidx/owned/files.hpp"

namespace learnedidx {

// map: keys and model stay in the file and are shared by all processes that map it. It must not be truncated meanwhile: that
// ends the process with SIGBUS. Otherwise the file is read into memory of the index.
struct OpenOptions {
  bool map = true;
};

// values: value_bytes for each key, or null; dtype: how NumPy reads one ("<f8", "<u4"), by default as so many raw bytes.
struct SaveOptions {
  bool with_keys = true;
  const void* values = nullptr;
  std::size_t value_bytes = 0;
  const char* dtype = nullptr;

  bool has_values() const { return values != nullptr || value_bytes > 0; }
  bool are_sane() const {
    if (!has_values()) return dtype == nullptr;
    if (values == nullptr || value_bytes == 0 || value_bytes > std::size_t{1} << 30) return false;
    if (dtype == nullptr) return true;
    const std::size_t size = std::strlen(dtype);
    constexpr const char* known = "<|[]0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return size > 0 && size <= 32 && std::strspn(dtype, known) == size;
  }
};

// What META says of values; null: there are none.
class ValuesText {
 public:
  explicit ValuesText(const SaveOptions& options) {
    if (!options.has_values()) return;
    char raw[32];
    std::snprintf(raw, sizeof raw, "|V%zu", options.value_bytes);
    std::snprintf(text_, sizeof text_, R"("values":["%s",[]])", options.dtype != nullptr ? options.dtype : raw);
  }
  const char* text() const { return text_[0] != '\0' ? text_ : nullptr; }

 private:
  char text_[64] = "";
};

// The values of an opened file: where that of a key lies.
struct ValuesView {
  const unsigned char* data = nullptr;
  std::size_t bytes_each = 0;

  ValuesView() = default;
  explicit ValuesView(const OpenedFile& file) {
    if (file.values == nullptr || file.header.n == 0) return;
    data = static_cast<const unsigned char*>(file.values);
    bytes_each = static_cast<std::size_t>(file.value_bytes / file.header.n);
  }
};

// open(body, data, bytes) -> Status, of a file that the body then holds.
template <class Body, class Open> Status open_path(const char* path, const OpenOptions& options, Open&& open) noexcept {
  return without_throwing([&]() -> Status {
    if (path == nullptr) return Status::of_system(Reason::cannot_read, EINVAL);
    auto body = std::make_unique<Body>();
    const Status status = body->bytes.open(path, options.map);
    if (!status) return status;
    const void* data = body->bytes.data();
    const std::size_t size = body->bytes.size();
    return open(std::move(body), data, size);
  });
}

// The bytes that an index was opened from, handed to to_bytes; opened null: what it was built from, by plan() -> Status.
template <class ToBytes, class Plan>
Status write_index(const OpenedFile* opened, const SaveOptions& options, ToBytes&& to_bytes, Plan&& plan) noexcept {
  return without_throwing([&]() -> Status {
    if (!options.are_sane()) return Reason::bad_option;
    if (opened == nullptr) return plan();
    if (options.has_values() || !options.with_keys) return Reason::bad_option;
    return to_bytes(opened->data, static_cast<std::size_t>(opened->header.file_bytes)) ? Status() : Status(Reason::cannot_write);
  });
}

}  // namespace learnedidx
