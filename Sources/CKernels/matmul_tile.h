// The quantized matrix product, written once over a small set of vector primitives and compiled once per instruction set.
// The including file defines LANES (outputs per vector: 4, 8, 16) and:
//   VF, VI, VB, PS    float lanes; int32 lanes; LANES*4 weight bytes; running integer sums
//   PS_ADDS(bits)     how many groups of 4 products a PS can take before it must be summed
//   f_zero f_load f_splat f_fma f_mul f_neg f_from_i f_from_f16 f_from_u8
//   i_add i_sub i_splat i_shift(v, n)
//   b_load b_low4 b_high4 b_or b_bit(v, g) (bit g of each byte, as 0 or 16) b_two(v, c) (bits 2c, 2c+1, as 0...48)
//   ps_first(w, a) ps_add(ps, w, a)        unsigned weight bytes times 4 activations at `a`, repeated for each output
//   ps_first_signed(w, a), SIGNED_OFFSET   the same for signed weights; may be off by SIGNED_OFFSET * (sum of activations)
//   ps_sum(ps) ps_scale(ps, sc)            to int32; the same times a small scale per output
//   SC, sc_load_u8 sc_load_i8              that scale
//   pair_dot(s0, s1, a)  signed bytes s0[o]*a[0] + s1[o]*a[1], a: two int16; pair_dot_u8 for unsigned bytes
//   f_store_row(v, product, row, output, n)
//   TILE_ROWS, TILE_PARTS   rows and vectors of outputs in a full tile, as the registers allow
// Formulas (portable.c says the same in plain C), per output, per block of 32 inputs in ascending order:
//   D     acc = fma(f32(sum(q*a) - offset*sum(a)) * da, d, acc)
//   DM    acc = fma(f32(sum(q*a)) * da, d, acc); acc = fma(m, ds, acc)
//   K     acc = fma(f32(sum(q*a)) * da, d*scale, acc); acc = fma(-(dmin*min), ds, acc)
//   K16   acc = fma(f32(sum over both halves of scale*(sum(q*a) - offset*sum(a))) * da, d, acc)
//   K16M  as K16 with offset 0; then acc = fma(f32(sum of min*sum(a)) * da, -dmin, acc)
// where da is the activations' scale and ds their scaled sum.

enum { PARTS = BK_PANEL / LANES, PREFETCH = 4096 };

// Integer sums of one block: over all 32 inputs, times no scale.
INLINE void block_dot(int bits, int rows, const uint8_t *q, const int8_t *const a[], VI s[]) {
    PS low[TILE_ROWS], high[TILE_ROWS];
    VB h5, h6a, h6b;
    if (bits == 5) h5 = b_load(q + 256);
    if (bits == 6) h6a = b_load(q + 256), h6b = b_load(q + 320);
    if (bits == 8) {
        for (int r = 0; r < rows; r++) s[r] = i_splat(0);
        for (int g = 0; g < 8; g++) {
            VB w = b_load(q + g * 64);
            for (int r = 0; r < rows; r++) s[r] = i_add(s[r], ps_sum(ps_first_signed(w, a[r] + g * 4)));
        }
        return;
    }
    for (int c = 0; c < 4; c++) {
        VB w = b_load(q + c * 64), lo = b_low4(w), hi = b_high4(w);
        if (bits == 5) lo = b_or(lo, b_bit(h5, c)), hi = b_or(hi, b_bit(h5, c + 4));
        if (bits == 6) lo = b_or(lo, b_two(h6a, c)), hi = b_or(hi, b_two(h6b, c));
        for (int r = 0; r < rows; r++) {
            if (c == 0) {
                low[r] = ps_first(lo, a[r]);
                high[r] = PS_ADDS(bits) >= 8 ? ps_add(low[r], hi, a[r] + 16) : ps_first(hi, a[r] + 16);
                if (PS_ADDS(bits) >= 8) low[r] = high[r];
            } else if (PS_ADDS(bits) >= 8) {
                low[r] = ps_add(ps_add(low[r], lo, a[r] + c * 4), hi, a[r] + 16 + c * 4);
            } else {
                low[r] = ps_add(low[r], lo, a[r] + c * 4);
                high[r] = ps_add(high[r], hi, a[r] + 16 + c * 4);
            }
        }
    }
    for (int r = 0; r < rows; r++) s[r] = PS_ADDS(bits) >= 8 ? ps_sum(low[r]) : i_add(ps_sum(low[r]), ps_sum(high[r]));
}

// The same with one scale for inputs 0...15 and one for 16...31 (4 or 6 bits).
INLINE void block_dot_scaled(int bits, int rows, const uint8_t *q, const int8_t *const a[], SC sc0, SC sc1, VI s[]) {
    PS low[TILE_ROWS], high[TILE_ROWS];
    VB h6a, h6b;
    if (bits == 6) h6a = b_load(q + 256), h6b = b_load(q + 320);
    for (int c = 0; c < 4; c++) {
        VB w = b_load(q + c * 64), lo = b_low4(w), hi = b_high4(w);
        if (bits == 6) lo = b_or(lo, b_two(h6a, c)), hi = b_or(hi, b_two(h6b, c));
        bool begins = c == 0 || (PS_ADDS(bits) < 4 && c == 2);
        for (int r = 0; r < rows; r++) {
            low[r] = begins ? ps_first(lo, a[r] + c * 4) : ps_add(low[r], lo, a[r] + c * 4);
            high[r] = begins ? ps_first(hi, a[r] + 16 + c * 4) : ps_add(high[r], hi, a[r] + 16 + c * 4);
            if (c == 3 || (PS_ADDS(bits) < 4 && c == 1)) {
                VI t = i_add(ps_scale(low[r], sc0), ps_scale(high[r], sc1));
                s[r] = (c == 3 && PS_ADDS(bits) < 4) ? i_add(s[r], t) : t;
            }
        }
    }
}

// What one block adds to the chains of LANES outputs at lane `o` of the panel, for `rows` rows. `at`: the block's number.
INLINE void block_step(int bits, bk_scale kind, int offset, int rows, const uint8_t *super, int b, int o, int32_t at,
                       const bk_acts *a, int32_t row, VF scale, VF second, VF acc[]) {
    const int32_t k32 = a->k / 32;
    const uint8_t *sc = super + (kind == BK_SCALE_K16 ? 32 : 64) + o;
    const uint8_t *quants = super + bk_header_bytes(kind) + b * bk_block_bytes(bits) + 4 * o;
    const int8_t *q[TILE_ROWS];
    for (int r = 0; r < rows; r++) q[r] = a->q + (size_t)(row + r) * a->k + (size_t)at * 32;
    VI s[TILE_ROWS];
    VF scale32 = scale, second32 = second;
    if (kind == BK_SCALE_K) {
        scale32 = f_mul(scale, f_from_u8(sc + 16 * b));
        second32 = f_mul(second, f_from_u8(sc + 128 + 16 * b));
    }
    if (kind == BK_SCALE_K16) {
        block_dot_scaled(bits, rows, quants, q, sc_load_i8(sc + 32 * b), sc_load_i8(sc + 32 * b + 16), s);
    } else if (kind == BK_SCALE_K16M) {
        block_dot_scaled(bits, rows, quants, q, sc_load_u8(sc + 32 * b), sc_load_u8(sc + 32 * b + 16), s);
    } else {
        block_dot(bits, rows, quants, q, s);
    }
    for (int r = 0; r < rows; r++) {
        size_t i = (size_t)(row + r) * k32 + at;
        if (kind == BK_SCALE_D && offset != 0)
            s[r] = i_sub(s[r], i_shift(i_splat(a->s32[i]), __builtin_ctz((unsigned)offset)));
        if (kind == BK_SCALE_K16)
            s[r] = i_sub(s[r], i_shift(pair_dot(sc + 32 * b, sc + 32 * b + 16, a->s16 + 2 * i),
                                       __builtin_ctz((unsigned)offset)));
        VF da = f_splat(a->d[i]);
        acc[r] = f_fma(f_mul(f_from_i(s[r]), da), scale32, acc[r]);
        if (kind == BK_SCALE_DM || kind == BK_SCALE_K) acc[r] = f_fma(second32, f_splat(a->ds[i]), acc[r]);
        if (kind == BK_SCALE_K16M) {
            VI m = pair_dot_u8(sc + 256 + 32 * b, sc + 256 + 32 * b + 16, a->s16 + 2 * i);
            acc[r] = f_fma(f_mul(f_from_i(m), da), second, acc[r]);
        }
    }
}

// One tile: `rows` rows of activations times `parts` vectors of outputs from lane `o` of a panel on, over all inputs.
// A tile of few rows takes the whole panel at once, so that memory is read while the processor computes.
INLINE void tile(const bk_matrix *w, int bits, bk_scale kind, int offset, const uint8_t *super, int o, int parts,
                 const bk_acts *a, int32_t row, int rows, VF acc[][TILE_ROWS]) {
    const int blocks = bk_blocks_per_super(kind), bytes = bk_super_bytes(kind, bits);
    const int32_t supers = w->k / (32 * blocks);
    if (bits == 8) offset += SIGNED_OFFSET;
    for (int j = 0; j < parts; j++)
        for (int r = 0; r < rows; r++) acc[j][r] = f_zero();
    for (int32_t i = 0; i < supers; i++, super += bytes) {
        VF scale[PARTS], second[PARTS];
        for (int j = 0; j < parts; j++) {
            const uint8_t *f16 = super + 2 * (o + j * LANES);
            scale[j] = second[j] = f_from_f16(f16);
            if (kind == BK_SCALE_DM) second[j] = f_from_f16(f16 + 32);
            if (kind == BK_SCALE_K || kind == BK_SCALE_K16M) second[j] = f_neg(f_from_f16(f16 + 32));
        }
        for (int b = 0; b < blocks; b++) {
            if (rows <= 2)
                for (int line = 0; line < bits; line++)
                    __builtin_prefetch(super + bk_header_bytes(kind) + b * bk_block_bytes(bits) + 64 * line + PREFETCH);
            for (int j = 0; j < parts; j++)
                block_step(bits, kind, offset, rows, super, b, o + j * LANES, i * blocks + b, a, row, scale[j], second[j],
                           acc[j]);
        }
    }
}

// A panel's products with `rows` rows, `parts` vectors of outputs at a time.
INLINE void panel_rows(const bk_matrix *w, int bits, bk_scale kind, int offset, int32_t panel, int parts, const bk_acts *a,
                       int32_t row, int rows, const bk_product *p) {
    VF acc[PARTS][TILE_ROWS];
    for (int o = 0; o < BK_PANEL; o += parts * LANES) {
        tile(w, bits, kind, offset, w->data + (size_t)panel * w->panel_bytes, o, parts, a, row, rows, acc);
        for (int j = 0; j < parts; j++)
            for (int r = 0; r < rows; r++) f_store_row(acc[j][r], p, row + r, panel * BK_PANEL + o + j * LANES, w->n);
    }
}

INLINE void panels(const bk_matrix *w, int bits, bk_scale kind, int offset, const bk_acts *a, int32_t row0, int32_t rows,
                   int32_t panel0, int32_t panel1, const bk_product *p) {
    for (int32_t i = panel0; i < panel1; i++) {
        int32_t r = row0, end = row0 + rows;
        for (; end - r >= TILE_ROWS; r += TILE_ROWS) panel_rows(w, bits, kind, offset, i, TILE_PARTS, a, r, TILE_ROWS, p);
        for (; end - r >= 2; r += 2) panel_rows(w, bits, kind, offset, i, PARTS, a, r, 2, p);
        for (; r < end; r++) panel_rows(w, bits, kind, offset, i, PARTS, a, r, 1, p);
    }
}

#define PANELS(name, bits, kind, offset)                                                                       \
    static __attribute__((noinline)) void name(const bk_matrix *w, const bk_acts *a, int32_t row0, int32_t rows, \
                                               int32_t p0, int32_t p1, const bk_product *p) {                    \
        panels(w, bits, kind, offset, a, row0, rows, p0, p1, p);                                                \
    }
PANELS(panels_q4_0, 4, BK_SCALE_D, 8)
PANELS(panels_q5_0, 5, BK_SCALE_D, 16)
PANELS(panels_q8_0, 8, BK_SCALE_D, 0)
PANELS(panels_q4_1, 4, BK_SCALE_DM, 0)
PANELS(panels_q5_1, 5, BK_SCALE_DM, 0)
PANELS(panels_q4_k, 4, BK_SCALE_K, 0)
PANELS(panels_q5_k, 5, BK_SCALE_K, 0)
PANELS(panels_q6_k, 6, BK_SCALE_K16, 32)
PANELS(panels_q3_k, 4, BK_SCALE_K16, 4)
PANELS(panels_q2_k, 4, BK_SCALE_K16M, 0)

static void op_matmul(const bk_matrix *w, const bk_acts *a, int32_t row0, int32_t rows, int32_t p0, int32_t p1,
                      const bk_product *p) {
    switch (w->type) {
        case 2: panels_q4_0(w, a, row0, rows, p0, p1, p); break;
        case 3: panels_q4_1(w, a, row0, rows, p0, p1, p); break;
        case 6: panels_q5_0(w, a, row0, rows, p0, p1, p); break;
        case 7: panels_q5_1(w, a, row0, rows, p0, p1, p); break;
        case 8: panels_q8_0(w, a, row0, rows, p0, p1, p); break;
        case 10: panels_q2_k(w, a, row0, rows, p0, p1, p); break;
        case 11: panels_q3_k(w, a, row0, rows, p0, p1, p); break;
        case 12: panels_q4_k(w, a, row0, rows, p0, p1, p); break;
        case 13: panels_q5_k(w, a, row0, rows, p0, p1, p); break;
        case 14: panels_q6_k(w, a, row0, rows, p0, p1, p); break;
        default: op_float_matmul(w, a, row0, rows, p0, p1, p); break;
    }
}

#define BK_OPS(symbol, label)                                                                                       \
    const bk_ops symbol = {label,      op_matmul,   op_rmsnorm, op_quantize, op_silu,      op_rope,                 \
                           op_to_f16,  op_attention, op_maximum, op_sum_exp,  op_probe_int8, op_probe_read};
