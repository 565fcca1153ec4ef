// Fitting a model and making a file of it: the one part that allocates, and that knows exceptions, which end here.
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "learnedidx.h"
#include "learnedidx/file/plan.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/fitting/fitted.hpp"
#include "learnedidx/owned/string_index.hpp"
#include "learnedidx/training/order_check.hpp"
#include "memory.hpp"

namespace learnedidx::c {

void* allocate(const lidx_allocator* allocator, std::size_t bytes) {
  return allocator != nullptr ? allocator->allocate(allocator->context, bytes) : std::malloc(bytes);
}

namespace {

// Is there a place for a file, in which there is none yet?
bool takes_file(const lidx_allocator* allocator, void** blob, std::size_t* bytes) {
  if (blob != nullptr) *blob = nullptr;
  if (bytes != nullptr) *bytes = 0;
  return blob != nullptr && bytes != nullptr && is_whole(allocator);
}

// What callers passed before `leaves` was added.
constexpr std::size_t kOldOptions = offsetof(lidx_build_options, leaves);

// Options of another version, or with a model that is none, are refused; Index<K> would say the same of the rest.
bool read_options(const lidx_build_options* given, BuildOptions& options, bool& with_keys) {
  if (given == nullptr) return true;
  if (given->struct_bytes != sizeof *given && given->struct_bytes != kOldOptions) return false;
  switch (given->model) {
    case LIDX_NO_MODEL: options.model = Choice::none; break;
    case LIDX_RMI: options.model = Choice::rmi; break;
    case LIDX_BTREE: options.model = Choice::btree; break;
    case LIDX_RADIX_SPLINE: options.model = Choice::radix_spline; break;
    case LIDX_PGM: options.model = Choice::pgm; break;
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
  if (!takes_file(allocator, blob, bytes) || (keys == nullptr && n > 0)) return LIDX_NULL_ARGUMENT;
  BuildOptions wanted;
  wanted.model = Choice::pgm;
  bool with_keys = true;
  if (n > kMostKeys || !read_options(options, wanted, with_keys) || !can_build<K>(wanted, n)) return LIDX_BAD_OPTION;
  try {
    return fit_and_write(keys, n, wanted, with_keys, allocator, blob, bytes);
  } catch (...) {  // no memory, or a vector that is asked for more than there can be
    return LIDX_NO_MEMORY;
  }
}

// A file as its bytes come, the first of which say how many there are.
class Blob {
 public:
  explicit Blob(const lidx_allocator* allocator) : allocator_(allocator) {}
  bool operator()(const void* data, std::size_t count) {
    if (begin == nullptr) {
      bytes = static_cast<std::size_t>(static_cast<const FileHeader*>(data)->file_bytes);
      begin = to_ = static_cast<unsigned char*>(allocate(allocator_, bytes));
      if (begin == nullptr) return false;
    }
    std::memcpy(to_, data, count);
    to_ += count;
    return true;
  }
  unsigned char* begin = nullptr;
  std::size_t bytes = 0;

 private:
  const lidx_allocator* allocator_;
  unsigned char* to_ = nullptr;
};

lidx_status status_of(const Status& status) {
  if (status) return LIDX_OK;
  if (status.reason == Reason::unsorted_keys) return LIDX_UNSORTED_KEYS;
  return status.reason == Reason::bad_option || status.reason == Reason::too_many_keys ? LIDX_BAD_OPTION : LIDX_NO_MEMORY;
}

lidx_status column_of(const void* data, const std::uint64_t* starts, std::size_t n, Strings& keys) {
  for (std::size_t i = 0; i < n; ++i)
    if (starts[i] > starts[i + 1]) return LIDX_UNSORTED_KEYS;
  if (data == nullptr && starts[n] > 0) return LIDX_NULL_ARGUMENT;
  keys.n = n;
  keys.starts = starts;
  keys.data = static_cast<const std::uint8_t*>(data);
  keys.size = static_cast<std::size_t>(starts[n]);
  return LIDX_OK;
}

lidx_status build_strings(const Strings& keys, StringForm form, const lidx_build_options* given, const lidx_allocator* allocator,
                          void** blob, std::size_t* bytes) {
  BuildOptions wanted;
  SaveOptions saved;
  if (!read_options(given, wanted, saved.with_keys)) return LIDX_BAD_OPTION;
  Index<Bytes> index;
  if (const Status status = index.build(keys, wanted); !status) return status_of(status);
  Blob made(allocator);
  const Status status = index.save_to([&](const void* data, std::size_t count) { return made(data, count); }, saved, form);
  if (!status) return lidx_release(allocator, made.begin, made.bytes), status_of(status);
  *blob = made.begin;
  *bytes = made.bytes;
  return LIDX_OK;
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

lidx_status lidx_build_bytes(const void* data, const uint64_t* starts, size_t n, int is_text, const lidx_build_options* options,
                             const lidx_allocator* allocator, void** blob, size_t* bytes) {
  using namespace learnedidx;
  if (!c::takes_file(allocator, blob, bytes) || starts == nullptr) return LIDX_NULL_ARGUMENT;
  if (n > kMostStrings || (is_text != 0 && is_text != 1)) return LIDX_BAD_OPTION;
  Strings keys;
  const lidx_status status = c::column_of(data, starts, n, keys);
  if (status != LIDX_OK) return status;
  return c::build_strings(keys, is_text != 0 ? StringForm::text : StringForm::bytes, options, allocator, blob, bytes);
}

void lidx_release(const lidx_allocator* allocator, void* blob, size_t bytes) {
  if (blob == nullptr) return;
  if (allocator != nullptr) allocator->release(allocator->context, blob, bytes);
  else std::free(blob);
}

}  // extern "C"
