#include "learnedidx/rows/avx512.hpp"
