// Layers over byte strings: their build and lookups, for every layout of a column.
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/lookup/batch.hpp"

#undef LIDX_COMPILE
#undef LIDX_COMPILE_TRACED
#define LIDX_COMPILE LIDX_DEFINE
#define LIDX_COMPILE_TRACED LIDX_DEFINE

#include "learnedidx/text/build.hpp"
#include "learnedidx/text/search.hpp"
