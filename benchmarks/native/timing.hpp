// What the programs share: they print lines "verb/contender/number", nanoseconds of a thread's own processor time an
// operation, or bytes an entry. Answers are compared; a difference ends a program.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>

inline void must(bool right, const char* what = "two contenders differ") {
  if (!right) std::fprintf(stderr, "%s\n", what), std::abort();
}

inline double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

inline void tell(const char* verb, const char* who, double number) {
  std::printf("%s/%s/%.2f\n", verb, who, number);
  std::fflush(stdout);
}

template <class Action> void time(const char* verb, const char* who, std::size_t count, Action&& action) {
  const double start = now();
  action();
  tell(verb, who, (now() - start) / static_cast<double>(count));
}
