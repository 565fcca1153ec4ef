// The longest run of points that one line passes within epsilon of, found point by point.
//   J. O'Rourke: An on-line algorithm for fitting straight lines between data ranges, CACM 24(9),
//   1981; as used by P. Ferragina, G. Vinciguerra: The PGM-index, PVLDB 13(8), 2020, section 3.1.
//
// The lines that pass between the lower ends (y - epsilon) and the upper ends (y + epsilon) of all
// points so far have a steepest and a flattest. A new point is out of reach if it lies wholly above
// the one or below the other. The next steepest line ends in the new upper end and touches the
// hull of the lower ends from above; the flattest mirrors it. Every comparison is exact, so no
// other cut of the points into lines has fewer. Amortised O(1) a point.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "learnedidx/base/doubles.hpp"
#include "learnedidx/models/line.hpp"

namespace learnedidx {

// A product of two 64-bit numbers: 128 bits in two halves.
struct Product {
  std::uint64_t high, low;
};

inline Product multiply(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t mask = 0xffffffffu;
  const std::uint64_t low = (a & mask) * (b & mask);
  const std::uint64_t left = (a >> 32) * (b & mask) + (low >> 32);
  const std::uint64_t right = (a & mask) * (b >> 32) + (left & mask);
  return {(a >> 32) * (b >> 32) + (left >> 32) + (right >> 32), (right << 32) | (low & mask)};
}

inline int compare(const Product& a, const Product& b) {
  if (a.high != b.high) return a.high < b.high ? -1 : 1;
  return a.low < b.low ? -1 : (a.low > b.low ? 1 : 0);
}

// The way from one point to another one to its right.
struct Step {
  std::uint64_t across;  // 0 only if the way goes straight down: steeper than any other
  std::int64_t up;       // of size below 2^53
};

// The sign of slope(a) - slope(b), exactly: rounded products decide where they cannot be wrong.
inline int compare_slopes(const Step& a, const Step& b) {
  const double left = static_cast<double>(a.up) * to_double(b.across);
  const double right = static_cast<double>(b.up) * to_double(a.across);
  const double apart = left - right;
  const double doubt = ((left < 0 ? -left : left) + (right < 0 ? -right : right)) * 0x1p-50;
  if (apart > doubt) return 1;
  if (apart < -doubt) return -1;
  if ((a.up < 0) != (b.up < 0)) return a.up < 0 ? -1 : 1;
  const auto size = [](std::int64_t up) { return static_cast<std::uint64_t>(up < 0 ? -up : up); };
  const int larger = compare(multiply(size(a.up), b.across), multiply(size(b.up), a.across));
  return a.up < 0 ? -larger : larger;
}

class OptimalLine {
 public:
  explicit OptimalLine(std::int64_t epsilon) : epsilon_(epsilon) {}

  std::uint64_t first() const { return first_.x; }
  std::uint64_t last() const { return last_.x; }

  // Begins anew with one point.
  void start(std::uint64_t x, std::int64_t y) {
    first_ = last_ = {x, y};
    flattest_ = {};
    lower_.assign(1, {x, y - epsilon_});
    upper_.assign(1, {x, y + epsilon_});
    lower_start_ = upper_start_ = 0;
  }

  // Takes a point to the right of all others, and not below them; false if no line passes it, too.
  // |y| + epsilon is below 2^52.
  bool add(std::uint64_t x, std::int64_t y) {
    const Point low{x, y - epsilon_}, high{x, y + epsilon_};
    if (first_.x == last_.x) {
      steepest_ = {lower_[0], high};
      flattest_ = {upper_[0], low};
      lower_.push_back(low);
      upper_.push_back(high);
    } else {
      const int below_flattest = side(high, flattest_), above_steepest = side(low, steepest_);
      if (below_flattest < 0 || above_steepest > 0) return false;
      if (side(high, steepest_) < 0) lower_ceiling(high);
      if (side(low, flattest_) > 0) raise_floor(low);
    }
    last_ = {x, y};
    return true;
  }

  // Takes points of one height, at x and up to last, if they certainly say nothing new, as most do: the upper end of the last
  // lies above the steepest line, and the lower end of the first below the flattest, which rises.
  LIDX_INLINE bool passes(std::uint64_t x, std::uint64_t last, std::int64_t y) {
    if (!(flattest_.slope > 0 && above(last, y + epsilon_, steepest_) > 0 && above(x, y - epsilon_, flattest_) < 0)) return false;
    last_ = {last, y};
    return true;
  }

  // The same without the parts of the hulls that are past use.
  OptimalLine in_use() const {
    OptimalLine copy(epsilon_);
    copy.first_ = first_;
    copy.last_ = last_;
    copy.steepest_ = steepest_;
    copy.flattest_ = flattest_;
    copy.lower_.assign(lower_.begin() + static_cast<std::ptrdiff_t>(lower_start_), lower_.end());
    copy.upper_.assign(upper_.begin() + static_cast<std::ptrdiff_t>(upper_start_), upper_.end());
    return copy;
  }

  // A line that passes all points, halfway between the steepest and the flattest; never falling.
  Line line() const {
    if (first_.x == last_.x) return {0, static_cast<double>(first_.y)};
    const Line steep = through(steepest_);
    Line flat = through(flattest_);
    // Points never fall, so that where a falling line passes them all, a level one does.
    if (steep.slope + flat.slope < 0) flat = {0, static_cast<double>(first_.y + last_.y) / 2};
    return {(steep.slope + flat.slope) / 2, (steep.position + flat.position) / 2};
  }

 private:
  struct Point {
    std::uint64_t x;
    std::int64_t y;
  };
  struct Extreme {  // a line by two of its points
    Point from, to;
    double slope = 0;

    Extreme() = default;
    Extreme(const Point& a, const Point& b)
        : from(a), to(b), slope(static_cast<double>(b.y - a.y) / to_double(b.x - a.x)) {}
  };

  static Step step(const Point& a, const Point& b) { return {b.x - a.x, b.y - a.y}; }

  // Where a point that lies to the right of `line.from` lies: 1 above the line, -1 below, 0 on it.
  static int side(const Point& p, const Extreme& line) {
    const double apart = above(p.x, p.y, line);
    return apart > 0 ? 1 : apart < 0 ? -1 : compare_slopes(step(line.from, p), step(line.from, line.to));
  }

  // Positive if a point lies above a line for certain, negative if below, else 0: products are rounded by less than 2^-51.
  LIDX_INLINE static double above(std::uint64_t x, std::int64_t y, const Extreme& line) {
    const double rise = line.slope * to_double(x - line.from.x), apart = static_cast<double>(y - line.from.y) - rise;
    const double doubt = std::fabs(rise) * 0x1p-50;
    return apart > doubt || apart < -doubt ? apart : 0;
  }

  void lower_ceiling(const Point& high) {
    while (lower_start_ + 1 < lower_.size() &&
           compare_slopes(step(lower_[lower_start_ + 1], high), step(lower_[lower_start_], high)) <= 0)
      ++lower_start_;
    steepest_ = {lower_[lower_start_], high};
    while (upper_.size() >= upper_start_ + 2 &&
           compare_slopes(step(upper_[upper_.size() - 2], upper_.back()), step(upper_.back(), high)) >= 0)
      upper_.pop_back();
    upper_.push_back(high);
  }

  void raise_floor(const Point& low) {
    while (upper_start_ + 1 < upper_.size() &&
           compare_slopes(step(upper_[upper_start_ + 1], low), step(upper_[upper_start_], low)) >= 0)
      ++upper_start_;
    flattest_ = {upper_[upper_start_], low};
    while (lower_.size() >= lower_start_ + 2 &&
           compare_slopes(step(lower_[lower_.size() - 2], lower_.back()), step(lower_.back(), low)) <= 0)
      lower_.pop_back();
    lower_.push_back(low);
  }

  Line through(const Extreme& e) const {
    const double slope = static_cast<double>(e.to.y - e.from.y) / to_double(e.to.x - e.from.x);
    return {slope, static_cast<double>(e.from.y) - slope * to_double(e.from.x - first_.x)};
  }

  std::int64_t epsilon_;
  Point first_{0, 0}, last_{0, 0};
  Extreme steepest_{}, flattest_{};
  std::vector<Point> lower_, upper_;  // convex hulls of the ends; what lies before the starts is past use
  std::size_t lower_start_ = 0, upper_start_ = 0;
};

}  // namespace learnedidx
