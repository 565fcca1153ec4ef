// Instants and lengths of time in another unit than the keys', compared exactly.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "learnedidx/keys/convert.hpp"

namespace learnedidx {

// So many years of the Gregorian calendar have the same days again.
constexpr std::int64_t kCycleMonths = 4800, kCycleDays = 146097;

constexpr std::int64_t kNotATime = std::numeric_limits<std::int64_t>::min();

// A query q stands for q * factor / divisor units of the keys, or, where months meet days, for
// that many months (or days) which the calendar turns into days (or months), and so on with the
// second pair. Both divisors and factors are at least 1.
struct TimeScale {
  enum class Calendar : std::uint8_t { none, days_of_months, months_of_days };
  std::int64_t factor = 1, divisor = 1;
  Calendar calendar = Calendar::none;
  std::int64_t calendar_factor = 1, calendar_divisor = 1;

  bool is_identity() const { return factor == 1 && divisor == 1 && calendar == Calendar::none; }
};

LIDX_INLINE std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - static_cast<std::int64_t>(a % b < 0);
}

// The smallest integer >= t * factor / divisor. Products beyond int64 are past all keys, or below
// all of them.
inline Converted<std::int64_t> scaled_time(std::int64_t t, std::int64_t factor, std::int64_t divisor) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  if (t > most / factor) return past_all<std::int64_t>();
  if (t < -(most / factor)) return {kNotATime, Fit::rounded};
  const std::int64_t product = t * factor, rest = product % divisor;  // division cuts towards zero
  return {product / divisor + static_cast<std::int64_t>(rest > 0), rest == 0 ? Fit::exact : Fit::rounded};
}

// Days from 1970-01-01 to the first day of month `month`, months counted from 1970-01; proleptic
// Gregorian calendar. Years are taken to start in March, so that a leap day ends its year.
inline std::int64_t first_day(std::int64_t month) {
  const std::int64_t march_month = month + 1970 * 12 - 2;
  const std::int64_t year = floor_divide(march_month, 12), m = march_month - year * 12;
  const std::int64_t leap_days = floor_divide(year, 4) - floor_divide(year, 100) + floor_divide(year, 400);
  const std::int64_t days_before_month = (153 * m + 2) / 5;
  return year * 365 + leap_days + days_before_month - 719468;
}

// The first month that does not begin before day `day`.
inline Converted<std::int64_t> month_from(std::int64_t day) {
  const std::int64_t cycles = day / kCycleDays, rest = day % kCycleDays;
  std::int64_t month = floor_divide((rest - 40) * kCycleMonths, kCycleDays);
  while (first_day(month) < rest) ++month;
  return {cycles * kCycleMonths + month, first_day(month) == rest ? Fit::exact : Fit::rounded};
}

// first_day, where that may be past all days or below all of them.
inline Converted<std::int64_t> day_from(std::int64_t month) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::int64_t cycles = month / kCycleMonths, rest = first_day(month % kCycleMonths);
  if (cycles > most / kCycleDays || (cycles > 0 && cycles * kCycleDays > most - rest)) return past_all<std::int64_t>();
  if (cycles < -(most / kCycleDays) || (cycles < 0 && cycles * kCycleDays < -most - rest)) return {kNotATime, Fit::rounded};
  return {cycles * kCycleDays + rest, Fit::exact};
}

// Past all keys, or below all of them?
inline bool is_beyond(const Converted<std::int64_t>& c) { return c.fit == Fit::past || c.value == kNotATime; }

inline Converted<std::int64_t> in_other_units(std::int64_t t, const TimeScale& scale) {
  Converted<std::int64_t> c = scaled_time(t, scale.factor, scale.divisor);
  if (scale.calendar == TimeScale::Calendar::none || is_beyond(c)) return c;
  const bool in_months = scale.calendar == TimeScale::Calendar::days_of_months;
  const Converted<std::int64_t> turned = in_months ? day_from(c.value) : month_from(c.value);
  if (is_beyond(turned)) return turned;
  const auto last = scaled_time(turned.value, scale.calendar_factor, scale.calendar_divisor);
  if (last.fit == Fit::past) return last;
  return {last.value, std::max({c.fit, turned.fit, last.fit})};  // exact, or rounded in one of the steps
}

inline Converted<std::int64_t> in_key_units(std::int64_t t, const TimeScale& scale) {
  if (t == kNotATime) return {std::numeric_limits<std::int64_t>::max(), Fit::nan};
  if (scale.is_identity()) return {t, Fit::exact};  // divisions by 1 take as long as others
  return in_other_units(t, scale);
}

}  // namespace learnedidx
