// Fitting a model and making a file of it: the one part that allocates, and that knows exceptions, which end here.
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "learnedidx.h"
#include "learnedidx/file/plan.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/fitting/fitted.hpp"
#include "learnedidx/training/order_check.hpp"
#include "memory.hpp"

namespace learnedidx::c {

void* allocate(const lidx_allocator* allocator, std::size_t bytes) {
  return allocator != nullptr ? allocator->allocate(allocator->context, bytes) : std::malloc(bytes);
}

namespace {

// What callers passed before `leaves` was added.
constexpr std::size_t kOldOptions = offsetof(lidx_build_options, leaves);

// Options of another version, or with a model that is none, are refused; Index<K> would say the same of the rest.
bool read_options(const lidx_build_options* given, BuildOptions& options, bool& with_keys) {
  options.model = Choice::pgm;
  if (given == nullptr) return true;
  if (given->struct_bytes != sizeof *given && given->struct_bytes != kOldOptions) return false;
  switch (given->model) {
    case LIDX_NO_MODEL: options.model = Choice::none; break;
    case LIDX_RMI: options.model = Choice::rmi; break;
    case LIDX_BTREE: options.model = Choice::btree; break;
    case LIDX_RADIX_SPLINE: options.model = Choice::radix_spline; break;
    case LIDX_PGM: break;
    case LIDX_AUTO: options.model = Choice::automatic; break;
    default: return false;
  }
  with_keys = given->with_keys == 1;
  options.epsilon = given->epsilon;
  options.radix_bits = given->radix_bits;
  options.node = given->node;
  options.leaves = given->struct_bytes == sizeof *given ? given->leaves : 0;
  return with_keys || given->with_keys == 0;
}

template <class K>
lidx_status fit_and_write(const K* keys, std::size_t n, const BuildOptions& options, bool with_keys,
                          const lidx_allocator* allocator, void** blob, std::size_t* bytes) {
  const Kernels& kernels = widest_kernels();
  SortedCheck order;
  check_sorted(keys, n, false, kernels, order, {});
  if (!order.sorted) return LIDX_UNSORTED_KEYS;
  const auto fitted = std::make_unique<Fitted<K>>();
  const Status status = fitted->fit(keys, order.numbers, options, kernels);
  if (!status) return status.reason == Reason::unsorted_keys ? LIDX_UNSORTED_KEYS : LIDX_BAD_OPTION;
  const MetaText meta(fitted->model, fitted->options);
  FilePlan plan;
  BTree<K> moved;
  plan.add(kMeta, meta.data(), meta.size());
  plan_keys(plan, keys, n, order.numbers);
  fitted->plan_into(plan, keys, order.numbers, kernels, moved);
  if (with_keys) plan.add_items(kKeys, keys, n);
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

template <class K>
lidx_status build_file(const K* keys, std::size_t n, const lidx_build_options* options, const lidx_allocator* allocator,
                       void** blob, std::size_t* bytes) noexcept {
  if (blob != nullptr) *blob = nullptr;
  if (blob == nullptr || bytes == nullptr || (keys == nullptr && n > 0)) return LIDX_NULL_ARGUMENT;
  if (!is_whole(allocator)) return LIDX_NULL_ARGUMENT;
  *bytes = 0;
  BuildOptions wanted;
  bool with_keys = true;
  if (n > kMostKeys || !read_options(options, wanted, with_keys) || !can_build<K>(wanted, n)) return LIDX_BAD_OPTION;
  try {
    return fit_and_write(keys, n, wanted, with_keys, allocator, blob, bytes);
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
