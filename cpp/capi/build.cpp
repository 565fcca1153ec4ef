// Fitting a model and making a file of it: the one part that allocates, and that knows exceptions, which end here.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "learnedidx.h"
#include "learnedidx/file/plan.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/models/btree.hpp"
#include "learnedidx/training/fit_pgm.hpp"
#include "learnedidx/training/fit_spline.hpp"
#include "learnedidx/training/order_check.hpp"

namespace learnedidx::c {
namespace {

constexpr std::uint64_t kMostEpsilon = std::uint64_t{1} << 62, kMostPgmEpsilon = std::uint64_t{1} << 40;

// Options with all their defaults filled in.
struct Wanted {
  lidx_model model = LIDX_PGM;
  bool with_keys = true;
  std::uint64_t epsilon = 64;
  unsigned radix_bits = 0, node = 16;
};

bool read_options(const lidx_build_options* options, Wanted& wanted) {
  if (options == nullptr) return true;
  if (options->struct_bytes != sizeof *options) return false;
  const int model = options->model;
  if (model != LIDX_NO_MODEL && model != LIDX_BTREE && model != LIDX_RADIX_SPLINE && model != LIDX_PGM) return false;
  if (options->with_keys != 0 && options->with_keys != 1) return false;
  if (options->epsilon > kMostEpsilon || options->radix_bits > kMostRadixBits) return false;
  if (options->node != 0 && options->node != 8 && options->node != 16) return false;
  const std::uint64_t epsilon = model == LIDX_RADIX_SPLINE ? 32 : 64;
  wanted.model = static_cast<lidx_model>(model);
  wanted.with_keys = options->with_keys == 1;
  wanted.epsilon = options->epsilon > 0 ? options->epsilon : epsilon;
  wanted.radix_bits = options->radix_bits;
  wanted.node = options->node > 0 ? options->node : 16;
  return true;
}

// The parameters as the Python library writes them.
struct Meta {
  char text[160];
  std::size_t size = 0;

  explicit Meta(const Wanted& wanted) {
    constexpr const char* pattern = R"({"distillation_error":0.0,"parameters":{%s}})";
    char inside[80] = "", bits[16] = "null";
    if (wanted.radix_bits > 0) std::snprintf(bits, sizeof bits, "%u", wanted.radix_bits);
    switch (wanted.model) {
      case LIDX_PGM: std::snprintf(inside, sizeof inside, R"("epsilon":%)" PRIu64, wanted.epsilon); break;
      case LIDX_BTREE: std::snprintf(inside, sizeof inside, R"("node":%u)", wanted.node); break;
      case LIDX_RADIX_SPLINE:
        std::snprintf(inside, sizeof inside, R"("epsilon":%)" PRIu64 R"(,"radix_bits":%s)", wanted.epsilon, bits);
        break;
      case LIDX_RMI:
      case LIDX_NO_MODEL: break;
    }
    const int written = wanted.model == LIDX_NO_MODEL ? std::snprintf(text, sizeof text, "{}")
                                                      : std::snprintf(text, sizeof text, pattern, inside);
    size = static_cast<std::size_t>(written);
  }
};

template <class K> struct Fitting {
  const K* keys;
  std::size_t n, numbers;
  Wanted wanted;
  const Kernels& kernels;
  FilePlan plan;
  Pgm pgm;
  RadixSpline spline;
  BTree<K> tree;

  Fitting(const K* all, std::size_t total, std::size_t in_order, const Wanted& options, const Kernels& row)
      : keys(all), n(total), numbers(in_order), wanted(options), kernels(row) {}

  void fit_pgm_model() {
    const auto epsilon = static_cast<std::int64_t>(std::min(wanted.epsilon, kMostPgmEpsilon));
    fit_pgm(pgm, keys, numbers, epsilon, kernels, {});
    ErrorBounds errors;
    if (numbers > 0) measure_pgm(keys, numbers, pgm.view, kernels, errors, {});
    plan_pgm(plan, pgm.view, numbers, errors);
  }

  // False: more points than the table can count.
  bool fit_spline_model() {
    const OrdinalDomain domain = numbers ? ordinals_over(keys[0], keys[numbers - 1]) : ordinals_over(K{}, K{});
    SplinePoints points;
    if (numbers > 0) {
      fit_spline(keys, numbers, domain, wanted.epsilon, kernels, points, spline.open, {});
    } else {
      points.add(0, 0);
      points.add(domain.top, 0);
    }
    if (points.coordinates.size() >> 32) return false;
    lay_out(spline, points, domain, wanted.epsilon < numbers ? wanted.epsilon : numbers, wanted.radix_bits);
    std::int64_t largest = 0;
    if (numbers > 0) {
      fit_corrections(spline, keys, numbers, {});
      measure_spline(keys, numbers, spline.view, kernels, largest, {});
    }
    plan_spline(plan, spline.view, numbers, static_cast<std::uint64_t>(largest));
    return true;
  }

  void build_tree() {
    const auto last = static_cast<std::int64_t>(numbers) - static_cast<std::int64_t>(kWindowKeys<K>);
    if (numbers >= kWindowKeys<K>) build(tree, keys, numbers, wanted.node, {0, last}, {});
    plan_tree(plan, tree.view);
    plan.model.tree.node = wanted.node;
  }

  bool fit() {
    plan_keys(plan, keys, n, numbers);
    if (wanted.model == LIDX_PGM) fit_pgm_model();
    else if (wanted.model == LIDX_BTREE) build_tree();
    else if (wanted.model == LIDX_RADIX_SPLINE) return fit_spline_model();
    return true;
  }
};

void* allocate(const lidx_allocator* allocator, std::size_t bytes) {
  return allocator != nullptr ? allocator->allocate(allocator->context, bytes) : std::malloc(bytes);
}

template <class K>
lidx_status fit_and_write(const K* keys, std::size_t n, const Wanted& wanted, const lidx_allocator* allocator, void** blob,
                          std::size_t* bytes) {
  const Kernels& kernels = widest_kernels();
  SortedCheck order;
  check_sorted(keys, n, false, kernels, order, {});
  if (!order.sorted) return LIDX_UNSORTED_KEYS;
  const Meta meta(wanted);
  Fitting<K> fitting(keys, n, order.numbers, wanted, kernels);
  FilePlan& plan = fitting.plan;
  plan.add(kMeta, meta.text, meta.size);
  if (!fitting.fit()) return LIDX_BAD_OPTION;
  if (wanted.with_keys) plan.add_items(kKeys, keys, n);
  seal(plan, keys, {});
  const auto size = static_cast<std::size_t>(plan.header.file_bytes);
  auto* to = static_cast<unsigned char*>(allocate(allocator, size));
  if (to == nullptr) return LIDX_NO_MEMORY;
  *blob = to;
  *bytes = size;
  write_file(plan, [&](const void* data, std::size_t count) {
    std::memcpy(to, data, count);
    to += count;
    return true;
  });
  return LIDX_OK;
}

bool is_whole(const lidx_allocator* allocator) {
  return allocator == nullptr || (allocator->allocate != nullptr && allocator->release != nullptr);
}

template <class K>
lidx_status build_file(const K* keys, std::size_t n, const lidx_build_options* options, const lidx_allocator* allocator,
                       void** blob, std::size_t* bytes) noexcept {
  if (blob != nullptr) *blob = nullptr;
  if (blob == nullptr || bytes == nullptr || (keys == nullptr && n > 0)) return LIDX_NULL_ARGUMENT;
  if (!is_whole(allocator)) return LIDX_NULL_ARGUMENT;
  *bytes = 0;
  Wanted wanted;
  if (n > kMostKeys || !read_options(options, wanted)) return LIDX_BAD_OPTION;
  try {
    return fit_and_write(keys, n, wanted, allocator, blob, bytes);
  } catch (...) {  // no memory, or a vector that is asked for more than there can be
    return LIDX_NO_MEMORY;
  }
}

}  // namespace
}  // namespace learnedidx::c

using learnedidx::c::build_file;

#define LIDX_BUILD(name, K)                                                                                 \
  lidx_status lidx_build_##name(const K* keys, size_t n, const lidx_build_options* options,                 \
                                const lidx_allocator* allocator, void** blob, size_t* bytes) {              \
    return build_file(keys, n, options, allocator, blob, bytes);                                            \
  }

extern "C" {

LIDX_KEY_TYPES(LIDX_NO_KEY_TYPE, LIDX_BUILD, )

void lidx_release(const lidx_allocator* allocator, void* blob, size_t bytes) {
  if (blob == nullptr) return;
  if (allocator != nullptr) allocator->release(allocator->context, blob, bytes);
  else std::free(blob);
}

}  // extern "C"
