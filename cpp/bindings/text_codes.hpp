// Text in order: str by its characters, which is the order of its UTF-8, and bytes. Both are compared where they lie, and
// have codes of 64 bits in the same order. Nothing here needs the GIL, if somebody else holds references to the objects.
#pragma once

#include <Python.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace learnedidx::bindings {

// Below 0, 0 or above 0, as one str is to another, or bytes to bytes.
int compare_text(PyObject* one, PyObject* other) noexcept;

// The first bytes of a text: of a str in UTF-8 (a lone surrogate takes its three bytes, as any character of its size).
class TextBytes {
 public:
  static constexpr std::size_t kMost = 160;

  TextBytes(PyObject* text, std::size_t most) noexcept;
  TextBytes(const TextBytes&) = delete;
  TextBytes& operator=(const TextBytes&) = delete;

  const unsigned char* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  void encode(PyObject* text, std::size_t most) noexcept;

  const unsigned char* data_;
  std::size_t size_;
  unsigned char made_[kMost + 4];
};

// Text in order that divides all text into intervals.
class TextBounds {
 public:
  explicit TextBounds(std::vector<std::string> bounds);  // different, ascending, at least one

  // How many bounds are not above a text, of which at least as many bytes were read as the longest bound has.
  std::size_t interval(const TextBytes& text) const noexcept;

 private:
  std::vector<std::string> bounds_;
  std::vector<std::uint64_t> heads_;  // eight bytes of each, behind what all begin with
  std::size_t shared_;                // bytes that all begin with
};

// Codes of text: eight bytes of it. Where the first eight are the same in many texts, as in URLs, a code is the number of
// an interval between bounds, 12 bits, and the 52 bits behind what all text in the interval begins with. The bounds are
// drawn from a sample: they decide how many texts share a code, never how texts that do are ordered.
class TextCodes {
 public:
  static constexpr std::size_t kSample = 4095;

  // For text of which this is a sample, in any order.
  static TextCodes of(std::vector<PyObject*> sample);

  std::int64_t code(PyObject* text) const noexcept;

 private:
  static constexpr std::size_t kLeastSample = 64;
  static constexpr std::size_t kGroup = 64;       // bounds that are searched at once: every 64th, then those behind it
  static constexpr std::size_t kFewTies = 64;     // one in so many texts of a sample may share a code with the one before
  static constexpr std::size_t kMostBound = TextBytes::kMost - 8;
  static constexpr unsigned kTextBits = 52;

  void set_bounds(const std::vector<std::string>& bounds);

  std::vector<TextBounds> groups_;  // the first one of every 64th bound; none: a code is the first eight bytes
  std::vector<std::size_t> skip_;   // bytes that all text of an interval begins with
  std::size_t most_ = 8;            // bytes of a text that its code depends on
};

}  // namespace learnedidx::bindings
