// Templates that a library holds compiled, for every key type.
//
// A header that ends with LIDX_COMPILE(...) names them. Included by itself it compiles what its user calls; where
// LIDX_COMPILED says that the library is linked (learnedidx::core), it declares them and nobody compiles them again. A
// source of the library (cpp/src) defines LIDX_COMPILE as LIDX_DEFINE before it includes the header.
#pragma once

#include "learnedidx/base/key_types.hpp"

#define LIDX_DEFINE(...) template __VA_ARGS__;
#ifdef LIDX_COMPILED
#define LIDX_DECLARE(...) extern template __VA_ARGS__;
#else
#define LIDX_DECLARE(...)
#endif
#define LIDX_COMPILE LIDX_DECLARE
#define LIDX_COMPILE_TRACED LIDX_DECLARE  // lookups that are written down, which may be slow

// F(name, type) for each key type.
#define LIDX_FOR_NARROW_KEYS(F) LIDX_KEY_TYPES(F, LIDX_NO_KEY_TYPE, )
#define LIDX_FOR_ALL_KEYS(F) LIDX_KEY_TYPES(F, F, )
