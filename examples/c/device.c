/* A logger keeps a million records in a flash chip, in pages, in the order of their times. What has to be read to find
 * the first record since some time? The model knows, in less than a kilobyte that is linked into the program: no
 * heap, no file, and no key in memory but those of one page.
 *
 *   cc -std=c99 -I cpp/include examples/c/device.c -llearnedidx_c */
#include <stdint.h>
#include <stdio.h>

#include "device_model.h"
#include "learnedidx.h"

#define RECORDS 1000000
#define PAGE 1024 /* times in a page of the chip */

/* The chip, played by the formula that make_device_model.py has. */
static uint32_t time_of(uint32_t record) {
  const uint32_t day = record / 2500, rest = record % 2500;
  const uint32_t within = rest < 2000 ? rest * 25 : 50000 + (rest - 2000) * 72;
  const uint32_t jitter = (record * 2654435761u) >> 28;
  return 1600000000u + day * 86400u + within + jitter;
}

static uint32_t pages_read;

static void read_page(uint32_t page, uint32_t *times) {
  uint32_t i;
  ++pages_read;
  for (i = 0; i < PAGE; ++i) {
    const uint32_t record = page * PAGE + i;
    times[i] = record < RECORDS ? time_of(record) : UINT32_MAX;
  }
}

/* The number of records before a time, or -1. Reads the pages that the bounds meet, one after the other. */
static int64_t first_since(const lidx_view *model, uint32_t time) {
  static uint32_t times[PAGE];
  int64_t low, high, page;
  uint32_t i;
  if (lidx_bounds_u32(model, time, &low, &high) != LIDX_OK) return -1;
  for (page = low / PAGE; low < high && page * PAGE < high; ++page) {
    read_page((uint32_t)page, times);
    for (i = (uint32_t)(low % PAGE); i < PAGE && low < high && times[i] < time; ++i) ++low;
    if (low % PAGE != 0 || low == page * PAGE) break;
  }
  return low;
}

static int check(const lidx_view *model, uint32_t time) {
  const int64_t found = first_since(model, time);
  const int before = found == 0 || (found > 0 && time_of((uint32_t)found - 1) < time);
  const int after = found == RECORDS || (found >= 0 && time_of((uint32_t)found) >= time);
  return before && after;
}

int main(void) {
  static lidx_view model;
  const uint32_t first = 1599999000u, step = 3461u, queries = 10000u;
  uint32_t i, wrong = 0;
  lidx_status status = lidx_open(&model, device_model.bytes, sizeof device_model.bytes);
  if (status == LIDX_OK) status = lidx_verify(&model, 1); /* once: it makes the bounds certain */
  if (status != LIDX_OK) {
    printf("the model %s\n", lidx_message(status));
    return 1;
  }
  for (i = 0; i < queries; ++i) wrong += !check(&model, first + i * step);
  printf("%u bytes for %lu keys; %u of %u answers wrong; %.2f pages of %u read for each\n",
         (unsigned)sizeof device_model.bytes, (unsigned long)lidx_n(&model), (unsigned)wrong, (unsigned)queries,
         (double)pages_read / queries, (unsigned)(RECORDS / PAGE + 1));
  return wrong != 0;
}
