// Index<K>: an index that owns its model and arrays, over numbers; Index<Bytes>: over strings.
#pragma once

#include "learnedidx/owned/number_index.hpp"
#include "learnedidx/owned/string_index.hpp"
