#include "learnedidx/kernels/avx512.hpp"
