// Templates that a library holds compiled, for every key type.
//
// A header that ends with LIDX_COMPILE(...) names them. Included by itself it compiles what its user calls; where
// LIDX_COMPILED says that the library is linked (learnedidx::core), it declares them and nobody compiles them again. A
// source of the library (cpp/src) defines LIDX_COMPILE as LIDX_DEFINE before it includes the header.
#pragma once

#include <cstdint>

#define LIDX_DEFINE(...) template __VA_ARGS__;
#ifdef LIDX_COMPILED
#define LIDX_DECLARE(...) extern template __VA_ARGS__;
#else
#define LIDX_DECLARE(...)
#endif
#define LIDX_COMPILE LIDX_DECLARE
#define LIDX_COMPILE_TRACED LIDX_DECLARE  // lookups that are written down, which may be slow

#define LIDX_FOR_NARROW_KEYS(F) F(std::uint8_t) F(std::uint16_t) F(std::int8_t) F(std::int16_t)
#define LIDX_FOR_WIDE_KEYS(F) \
  F(std::uint32_t) F(std::uint64_t) F(std::int32_t) F(std::int64_t) F(float) F(double)
#define LIDX_FOR_ALL_KEYS(F) LIDX_FOR_NARROW_KEYS(F) LIDX_FOR_WIDE_KEYS(F)
