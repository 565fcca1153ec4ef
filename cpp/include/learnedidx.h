/* learnedidx: lookups in sorted arrays by a learned model, and an ordered map that changes, from C99.
 *
 * A .lidx file holds a model and, if wanted, the keys that it was fitted to and a row of values for each.
 * lidx_open makes a view of its bytes, wherever they lie: in flash, in a map, in a buffer at an odd
 * address. A view lies in the caller's storage and points into those bytes and keys, which must stay
 * as long as it is used. Opening and looking up allocate nothing, throw nothing, use no global
 * state and take no locks: any number of threads may look up in one view.
 *
 * The model may be wrong, the answer may not: what is read of a file is bounded first, and keys prove
 * every position. A damaged file costs time, never an answer or memory that is not its own.
 *
 * Order is that of the Python library: numbers ascend, -0.0 equals 0.0, and NaN (NaT among times) lies
 * after all numbers. Positions count keys from 0.
 */
#ifndef LEARNEDIDX_H
#define LEARNEDIDX_H

#include <stddef.h>
#include <stdint.h>

#if defined(LIDX_SHARED) && defined(_WIN32)
#define LIDX_API __declspec(dllimport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define LIDX_API __attribute__((visibility("default")))
#else
#define LIDX_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when a function or a struct changes in a way that old callers would notice. */
#define LIDX_ABI_VERSION 1

/* What a function has to say; 0: all is well. lidx_message has the sentences. */
typedef enum lidx_status {
  LIDX_OK = 0,
  /* The file: */
  LIDX_FOREIGN = 1,          /* does not begin with the bytes of a .lidx file */
  LIDX_TRUNCATED = 2,        /* is shorter than its header says */
  LIDX_NEWER = 3,            /* is of a format that this library cannot read */
  LIDX_BYTE_ORDER = 4,
  LIDX_LONGER = 5,           /* is longer than its header says */
  LIDX_BAD_HEADER = 6,
  LIDX_BAD_CHECKSUM = 7,     /* of its header */
  LIDX_BAD_TABLE = 8,
  LIDX_UNKNOWN_SECTION = 9,
  LIDX_BAD_PADDING = 10,
  LIDX_BAD_SECTIONS = 11,
  LIDX_BAD_MODEL = 12,
  LIDX_BAD_ENDS = 13,        /* its first or last key is not the one that its header names */
  LIDX_DAMAGED_SECTION = 14, /* a checksum differs; found by lidx_verify and lidx_filter_open only */
  LIDX_UNSORTED = 15,        /* found by lidx_verify only */
  LIDX_BAD_FILTER = 16,
  LIDX_NO_FILTER = 17,       /* the file holds none */
  /* The call: */
  LIDX_NULL_ARGUMENT = 32,
  LIDX_NOT_OPEN = 33,
  LIDX_WRONG_KIND = 34,      /* keys of this file are of another kind than the function asks for */
  LIDX_UNSUPPORTED_KIND = 35, /* keys of 8 or 16 bits, or strings, which lidx_open_bytes opens */
  LIDX_NO_KEYS = 36,         /* the file holds the model alone: only bounds can be asked for */
  LIDX_OTHER_KEYS = 37,      /* the model was fitted to other keys than those given */
  LIDX_UNVERIFIED = 38,      /* bounds without keys need a view that lidx_verify found whole */
  LIDX_UNSORTED_KEYS = 39,   /* keys to build from must ascend, NaN last */
  LIDX_BAD_OPTION = 40,
  LIDX_NO_MEMORY = 41,
  LIDX_OVERLAP = 42,         /* positions lie over queries, which are read again after positions were written */
  LIDX_MISALIGNED = 43,      /* a file of strings, or one with a filter to be asked, must begin at a multiple of 8 */
  LIDX_NOT_FOUND = 44,       /* no such key in the tree, or no key at that place */
  LIDX_NAN_KEY = 45,         /* NaN is no key of a tree */
  LIDX_STALE = 46,           /* the tree changed after the place was found, or the place is none of this tree */
  LIDX_FULL = 47,            /* a tree holds at most 2^32 - 2 keys */
  LIDX_WRONG_FILTER = 48     /* the filter is of another form than the function asks for */
} lidx_status;

/* What keys are, by the numbers that files use. */
typedef enum lidx_kind {
  LIDX_U32 = 2, LIDX_U64 = 3, LIDX_I32 = 6, LIDX_I64 = 7, LIDX_F32 = 8, LIDX_F64 = 9
} lidx_kind;

typedef enum lidx_model {
  LIDX_NO_MODEL = 0, LIDX_RMI = 1, LIDX_BTREE = 2, LIDX_RADIX_SPLINE = 3, LIDX_PGM = 4,
  LIDX_AUTO = 6 /* to build: the rule of Python's model="auto" chooses; no file is of it */
} lidx_model;

/* An open file, in the caller's storage: on the stack, static, or inside another struct. It may be copied
 * and needs no closing. Its words are the library's own. */
#define LIDX_VIEW_BYTES 1024
typedef struct lidx_view {
  uint64_t words[LIDX_VIEW_BYTES / 8];
} lidx_view;

/* The LIDX_ABI_VERSION that the library was built with. */
LIDX_API uint32_t lidx_abi_version(void);

/* What a status says, in English; never NULL, never to be freed. What is wrong with a file is a sentence without
 * its subject, to be put after its name: "is truncated: it is shorter than its header says". */
LIDX_API const char *lidx_message(lidx_status status);

/* Opens blob[0, bytes), a whole .lidx file. Copies no array, allocates nothing; O(number of sections), a few
 * microseconds whatever the number of keys; 6 KiB of stack.
 *
 * Any address will do. At a multiple of 8 lookups use the processor's vector units; elsewhere they answer the
 * same, and batches take longer. Nothing in the bytes is believed that is not checked, here or when
 * it is read, and they may change meanwhile: positions are proven by the keys then at hand.
 *
 * After any status but LIDX_OK the view is not open. Errors: those of the file from LIDX_FOREIGN to
 * LIDX_BAD_ENDS, LIDX_UNSUPPORTED_KIND, LIDX_NULL_ARGUMENT. */
LIDX_API lidx_status lidx_open(lidx_view *view, const void *blob, size_t bytes);

/* The same over keys that lie elsewhere, n of that kind, which are borrowed: those that the model was fitted to. Their
 * number, kind, first and last one and 1,024 in between are compared with the file's fingerprint; full
 * lidx_verify compares all. O(1). Errors: those of lidx_open, LIDX_OTHER_KEYS. */
LIDX_API lidx_status lidx_open_with_keys(lidx_view *view, const void *blob, size_t bytes, const void *keys, size_t n,
                                         lidx_kind kind);

/* Compares checksums: with full 0 those of the model, O(its bytes); else those of all sections and keys, and the order of
 * the keys, O(n). A view that was found whole may answer lidx_bounds without keys.
 * Errors: LIDX_DAMAGED_SECTION, LIDX_UNSORTED, LIDX_OTHER_KEYS, LIDX_NOT_OPEN, or those of lidx_open if the bytes
 * changed. The view is written to: no other thread may use it meanwhile. */
LIDX_API lidx_status lidx_verify(lidx_view *view, int full);

/* What a view is of; 0 or NULL if it is not open. O(1).
 *
 * lidx_n: keys. lidx_numbers: those of them that are neither NaN nor NaT. lidx_kind_of: a lidx_kind.
 * lidx_model_of: a lidx_model. lidx_keys: where the keys lie, at any address; NULL: there are none.
 * lidx_values: where the values lie, one row of *bytes / n bytes for each key; NULL: there are none. */
LIDX_API uint64_t lidx_n(const lidx_view *view);
LIDX_API uint64_t lidx_numbers(const lidx_view *view);
LIDX_API int lidx_kind_of(const lidx_view *view);
LIDX_API int lidx_model_of(const lidx_view *view);
LIDX_API int lidx_has_keys(const lidx_view *view);
LIDX_API const void *lidx_keys(const lidx_view *view);
LIDX_API const void *lidx_values(const lidx_view *view, uint64_t *bytes);

/* Lookups. Errors of all of them: LIDX_NULL_ARGUMENT, LIDX_NOT_OPEN, LIDX_WRONG_KIND, LIDX_NO_KEYS. Nothing is written then.
 * Steps: O(log n) at worst, few where the model is good. */

/* *position becomes the number of keys below q; for NaN, lidx_numbers. */
LIDX_API lidx_status lidx_lower_bound_u32(const lidx_view *view, uint32_t q, int64_t *position);
LIDX_API lidx_status lidx_lower_bound_u64(const lidx_view *view, uint64_t q, int64_t *position);
LIDX_API lidx_status lidx_lower_bound_i32(const lidx_view *view, int32_t q, int64_t *position);
LIDX_API lidx_status lidx_lower_bound_i64(const lidx_view *view, int64_t q, int64_t *position);
LIDX_API lidx_status lidx_lower_bound_f32(const lidx_view *view, float q, int64_t *position);
LIDX_API lidx_status lidx_lower_bound_f64(const lidx_view *view, double q, int64_t *position);

/* *position becomes the number of keys that are not above q; for NaN, lidx_n. */
LIDX_API lidx_status lidx_upper_bound_u32(const lidx_view *view, uint32_t q, int64_t *position);
LIDX_API lidx_status lidx_upper_bound_u64(const lidx_view *view, uint64_t q, int64_t *position);
LIDX_API lidx_status lidx_upper_bound_i32(const lidx_view *view, int32_t q, int64_t *position);
LIDX_API lidx_status lidx_upper_bound_i64(const lidx_view *view, int64_t q, int64_t *position);
LIDX_API lidx_status lidx_upper_bound_f32(const lidx_view *view, float q, int64_t *position);
LIDX_API lidx_status lidx_upper_bound_f64(const lidx_view *view, double q, int64_t *position);

/* The keys with lo <= key < hi are those at [*start, *stop); none, at *start, if hi is not above lo. */
LIDX_API lidx_status lidx_range_u32(const lidx_view *view, uint32_t lo, uint32_t hi, int64_t *start, int64_t *stop);
LIDX_API lidx_status lidx_range_u64(const lidx_view *view, uint64_t lo, uint64_t hi, int64_t *start, int64_t *stop);
LIDX_API lidx_status lidx_range_i32(const lidx_view *view, int32_t lo, int32_t hi, int64_t *start, int64_t *stop);
LIDX_API lidx_status lidx_range_i64(const lidx_view *view, int64_t lo, int64_t hi, int64_t *start, int64_t *stop);
LIDX_API lidx_status lidx_range_f32(const lidx_view *view, float lo, float hi, int64_t *start, int64_t *stop);
LIDX_API lidx_status lidx_range_f64(const lidx_view *view, double lo, double hi, int64_t *start, int64_t *stop);

/* *low <= lidx_lower_bound(q) <= *high, without a search. With keys, the two at the borders are read, and if they
 * do not confirm what the model says, a search does. Without keys the model alone answers, which is certain only
 * of a file whose bytes are those that were saved: LIDX_UNVERIFIED until lidx_verify found it whole.
 * LIDX_OK thus always stands for bounds that hold. Never LIDX_NO_KEYS. */
LIDX_API lidx_status lidx_bounds_u32(const lidx_view *view, uint32_t q, int64_t *low, int64_t *high);
LIDX_API lidx_status lidx_bounds_u64(const lidx_view *view, uint64_t q, int64_t *low, int64_t *high);
LIDX_API lidx_status lidx_bounds_i32(const lidx_view *view, int32_t q, int64_t *low, int64_t *high);
LIDX_API lidx_status lidx_bounds_i64(const lidx_view *view, int64_t q, int64_t *low, int64_t *high);
LIDX_API lidx_status lidx_bounds_f32(const lidx_view *view, float q, int64_t *low, int64_t *high);
LIDX_API lidx_status lidx_bounds_f64(const lidx_view *view, double q, int64_t *low, int64_t *high);

/* positions[i] becomes the lower bound of q[i], for i < count, in whatever order they are. Many at once are several times
 * faster than one by one, and fastest if they ascend. 32 KiB of stack. positions must not lie over q, not even at the
 * same address: LIDX_OVERLAP. */
LIDX_API lidx_status lidx_lower_bounds_u32(const lidx_view *view, const uint32_t *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_lower_bounds_u64(const lidx_view *view, const uint64_t *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_lower_bounds_i32(const lidx_view *view, const int32_t *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_lower_bounds_i64(const lidx_view *view, const int64_t *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_lower_bounds_f32(const lidx_view *view, const float *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_lower_bounds_f64(const lidx_view *view, const double *q, size_t count, int64_t *positions);

/* The same for upper bounds. */
LIDX_API lidx_status lidx_upper_bounds_u32(const lidx_view *view, const uint32_t *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_upper_bounds_u64(const lidx_view *view, const uint64_t *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_upper_bounds_i32(const lidx_view *view, const int32_t *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_upper_bounds_i64(const lidx_view *view, const int64_t *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_upper_bounds_f32(const lidx_view *view, const float *q, size_t count, int64_t *positions);
LIDX_API lidx_status lidx_upper_bounds_f64(const lidx_view *view, const double *q, size_t count, int64_t *positions);

/* The same three for each kind of key, and for many queries at once.
 *
 * lidx_find: *position becomes that of the first key that equals q, or -1. NaN is found where there are NaN.
 * lidx_contains: *is_key becomes 1 or 0.
 * lidx_predecessor: *position becomes that of the last key that is not above q, or -1. */
#define LIDX_DECLARE_FINDS(name, key)                                                                                   \
  LIDX_API lidx_status lidx_find_##name(const lidx_view *view, key q, int64_t *position);                               \
  LIDX_API lidx_status lidx_contains_##name(const lidx_view *view, key q, int *is_key);                                 \
  LIDX_API lidx_status lidx_predecessor_##name(const lidx_view *view, key q, int64_t *position);                        \
  LIDX_API lidx_status lidx_finds_##name(const lidx_view *view, const key *q, size_t count, int64_t *positions);        \
  LIDX_API lidx_status lidx_predecessors_##name(const lidx_view *view, const key *q, size_t count, int64_t *positions);
LIDX_DECLARE_FINDS(u32, uint32_t)
LIDX_DECLARE_FINDS(u64, uint64_t)
LIDX_DECLARE_FINDS(i32, int32_t)
LIDX_DECLARE_FINDS(i64, int64_t)
LIDX_DECLARE_FINDS(f32, float)
LIDX_DECLARE_FINDS(f64, double)
#undef LIDX_DECLARE_FINDS

/* How to fit a model. Set struct_bytes to sizeof(lidx_build_options) and what is not needed to 0. */
typedef struct lidx_build_options {
  size_t struct_bytes;
  int model;           /* a lidx_model */
  int with_keys;       /* 1: the file holds the keys, 0: the model alone */
  uint64_t epsilon;    /* largest error in positions of a PGM (0: 64) or spline (0: 32), at most 2^62 */
  uint32_t radix_bits; /* of a spline: 1 to 24; 0: chosen by its number of points */
  uint32_t node;       /* separators in a node of a B+-tree: 8, or 16 (0: 16) */
  uint64_t leaves;     /* of an RMI (0: one for 32 keys), at most 2^31, 2^20 or four a key; not there in older callers */
} lidx_build_options;

/* Where a built file goes. allocate returns NULL if it has no memory; memory that is aligned to 64 bytes suits lookups
 * best. release gets what allocate returned, and the bytes that were asked for. */
typedef struct lidx_allocator {
  void *(*allocate)(void *context, size_t bytes);
  void (*release)(void *context, void *memory, size_t bytes);
  void *context;
} lidx_allocator;

/* Fits a model to keys[0, n), which ascend, with NaN last, and makes a .lidx file of it, the same bytes that the Python
 * library saves for the same keys and parameters. *blob, to be given to lidx_release, comes from the
 * allocator (NULL: malloc); what fitting needs meanwhile, O(model), from the C++ runtime's operator new.
 * options NULL: a PGM with keys. O(n).
 * Errors: LIDX_NULL_ARGUMENT, LIDX_UNSORTED_KEYS, LIDX_BAD_OPTION, LIDX_NO_MEMORY; *blob is NULL then. */
LIDX_API lidx_status lidx_build_u32(const uint32_t *keys, size_t n, const lidx_build_options *options,
                                    const lidx_allocator *allocator, void **blob, size_t *bytes);
LIDX_API lidx_status lidx_build_u64(const uint64_t *keys, size_t n, const lidx_build_options *options,
                                    const lidx_allocator *allocator, void **blob, size_t *bytes);
LIDX_API lidx_status lidx_build_i32(const int32_t *keys, size_t n, const lidx_build_options *options,
                                    const lidx_allocator *allocator, void **blob, size_t *bytes);
LIDX_API lidx_status lidx_build_i64(const int64_t *keys, size_t n, const lidx_build_options *options,
                                    const lidx_allocator *allocator, void **blob, size_t *bytes);
LIDX_API lidx_status lidx_build_f32(const float *keys, size_t n, const lidx_build_options *options,
                                    const lidx_allocator *allocator, void **blob, size_t *bytes);
LIDX_API lidx_status lidx_build_f64(const double *keys, size_t n, const lidx_build_options *options,
                                    const lidx_allocator *allocator, void **blob, size_t *bytes);

/* The same of n strings, which ascend in the order of memcmp: string i is data[starts[i], starts[i + 1]), so there are n + 1
 * starts, which must not fall (LIDX_UNSORTED_KEYS). is_text: 1 if Python shall read str, for which they must be UTF-8, and 0 for
 * bytes. options->model is that of each layer; options NULL: LIDX_AUTO with keys. Layers, too, come from operator new,
 * and starts that do not begin at 0 are copied. O(bytes). Errors: as of numbers; more than 2^31 - 1 strings: LIDX_BAD_OPTION. */
LIDX_API lidx_status lidx_build_bytes(const void *data, const uint64_t *starts, size_t n, int is_text,
                                      const lidx_build_options *options, const lidx_allocator *allocator, void **blob,
                                      size_t *bytes);

/* Gives a built file back to the allocator that it came from (NULL: free). NULL blobs are passed over. */
LIDX_API void lidx_release(const lidx_allocator *allocator, void *blob, size_t bytes);

/* Strings. A file of text, bytes, UUIDs or addresses, in the order of memcmp, a string before those that begin with it.
 *
 * lidx_open_bytes makes an index over blob[0, bytes), a whole .lidx file at a multiple of 8, which must stay as long as it is
 * used. The index takes 100 KB of the allocator (NULL: malloc), which must outlive it; nothing else is allocated, ever.
 * O(number of sections). Any number of threads may look up in one index. Errors: those of lidx_open, LIDX_WRONG_KIND
 * (it holds numbers), LIDX_NO_KEYS, LIDX_MISALIGNED, LIDX_NO_MEMORY; *index is NULL then. */
typedef struct lidx_strings lidx_strings;
LIDX_API lidx_status lidx_open_bytes(lidx_strings **index, const void *blob, size_t bytes, const lidx_allocator *allocator);
LIDX_API void lidx_close_bytes(lidx_strings *index); /* NULL is passed over */

/* Compares all checksums, and looks whether the strings are in order. O(bytes). */
LIDX_API lidx_status lidx_verify_bytes(const lidx_strings *index);

/* How many strings there are; where number `position` lies (LIDX_NOT_FOUND: there is none); the values, as lidx_values. */
LIDX_API uint64_t lidx_n_bytes(const lidx_strings *index);
LIDX_API lidx_status lidx_key_bytes(const lidx_strings *index, int64_t position, const void **key, size_t *size);
LIDX_API const void *lidx_values_bytes(const lidx_strings *index, uint64_t *bytes);

/* As of numbers; q[0, size) is the query, and q may be NULL if size is 0. 64 KiB of stack.
 * lidx_prefix_bytes: the keys that begin with q are those at [*start, *stop). */
LIDX_API lidx_status lidx_lower_bound_bytes(const lidx_strings *index, const void *q, size_t size, int64_t *position);
LIDX_API lidx_status lidx_upper_bound_bytes(const lidx_strings *index, const void *q, size_t size, int64_t *position);
LIDX_API lidx_status lidx_find_bytes(const lidx_strings *index, const void *q, size_t size, int64_t *position);
LIDX_API lidx_status lidx_contains_bytes(const lidx_strings *index, const void *q, size_t size, int *is_key);
LIDX_API lidx_status lidx_predecessor_bytes(const lidx_strings *index, const void *q, size_t size, int64_t *position);
LIDX_API lidx_status lidx_prefix_bytes(const lidx_strings *index, const void *q, size_t size, int64_t *start, int64_t *stop);

/* Many: query i is data[starts[i], starts[i + 1]), so there are count + 1 starts, which must not fall (LIDX_UNSORTED_KEYS). */
LIDX_API lidx_status lidx_lower_bounds_bytes(const lidx_strings *index, const void *data, const uint64_t *starts, size_t count,
                                             int64_t *positions);
LIDX_API lidx_status lidx_upper_bounds_bytes(const lidx_strings *index, const void *data, const uint64_t *starts, size_t count,
                                             int64_t *positions);
LIDX_API lidx_status lidx_finds_bytes(const lidx_strings *index, const void *data, const uint64_t *starts, size_t count,
                                      int64_t *positions);
LIDX_API lidx_status lidx_predecessors_bytes(const lidx_strings *index, const void *data, const uint64_t *starts, size_t count,
                                             int64_t *positions);

/* Filters. A file may hold one beside its keys, or a filter alone. It says "no" for certain, or "maybe".
 *
 * lidx_filter_open: makes a filter of blob[0, bytes), a whole .lidx file at a multiple of 8, in the caller's storage, which may be
 *   copied and needs no closing. Keys are not touched, and nothing is allocated. Nothing proves what a filter denies, so all of
 *   it is read once and its checksum compared: O(bytes of the filter), 8 KiB of stack. The bytes must stay as they are. Errors: those
 *   of lidx_open, LIDX_DAMAGED_SECTION, LIDX_BAD_FILTER, LIDX_NO_FILTER, LIDX_MISALIGNED; the filter is not open then.
 * lidx_filter_form_of: a lidx_form. lidx_filter_kind_of: a lidx_kind; 0: strings. lidx_filter_n: keys that it was fitted to: of a range
 *   filter distinct ones. All 0 of a filter that is not open.
 *
 * Questions. Any number of threads may ask one filter. Errors of all of them: LIDX_NULL_ARGUMENT, LIDX_NOT_OPEN, LIDX_WRONG_KIND,
 * LIDX_WRONG_FILTER, of arrays LIDX_OVERLAP, if answers lie over queries or each other; nothing is written then. Many at once are several
 * times faster than one by one. 24 KiB of stack. NaN, and NaT among times, is no member.
 *
 * lidx_filter_may_contain: of a range or point filter: 0: q is no key, 1: it may be one.
 * lidx_filter_may_contain_range: of a range filter: 0: no key lies in lo <= key < hi, 1: one may. NaN and NaT are above all numbers.
 * lidx_filter_position: of a learned hash: *position becomes that of q, the first of equal keys, if q is a key; else it is one in the segment
 *   where q would be, and nobody notices. -1: there are no keys, or q is NaN.
 * lidx_filter_may_find: of a learned hash with fingerprints: the position of q if it is a key, else -1, but for one of 256 (of 65,536) others.
 * lidx_filter_bounds: of a learned hash: *low <= number of keys below q <= *high, for any q, a few hundred distinct keys apart. */
#define LIDX_FILTER_BYTES 4096
typedef struct lidx_filter {
  uint64_t words[LIDX_FILTER_BYTES / 8];
} lidx_filter;

typedef enum lidx_form {
  LIDX_NO_FORM = 0,
  LIDX_RANGE_FILTER = 1,
  LIDX_POINT_FILTER = 2,
  LIDX_LEARNED_HASH = 3,
  LIDX_LEARNED_FILTER = 4
} lidx_form;

LIDX_API lidx_status lidx_filter_open(lidx_filter *filter, const void *blob, size_t bytes);
LIDX_API int lidx_filter_form_of(const lidx_filter *filter);
LIDX_API int lidx_filter_kind_of(const lidx_filter *filter);
LIDX_API uint64_t lidx_filter_n(const lidx_filter *filter);

#define LIDX_DECLARE_FILTER(name, key)                                                                                     \
  LIDX_API lidx_status lidx_filter_may_contain_##name(const lidx_filter *filter, key q, int *may);                         \
  LIDX_API lidx_status lidx_filter_may_contain_range_##name(const lidx_filter *filter, key lo, key hi, int *may);          \
  LIDX_API lidx_status lidx_filter_position_##name(const lidx_filter *filter, key q, int64_t *position);                   \
  LIDX_API lidx_status lidx_filter_may_find_##name(const lidx_filter *filter, key q, int64_t *position);                   \
  LIDX_API lidx_status lidx_filter_bounds_##name(const lidx_filter *filter, key q, int64_t *low, int64_t *high);           \
  LIDX_API lidx_status lidx_filter_may_contain_many_##name(const lidx_filter *filter, const key *q, size_t count,          \
                                                           uint8_t *may);                                                  \
  LIDX_API lidx_status lidx_filter_may_contain_ranges_##name(const lidx_filter *filter, const key *lo, const key *hi,      \
                                                             size_t count, uint8_t *may);                                  \
  LIDX_API lidx_status lidx_filter_positions_##name(const lidx_filter *filter, const key *q, size_t count,                 \
                                                    int64_t *positions);                                                   \
  LIDX_API lidx_status lidx_filter_may_finds_##name(const lidx_filter *filter, const key *q, size_t count,                 \
                                                    int64_t *positions);                                                   \
  LIDX_API lidx_status lidx_filter_bounds_many_##name(const lidx_filter *filter, const key *q, size_t count, int64_t *low, \
                                                      int64_t *high);
LIDX_DECLARE_FILTER(u32, uint32_t)
LIDX_DECLARE_FILTER(u64, uint64_t)
LIDX_DECLARE_FILTER(i32, int32_t)
LIDX_DECLARE_FILTER(i64, int64_t)
LIDX_DECLARE_FILTER(f32, float)
LIDX_DECLARE_FILTER(f64, double)
#undef LIDX_DECLARE_FILTER

/* A point filter or a learned filter of strings. Query i of many is data[starts[i], starts[i + 1]): LIDX_UNSORTED_KEYS, if starts fall.
 * Text is UTF-8, UUIDs and addresses are their bytes. */
LIDX_API lidx_status lidx_filter_may_contain_bytes(const lidx_filter *filter, const void *q, size_t size, int *may);
LIDX_API lidx_status lidx_filter_may_contain_many_bytes(const lidx_filter *filter, const void *data, const uint64_t *starts,
                                                        size_t count, uint8_t *may);

/* A learned hash of strings: lidx_filter_position, lidx_filter_may_find and lidx_filter_bounds of these. */
LIDX_API lidx_status lidx_filter_position_bytes(const lidx_filter *filter, const void *q, size_t size, int64_t *position);
LIDX_API lidx_status lidx_filter_may_find_bytes(const lidx_filter *filter, const void *q, size_t size, int64_t *position);
LIDX_API lidx_status lidx_filter_bounds_bytes(const lidx_filter *filter, const void *q, size_t size, int64_t *low, int64_t *high);
LIDX_API lidx_status lidx_filter_positions_bytes(const lidx_filter *filter, const void *data, const uint64_t *starts, size_t count,
                                                 int64_t *positions);
LIDX_API lidx_status lidx_filter_may_finds_bytes(const lidx_filter *filter, const void *data, const uint64_t *starts, size_t count,
                                                 int64_t *positions);

/* A tree: an ordered map of numbers that changes, from keys of one kind to values of 64 bits. Equal keys may be held many times. One
 * thread may change a tree, and none may read it meanwhile; many may read it together. Errors of all: LIDX_NULL_ARGUMENT.
 *
 * A place is a key of a tree, or the end behind the last; it lies in the caller's storage. After a change of keys it is stale, and
 * functions say so: LIDX_STALE. A value that is assigned by lidx_tree_put changes no place.
 *
 * lidx_tree_create: memory is of the allocator (NULL: malloc), which must outlive the tree, at most `budget` bytes at a time beside
 *   the handle, of 400 (0: any number). Where it does not suffice, a function says LIDX_NO_MEMORY and the tree is as it was.
 * lidx_tree_destroy: gives all back; NULL is passed over. lidx_tree_clear: erases all keys.
 * lidx_tree_size, lidx_tree_bytes: keys; bytes that the tree holds, the handle not.
 * lidx_tree_load: takes n ascending keys and their values in place of what it held, O(n): LIDX_UNSORTED_KEYS.
 * lidx_tree_insert: adds a key, behind those that equal it. O(log n). lidx_tree_put: adds it, or assigns the value if it is there;
 *   *was_there, unless NULL, says which. LIDX_NAN_KEY, LIDX_NO_MEMORY, LIDX_FULL.
 * lidx_tree_find: the value of the first key that equals `key`. lidx_tree_erase: erases that key; *value, unless NULL, gets
 *   its value. LIDX_NOT_FOUND.
 * lidx_tree_rank: *position becomes the number of keys below `key`.
 * lidx_tree_seek: the first key that is not below `key`, or the end. lidx_tree_first, lidx_tree_last: the ends, or the end.
 * lidx_tree_next, lidx_tree_previous: move a place; beyond the last key is the end, and before the first too. From the end,
 *   previous is the last key, and next is LIDX_NOT_FOUND.
 * lidx_tree_at: key and value (unless NULL) at a place; LIDX_NOT_FOUND: it is the end.
 * lidx_tree_erase_at: erases the key at a place, which becomes that of the next.
 * lidx_tree_scan: copies up to `most` keys and values (unless NULL) from a place on, which moves behind them; *count says how many. */
typedef struct lidx_place {
  uint64_t words[4];
} lidx_place;

#define LIDX_DECLARE_TREE(name, key_type)                                                                                \
  typedef struct lidx_tree_##name lidx_tree_##name;                                                                     \
  LIDX_API lidx_status lidx_tree_create_##name(lidx_tree_##name **tree, const lidx_allocator *allocator, size_t budget); \
  LIDX_API void lidx_tree_destroy_##name(lidx_tree_##name *tree);                                                       \
  LIDX_API lidx_status lidx_tree_clear_##name(lidx_tree_##name *tree);                                                  \
  LIDX_API uint64_t lidx_tree_size_##name(const lidx_tree_##name *tree);                                                \
  LIDX_API uint64_t lidx_tree_bytes_##name(const lidx_tree_##name *tree);                                               \
  LIDX_API lidx_status lidx_tree_load_##name(lidx_tree_##name *tree, const key_type *keys, const uint64_t *values,      \
                                             size_t n);                                                                 \
  LIDX_API lidx_status lidx_tree_insert_##name(lidx_tree_##name *tree, key_type key, uint64_t value);                   \
  LIDX_API lidx_status lidx_tree_put_##name(lidx_tree_##name *tree, key_type key, uint64_t value, int *was_there);      \
  LIDX_API lidx_status lidx_tree_find_##name(const lidx_tree_##name *tree, key_type key, uint64_t *value);              \
  LIDX_API lidx_status lidx_tree_erase_##name(lidx_tree_##name *tree, key_type key, uint64_t *value);                   \
  LIDX_API lidx_status lidx_tree_rank_##name(const lidx_tree_##name *tree, key_type key, uint64_t *position);           \
  LIDX_API lidx_status lidx_tree_seek_##name(const lidx_tree_##name *tree, key_type key, lidx_place *place);            \
  LIDX_API lidx_status lidx_tree_first_##name(const lidx_tree_##name *tree, lidx_place *place);                         \
  LIDX_API lidx_status lidx_tree_last_##name(const lidx_tree_##name *tree, lidx_place *place);                          \
  LIDX_API lidx_status lidx_tree_next_##name(const lidx_tree_##name *tree, lidx_place *place);                          \
  LIDX_API lidx_status lidx_tree_previous_##name(const lidx_tree_##name *tree, lidx_place *place);                      \
  LIDX_API lidx_status lidx_tree_at_##name(const lidx_tree_##name *tree, const lidx_place *place, key_type *key,        \
                                           uint64_t *value);                                                            \
  LIDX_API lidx_status lidx_tree_erase_at_##name(lidx_tree_##name *tree, lidx_place *place);                            \
  LIDX_API lidx_status lidx_tree_scan_##name(const lidx_tree_##name *tree, lidx_place *place, size_t most,              \
                                             key_type *keys, uint64_t *values, size_t *count);
LIDX_DECLARE_TREE(u64, uint64_t)
LIDX_DECLARE_TREE(i64, int64_t)
LIDX_DECLARE_TREE(f64, double)
#undef LIDX_DECLARE_TREE

#ifdef __cplusplus
}
#endif

#endif /* LEARNEDIDX_H */
