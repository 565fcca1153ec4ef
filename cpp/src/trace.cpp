// Lookups that write down their steps, for every key type and layout of a column.
#include "learnedidx/base/compiled.hpp"

#undef LIDX_COMPILE_TRACED
#define LIDX_COMPILE_TRACED LIDX_DEFINE

#include "learnedidx/lookup/batch.hpp"
#include "learnedidx/text/search.hpp"
