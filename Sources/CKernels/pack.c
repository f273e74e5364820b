// Packs a matrix from the file's block formats into panels (layout.h). The fields of a block, in file order:
//   Q4_0 d, 16 bytes (low nibble input i, high nibble input i+16)
//   Q4_1 d, m, 16 bytes like Q4_0
//   Q5_0 d, 32 bits (bit 4 of input i), 16 bytes like Q4_0
//   Q5_1 d, m, 32 bits like Q5_0, 16 bytes like Q4_0
//   Q8_0 d, 32 signed bytes
//   Q2_K 16 bytes (low nibble scale, high nibble minimum, per 16), 64 bytes of 2 bits, d, dmin
//   Q3_K 32 bytes (bit 2, inverted), 64 bytes of 2 bits, 12 bytes of 6-bit scales (minus 32), d
//   Q4_K d, dmin, 12 bytes of 6-bit scales and minima per 32, 128 bytes
//   Q5_K d, dmin, the 12 bytes, 32 bytes (bit 4), 128 bytes
//   Q6_K 128 bytes (low 4), 64 bytes (high 2), 16 signed scales per 16, d
#include "layout.h"

typedef struct {
    int32_t type, bits, offset, block_weights, block_bytes;
    bk_scale scale;
} bk_traits;

#define TRAITS_OF(type, name, bits, kind, offset, weights, bytes) {type, bits, offset, weights, bytes, kind},
static const bk_traits TRAITS[] = {{0, 32, 0, 1, 4, BK_SCALE_FLOAT},
                                   {1, 16, 0, 1, 2, BK_SCALE_FLOAT},
                                   {30, 16, 0, 1, 2, BK_SCALE_FLOAT},
                                   BK_QUANTIZED_TYPES(TRAITS_OF)};

static const bk_traits *traits(int32_t type) {
    for (size_t i = 0; i < sizeof TRAITS / sizeof *TRAITS; i++)
        if (TRAITS[i].type == type) return &TRAITS[i];
    return NULL;
}

bool bk_matrix_describe(bk_matrix *m, int32_t type, int32_t n, int32_t k) {
    const bk_traits *t = traits(type);
    if (!t || n <= 0 || k <= 0 || k % t->block_weights != 0) return false;
    m->type = type, m->bits = t->bits, m->scale = t->scale, m->offset = t->offset, m->n = n, m->k = k;
    m->panels = (n + BK_PANEL - 1) / BK_PANEL;
    m->panel_bytes = (size_t)k * BK_PANEL * (size_t)(t->bits / 8);
    if (t->scale == BK_SCALE_FLOAT) return true;
    m->panel_bytes = 0;
    for (int32_t i = 0; i < bk_group_count(k); i++)
        m->panel_bytes += (size_t)bk_packed_group_bytes(t->scale, t->bits, bk_blocks_in_group(k, i));
    return true;
}

// One unpacked block or super-block of one output: its scales, and its quants in input order as unsigned bytes (signed
// for Q8_0).
typedef struct {
    uint8_t q[256];
    uint16_t d, m;
    uint8_t scale[16], min[16];
} bk_unpacked;

static uint16_t u16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }

static void unpack_nibbles(const uint8_t *p, uint8_t *q) {
    for (int i = 0; i < 16; i++) q[i] = p[i] & 15, q[i + 16] = p[i] >> 4;
}

static void unpack_fifth_bit(const uint8_t *bits, uint8_t *q) {
    uint32_t h;
    memcpy(&h, bits, 4);
    for (int i = 0; i < 32; i++) q[i] |= (uint8_t)((h >> i & 1) << 4);
}

// The 12 bytes of Q4_K and Q5_K. Scales and minima 0...3 are the low six bits of the first eight bytes. Scales and
// minima 4...7 have their low four bits in the nibbles of the last four bytes, their high two in the top bits of the
// first eight.
static void unpack_k_scales(const uint8_t *s, bk_unpacked *u) {
    for (int i = 0; i < 4; i++) {
        u->scale[i] = s[i] & 63, u->min[i] = s[i + 4] & 63;
        u->scale[i + 4] = (uint8_t)((s[i + 8] & 15) | (s[i] >> 6) << 4);
        u->min[i + 4] = (uint8_t)(s[i + 8] >> 4 | (s[i + 4] >> 6) << 4);
    }
}

static void unpack_q2_k(const uint8_t *p, bk_unpacked *u) {
    for (int i = 0; i < 16; i++) u->scale[i] = p[i] & 15, u->min[i] = p[i] >> 4;
    for (int i = 0; i < 256; i++) u->q[i] = p[16 + i / 128 * 32 + i % 32] >> (i / 32 % 4 * 2) & 3;
    u->d = u16(p + 80), u->m = u16(p + 82);
}

static void unpack_q3_k(const uint8_t *p, bk_unpacked *u) {
    const uint8_t *s = p + 96;
    for (int i = 0; i < 256; i++)
        u->q[i] = (uint8_t)((p[32 + i / 128 * 32 + i % 32] >> (i / 32 % 4 * 2) & 3) | (p[i % 32] >> (i / 32) & 1) << 2);
    for (int i = 0; i < 16; i++) {
        int low = i < 8 ? s[i] & 15 : s[i - 8] >> 4, high = s[8 + i % 4] >> (i / 4 * 2) & 3;
        u->scale[i] = (uint8_t)((low | high << 4) - 32);
    }
    u->d = u16(p + 108);
}

static void unpack_q4_k(const uint8_t *p, bool five, bk_unpacked *u) {
    u->d = u16(p), u->m = u16(p + 2);
    unpack_k_scales(p + 4, u);
    const uint8_t *high = p + 16, *low = p + (five ? 48 : 16);
    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 32; i++)
            u->q[64 * j + i] = low[32 * j + i] & 15, u->q[64 * j + 32 + i] = low[32 * j + i] >> 4;
    if (!five) return;
    for (int j = 0; j < 8; j++)
        for (int i = 0; i < 32; i++) u->q[32 * j + i] |= (uint8_t)((high[i] >> j & 1) << 4);
}

static void unpack_q6_k(const uint8_t *p, bk_unpacked *u) {
    const uint8_t *high = p + 128;
    for (int half = 0; half < 2; half++, p += 64, high += 32) {
        uint8_t *q = u->q + 128 * half;
        for (int i = 0; i < 32; i++) {
            q[i] = (uint8_t)((p[i] & 15) | (high[i] & 3) << 4);
            q[i + 32] = (uint8_t)((p[i + 32] & 15) | (high[i] >> 2 & 3) << 4);
            q[i + 64] = (uint8_t)(p[i] >> 4 | (high[i] >> 4 & 3) << 4);
            q[i + 96] = (uint8_t)(p[i + 32] >> 4 | (high[i] >> 6) << 4);
        }
    }
    memcpy(u->scale, high, 16);
    u->d = u16(high + 16);
}

static void unpack(int32_t type, const uint8_t *p, bk_unpacked *u) {
    u->d = u16(p);
    switch (type) {
        case 2: unpack_nibbles(p + 2, u->q); break;
        case 3: u->m = u16(p + 2), unpack_nibbles(p + 4, u->q); break;
        case 6: unpack_nibbles(p + 6, u->q), unpack_fifth_bit(p + 2, u->q); break;
        case 7: u->m = u16(p + 2), unpack_nibbles(p + 8, u->q), unpack_fifth_bit(p + 4, u->q); break;
        case 8: memcpy(u->q, p + 2, 32); break;
        case 10: unpack_q2_k(p, u); break;
        case 11: unpack_q3_k(p, u); break;
        case 12: unpack_q4_k(p, false, u); break;
        case 13: unpack_q4_k(p, true, u); break;
        default: unpack_q6_k(p, u); break;
    }
}

static uint32_t group(const uint8_t *q, int g) {
    uint32_t w;
    memcpy(&w, q + 4 * g, 4);
    return w;
}
static void put(uint8_t *out, int chunk, int o, uint32_t w) { memcpy(out + 64 * chunk + 4 * o, &w, 4); }

// Writes one block of 32 quants of output `o`.
static void pack_block(int bits, const uint8_t *q, int o, uint8_t *out) {
    if (bits == 8) {
        for (int g = 0; g < 8; g++) put(out, g, o, group(q, g));
        return;
    }
    uint32_t bit5 = 0, low = 0, high = 0;
    for (int c = 0; c < 4; c++) {
        uint32_t a = group(q, c), b = group(q, c + 4);
        put(out + bk_nibbles(bits), c, o, (a & 0x0f0f0f0f) | (b & 0x0f0f0f0f) << 4);
        bit5 |= (a >> 4 & 0x01010101) << c | (b >> 4 & 0x01010101) << (c + 4);
        low |= (a >> 4 & 0x03030303) << (2 * c);
        high |= (b >> 4 & 0x03030303) << (2 * c);
    }
    if (bits == 5) put(out, 0, o, bit5);
    if (bits == 6) put(out, 0, o, low), put(out, 1, o, high);
}

static void put16(uint8_t *out, int o, uint16_t v) { memcpy(out + 2 * o, &v, 2); }

// Writes the scales of output `o` for the unit that begins with block `b` of a group of `blocks`.
static void pack_header(bk_scale scale, const bk_unpacked *u, int b, int blocks, int o, uint8_t *out) {
    put16(out + 32 * b, o, u->d);
    if (scale == BK_SCALE_DM) put16(out + 32 * (blocks + b), o, u->m);
    if (scale == BK_SCALE_K || scale == BK_SCALE_K16M) put16(out + 32, o, u->m);
    if (scale == BK_SCALE_K)
        for (int i = 0; i < 8; i++) out[64 + 16 * i + o] = u->scale[i], out[192 + 16 * i + o] = u->min[i];
    if (scale == BK_SCALE_K16)
        for (int i = 0; i < 16; i++) out[64 + 16 * i + o] = u->scale[i];
    if (scale == BK_SCALE_K16M)
        for (int i = 0; i < 16; i++) out[64 + 16 * i + o] = u->scale[i], out[320 + 16 * i + o] = u->min[i];
}

static void pack_floats(const bk_matrix *m, const uint8_t *row, int o, uint8_t *panel) {
    size_t size = (size_t)m->bits / 8;
    for (int32_t k = 0; k < m->k; k++)
        memcpy(panel + ((size_t)k * BK_PANEL + (size_t)o) * size, row + (size_t)k * size, size);
}

void bk_matrix_pack(const bk_matrix *m, const void *source, size_t row_bytes, int32_t first, int32_t last) {
    const bk_traits *t = traits(m->type);
    for (int32_t i = first; i < last; i++) {
        uint8_t *panel = m->data + (size_t)i * m->panel_bytes;
        int outputs = m->n - i * BK_PANEL < BK_PANEL ? m->n - i * BK_PANEL : BK_PANEL;
        if (outputs < BK_PANEL) memset(panel, 0, m->panel_bytes);
        const uint8_t *rows = (const uint8_t *)source + (size_t)i * BK_PANEL * row_bytes;
        if (m->scale == BK_SCALE_FLOAT) {
            for (int o = 0; o < outputs; o++) pack_floats(m, rows + (size_t)o * row_bytes, o, panel);
            continue;
        }
        int unit = t->block_weights / BK_BLOCK;  // blocks of 32 weights in a block of the file: 1 or 8
        for (int32_t g = 0; g < bk_group_count(m->k); g++) {
            int blocks = bk_blocks_in_group(m->k, g);
            uint8_t *quants = panel + bk_header_bytes(m->scale, blocks);
            for (int b = 0; b < blocks; b += unit) {
                size_t at = (size_t)(g * BK_GROUP_BLOCKS + b) / (size_t)unit * (size_t)t->block_bytes;
                for (int o = 0; o < outputs; o++) {
                    bk_unpacked u;
                    unpack(m->type, rows + (size_t)o * row_bytes + at, &u);
                    pack_header(m->scale, &u, b, blocks, o, panel);
                    for (int j = 0; j < unit; j++)
                        pack_block(m->bits, u.q + 32 * j, o, quants + (b + j) * bk_block_bytes(m->bits));
                }
            }
            panel += bk_packed_group_bytes(m->scale, m->bits, blocks);
        }
    }
}
