// What an index that owns itself says of a build, an opened file and a saved one.
#pragma once

#include <cstdint>

#include "learnedidx/file/status.hpp"

namespace learnedidx {

enum class Reason : std::uint8_t {
  ok, unsorted_keys, bad_option, no_memory, too_many_keys,                                // of a build
  bad_file, cannot_read, misaligned, other_kind, no_keys, other_keys,                    // of a file that is opened
  cannot_write                                                                          // of a file that is saved
};

// True where all went well. Otherwise nothing was changed: an index is what it was, and so is a file.
struct [[nodiscard]] Status {
  Reason reason = Reason::ok;
  FileStatus file = FileStatus::ok;  // of bad_file: what is wrong with it
  std::uint64_t at = 0;              // of unsorted_keys: the first key that is below the one before it
  int error = 0;                     // of cannot_read and cannot_write: errno

  Status() = default;
  Status(Reason why) : reason(why) {}
  Status(FileStatus status) : reason(status == FileStatus::ok ? Reason::ok : Reason::bad_file), file(status) {}
  static Status unsorted(std::uint64_t where) {
    Status status(Reason::unsorted_keys);
    status.at = where;
    return status;
  }
  static Status of_system(Reason why, int number) {
    Status status(why);
    status.error = number;
    return status;
  }

  explicit operator bool() const { return reason == Reason::ok; }

  // A sentence; of bad_file one without its subject, to be put behind the name of the file. Never null.
  const char* message() const {
    switch (reason) {
      case Reason::ok: return "all is well";
      case Reason::unsorted_keys: return "the keys must ascend, with NaN last: sort them first; `at` is the first that does not";
      case Reason::bad_option: return "an option is out of its range, or is none of this model or these keys";
      case Reason::no_memory: return "the memory does not suffice";
      case Reason::too_many_keys: return "an index holds at most 2^48 numbers, or 2^31 - 1 strings";
      case Reason::bad_file: return learnedidx::message(file);
      case Reason::cannot_read: return "cannot be opened or read: `error` is the errno";
      case Reason::misaligned: return "the bytes of a file must begin at an address that is a multiple of 8";
      case Reason::other_kind: return "holds keys of another type: open it with an Index of that type";
      case Reason::no_keys: return "holds the model alone: pass the keys that it was saved with";
      case Reason::other_keys: return "was made over other keys: pass those that it was saved with";
      case Reason::cannot_write: return "cannot be written: `error` is the errno; what was there before stays";
    }
    return "has an unknown status";
  }
};

// Runs f() -> Status. Memory that runs out throws in the standard library: it becomes a status here. Without exceptions it
// ends the program, as it does anywhere in such a program.
template <class F> Status without_throwing(F&& f) noexcept {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
  try {
    return f();
  } catch (...) {
    return Reason::no_memory;
  }
#else
  return f();
#endif
}

}  // namespace learnedidx
