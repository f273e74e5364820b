// The quantized matrix product, written once over a small set of vector primitives and compiled once per instruction
// set. portable.c defines what it computes. The including file defines:
//   LANES                                outputs per vector: 4, 8 or 16
//   TILE_ROWS                            rows of a full tile, as many as the registers allow
//   VF, VI, VB, PS                       float lanes; int32 lanes; LANES*4 weight bytes; running integer sums
//   PS_ADDS(bits, rows)                  how many groups of 4 products are added in one PS: as many as fit, or fewer
//                                        if the processor would have too few chains to work on at once
//   f_zero f_splat f_fma f_mul f_neg f_from_i f_from_f16
//   i_add i_sub i_splat i_shift(v, n) i_shift_by(v, &n)
//   b_load b_low4 b_high4 b_or
//   b_bit(v, g)                          bit g of each byte, as 0 or 16
//   b_two(v, c)                          bits 2c and 2c+1 of each byte, as 0...48
//   ps_first(w, a) ps_add(ps, w, a)      unsigned weight bytes times the 4 activations at `a`, which every output uses
//   ps_first_signed(w, a) ps_add_signed(ps, w, a)
//                                        the same for signed weights, plus SIGNED_OFFSET * (sum of activations)
//   ps_sum(ps) ps_scale(ps, sc)          a PS as int32; the same times a small scale per output
//   SC, sc_load_u8 sc_load_i8            that scale
//   WP, wp_u8(s0, s1) wp_i8(s0, s1)      a pair of bytes per output
//   wp_add(v, wp, a)                     v[o] + s0[o] * a[0] + s1[o] * a[1]
//   f_store_row(v, product, row, output, n)

enum { PARTS = BK_PANEL / LANES };

static inline int kind_is_k(bk_scale kind) { return kind >= BK_SCALE_K; }
static inline int kind_has_halves(bk_scale kind) { return kind == BK_SCALE_K16 || kind == BK_SCALE_K16M; }

// Integer sums of one block of 32 inputs, times the scales if the kind has any: `sc0` for inputs 0...15 and `sc1` for
// 16...31, or `sc0` for all.
INLINE void block_dot(int bits, bk_scale kind, int rows, const uint8_t *q, const bk_group *a, int b, SC sc0, SC sc1,
                      VI s[]) {
    const int adds = PS_ADDS(bits, rows);
    const bool one_chain = adds >= 8 && !kind_has_halves(kind);
    PS low[TILE_ROWS], high[TILE_ROWS];
    VB h5, h6a, h6b;
    if (bits == 8) {
        UNROLLED for (int g = 0; g < 8; g++) {
            VB w = b_load(q + g * 64);
            UNROLLED for (int r = 0; r < rows; r++) {
                const int8_t *x = a[r].q + 32 * b + g * 4;
                if (g % adds == 0)
                    low[r] = ps_first_signed(w, x);
                else
                    low[r] = ps_add_signed(low[r], w, x);
                if (g % adds == adds - 1) s[r] = g < adds ? ps_sum(low[r]) : i_add(s[r], ps_sum(low[r]));
            }
        }
        return;
    }
    if (bits == 5) h5 = b_load(q);
    if (bits == 6) h6a = b_load(q), h6b = b_load(q + 64);
    UNROLLED for (int c = 0; c < 4; c++) {
        VB w = b_load(q + bk_nibbles(bits) + c * 64), lo = b_low4(w), hi = b_high4(w);
        if (bits == 5) lo = b_or(lo, b_bit(h5, c)), hi = b_or(hi, b_bit(h5, c + 4));
        if (bits == 6) lo = b_or(lo, b_two(h6a, c)), hi = b_or(hi, b_two(h6b, c));
        const bool begins = c == 0 || (adds < 4 && c % adds == 0), ends = c == 3 || (adds < 4 && c % adds == adds - 1);
        UNROLLED for (int r = 0; r < rows; r++) {
            const int8_t *x = a[r].q + 32 * b + c * 4;
            low[r] = begins ? ps_first(lo, x) : ps_add(low[r], lo, x);
            if (one_chain) {
                low[r] = ps_add(low[r], hi, x + 16);
            } else {
                high[r] = begins ? ps_first(hi, x + 16) : ps_add(high[r], hi, x + 16);
            }
            if (!ends) continue;
            VI t = kind_is_k(kind) ? ps_scale(low[r], sc0) : ps_sum(low[r]);
            if (!one_chain)
                t = i_add(t, !kind_is_k(kind) ? ps_sum(high[r]) : ps_scale(high[r], kind_has_halves(kind) ? sc1 : sc0));
            s[r] = c < adds || adds >= 4 ? t : i_add(s[r], t);
        }
    }
}

INLINE void prefetch_lines(const uint8_t *p, int lines) {
    if (bk_prefetch.second) {
        for (int line = 0; line < lines; line++) __builtin_prefetch(p + 64 * line, 0, 2);
    } else {
        for (int line = 0; line < lines; line++) __builtin_prefetch(p + 64 * line);
    }
}

// z (see portable.c) of a group whose blocks have float scales.
INLINE void group_float(int bits, bk_scale kind, int offset, int rows, const uint8_t *panel, int blocks, int o,
                        const bk_group *a, int32_t distance, VF z[]) {
    UNROLLED for (int r = 0; r < rows; r++)
        z[r] = f_zero();
    const uint8_t *q = panel + bk_header_bytes(kind, blocks) + 4 * o;
    const int shift = __builtin_ctz((unsigned)offset | 1u << 30), bytes = bk_block_bytes(bits);
    if (distance) prefetch_lines(panel + distance, bk_header_bytes(kind, 8) / 64);
    ROLLED for (int b = 0; b < blocks; b++, q += bytes) {
        if (distance) prefetch_lines(q + distance, bits);
        VI s[TILE_ROWS];
        SC none = {0};
        block_dot(bits, kind, rows, q, a, b, none, none, s);
        VF d = f_from_f16(panel + 32 * b + 2 * o), m;
        if (kind == BK_SCALE_DM) m = f_from_f16(panel + 32 * (blocks + b) + 2 * o);
        UNROLLED for (int r = 0; r < rows; r++) {
            s[r] = i_shift_by(s[r], &a[r].shift[b]);
            if (offset) s[r] = i_sub(s[r], i_shift(i_splat(a[r].sum32[b]), shift));
            z[r] = f_fma(f_from_i(s[r]), d, z[r]);
            if (kind == BK_SCALE_DM) z[r] = f_fma(f_from_i(i_splat(a[r].sum32[b])), m, z[r]);
        }
    }
}

// z (see portable.c) of a super-block with integer scales.
INLINE void group_integer(int bits, bk_scale kind, int offset, int rows, const uint8_t *panel, int o, const bk_group *a,
                          int32_t distance, VF z[]) {
    const int header = bk_header_bytes(kind, 8), bytes = bk_block_bytes(bits);
    const uint8_t *sc = panel + 64 + o, *min = sc + (kind == BK_SCALE_K ? 128 : 256);
    VI sum[TILE_ROWS], low[TILE_ROWS];
    UNROLLED for (int r = 0; r < rows; r++)
        sum[r] = i_splat(0);
    if (distance) prefetch_lines(panel + distance, header / 64);
    ROLLED for (int b = 0; b < 8; b++) {
        const uint8_t *q = panel + header + b * bytes;
        if (distance) prefetch_lines(q + distance, bits);
        SC sc0, sc1;
        if (kind == BK_SCALE_K) sc0 = sc1 = sc_load_u8(sc + 16 * b);
        if (kind == BK_SCALE_K16) sc0 = sc_load_i8(sc + 32 * b), sc1 = sc_load_i8(sc + 32 * b + 16);
        if (kind == BK_SCALE_K16M) sc0 = sc_load_u8(sc + 32 * b), sc1 = sc_load_u8(sc + 32 * b + 16);
        VI s[TILE_ROWS];
        block_dot(bits, kind, rows, q + 4 * o, a, b, sc0, sc1, s);
        UNROLLED for (int r = 0; r < rows; r++)
            sum[r] = i_add(sum[r], i_shift_by(s[r], &a[r].shift[b]));
    }
    UNROLLED for (int r = 0; r < rows; r++)
        low[r] = i_splat(0);
    UNROLLED for (int c = 0; c < (kind == BK_SCALE_K ? 4 : 8); c++) {
        const uint8_t *w = (kind == BK_SCALE_K16 ? sc : min) + 32 * c;
        WP pair = kind == BK_SCALE_K16 ? wp_i8(w, w + 16) : wp_u8(w, w + 16);
        UNROLLED for (int r = 0; r < rows; r++)
            low[r] = wp_add(low[r], pair, (kind == BK_SCALE_K ? a[r].sum : a[r].sum16) + 2 * c);
    }
    VF d = f_from_f16(panel + 2 * o), m;
    if (kind != BK_SCALE_K16) m = f_neg(f_from_f16(panel + 32 + 2 * o));
    UNROLLED for (int r = 0; r < rows; r++) {
        if (kind == BK_SCALE_K16) sum[r] = i_sub(sum[r], i_shift(low[r], __builtin_ctz((unsigned)offset | 1u << 30)));
        z[r] = f_mul(f_from_i(sum[r]), d);
        if (kind != BK_SCALE_K16) z[r] = f_fma(f_from_i(low[r]), m, z[r]);
    }
}

// The products of a panel with `rows` rows of activations from `row` on. Weights are prefetched `distance` bytes before
// use; 0 means not at all.
INLINE void tile(const bk_matrix *w, int bits, bk_scale kind, int offset, int32_t panel, const bk_acts *a, int32_t row,
                 int rows, int32_t distance, const bk_product *p) {
    VF acc[PARTS][TILE_ROWS], z[TILE_ROWS];
    for (int j = 0; j < PARTS; j++) UNROLLED
        for (int r = 0; r < rows; r++) acc[j][r] = f_zero();
    const uint8_t *at = w->data + (size_t)panel * w->panel_bytes;
    const bk_group *group = a->groups + row;
    if (bits == 8) offset += SIGNED_OFFSET;
    for (int32_t i = 0; i < bk_group_count(w->k); i++, group += a->rows) {
        int blocks = bk_blocks_in_group(w->k, i);
        for (int j = 0; j < PARTS; j++) {
            int32_t prefetch = j == 0 ? distance : 0;
            if (kind_is_k(kind))
                group_integer(bits, kind, offset, rows, at, j * LANES, group, prefetch, z);
            else
                group_float(bits, kind, offset, rows, at, blocks, j * LANES, group, prefetch, z);
            UNROLLED for (int r = 0; r < rows; r++)
                acc[j][r] = f_fma(z[r], f_splat(group[r].d), acc[j][r]);
        }
        at += bk_packed_group_bytes(kind, bits, blocks);
    }
    for (int j = 0; j < PARTS; j++) UNROLLED
        for (int r = 0; r < rows; r++) f_store_row(acc[j][r], p, row + r, panel * BK_PANEL + j * LANES, w->n);
}

INLINE void panels(const bk_matrix *w, int bits, bk_scale kind, int offset, const bk_acts *a, int32_t row0,
                   int32_t rows, int32_t panel0, int32_t panel1, const bk_product *p) {
    for (int32_t i = panel0; i < panel1; i++) {
        int32_t r = row0, end = row0 + rows;
        // Only the first tile of a panel reads it from memory.
        for (; end - r >= TILE_ROWS; r += TILE_ROWS) {
            if (r == row0)
                tile(w, bits, kind, offset, i, a, r, TILE_ROWS, bk_distance(TILE_ROWS, w->k), p);
            else
                tile(w, bits, kind, offset, i, a, r, TILE_ROWS, 0, p);
        }
        switch (end - r) {
            case 1: tile(w, bits, kind, offset, i, a, r, 1, bk_distance(1, w->k), p); break;
            case 2: tile(w, bits, kind, offset, i, a, r, 2, bk_distance(2, w->k), p); break;
            case 3: tile(w, bits, kind, offset, i, a, r, 3, bk_distance(3, w->k), p); break;
#if TILE_ROWS > 4
            case 4: tile(w, bits, kind, offset, i, a, r, 4, bk_distance(4, w->k), p); break;
            case 5: tile(w, bits, kind, offset, i, a, r, 5, bk_distance(5, w->k), p); break;
            case 6: tile(w, bits, kind, offset, i, a, r, 6, bk_distance(6, w->k), p); break;
            case 7: tile(w, bits, kind, offset, i, a, r, 7, bk_distance(7, w->k), p); break;
#endif
            default: break;
        }
    }
}

#define PANELS(type, name, bits, kind, offset, weights, bytes)                                                       \
    static __attribute__((noinline)) void panels_##name(const bk_matrix *w, const bk_acts *a, int32_t row0,          \
                                                        int32_t rows, int32_t p0, int32_t p1, const bk_product *p) { \
        panels(w, bits, kind, offset, a, row0, rows, p0, p1, p);                                                     \
    }
BK_QUANTIZED_TYPES(PANELS)

#define PANELS_CASE(type, name, bits, kind, offset, weights, bytes) \
    case type: panels_##name(w, a, row0, rows, p0, p1, p); break;
static void op_matmul(const bk_matrix *w, const bk_acts *a, int32_t row0, int32_t rows, int32_t p0, int32_t p1,
                      const bk_product *p) {
    switch (w->type) {
        BK_QUANTIZED_TYPES(PANELS_CASE)
        default: op_float_matmul(w, a, row0, rows, p0, p1, p); break;
    }
}

#define BK_OPS(symbol, label)                                                                      \
    const bk_ops symbol = {label,      op_matmul,     op_rmsnorm,   op_quantize,       op_silu,    \
                           op_rope,    op_store_kv,   op_attention, op_attention_join, op_maximum, \
                           op_sum_exp, op_probe_int8, op_probe_read};
