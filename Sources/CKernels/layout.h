// The packed layout, and what the instruction sets share. Not visible outside this target.
//
// A panel holds 16 outputs. Their quants for one block of 32 inputs are divided into groups of 4 inputs (group g:
// inputs 4g..4g+3) and stored in chunks of 64 bytes. Byte 4*o + j of a chunk belongs to output o and input 4g + j.
//   4 bits: 4 chunks; the low nibbles of chunk c are group c, the high nibbles group c+4         256 bytes
//   5 bits: one chunk whose bit g is bit 4 of group g, then the chunks of 4 bits                 320 bytes
//   6 bits: two chunks, whose bits 2c and 2c+1 are bits 4 and 5 of group c in the first and of
//           group c+4 in the second; then the chunks of 4 bits                                   384 bytes
//   8 bits: 8 chunks, signed                                                                     512 bytes
// The high bits come first because they are needed first: the processor's own prefetcher follows ascending addresses.
//
// A panel is a sequence of groups of 8 blocks (256 inputs; the last group may have fewer). A group is a header, then
// the blocks' chunks; if k is a multiple of 64, all chunks begin at a cache line. The header of a group of n blocks:
//   D     f16 d[n][16]
//   DM    f16 d[n][16], f16 m[n][16]
//   K     f16 d[16], f16 dmin[16], u8 scale[8][16], u8 min[8][16]
//   K16   f16 d[16], 32 unused bytes, i8 scale[16][16]
//   K16M  f16 d[16], f16 dmin[16], u8 scale[16][16], u8 min[16][16]
//   FLOAT no header and no groups: [k][16] values of 16 bits (as in the file) or 32 bits
#ifndef BRIGADE_LAYOUT_H
#define BRIGADE_LAYOUT_H

#include <string.h>

#include "include/kernels.h"

// The quantized types. X is a macro of seven arguments: the type's number in GGUF, its name, the bits of a packed
// quant, the kind of scale, the offset subtracted from a quant, and the weights and the bytes of a block in the file.
#define BK_QUANTIZED_TYPES(X)                 \
    X(2, q4_0, 4, BK_SCALE_D, 8, 32, 18)      \
    X(3, q4_1, 4, BK_SCALE_DM, 0, 32, 20)     \
    X(6, q5_0, 5, BK_SCALE_D, 16, 32, 22)     \
    X(7, q5_1, 5, BK_SCALE_DM, 0, 32, 24)     \
    X(8, q8_0, 8, BK_SCALE_D, 0, 32, 34)      \
    X(10, q2_k, 4, BK_SCALE_K16M, 0, 256, 84) \
    X(11, q3_k, 4, BK_SCALE_K16, 4, 256, 110) \
    X(12, q4_k, 4, BK_SCALE_K, 0, 256, 144)   \
    X(13, q5_k, 5, BK_SCALE_K, 0, 256, 176)   \
    X(14, q6_k, 6, BK_SCALE_K16, 32, 256, 210)

static inline int bk_block_bytes(int bits) { return 64 * bits; }
// Where in a block the chunks of nibbles begin, after those of the high bits.
static inline int bk_nibbles(int bits) { return bits == 5 ? 64 : bits == 6 ? 128 : 0; }
static inline int bk_header_bytes(bk_scale s, int blocks) {
    switch (s) {
        case BK_SCALE_D: return 32 * blocks;
        case BK_SCALE_DM: return 64 * blocks;
        case BK_SCALE_K: return 64 + 256;
        case BK_SCALE_K16: return 64 + 256;
        case BK_SCALE_K16M: return 64 + 512;
        default: return 0;
    }
}
static inline int bk_packed_group_bytes(bk_scale s, int bits, int blocks) {
    return bk_header_bytes(s, blocks) + blocks * bk_block_bytes(bits);
}
// Blocks in group `i` of a row of k inputs.
static inline int bk_blocks_in_group(int32_t k, int32_t i) {
    int32_t left = k / BK_BLOCK - i * BK_GROUP_BLOCKS;
    return left < BK_GROUP_BLOCKS ? left : BK_GROUP_BLOCKS;
}
static inline int32_t bk_group_count(int32_t k) { return (k + BK_GROUP - 1) / BK_GROUP; }

// f16 bits -> f32, exactly, also for subnormals and infinities.
static inline float bk_f16_to_f32(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, e = (h >> 10) & 31, m = h & 1023, bits;
    if (e == 31) {
        bits = sign | 0x7f800000u | m << 13;
    } else if (e != 0) {
        bits = sign | (e + 112) << 23 | m << 13;
    } else {
        float f = (float)m * 0x1p-24f;  // exact: at most 10 bits
        memcpy(&bits, &f, 4);
        bits |= sign;
    }
    float f;
    memcpy(&f, &bits, 4);
    return f;
}

// f32 -> f16 bits, to nearest, ties to even, like the processors' own instructions.
static inline uint16_t bk_f32_to_f16(float f) {
    uint32_t x;
    memcpy(&x, &f, 4);
    uint32_t sign = x >> 16 & 0x8000, a = x & 0x7fffffff;
    if (a > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (a >> 13 & 0x3ff));  // NaN
    if (a >= 0x47800000) return (uint16_t)(sign | 0x7c00);  // 65536 and above
    if (a < 0x38800000) {  // below the smallest normal f16: the addition shifts and rounds
        float b, magic = 0.5f;
        memcpy(&b, &a, 4);
        b += magic;
        uint32_t r, m;
        memcpy(&r, &b, 4);
        memcpy(&m, &magic, 4);
        return (uint16_t)(sign | (r - m));
    }
    a += 0xfff + (a >> 13 & 1);  // may carry into the exponent, up to infinity, which is right
    return (uint16_t)(sign | (a - 0x38000000) >> 13);
}

// A unit of attention: the query heads of one KV head, for a few rows, over their whole past or one chunk of it.
typedef struct {
    const bk_attention_rows *r;
    const float *q;
    const bk_kv *kv;
    float *out;
    int32_t kv_head, row0, rows;
    int32_t chunk;  // with `parts`: the chunk's number; for the join: the number of chunks
    float *parts;  // the sums of one chunk; for the join, of all chunks
    float *scratch;
} bk_attention_unit;

enum { BK_ATTENTION_ROWS = 8, BK_CHUNK_BLOCKS = 16, BK_CHUNK_TOKENS = BK_CHUNK_BLOCKS * BK_KV_TOKENS };

struct bk_ops {
    const char *name;
    void (*matmul)(const bk_matrix *w, const bk_acts *a, int32_t row0, int32_t rows, int32_t panel0, int32_t panel1,
                   const bk_product *p);
    void (*rmsnorm)(const float *x, const float *w, float eps, float *out, int32_t n);
    void (*quantize)(const float *x, int32_t row, bk_acts *a);
    void (*silu)(const float *gate, const float *up, float *out, int32_t n);
    void (*rope)(float *x, const float *cosines, const float *sines, int32_t heads, int32_t head_dim, bool pairs);
    void (*store_kv)(const bk_kv *kv, uint8_t *head, int32_t position, const float *k, const float *v);
    void (*attention)(const bk_attention_unit *u);
    void (*attention_join)(const bk_attention_unit *u);
    float (*maximum)(const float *x, int32_t n);
    double (*sum_exp)(const float *x, int32_t n, float maximum);
    uint64_t (*probe_int8)(int64_t rounds, uint64_t *multiply_adds);
    uint64_t (*probe_read)(const void *p, size_t bytes);
};

extern const bk_ops bk_ops_portable;
#if defined(__x86_64__)
extern const bk_ops bk_ops_avx2, bk_ops_avxvnni, bk_ops_avx512;
#elif defined(__aarch64__)
extern const bk_ops bk_ops_neon, bk_ops_dotprod, bk_ops_i8mm;
#endif

// How many bytes ahead of use a tile of 1...8 rows prefetches weights; with 0 only the processor's own prefetcher does.
// `second`: prefetch into the second-level cache instead of the first. `wide_only`: a tile of this many rows prefetches
// only for matrices of at least BK_WIDE inputs. Never changes after `main` has begun, and cannot change a result.
typedef struct {
    int32_t bytes[9], wide_only;
    bool second;
} bk_prefetching;
extern bk_prefetching bk_prefetch;

enum { BK_WIDE = 4096 };  // inputs; a panel this wide evicts the activations from a first-level cache of 32 KB

static inline int32_t bk_distance(int32_t rows, int32_t k) {
    return rows == bk_prefetch.wide_only && k < BK_WIDE ? 0 : bk_prefetch.bytes[rows];
}

// ln(x) for x > 0; see logarithm.c.
double bk_natural_log(double x);

// Runs `unit(context, i, thread)` for every i in 0..<units; threads that are done take units from the others.
typedef void (*bk_unit)(void *context, int32_t i, int32_t thread);
void bk_pool_run(bk_pool *pool, bk_unit unit, void *context, int32_t units);

#endif
