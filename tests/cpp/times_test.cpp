// The calendar against a walk through the months, and units against plain arithmetic.
#include "learnedidx/keys/times.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>

namespace {

using namespace learnedidx;

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

std::int64_t days_in(std::int64_t year, int month) {  // month: 0 is January
  if (month == 1) return is_leap(year) ? 29 : 28;
  return month == 3 || month == 5 || month == 8 || month == 10 ? 30 : 31;
}

TEST_CASE("first_day and month_from walk with the calendar for 2000 years to both sides") {
  std::int64_t day = 0;
  for (std::int64_t month = 0; month < 24000; ++month) {
    REQUIRE(first_day(month) == day);
    REQUIRE(month_from(day).value == month);
    REQUIRE(month_from(day).fit == Fit::exact);
    REQUIRE(month_from(day + 1).value == month + 1);
    REQUIRE(month_from(day + 1).fit == Fit::rounded);
    day += days_in(1970 + month / 12, static_cast<int>(month % 12));
  }
  day = 0;
  for (std::int64_t month = -1; month > -24000; --month) {
    const std::int64_t year = 1970 + floor_divide(month, 12);
    day -= days_in(year, static_cast<int>(month - floor_divide(month, 12) * 12));
    REQUIRE(first_day(month) == day);
    REQUIRE(month_from(day).value == month);
    REQUIRE(month_from(day - 1).value == month);
  }
}

TEST_CASE("days and months at the ends of 64 bits are those of the calendar, or past all") {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t cycles : {most / kCycleDays - 1, std::int64_t{1} << 40, -(most / kCycleDays) + 1}) {
    for (std::int64_t day = -50'000; day < 50'000; day += 137) {
      const auto near = month_from(day), far = month_from(cycles * kCycleDays + day);
      REQUIRE((far.value == cycles * kCycleMonths + near.value && far.fit == near.fit));
    }
    for (std::int64_t month = -1700; month < 1700; ++month) {
      const auto far = day_from(cycles * kCycleMonths + month);
      REQUIRE((far.value == cycles * kCycleDays + first_day(month) && far.fit == Fit::exact));
    }
  }
  CHECK(month_from(std::int64_t{1} << 62).value == 151'516'409'566'599'328);
  CHECK(first_day(month_from(most).value % kCycleMonths) >= most % kCycleDays);
  CHECK(day_from(month_from(most - 31).value - 1).value > most - 100);
  for (const std::int64_t month : {month_from(most).value, std::int64_t{1} << 62, most}) {
    CHECK(day_from(month).fit == Fit::past);
    CHECK(day_from(-month).value == kNotATime);
    CHECK(day_from(-month).fit == Fit::rounded);
  }
}

TEST_CASE("known days") {
  CHECK(first_day((2000 - 1970) * 12 + 2) == 11017);  // 2000-03-01
  CHECK(first_day(-1970 * 12) == -719528);            // 0000-01-01
}

TEST_CASE("scaled_time rounds up and says so") {
  for (std::int64_t t = -50; t <= 50; ++t)
    for (const std::int64_t factor : {1, 3, 7})
      for (const std::int64_t divisor : {1, 2, 5, 1000}) {
        const auto c = scaled_time(t, factor, divisor);
        REQUIRE(c.value * divisor >= t * factor);
        REQUIRE((c.value - 1) * divisor < t * factor);
        REQUIRE((c.fit == Fit::exact) == (c.value * divisor == t * factor));
      }
}

TEST_CASE("the first and the last times are divided without overflow") {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  CHECK(scaled_time(-most, 1, 12).value == -(most / 12));
  CHECK(scaled_time(-most, 1, 12).fit == Fit::rounded);
  CHECK(scaled_time(most, 1, 12).value == most / 12 + 1);
  CHECK(scaled_time(-most, 1, most).value == -1);
  CHECK(scaled_time(-most, 1, most).fit == Fit::exact);
}

TEST_CASE("products beyond 64 bits are past every key, or before every key") {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  CHECK(scaled_time(most, 1, 1).value == most);
  CHECK(scaled_time(most / 1000 + 1, 1000, 1).fit == Fit::past);
  CHECK(scaled_time(most / 1000, 1000, 1).value == most / 1000 * 1000);
  CHECK(scaled_time(-(most / 1000) - 1, 1000, 1).value == kNotATime);
  CHECK(scaled_time(-(most / 1000) - 1, 1000, 1).fit == Fit::rounded);
}

TEST_CASE("in_key_units chains unit, calendar and unit") {
  using Calendar = TimeScale::Calendar;
  const TimeScale hours_of_years{12, 1, Calendar::days_of_months, 24, 1};
  CHECK(in_key_units(1, hours_of_years).value == 365 * 24);
  CHECK(in_key_units(1, hours_of_years).fit == Fit::exact);
  const TimeScale years_of_hours{1, 24, Calendar::months_of_days, 1, 12};
  CHECK(in_key_units(365 * 24, years_of_hours).value == 1);
  CHECK(in_key_units(365 * 24, years_of_hours).fit == Fit::exact);
  CHECK(in_key_units(365 * 24 + 1, years_of_hours).value == 2);
  CHECK(in_key_units(365 * 24 + 1, years_of_hours).fit == Fit::rounded);
  CHECK(in_key_units(kNotATime, years_of_hours).fit == Fit::nan);
  const TimeScale days_of_months{1, 1, Calendar::days_of_months, 1, 1}, months_of_days{1, 1, Calendar::months_of_days, 1, 1};
  CHECK(in_key_units(std::int64_t{1} << 62, days_of_months).fit == Fit::past);
  CHECK(in_key_units(-(std::int64_t{1} << 62), days_of_months).value == kNotATime);
  CHECK(in_key_units(std::int64_t{1} << 62, months_of_days).value == month_from(std::int64_t{1} << 62).value);
}

}  // namespace
