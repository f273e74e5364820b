// arm64 with the dot product instruction (Armv8.2 dotprod): sdot adds 4 products per output.
#include "../layout.h"
#if defined(__aarch64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif
#include "neon_primitives.h"

INLINE PS ps_add(PS s, VB w, const int8_t *a) { return vdotq_s32(s, w, four(a)); }
#include "../matmul_tile.h"
BK_OPS(bk_ops_dotprod, "dotprod")
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
