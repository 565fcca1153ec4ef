#include "file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "learnedidx/file/filter.hpp"
#include "learnedidx/kernels/rows.hpp"

namespace learnedidx::sqlite {

namespace {

constexpr std::size_t kAlignment = 4096;  // of what is read, as of what is mapped

std::string cannot_be_read(int error) { return std::string("cannot be read: ") + std::strerror(error); }

}  // namespace

FileBytes::~FileBytes() {
  if (mapped_) munmap(data_, size_);
  else std::free(data_);
}

std::string FileBytes::open(const char* path, bool map) {
  // A pipe must not wait for its writer; it is refused below.
  const int file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return cannot_be_read(errno);
  std::string wrong = load(file, map);
  close(file);
  return wrong;
}

std::string FileBytes::load(int file, bool map) {
  struct stat status;
  if (fstat(file, &status) != 0) return cannot_be_read(errno);
  if (!S_ISREG(status.st_mode)) return "is no regular file";
  if (status.st_size == 0) return message(FileStatus::foreign);
  size_ = static_cast<std::size_t>(status.st_size);
  if (map) {
    void* mapped = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) return cannot_be_read(errno);
    data_ = mapped;
    mapped_ = true;
    return {};
  }
  capacity_ = (size_ + kAlignment - 1) / kAlignment * kAlignment;
  data_ = std::aligned_alloc(kAlignment, capacity_);
  if (data_ == nullptr) return cannot_be_read(ENOMEM);
  return read_all(file) ? std::string() : cannot_be_read(errno);
}

// A file that shrank meanwhile is shorter, which opening it will say.
bool FileBytes::read_all(int file) {
  std::size_t done = 0;
  while (done < size_) {
    const ssize_t got = ::read(file, static_cast<char*>(data_) + done, size_ - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  size_ = done;
  return true;
}

std::string SortedFile::open(const char* path, bool map) {
  std::string wrong = bytes_.open(path, map);
  if (!wrong.empty()) return wrong;
  numbers_ = std::make_unique<OpenedFile>();
  const FileStatus status = open_file(bytes_.data(), bytes_.size(), *numbers_);
  if (status == FileStatus::unknown_section) {
    OpenedFilter filter;
    if (open_filter(bytes_.data(), bytes_.size(), filter) == FileStatus::ok) return "holds a filter alone, and no keys to select";
  }
  if (status != FileStatus::ok) return message(status);
  wrong = numbers_->holds_strings ? open_strings_in() : check_numbers();
  if (!wrong.empty()) return wrong;
  kernels_ = &widest_kernels();
  make_index();
  sample_runs();
  return {};
}

std::string SortedFile::open_strings_in() {
  strings_ = std::make_unique<OpenedStrings>();
  const FileStatus status = open_strings(bytes_.data(), bytes_.size(), *strings_);
  if (status != FileStatus::ok) return message(status);
  if (opened().string_data == nullptr) return "holds the model alone: save it with its keys";
  const bool is_text = opened().strings.form == static_cast<std::uint8_t>(StringForm::text);
  class_ = is_text ? KeyClass::text : KeyClass::blob;
  return {};
}

std::string SortedFile::check_numbers() const {
  const OpenedFile& file = opened();
  if (file.keys == nullptr) return "holds the model alone: save it with its keys";
  if (file.header.numbers != file.header.n)
    return "has keys that are NaN or NaT, which SQLite would sort first: leave them out and save it again";
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (file.kind() == KeyType::u64 && file.header.n > 0 && file.header.last > most)
    return "has uint64 keys above 2^63 - 1, the largest integer of SQLite";
  return {};
}

void SortedFile::make_index() {
  if (strings_) {
    index_ = std::make_unique<StringIndex>(strings_->view, *kernels_);
    return;
  }
  visit_key_type(opened().kind(), [&](auto tag) {
    if (kIsReal<decltype(tag)>) class_ = KeyClass::real;
    index_over<decltype(tag)>(opened());
  });
}

template <class K> void SortedFile::index_over(const OpenedFile& file) {
  auto index = std::make_unique<TypedIndex<K>>(static_cast<const K*>(file.keys), file.numbers(), file.numbers());
  switch (file.model()) {
    case StoredModel::rmi: index->use_rmi(&file.rmi, &file.errors); break;
    case StoredModel::pgm: index->use_pgm(&file.pgm, &file.pgm_errors); break;
    case StoredModel::radix_spline: index->use_spline(&file.spline); break;
    case StoredModel::btree:
      if (file.numbers() >= kWindowKeys<K>) {
        auto tree = std::make_shared<BTreeView<K>>(tree_of<K>(file));
        index->use_tree(tree.get());
        tree_ = std::move(tree);
      }
      break;
    case StoredModel::none:
    case StoredModel::direct: break;  // of the few different keys that it serves, bisecting finds one as fast
  }
  index_ = std::move(index);
}

std::int64_t SortedFile::position(const ScalarQuery& query, bool right) const {
  return index_->search_one(query, right, Verb::position, *kernels_);
}

Interval SortedFile::equal(const ScalarQuery& query) const {
  const std::int64_t first = index_->search_one(query, false, Verb::find, *kernels_), next = first + 1;
  if (first < 0) return {};
  if (next == n() || !same_keys(first, next)) return {first, next};
  return {first, std::max(next, position(query, true))};
}

std::int64_t SortedFile::integer_at(std::int64_t row) const {
  return visit_key_type(opened().kind(), [&](auto tag) {
    using K = decltype(tag);
    if constexpr (kIsReal<K>) return std::int64_t{0};
    else return static_cast<std::int64_t>(static_cast<const K*>(opened().keys)[row]);
  });
}

double SortedFile::real_at(std::int64_t row) const {
  const void* keys = opened().keys;
  if (opened().kind() == KeyType::f32) return static_cast<double>(static_cast<const float*>(keys)[row]);
  return static_cast<const double*>(keys)[row];
}

Slice SortedFile::string_at(std::int64_t row) const {
  return learnedidx::string_at(strings_->view.keys, static_cast<std::size_t>(row));
}

bool SortedFile::same_keys(std::int64_t a, std::int64_t b) const {
  switch (class_) {
    case KeyClass::integer: return integer_at(a) == integer_at(b);
    case KeyClass::real: return real_at(a) == real_at(b);
    case KeyClass::text:
    case KeyClass::blob: break;
  }
  const Slice x = string_at(a), y = string_at(b);
  return x.size == y.size && (x.size == 0 || std::memcmp(x.data, y.data, x.size) == 0);
}

// Runs are gallopped over, so that a sample costs a few reads where keys differ.
void SortedFile::sample_runs() {
  constexpr std::int64_t samples = 16;
  double sum = 0;
  for (std::int64_t i = 0; i < samples && n() > 0; ++i) {
    const std::int64_t from = n() / samples * i;
    std::int64_t length = 1;
    while (length < n() - from && same_keys(from, from + length)) length *= 2;
    sum += static_cast<double>(length);
  }
  average_run_ = std::max(1.0, sum / static_cast<double>(samples));
}

}  // namespace learnedidx::sqlite
