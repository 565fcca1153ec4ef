// Filters: may a key lie in a range, may it be there, and where it lies, without the keys; and those in files.
#pragma once

#include "learnedidx/file/filter.hpp"
#include "learnedidx/filters/build_hash.hpp"
#include "learnedidx/filters/build_learned.hpp"
#include "learnedidx/filters/build_range.hpp"
#include "learnedidx/filters/distinct_codes.hpp"
#include "learnedidx/filters/learned_filter.hpp"
#include "learnedidx/filters/learned_hash.hpp"
#include "learnedidx/filters/point_filter.hpp"
#include "learnedidx/filters/range_filter.hpp"
