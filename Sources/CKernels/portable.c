// The definition: plain C on any processor. Every other file is tested for equality with this one, bit for bit.
#include "layout.h"
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpsabi"
#endif

typedef float F_PLAIN __attribute__((vector_size(64)));
static inline F_PLAIN plain_load16(const uint16_t *p) {
    F_PLAIN v;
    for (int i = 0; i < 16; i++) v[i] = bk_f16_to_f32(p[i]);
    return v;
}
static inline void plain_store16(uint16_t *p, F_PLAIN v) {
    for (int i = 0; i < 16; i++) p[i] = bk_f32_to_f16(v[i]);
}
#define VLOAD16(p) plain_load16(p)
#define VSTORE16(p, v) plain_store16(p, v)
#include "vector_ops.h"

enum { ROWS = 8 };

static uint16_t read16(const uint8_t *p) {
    uint16_t h;
    memcpy(&h, p, 2);
    return h;
}

// One block's quants of all 16 outputs, as integers, from the layout that layout.h describes.
static void unpack_block(int bits, const uint8_t *q, int8_t out[BK_PANEL][BK_BLOCK]) {
    for (int o = 0; o < BK_PANEL; o++) {
        for (int i = 0; i < BK_BLOCK; i++) {
            int g = i / 4, at = 4 * o + i % 4;
            if (bits == 8) {
                out[o][i] = (int8_t)q[64 * g + at];
                continue;
            }
            int v = g < 4 ? q[64 * g + at] & 15 : q[64 * (g - 4) + at] >> 4;
            if (bits == 5) v |= (q[256 + at] >> g & 1) << 4;
            if (bits == 6) v |= (q[(g < 4 ? 256 : 320) + at] >> (2 * (g % 4)) & 3) << 4;
            out[o][i] = (int8_t)v;
        }
    }
}

static int32_t dot(const int8_t *w, const int8_t *a, int count) {
    int32_t s = 0;
    for (int i = 0; i < count; i++) s += w[i] * a[i];
    return s;
}

// What one block adds to one output's chain.
static float chain(const bk_matrix *m, const uint8_t *panel, int b, int o, const int8_t *w, const bk_acts *a, int32_t row,
                   int32_t block, float acc) {
    const int8_t *q = a->q + (size_t)row * a->k + (size_t)block * 32;
    size_t at = (size_t)row * (a->k / 32) + (size_t)block;
    float da = a->d[at], ds = a->ds[at], d = bk_f16_to_f32(read16(panel + 2 * o));
    const int16_t *s16 = a->s16 + 2 * at;
    const uint8_t *sc = panel + (m->scale == BK_SCALE_K16 ? 32 : 64) + o;
    switch (m->scale) {
        case BK_SCALE_D: return fmaf((float)(dot(w, q, 32) - m->offset * a->s32[at]) * da, d, acc);
        case BK_SCALE_DM:
            acc = fmaf((float)dot(w, q, 32) * da, d, acc);
            return fmaf(bk_f16_to_f32(read16(panel + 32 + 2 * o)), ds, acc);
        case BK_SCALE_K: {
            float dmin = bk_f16_to_f32(read16(panel + 32 + 2 * o));
            acc = fmaf((float)dot(w, q, 32) * da, d * (float)sc[16 * b], acc);
            return fmaf(-dmin * (float)sc[128 + 16 * b], ds, acc);
        }
        case BK_SCALE_K16: {
            int32_t s0 = (int8_t)sc[32 * b], s1 = (int8_t)sc[32 * b + 16];
            int32_t s = s0 * (dot(w, q, 16) - m->offset * s16[0]) + s1 * (dot(w + 16, q + 16, 16) - m->offset * s16[1]);
            return fmaf((float)s * da, d, acc);
        }
        default: {  // K16M
            float dmin = bk_f16_to_f32(read16(panel + 32 + 2 * o));
            int32_t s = sc[32 * b] * dot(w, q, 16) + sc[32 * b + 16] * dot(w + 16, q + 16, 16);
            int32_t low = sc[256 + 32 * b] * s16[0] + sc[256 + 32 * b + 16] * s16[1];
            acc = fmaf((float)s * da, d, acc);
            return fmaf((float)low * da, -dmin, acc);
        }
    }
}

static void op_matmul(const bk_matrix *m, const bk_acts *a, int32_t row0, int32_t rows, int32_t panel0, int32_t panel1,
                      const bk_product *p) {
    if (m->scale == BK_SCALE_FLOAT) {
        op_float_matmul(m, a, row0, rows, panel0, panel1, p);
        return;
    }
    int blocks = bk_blocks_per_super(m->scale), header = bk_header_bytes(m->scale), bytes = bk_block_bytes(m->bits);
    for (int32_t i = panel0; i < panel1; i++) {
        for (int32_t r = row0; r < row0 + rows; r += ROWS) {
            int count = row0 + rows - r < ROWS ? row0 + rows - r : ROWS;
            const uint8_t *panel = m->data + (size_t)i * m->panel_bytes;
            float acc[ROWS][BK_PANEL] = {{0}};
            for (int32_t block = 0; block < m->k / 32; block++) {
                int b = block % blocks;
                int8_t w[BK_PANEL][BK_BLOCK];
                unpack_block(m->bits, panel + header + b * bytes, w);
                for (int j = 0; j < count; j++)
                    for (int o = 0; o < BK_PANEL; o++)
                        acc[j][o] = chain(m, panel, b, o, w[o], a, r + j, block, acc[j][o]);
                if (b == blocks - 1) panel += header + blocks * bytes;
            }
            for (int j = 0; j < count; j++) finish_row(v_load(acc[j]), p, r + j, i * BK_PANEL, m->n);
        }
    }
}

static uint64_t op_probe_int8(int64_t rounds, uint64_t *multiply_adds) {
    int8_t w[32], a[32];
    for (int i = 0; i < 32; i++) w[i] = 3, a[i] = 5;
    int32_t s = 0;
    for (int64_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : : "r"(w), "r"(a) : "memory");  // keeps the products inside the loop
        s += dot(w, a, 32);
    }
    *multiply_adds = (uint64_t)rounds * 32;
    return (uint64_t)s;
}

const bk_ops bk_ops_portable = {"portable", op_matmul,    op_rmsnorm, op_quantize, op_silu,       op_rope,
                                op_to_f16,  op_attention, op_maximum, op_sum_exp,  op_probe_int8, op_probe_read};
