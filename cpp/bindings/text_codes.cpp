#include "text_codes.hpp"

#include <algorithm>
#include <cstring>

#include "learnedidx/keys/strings.hpp"
#include "learnedidx/keys/utf8.hpp"

namespace learnedidx::bindings {
namespace {

int sign_of(Py_ssize_t one, Py_ssize_t other) { return (one > other) - (one < other); }

int compare_characters(PyObject* one, PyObject* other) {
  const Py_ssize_t size = PyUnicode_GET_LENGTH(one), other_size = PyUnicode_GET_LENGTH(other);
  const int kind = PyUnicode_KIND(one), other_kind = PyUnicode_KIND(other);
  const void *data = PyUnicode_DATA(one), *other_data = PyUnicode_DATA(other);
  if (kind == PyUnicode_1BYTE_KIND && other_kind == kind) return compare(slice_of(data, static_cast<std::size_t>(size)), slice_of(other_data, static_cast<std::size_t>(other_size)));
  for (Py_ssize_t i = 0; i < size && i < other_size; ++i) {
    const Py_UCS4 mine = PyUnicode_READ(kind, data, i), theirs = PyUnicode_READ(other_kind, other_data, i);
    if (mine != theirs) return mine < theirs ? -1 : 1;
  }
  return sign_of(size, other_size);
}

Slice slice_of_text(const TextBytes& text) { return slice_of(text.data(), text.size()); }
Slice slice_of_bytes(PyObject* bytes) { return slice_of(PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes))); }
Slice slice_of_bound(const std::string& bound) { return slice_of(bound.data(), bound.size()); }

}  // namespace

int compare_text(PyObject* one, PyObject* other) noexcept {
  if (one == other) return 0;
  if (PyUnicode_Check(one)) return compare_characters(one, other);
  return compare(slice_of_bytes(one), slice_of_bytes(other));
}

TextBytes::TextBytes(PyObject* text, std::size_t most) noexcept {
  const bool is_str = PyUnicode_Check(text);
  if (is_str && !PyUnicode_IS_ASCII(text)) {
    encode(text, most);
    return;
  }
  const Py_ssize_t size = is_str ? PyUnicode_GET_LENGTH(text) : PyBytes_GET_SIZE(text);
  data_ = is_str ? PyUnicode_1BYTE_DATA(text) : reinterpret_cast<const unsigned char*>(PyBytes_AS_STRING(text));
  size_ = std::min(static_cast<std::size_t>(size), most);
}

void TextBytes::encode(PyObject* text, std::size_t most) noexcept {
  const int kind = PyUnicode_KIND(text);
  const void* data = PyUnicode_DATA(text);
  const Py_ssize_t length = PyUnicode_GET_LENGTH(text);
  std::size_t done = 0;
  for (Py_ssize_t i = 0; i < length && done < most; ++i) done += put_character(PyUnicode_READ(kind, data, i), made_ + done);
  data_ = made_;
  size_ = std::min(done, most);
}

TextBounds::TextBounds(std::vector<std::string> bounds)
    : bounds_(std::move(bounds)), shared_(common_prefix(slice_of_bound(bounds_.front()), slice_of_bound(bounds_.back()))) {
  for (const std::string& bound : bounds_) heads_.push_back(chunk_at(slice_of_bound(bound), shared_));
}

std::size_t TextBounds::interval(const TextBytes& text) const noexcept {
  const int beside = std::memcmp(text.data(), bounds_.front().data(), std::min(text.size(), shared_));
  if (beside != 0 || text.size() < shared_) return beside > 0 ? bounds_.size() : 0;
  const std::uint64_t head = chunk_at(slice_of_text(text), shared_);
  const auto first = std::lower_bound(heads_.begin(), heads_.end(), head);
  const auto begin = bounds_.begin() + (first - heads_.begin());
  const auto end = begin + (std::upper_bound(first, heads_.end(), head) - first);
  const auto not_above = [&text](const std::string& bound) { return compare(slice_of_text(text), slice_of_bound(bound)) >= 0; };
  return static_cast<std::size_t>(std::partition_point(begin, end, not_above) - bounds_.begin());
}

TextCodes TextCodes::of(std::vector<PyObject*> sample) {
  TextCodes codes;
  if (sample.size() < kLeastSample) return codes;
  const auto below = [](PyObject* one, PyObject* other) { return compare_text(one, other) < 0; };
  std::sort(sample.begin(), sample.end(), below);
  std::size_t ties = 0;
  for (std::size_t i = 1; i < sample.size(); ++i) ties += codes.code(sample[i - 1]) == codes.code(sample[i]);
  if (ties * kFewTies <= sample.size()) return codes;
  std::vector<std::string> bounds;
  for (PyObject* const object : sample) {
    const TextBytes text(object, kMostBound);
    std::string bound(reinterpret_cast<const char*>(text.data()), text.size());
    if (bounds.empty() || bounds.back() != bound) bounds.push_back(std::move(bound));
  }
  codes.set_bounds(bounds);
  return codes;
}

void TextCodes::set_bounds(const std::vector<std::string>& bounds) {
  std::vector<std::string> every;
  for (std::size_t i = 0; i < bounds.size(); i += kGroup) every.push_back(bounds[i]);
  groups_.emplace_back(std::move(every));
  std::size_t longest = 0;
  skip_.push_back(0);  // text below the first bound begins with anything, and so does text above the last
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    skip_.push_back(i + 1 < bounds.size() ? common_prefix(slice_of_bound(bounds[i]), slice_of_bound(bounds[i + 1])) : 0);
    longest = std::max(longest, bounds[i].size());
  }
  for (auto from = bounds.begin(); from < bounds.end(); from += std::min<std::ptrdiff_t>(kGroup, bounds.end() - from))
    groups_.emplace_back(std::vector<std::string>(from, from + std::min<std::ptrdiff_t>(kGroup, bounds.end() - from)));
  most_ = longest + 8;
}

std::int64_t TextCodes::code(PyObject* object) const noexcept {
  const TextBytes text(object, most_);
  std::uint64_t code;
  if (groups_.empty()) {
    code = chunk_at(slice_of_text(text), 0);
  } else {
    const std::size_t group = groups_.front().interval(text);
    const std::size_t at = group == 0 ? 0 : (group - 1) * kGroup + groups_[group].interval(text);
    code = std::uint64_t{at} << kTextBits | chunk_at(slice_of_text(text), skip_[at]) >> (64 - kTextBits);
  }
  return static_cast<std::int64_t>(code ^ (std::uint64_t{1} << 63));
}

}  // namespace learnedidx::bindings
