// Files on disk: one that is mapped or read, and one that takes the place of another when all of it is written.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/file/plan.hpp"
#include "learnedidx/fitting/status.hpp"

#if defined(__unix__) || defined(__APPLE__)
#define LIDX_POSIX
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace learnedidx {

// The bytes of a file, until it is closed. They begin at a multiple of 64.
class FileBytes {
 public:
  FileBytes() = default;
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes() { close(); }

  const void* data() const { return mapped_ != nullptr ? mapped_ : read_.data(); }
  std::size_t size() const { return size_; }

  // map: leave the bytes in the file. Where that cannot be, and otherwise, they are read.
  Status open(const char* path, bool map) {
    close();
#ifdef LIDX_POSIX
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return Status::of_system(Reason::cannot_read, errno);
    const Status status = take(file, map);
    ::close(file);
    return status;
#else
    static_cast<void>(map);
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr) return Status::of_system(Reason::cannot_read, errno);
    unsigned char block[1 << 14];
    for (std::size_t got; (got = std::fread(block, 1, sizeof block, file)) > 0;) read_.insert(read_.end(), block, block + got);
    const int error = std::ferror(file) ? EIO : 0;
    std::fclose(file);
    size_ = read_.size();
    return error ? Status::of_system(Reason::cannot_read, error) : Status();
#endif
  }

 private:
#ifdef LIDX_POSIX
  Status take(int file, bool map) {
    struct stat found;
    if (::fstat(file, &found) != 0) return Status::of_system(Reason::cannot_read, errno);
    if (S_ISDIR(found.st_mode)) return Status::of_system(Reason::cannot_read, EISDIR);
    size_ = static_cast<std::size_t>(found.st_size);
    if (map && size_ > 0) {
      void* at = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
      if (at != MAP_FAILED) mapped_ = at;
    }
    if (mapped_ != nullptr) return {};
    read_.resize(size_);
    for (std::size_t done = 0; done < size_;) {
      const ::ssize_t got = ::read(file, read_.data() + done, size_ - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Status::of_system(Reason::cannot_read, errno);
      if (got == 0) size_ = done;  // it was cut short meanwhile, which opening what is left will say
      done += static_cast<std::size_t>(got);
    }
    return {};
  }
#endif

  void close() {
#ifdef LIDX_POSIX
    if (mapped_ != nullptr) ::munmap(mapped_, size_);
#endif
    mapped_ = nullptr;
    size_ = 0;
    read_.clear();
  }

  void* mapped_ = nullptr;
  std::size_t size_ = 0;
  Table<unsigned char> read_;
};

// Writes a file beside the one of that name, makes it last, and puts it in its place. Whatever fails, what was there before
// stays, and nothing else does.
class FileReplacer {
 public:
  FileReplacer(const FileReplacer&) = delete;
  FileReplacer& operator=(const FileReplacer&) = delete;
  explicit FileReplacer(const char* path) : path_(path) {
#ifdef LIDX_POSIX
    if (char* real = ::realpath(path, nullptr)) path_ = real, std::free(real);  // what a link leads to is replaced, not the link
#endif
    const std::size_t slash = path_.find_last_of('/');
    folder_ = slash == std::string::npos ? std::string() : path_.substr(0, slash + 1);
    beside_ = folder_ + "." + path_.substr(folder_.size(), kNamePart);
  }
  ~FileReplacer() {
    if (file_ != nullptr) std::fclose(file_);
    if (exists_) std::remove(beside_.c_str());
  }

  Status begin() {
    const std::string stem = beside_;
    for (unsigned attempt = 0; file_ == nullptr; ++attempt) {
      beside_ = stem + "." + std::to_string(number_of_this()) + "-" + std::to_string(attempt) + ".tmp";
      file_ = std::fopen(beside_.c_str(), "wbx");  // x: a file that is there already is somebody else's
      if (file_ == nullptr && (errno != EEXIST || attempt > 99)) return failed();
    }
    exists_ = true;
    return keep_mode();
  }
  bool write(const void* data, std::size_t bytes) { return bytes == 0 || std::fwrite(data, 1, bytes, file_) == bytes; }
  Status failed() const { return Status::of_system(Reason::cannot_write, errno != 0 ? errno : EIO); }

  Status finish() {
    bool done = std::fflush(file_) == 0;
#ifdef LIDX_POSIX
    done = done && ::fsync(::fileno(file_)) == 0;
#endif
    const int error = done ? 0 : errno;
    const bool closed = std::fclose(file_) == 0;
    file_ = nullptr;
    if (!done || !closed) return Status::of_system(Reason::cannot_write, done ? errno : error);
    if (std::rename(beside_.c_str(), path_.c_str()) != 0) return failed();
    exists_ = false;
    sync_folder();
    return {};
  }

 private:
  static constexpr std::size_t kNamePart = 20;  // of the file's name in that of the temporary one: 255 bytes are the most

  unsigned long long number_of_this() const {
    unsigned long long number = static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(this));
#ifdef LIDX_POSIX
    number ^= static_cast<unsigned long long>(::getpid()) << 40;
#endif
    return number;
  }

  // The permissions of the file that is there.
  Status keep_mode() {
#ifdef LIDX_POSIX
    struct stat found;
    if (::stat(path_.c_str(), &found) != 0) return {};
    if (!S_ISREG(found.st_mode)) return Status::of_system(Reason::cannot_write, S_ISDIR(found.st_mode) ? EISDIR : EINVAL);
    if (::fchmod(::fileno(file_), found.st_mode & 07777) != 0) return failed();
#endif
    return {};
  }

  void sync_folder() const {
#ifdef LIDX_POSIX
    const int folder = ::open(folder_.empty() ? "." : folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    ::fsync(folder);
    ::close(folder);
#endif
  }

  std::string path_, folder_, beside_;
  std::FILE* file_ = nullptr;
  bool exists_ = false;
};

// for_each(sink) calls sink(data, bytes) -> go on? with all bytes of the file in order.
template <class ForEach> Status replace_file(const char* path, ForEach&& for_each) {
  if (path == nullptr) return Status::of_system(Reason::cannot_write, EINVAL);
  FileReplacer file(path);
  Status status = file.begin();
  if (!status) return status;
  errno = 0;
  if (!for_each([&](const void* data, std::size_t bytes) { return file.write(data, bytes); })) return file.failed();
  return file.finish();
}

// Calls write(to_plan, to_bytes) -> Status, of which one gets what the file is to hold.
template <class Write> Status save_by(const char* path, Write&& write) {
  Status done;
  const auto replace = [&](auto&& for_each) {
    done = replace_file(path, for_each);
    return static_cast<bool>(done);
  };
  const Status status = write(
      [&](const FilePlan& plan) { return replace([&](auto&& sink) { return write_file(plan, sink); }); },
      [&](const void* data, std::size_t size) { return replace([&](auto&& sink) { return sink(data, size); }); });
  return done ? status : done;
}

}  // namespace learnedidx
