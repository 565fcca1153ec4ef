#include "times.hpp"

#include <cstdio>

namespace learnedidx::sqlite {

namespace {

// As unit_of counts them. Those behind are parts of a second, each a thousandth of the one before.
enum Unit : int { generic, year, month, week, day, hour, minute, second };

constexpr std::int64_t kDay = 86400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

// Days since 1970-01-01 as year, month and day of the Gregorian calendar, over eras of 400 years that begin in March:
//   H. Hinnant: chrono-Compatible Low-Level Date Algorithms, 2013.
std::string date_text(std::int64_t days) {
  const std::int64_t era = floor_div(days + 719468, 146097), in_era = days + 719468 - era * 146097;
  const std::int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  const std::int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
  const std::int64_t from_march = (5 * in_year + 2) / 153, day = in_year - (153 * from_march + 2) / 5 + 1;
  const std::int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
  char text[48];
  std::snprintf(text, sizeof text, "%04lld-%02d-%02d", static_cast<long long>(year + 400 * era + (month <= 2)),
                static_cast<int>(month), static_cast<int>(day));
  return text;
}

std::string months_text(std::int64_t months) {
  char text[48];
  const std::int64_t year = floor_div(months, 12);
  std::snprintf(text, sizeof text, "%04lld-%02d-01", static_cast<long long>(1970 + year), static_cast<int>(months - 12 * year + 1));
  return text;
}

// Seconds, and `part` of a second with so many digits.
std::string time_text(std::int64_t seconds, std::int64_t part, int digits) {
  const std::int64_t days = floor_div(seconds, kDay);
  const int in_day = static_cast<int>(seconds - days * kDay);
  char text[64];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02d", in_day / 3600, in_day / 60 % 60, in_day % 60);
  std::string iso = date_text(days) + text;
  if (digits == 0) return iso;
  std::snprintf(text, sizeof text, ".%0*lld", digits, static_cast<long long>(part));
  return iso + text;
}

// Steps as months, seconds or parts of a second. False: they are too many.
bool counted(const FileHeader& header, std::int64_t steps, std::int64_t& count) {
  constexpr std::int64_t scales[] = {0, 12, 1, 7 * kDay, kDay, 3600, 60, 1};
  constexpr std::int64_t most = std::int64_t{1} << 60;  // no sum above passes 64 bits then
  const int unit = header.time_unit - 1;
  const std::int64_t scale = unit <= second ? scales[unit] : 1;
  if (__builtin_mul_overflow(steps, std::int64_t{header.time_multiple}, &count)) return false;
  if (__builtin_mul_overflow(count, scale, &count)) return false;
  return unit > second || (count <= most && count >= -most);
}

}  // namespace

std::string unit_of(const FileHeader& header) {
  constexpr const char* names[] = {"steps", "years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds",
                                   "microseconds", "nanoseconds", "picoseconds", "femtoseconds", "attoseconds"};
  std::string unit = names[header.time_unit - 1];
  if (header.time_multiple > 1) unit += "(" + std::to_string(header.time_multiple) + ")";
  return unit;
}

std::string iso_text(const FileHeader& header, std::int64_t steps) {
  const int unit = header.time_unit - 1;
  const char* const zone = header.meaning == static_cast<std::uint8_t>(Meaning::instant) ? "Z" : "";
  std::int64_t count = 0;
  if (unit == generic || !counted(header, steps, count)) return {};
  if (unit <= month) return months_text(count);
  if (unit <= day) return date_text(floor_div(count, kDay));
  if (unit <= second) return time_text(count, 0, 0) + zone;
  const int digits = 3 * (unit - second);
  std::int64_t per_second = 1;
  for (int i = 0; i < digits; ++i) per_second *= 10;
  const std::int64_t seconds = floor_div(count, per_second);
  return time_text(seconds, count - seconds * per_second, digits) + zone;
}

}  // namespace learnedidx::sqlite
