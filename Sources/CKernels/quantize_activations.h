// Activations are rounded to int8 blocks before a product with quantized weights; included by vector_ops.h. A group of
// 256 values shares one float scale; each block of 32 has a power of two of its own.

INLINE float block_greatest(const float *x) {
    I positive = (I)v_splat(0.0f) + 0x7fffffff;
    return v_greatest(v_max((F)((I)v_load(x) & positive), (F)((I)v_load(x + 16) & positive)));
}

typedef int8_t B16 __attribute__((vector_size(16)));

// Rounds 16 values times `factor` to the nearest integers, ties to even; returns their sum.
INLINE int32_t round16(const float *x, F factor, int8_t *q) {
    F magic = v_splat(12582912.0f);
    // The bits of the sum hold the integer. A float-to-int conversion would give different results for a NaN on
    // different machines.
    I i = (I)(v_load(x) * factor + magic) - (I)magic;
    B16 bytes = __builtin_convertvector(i, B16);
    memcpy(q, &bytes, 16);
    I s = i;
#if defined(__clang__)
    return __builtin_reduce_add(s);
#else
    int32_t sum = 0;
    for (int j = 0; j < 16; j++) sum += s[j];
    return sum;
#endif
}

// Rounds one group of `count` values (a multiple of 32). A is the greatest magnitude of the group, a that of a block.
// The block's shift is the least s in 0...3 with a <= A / 2^(3-s), and q = x * 127 * 2^(3-s) / A, rounded.
INLINE void quantize_group(const float *x, int count, bk_group *g) {
    float greatest[BK_GROUP_BLOCKS], all = 0;
    int blocks = count / 32;
    for (int b = 0; b < blocks; b++) {
        greatest[b] = block_greatest(x + 32 * b);
        all = greatest[b] > all ? greatest[b] : all;
    }
    // If the greatest magnitude is too small or too great for its inverse, or all values are NaN, every q is 0.
    bool sound = all > 0x1p-100f && all < 0x1p100f;
    g->d = sound ? all / (127 << BK_MAX_SHIFT) : all < 1 ? 0.0f : all;
    float factor = sound ? 127.0f / all : 0.0f;
    for (int b = 0; b < BK_GROUP_BLOCKS; b++) {
        if (b >= blocks || !sound) {
            memset(g->q + 32 * b, 0, 32);
            g->shift[b] = g->sum32[b] = g->sum[b] = g->sum16[2 * b] = g->sum16[2 * b + 1] = 0;
            continue;
        }
        static const float POWERS[] = {1, 2, 4, 8};
        int down = (greatest[b] * 2 <= all) + (greatest[b] * 4 <= all)
            + (greatest[b] * 8 <= all);  // a sum, because branches are slower
        int shift = BK_MAX_SHIFT - down;
        F f = v_splat(factor * POWERS[down]);
        int32_t s0 = round16(x + 32 * b, f, g->q + 32 * b), s1 = round16(x + 32 * b + 16, f, g->q + 32 * b + 16);
        g->shift[b] = shift;
        g->sum16[2 * b] = (int16_t)(s0 * (1 << shift));
        g->sum16[2 * b + 1] = (int16_t)(s1 * (1 << shift));
        g->sum32[b] = (s0 + s1) * (1 << shift);
        g->sum[b] = (int16_t)g->sum32[b];
    }
}

static void op_quantize(const float *x, int32_t row, bk_acts *a) {
    for (int32_t i = 0; i < bk_group_count(a->k); i++)
        quantize_group(x + i * BK_GROUP, BK_BLOCK * bk_blocks_in_group(a->k, i),
                       &a->groups[(size_t)i * (size_t)a->rows + (size_t)row]);
}
