// Layers over byte strings: their build and lookups, for every layout of a column.
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/lookup/batch.hpp"
#include "learnedidx/text/layers.hpp"
#include "learnedidx/training/order_check.hpp"

#undef LIDX_COMPILE
#define LIDX_COMPILE LIDX_DEFINE

#include "learnedidx/text/build.hpp"
#include "learnedidx/text/hash_table.hpp"
#include "learnedidx/text/search.hpp"
