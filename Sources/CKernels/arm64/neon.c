// arm64 without the dot product instruction: products are widened to 16 bits, and pairs are added in 32 bits.
#include "../layout.h"
#if defined(__aarch64__)
#include "neon_primitives.h"

INLINE PS ps_add(PS s, VB w, const int8_t *a) {
    int8x16_t x = four(a);
    int16x8_t low = vmull_s8(vget_low_s8(w), vget_low_s8(x)), high = vmull_s8(vget_high_s8(w), vget_high_s8(x));
    return vaddq_s32(s, vpaddq_s32(vpaddlq_s16(low), vpaddlq_s16(high)));
}
#include "../matmul_tile.h"
BK_OPS(bk_ops_neon, "neon")
#endif
