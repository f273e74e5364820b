// The quantized matrix product with smmla, two rows at a time, included by i8mm.c. portable.c defines what it computes.
// Its structure is that of matmul_tile.h, whose tile takes single rows.

// The result of smmla: 4 outputs of two rows. half[0] holds outputs 0 and 1 of the first row, then of the second;
// half[1] holds outputs 2 and 3. Floats keep that order as well until they are stored: each lane is the chain of one
// output.
typedef struct {
    int32x4_t half[2];
} IP;
typedef struct {
    float32x4_t half[2];
} FP;

// A group of activations of two rows, with each value in the lanes that need it.
typedef struct {
    int8_t q[BK_GROUP / 8][16];  // 8 inputs of the first row, the same 8 of the second
    int32_t shift[BK_GROUP_BLOCKS][4], sum32[BK_GROUP_BLOCKS][4], sum16[2 * BK_GROUP_BLOCKS][4];
    float d[4];
} bk_pair;

enum { TILE_PAIRS = 4 };

// The numbers of 4 outputs, repeated for both rows.
INLINE IP both_i(int32x4_t v) {
    int64x2_t x = vreinterpretq_s64_s32(v);
    return (IP){{vreinterpretq_s32_s64(vzip1q_s64(x, x)), vreinterpretq_s32_s64(vzip2q_s64(x, x))}};
}
INLINE FP both_f(float32x4_t v) {
    float64x2_t x = vreinterpretq_f64_f32(v);
    return (FP){{vreinterpretq_f32_f64(vzip1q_f64(x, x)), vreinterpretq_f32_f64(vzip2q_f64(x, x))}};
}
INLINE void put_i(int32_t *lanes, int32_t first, int32_t second) {
    vst1q_s32(lanes, vcombine_s32(vdup_n_s32(first), vdup_n_s32(second)));
}

INLINE void pair_up(bk_scale kind, const bk_group *a, const bk_group *b, bk_pair *out) {
    for (int i = 0; i < BK_GROUP / 16; i++) {
        int64x2_t x = vreinterpretq_s64_s8(vld1q_s8(a->q + 16 * i)), y = vreinterpretq_s64_s8(vld1q_s8(b->q + 16 * i));
        vst1q_s8(out->q[2 * i], vreinterpretq_s8_s64(vzip1q_s64(x, y)));
        vst1q_s8(out->q[2 * i + 1], vreinterpretq_s8_s64(vzip2q_s64(x, y)));
    }
    for (int i = 0; i < BK_GROUP_BLOCKS; i++) put_i(out->shift[i], a->shift[i], b->shift[i]);
    if (kind_has_halves(kind)) {
        for (int i = 0; i < 2 * BK_GROUP_BLOCKS; i++) put_i(out->sum16[i], a->sum16[i], b->sum16[i]);
    } else {
        for (int i = 0; i < BK_GROUP_BLOCKS; i++) put_i(out->sum32[i], a->sum32[i], b->sum32[i]);
    }
    vst1q_f32(out->d, vcombine_f32(vdup_n_f32(a->d), vdup_n_f32(b->d)));
}

// The quants of 4 outputs for group `g` (4 inputs); layout.h says where they are.
INLINE VB quants(int bits, const uint8_t *q, int g) {
    if (bits == 8) return b_load(q + 64 * g);
    VB w = b_load(q + bk_nibbles(bits) + 64 * (g % 4)), v = g < 4 ? b_low4(w) : b_high4(w);
    if (bits == 5) v = b_or(v, b_bit(b_load(q), g));
    if (bits == 6) v = b_or(v, b_two(b_load(q + (g < 4 ? 0 : 64)), g % 4));
    return v;
}

// Integer sums over block `b`'s inputs from 8 * first up to 8 * last.
INLINE void eights_dot(int bits, int pairs, const uint8_t *q, const bk_pair *a, int b, int first, int last, IP s[]) {
    UNROLLED for (int r = 0; r < pairs; r++)
        s[r].half[0] = s[r].half[1] = vdupq_n_s32(0);
    UNROLLED for (int e = first; e < last; e++) {
        // Two groups of 4 inputs become 8 inputs of outputs 0 and 1, and of outputs 2 and 3.
        int32x4_t even = vreinterpretq_s32_s8(quants(bits, q, 2 * e)),
                  odd = vreinterpretq_s32_s8(quants(bits, q, 2 * e + 1));
        int8x16_t w0 = vreinterpretq_s8_s32(vzip1q_s32(even, odd)), w1 = vreinterpretq_s8_s32(vzip2q_s32(even, odd));
        UNROLLED for (int r = 0; r < pairs; r++) {
            int8x16_t x = vld1q_s8(a[r].q[4 * b + e]);
            s[r].half[0] = vmmlaq_s32(s[r].half[0], x, w0);
            s[r].half[1] = vmmlaq_s32(s[r].half[1], x, w1);
        }
    }
}

// z (see portable.c) of a group whose blocks have float scales.
INLINE void pairs_float(int bits, bk_scale kind, int offset, int pairs, const uint8_t *panel, int blocks, int o,
                        const bk_pair *a, int distance, FP z[]) {
    UNROLLED for (int r = 0; r < pairs; r++)
        z[r].half[0] = z[r].half[1] = f_zero();
    const uint8_t *q = panel + bk_header_bytes(kind, blocks) + 4 * o;
    if (distance) prefetch_lines(panel + distance, bk_header_bytes(kind, 8) / 64);
    ROLLED for (int b = 0; b < blocks; b++, q += bk_block_bytes(bits)) {
        if (distance) prefetch_lines(q + distance, bits);
        IP s[TILE_PAIRS];
        eights_dot(bits, pairs, q, a, b, 0, 4, s);
        FP d = both_f(f_from_f16(panel + 32 * b + 2 * o)), m;
        if (kind == BK_SCALE_DM) m = both_f(f_from_f16(panel + 32 * (blocks + b) + 2 * o));
        UNROLLED for (int r = 0; r < pairs; r++) {
            int32x4_t shift = vld1q_s32(a[r].shift[b]), sum = vld1q_s32(a[r].sum32[b]);
            UNROLLED for (int h = 0; h < 2; h++) {
                int32x4_t v = vshlq_s32(s[r].half[h], shift);
                if (offset) v = vmlsq_n_s32(v, sum, offset);
                z[r].half[h] = f_fma(f_from_i(v), d.half[h], z[r].half[h]);
                if (kind == BK_SCALE_DM) z[r].half[h] = f_fma(f_from_i(sum), m.half[h], z[r].half[h]);
            }
        }
    }
}

// s += v * scale for each output.
INLINE void add_scaled(IP *s, IP v, IP scale) {
    s->half[0] = vmlaq_s32(s->half[0], v.half[0], scale.half[0]);
    s->half[1] = vmlaq_s32(s->half[1], v.half[1], scale.half[1]);
}

// z (see portable.c) of a super-block with integer scales. `parts` is the number of scales per block.
INLINE void pairs_integer(int bits, bk_scale kind, int offset, int pairs, const uint8_t *panel, int o, const bk_pair *a,
                          int distance, FP z[]) {
    const int header = bk_header_bytes(kind, 8), parts = kind_has_halves(kind) ? 2 : 1;
    const uint8_t *scales = panel + 64 + o, *minimums = scales + (kind == BK_SCALE_K16 ? 0 : 128 * parts);
    IP sum[TILE_PAIRS], low[TILE_PAIRS];
    UNROLLED for (int r = 0; r < pairs; r++)
        sum[r] = low[r] = both_i(vdupq_n_s32(0));
    if (distance) prefetch_lines(panel + distance, header / 64);
    ROLLED for (int b = 0; b < 8; b++) {
        const uint8_t *q = panel + header + b * bk_block_bytes(bits);
        if (distance) prefetch_lines(q + distance, bits);
        UNROLLED for (int part = 0; part < parts; part++) {
            IP s[TILE_PAIRS];
            const uint8_t *at = scales + 16 * (parts * b + part);
            IP scale = both_i(kind == BK_SCALE_K16 ? sc_load_i8(at) : sc_load_u8(at));
            eights_dot(bits, pairs, q + 4 * o, a, b, part * 2, part * 2 + 4 / parts, s);
            UNROLLED for (int r = 0; r < pairs; r++) {
                int32x4_t shift = vld1q_s32(a[r].shift[b]);
                add_scaled(&sum[r], s[r], (IP){{vshlq_s32(scale.half[0], shift), vshlq_s32(scale.half[1], shift)}});
            }
        }
    }
    ROLLED for (int i = 0; i < 8 * parts; i++) {
        IP w = both_i(kind == BK_SCALE_K16 ? sc_load_i8(minimums + 16 * i) : sc_load_u8(minimums + 16 * i));
        UNROLLED for (int r = 0; r < pairs; r++) {
            int32x4_t x = vld1q_s32(parts == 2 ? a[r].sum16[i] : a[r].sum32[i]);
            add_scaled(&low[r], (IP){{x, x}}, w);
        }
    }
    FP d = both_f(f_from_f16(panel + 2 * o)), m;
    if (kind != BK_SCALE_K16) m = both_f(f_neg(f_from_f16(panel + 32 + 2 * o)));
    UNROLLED for (int r = 0; r < pairs; r++) {
        UNROLLED for (int h = 0; h < 2; h++) {
            int32x4_t v = sum[r].half[h];
            if (kind == BK_SCALE_K16) v = vmlsq_n_s32(v, low[r].half[h], offset);
            z[r].half[h] = f_mul(f_from_i(v), d.half[h]);
            if (kind != BK_SCALE_K16) z[r].half[h] = f_fma(f_from_i(low[r].half[h]), m.half[h], z[r].half[h]);
        }
    }
}

// The products of a panel with `rows` rows from `row` on. If their number is odd, the last row is paired with itself.
INLINE void pairs_tile(const bk_matrix *w, int bits, bk_scale kind, int offset, int32_t panel, const bk_acts *a,
                       int32_t row, int32_t rows, int pairs, int distance, const bk_product *p) {
    FP acc[PARTS][TILE_PAIRS], z[TILE_PAIRS];
    bk_pair x[TILE_PAIRS];
    for (int j = 0; j < PARTS; j++) UNROLLED
        for (int r = 0; r < pairs; r++) acc[j][r].half[0] = acc[j][r].half[1] = f_zero();
    const uint8_t *at = w->data + (size_t)panel * w->panel_bytes;
    const bk_group *group = a->groups + row;
    for (int32_t i = 0; i < bk_group_count(w->k); i++, group += a->rows) {
        int blocks = bk_blocks_in_group(w->k, i);
        for (int r = 0; r < pairs; r++) pair_up(kind, &group[2 * r], &group[2 * r + (2 * r + 1 < rows)], &x[r]);
        for (int j = 0; j < PARTS; j++) {
            int prefetch = j == 0 ? distance : 0;
            if (kind_is_k(kind))
                pairs_integer(bits, kind, offset, pairs, at, j * LANES, x, prefetch, z);
            else
                pairs_float(bits, kind, offset, pairs, at, blocks, j * LANES, x, prefetch, z);
            UNROLLED for (int r = 0; r < pairs; r++) {
                float32x4_t d = vld1q_f32(x[r].d);
                acc[j][r].half[0] = f_fma(z[r].half[0], d, acc[j][r].half[0]);
                acc[j][r].half[1] = f_fma(z[r].half[1], d, acc[j][r].half[1]);
            }
        }
        at += bk_packed_group_bytes(kind, bits, blocks);
    }
    for (int j = 0; j < PARTS; j++) {
        for (int r = 0; r < pairs; r++) {
            float64x2_t u = vreinterpretq_f64_f32(acc[j][r].half[0]), v = vreinterpretq_f64_f32(acc[j][r].half[1]);
            int32_t first = row + 2 * r, output = panel * BK_PANEL + j * LANES;
            f_store_row(vreinterpretq_f32_f64(vzip1q_f64(u, v)), p, first, output, w->n);
            if (2 * r + 1 < rows) f_store_row(vreinterpretq_f32_f64(vzip2q_f64(u, v)), p, first + 1, output, w->n);
        }
    }
}

INLINE void pairs_panels(const bk_matrix *w, int bits, bk_scale kind, int offset, const bk_acts *a, int32_t row0,
                         int32_t rows, int32_t panel0, int32_t panel1, const bk_product *p) {
    for (int32_t i = panel0; i < panel1; i++) {
        for (int32_t r = row0, end = row0 + rows; r < end; r += 2 * TILE_PAIRS) {
            int32_t left = end - r < 2 * TILE_PAIRS ? end - r : 2 * TILE_PAIRS;
            // Only the first tile of a panel reads it from memory.
            int32_t distance = r > row0 ? 0 : bk_distance(left, w->k);
            switch ((left + 1) / 2) {
                case 1: pairs_tile(w, bits, kind, offset, i, a, r, left, 1, distance, p); break;
                case 2: pairs_tile(w, bits, kind, offset, i, a, r, left, 2, distance, p); break;
                case 3: pairs_tile(w, bits, kind, offset, i, a, r, left, 3, distance, p); break;
                default: pairs_tile(w, bits, kind, offset, i, a, r, left, 4, distance, p); break;
            }
        }
    }
}

#define PAIRS(type, name, bits, kind, offset, weights, bytes)                                                       \
    static __attribute__((noinline)) void pairs_##name(const bk_matrix *w, const bk_acts *a, int32_t row0,          \
                                                       int32_t rows, int32_t p0, int32_t p1, const bk_product *p) { \
        pairs_panels(w, bits, kind, offset, a, row0, rows, p0, p1, p);                                              \
    }
BK_QUANTIZED_TYPES(PAIRS)

#define PAIRS_CASE(type, name, bits, kind, offset, weights, bytes) \
    case type: pairs_##name(w, a, row0, rows, p0, p1, p); break;
static void op_matmul_pairs(const bk_matrix *w, const bk_acts *a, int32_t row0, int32_t rows, int32_t p0, int32_t p1,
                            const bk_product *p) {
    switch (rows == 1 ? -1 : w->type) {
        BK_QUANTIZED_TYPES(PAIRS_CASE)
        default: op_matmul(w, a, row0, rows, p0, p1, p); break;
    }
}
