// Opening, verifying and describing files.
#include "learnedidx/file/open.hpp"
#include "learnedidx/keys/convert.hpp"
#include "view.hpp"

// Small: without kernel rows, which are most of the code. All lookups go as those in blobs at odd addresses do.
#ifndef LIDX_SMALL
#include "learnedidx/kernels/rows.hpp"
#endif

namespace learnedidx::c {
namespace {

constexpr lidx_status status_of(FileStatus status) { return static_cast<lidx_status>(status); }
static_assert(status_of(FileStatus::ok) == LIDX_OK && status_of(FileStatus::newer) == LIDX_NEWER &&
              status_of(FileStatus::bad_table) == LIDX_BAD_TABLE && status_of(FileStatus::bad_ends) == LIDX_BAD_ENDS &&
              status_of(FileStatus::unsorted) == LIDX_UNSORTED && status_of(FileStatus::no_filter) == LIDX_NO_FILTER);
static_assert(static_cast<int>(KeyType::u32) == LIDX_U32 && static_cast<int>(KeyType::i32) == LIDX_I32 &&
              static_cast<int>(KeyType::f64) == LIDX_F64);
static_assert(static_cast<int>(StoredModel::pgm) == LIDX_PGM && static_cast<int>(StoredModel::rmi) == LIDX_RMI);

const char* message_of_call(lidx_status status) {
  switch (status) {
    case LIDX_NULL_ARGUMENT: return "an argument is NULL that must point to something";
    case LIDX_NOT_OPEN: return "the view is not open: open it with lidx_open, and look at the status that returns";
    case LIDX_WRONG_KIND: return "the keys are of another kind: call the function that lidx_kind_of names";
    case LIDX_UNSUPPORTED_KIND: return "has keys of 8 or 16 bits, which are not opened from C, or strings: lidx_open_bytes opens those";
    case LIDX_NO_KEYS: return "the file holds the model alone: open it with lidx_open_with_keys, or ask for bounds";
    case LIDX_OTHER_KEYS: return "was made over other keys: pass the keys that it was saved with";
    case LIDX_UNVERIFIED: return "bounds without keys need a file that is whole: call lidx_verify first";
    case LIDX_UNSORTED_KEYS: return "the keys must be sorted in ascending order, with NaN last";
    case LIDX_BAD_OPTION: return "an option is out of its range, or struct_bytes is not set";
    case LIDX_NO_MEMORY: return "the memory does not suffice";
    case LIDX_OVERLAP: return "the positions lie over the queries: pass an array of their own";
    case LIDX_MISALIGNED: return "a file of strings, or one with a filter, must begin at an address that is a multiple of 8";
    case LIDX_NOT_FOUND: return "there is no such key, or none at that place";
    case LIDX_NAN_KEY: return "NaN is no key of a tree";
    case LIDX_STALE: return "the tree changed after this place was found: find it again";
    case LIDX_FULL: return "a tree holds at most 2^32 - 2 keys";
    case LIDX_WRONG_FILTER: return "the filter has no such answer: lidx_filter_form_of says which form it is of";
    default: return "unknown status";
  }
}

bool is_supported(KeyType kind) {
  return visit_key_type(kind, [](auto tag) { return !kIsNarrow<decltype(tag)>; });
}

// The row that may read the keys and the model's arrays where they lie; null: none may.
const Kernels* kernels_for(const OpenedFile& file) {
#ifndef LIDX_SMALL
  const std::size_t item = visit_key_type(file.kind(), [](auto tag) { return sizeof tag; });
  const bool aligned = file.is_aligned() && reinterpret_cast<std::uintptr_t>(file.keys) % item == 0;
  if (aligned) return &widest_kernels();
#endif
  static_cast<void>(file);
  return nullptr;
}

void put_model(View& view, const OpenedFile& file) {
  switch (file.model()) {
    case StoredModel::rmi: view.put(RmiAndErrors{file.rmi, file.errors}); break;
    case StoredModel::radix_spline: view.put(file.spline); break;
    case StoredModel::pgm: view.put(file.pgm); break;
    case StoredModel::btree:
      visit_key_type(file.kind(), [&](auto tag) {
        using K = decltype(tag);
        if (file.numbers() >= kWindowKeys<K>) view.put(tree_of<K>(file));
      });
      break;
    case StoredModel::none:
    case StoredModel::direct: break;
  }
}

void put(lidx_view* where, const OpenedFile& file, std::uint64_t bytes) {
  View& view = *new (where) View;
  view.data = file.data;
  view.bytes = bytes;
  view.n = file.header.n;
  view.numbers = file.header.numbers;
  view.keys = file.keys;
  view.values = file.values;
  view.value_bytes = file.value_bytes;
  view.header_crc = file.header.header_crc;
  view.keys_crc = file.header.keys_crc;
  view.kind = file.header.kind;
  view.model = file.header.model;
  view.times = has_times(file.header);
  view.pgm_errors = file.pgm_errors;
  put_model(view, file);
  view.kernels = kernels_for(file);
  view.state = kOpen;
}

lidx_status read(lidx_view* view, const void* blob, std::size_t bytes, OpenedFile& file) {
  if (view == nullptr) return LIDX_NULL_ARGUMENT;
  new (view) View;
  if (blob == nullptr) return LIDX_NULL_ARGUMENT;
  const FileStatus status = open_file(blob, bytes, file);
  if (status != FileStatus::ok) return status_of(status);
  return is_supported(file.kind()) && !file.holds_strings ? LIDX_OK : LIDX_UNSUPPORTED_KIND;
}

// Are the keys in order, and are those that are no numbers the last n - numbers?
template <class K> bool is_ordered(const View& view) {
  const auto keys = UnalignedArray<K>::at(view.keys);
  const bool times = view.times != 0;
  bool right = true;
  for (std::size_t i = 0; right && i < view.n; ++i) {
    right = is_missing(keys[i], times) == (i >= view.numbers);
    if (i > 0 && i < view.numbers) right = right && keys[i - 1] <= keys[i];
  }
  return right;
}

lidx_status verify_keys(const View& view) {
  return visit_key_type(static_cast<KeyType>(view.kind), [&](auto tag) {
    const std::uint32_t crc = crc32c(0, view.keys, static_cast<std::size_t>(view.n) * sizeof tag);
    if (crc != view.keys_crc) return LIDX_OTHER_KEYS;
    return is_ordered<decltype(tag)>(view) ? LIDX_OK : LIDX_UNSORTED;
  });
}

// The bytes as they are now: what was opened may have changed since.
lidx_status verify(const View& view, bool full) {
  OpenedFile file;
  const FileStatus status = open_file(view.data, view.bytes, file);
  if (status != FileStatus::ok) return status_of(status);
  if (file.header.header_crc != view.header_crc) return LIDX_BAD_CHECKSUM;
  if (verify_sections(file, full) != FileStatus::ok) return LIDX_DAMAGED_SECTION;
  return full && view.keys != nullptr ? verify_keys(view) : LIDX_OK;
}

}  // namespace
}  // namespace learnedidx::c

using namespace learnedidx;
using namespace learnedidx::c;

extern "C" {

uint32_t lidx_abi_version(void) { return LIDX_ABI_VERSION; }

const char* lidx_message(lidx_status status) {
  if (status >= LIDX_OK && status <= LIDX_NO_FILTER) return message(static_cast<FileStatus>(status));
  return message_of_call(status);
}

lidx_status lidx_open(lidx_view* view, const void* blob, size_t bytes) {
  OpenedFile file;
  const lidx_status status = read(view, blob, bytes, file);
  if (status == LIDX_OK) put(view, file, bytes);
  return status;
}

lidx_status lidx_open_with_keys(lidx_view* view, const void* blob, size_t bytes, const void* keys, size_t n,
                                lidx_kind kind) {
  OpenedFile file;
  const lidx_status status = read(view, blob, bytes, file);
  if (status != LIDX_OK) return status;
  if (file.header.n != n || file.header.kind != static_cast<unsigned>(kind)) return LIDX_OTHER_KEYS;
  if (keys == nullptr && n > 0) return LIDX_NULL_ARGUMENT;
  const bool fits = visit_key_type(file.kind(), [&](auto tag) {
    return has_fingerprint(file.header, UnalignedArray<decltype(tag)>::at(keys));
  });
  if (!fits) return LIDX_OTHER_KEYS;
  file.keys = keys != nullptr ? keys : file.data;  // of no keys any address will do
  put(view, file, bytes);
  return LIDX_OK;
}

lidx_status lidx_verify(lidx_view* where, int full) {
  if (where == nullptr) return LIDX_NULL_ARGUMENT;
  if (open_view(where) == nullptr) return LIDX_NOT_OPEN;
  View& view = *std::launder(reinterpret_cast<View*>(where));
  const lidx_status status = verify(view, full != 0);
  view.whole = status == LIDX_OK;
  return status;
}

uint64_t lidx_n(const lidx_view* view) { return open_view(view) ? view_of(view)->n : 0; }
uint64_t lidx_numbers(const lidx_view* view) { return open_view(view) ? view_of(view)->numbers : 0; }
int lidx_kind_of(const lidx_view* view) { return open_view(view) ? view_of(view)->kind : 0; }
int lidx_model_of(const lidx_view* view) { return open_view(view) ? view_of(view)->model : 0; }
int lidx_has_keys(const lidx_view* view) { return lidx_keys(view) != nullptr; }
const void* lidx_keys(const lidx_view* view) { return open_view(view) ? view_of(view)->keys : nullptr; }

const void* lidx_values(const lidx_view* view, uint64_t* bytes) {
  if (bytes != nullptr) *bytes = open_view(view) ? view_of(view)->value_bytes : 0;
  return open_view(view) ? view_of(view)->values : nullptr;
}

}  // extern "C"
