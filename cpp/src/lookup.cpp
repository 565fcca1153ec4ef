// Lookups, for every key type.
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/models/btree.hpp"

#undef LIDX_COMPILE
#define LIDX_COMPILE LIDX_DEFINE

#include "learnedidx/lookup/direct_index.hpp"
#include "learnedidx/lookup/index.hpp"
