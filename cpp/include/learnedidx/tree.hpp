// An ordered set or map of numbers that changes, and the kernels that it is given.
#pragma once

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/tree/tree.hpp"
