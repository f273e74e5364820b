// The definition of the results, in plain C for any processor. All other kernels are tested to equal it bit for bit.
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
#define BK_ATTENTION_QUERIES 7
#define BK_ATTENTION_SUMS 7
#include "vector_ops.h"

enum { ROWS = 8 };

static uint16_t read16(const uint8_t *p) {
    uint16_t h;
    memcpy(&h, p, 2);
    return h;
}

// The quants of one block for all 16 outputs, as integers; layout.h describes the packed form.
static void unpack_block(int bits, const uint8_t *q, int8_t out[BK_PANEL][BK_BLOCK]) {
    for (int o = 0; o < BK_PANEL; o++) {
        for (int i = 0; i < BK_BLOCK; i++) {
            int g = i / 4, at = 4 * o + i % 4;
            if (bits == 8) {
                out[o][i] = (int8_t)q[64 * g + at];
                continue;
            }
            int nibbles = q[bk_nibbles(bits) + 64 * (g % 4) + at], v = g < 4 ? nibbles & 15 : nibbles >> 4;
            if (bits == 5) v |= (q[at] >> g & 1) << 4;
            if (bits == 6) v |= (q[(g < 4 ? 0 : 64) + at] >> (2 * (g % 4)) & 3) << 4;
            out[o][i] = (int8_t)v;
        }
    }
}

static int32_t dot(const int8_t *w, const int8_t *a, int count) {
    int32_t s = 0;
    for (int i = 0; i < count; i++) s += w[i] * a[i];
    return s;
}

// What a group of up to 8 blocks adds to one output's chain: z, before it is multiplied by the activations' scale.
// q.a is the integer product of a block, sum(a) the sum of its 32 activations; q0, a0 are the first 16 and q1, a1 the
// others. S and T are sums over the blocks:
//   D     for each block: z = fma(f32((q.a - offset * sum(a)) << shift), d, z)
//   DM    for each block: z = fma(f32(q.a << shift), d, z), then z = fma(f32(sum(a) << shift), m, z)
//   K     z = f32(S) * d, then z = fma(f32(T), -dmin, z), with S of (scale * q.a) << shift and T of
//         min * (sum(a) << shift)
//   K16   z = f32(S - offset * T) * d, with S of (scale0 * q0.a0 + scale1 * q1.a1) << shift and T of
//         scale0 * (sum(a0) << shift) + scale1 * (sum(a1) << shift)
//   K16M  like K, with a scale and a minimum for each 16
// The bounds in kernels.h keep every integer of valid files below 2^31. Beyond that, integers wrap on every machine.
typedef struct {
    const bk_matrix *m;
    const uint8_t *panel;  // the group's header
    int blocks;
} bk_panel_group;

static int8_t signed_byte(uint8_t v) { return (int8_t)v; }

static float group_sum(const bk_panel_group *p, int o, int8_t (*w)[BK_PANEL][BK_BLOCK], const bk_group *a) {
    const bk_matrix *m = p->m;
    if (m->scale == BK_SCALE_D || m->scale == BK_SCALE_DM) {
        float z = 0;
        for (int b = 0; b < p->blocks; b++) {
            const uint8_t *d = p->panel + 32 * b, *min = d + 32 * p->blocks;
            int32_t s = dot(w[b][o], a->q + 32 * b, 32) * (1 << a->shift[b]) - m->offset * a->sum32[b];
            z = fmaf((float)s, bk_f16_to_f32(read16(d + 2 * o)), z);
            if (m->scale == BK_SCALE_DM) z = fmaf((float)a->sum32[b], bk_f16_to_f32(read16(min + 2 * o)), z);
        }
        return z;
    }
    const uint8_t *sc = p->panel + 64 + o;
    uint32_t sum = 0, low = 0;  // unsigned, because signed overflow is undefined
    for (int b = 0; b < 8; b++) {
        uint32_t s;
        if (m->scale == BK_SCALE_K) {
            s = sc[16 * b] * (uint32_t)dot(w[b][o], a->q + 32 * b, 32);
            low += (uint32_t)(sc[128 + 16 * b] * a->sum[b]);
        } else {
            uint32_t s0 = (uint32_t)dot(w[b][o], a->q + 32 * b, 16),
                     s1 = (uint32_t)dot(w[b][o] + 16, a->q + 32 * b + 16, 16);
            const int16_t *sum16 = a->sum16 + 2 * b;
            if (m->scale == BK_SCALE_K16) {
                int32_t c0 = signed_byte(sc[32 * b]), c1 = signed_byte(sc[32 * b + 16]);
                s = (uint32_t)c0 * s0 + (uint32_t)c1 * s1;
                low += (uint32_t)(c0 * sum16[0] + c1 * sum16[1]);
            } else {
                s = sc[32 * b] * s0 + sc[32 * b + 16] * s1;
                low += (uint32_t)(sc[256 + 32 * b] * sum16[0] + sc[256 + 32 * b + 16] * sum16[1]);
            }
        }
        sum += s << a->shift[b];
    }
    float d = bk_f16_to_f32(read16(p->panel + 2 * o));
    if (m->scale == BK_SCALE_K16) return (float)(int32_t)(sum - (uint32_t)m->offset * low) * d;
    return fmaf((float)(int32_t)low, -bk_f16_to_f32(read16(p->panel + 32 + 2 * o)), (float)(int32_t)sum * d);
}

// For each group in ascending order: acc = fma(z, the activations' scale, acc).
static void op_matmul(const bk_matrix *m, const bk_acts *a, int32_t row0, int32_t rows, int32_t panel0, int32_t panel1,
                      const bk_product *p) {
    if (m->scale == BK_SCALE_FLOAT) {
        op_float_matmul(m, a, row0, rows, panel0, panel1, p);
        return;
    }
    for (int32_t i = panel0; i < panel1; i++) {
        for (int32_t r = row0; r < row0 + rows; r += ROWS) {
            int count = row0 + rows - r < ROWS ? row0 + rows - r : ROWS;
            bk_panel_group g = {m, m->data + (size_t)i * m->panel_bytes, 0};
            float acc[ROWS][BK_PANEL] = {{0}};
            for (int32_t group = 0; group < bk_group_count(m->k); group++) {
                g.blocks = bk_blocks_in_group(m->k, group);
                int8_t w[BK_GROUP_BLOCKS][BK_PANEL][BK_BLOCK];
                for (int b = 0; b < g.blocks; b++)
                    unpack_block(m->bits, g.panel + bk_header_bytes(m->scale, g.blocks) + b * bk_block_bytes(m->bits),
                                 w[b]);
                for (int j = 0; j < count; j++) {
                    const bk_group *x = &a->groups[(size_t)group * (size_t)a->rows + (size_t)(r + j)];
                    for (int o = 0; o < BK_PANEL; o++) acc[j][o] = fmaf(group_sum(&g, o, w, x), x->d, acc[j][o]);
                }
                g.panel += bk_packed_group_bytes(m->scale, m->bits, g.blocks);
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

const bk_ops bk_ops_portable = {"portable", op_matmul,     op_rmsnorm,   op_quantize,       op_silu,
                                op_rope,    op_store_kv,   op_attention, op_attention_join, op_maximum,
                                op_sum_exp, op_probe_int8, op_probe_read};
