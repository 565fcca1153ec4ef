#include "learnedidx/kernels/avx2.hpp"
