#include "learnedidx/rows/avx2.hpp"
