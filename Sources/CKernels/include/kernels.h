// The compute kernels of Brigade: one arithmetic, every machine.
//
// What a result *is* stands in portable.c; every other file computes the same bits faster. Three facts carry that:
//  1. Inside a group of 256 inputs (or, where each 32 weights have a float scale, inside those 32) all is exact integer
//     arithmetic, so the width of a vector does not matter.
//  2. Across them each output is one float32 FMA chain in ascending order; vectors run across outputs, never along it.
//  3. Sums that do run along a row (norms, softmax) use 16 lanes and one fixed tree, on every machine.
#ifndef BRIGADE_KERNELS_H
#define BRIGADE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Weight matrices

enum {
    BK_PANEL = 16,  // outputs (rows of the weight matrix) interleaved in one panel
    BK_BLOCK = 32,  // activations that share one scale
    BK_KV_TOKENS = 64,  // positions in one block of the KV cache, aligned to absolute positions
};

// How a block's integer sum becomes a float; see portable.c for the formulas.
typedef enum {
    BK_SCALE_D = 0,  // d per 32 weights, integer offset             (Q4_0, Q5_0, Q8_0)
    BK_SCALE_DM = 1,  // d and m per 32 weights                       (Q4_1, Q5_1)
    BK_SCALE_K = 2,  // 6-bit scale and minimum per 32 of 256        (Q4_K, Q5_K)
    BK_SCALE_K16 = 3,  // 8-bit scale per 16 of 256, integer offset    (Q6_K, Q3_K)
    BK_SCALE_K16M = 4,  // 4-bit scale and minimum per 16 of 256        (Q2_K)
    BK_SCALE_FLOAT = 5,  // plain float weights, activations not rounded (F32, F16, BF16)
} bk_scale;

// A weight matrix of n outputs by k inputs, packed for the kernels: ceil(n/16) panels one after another, each holding
// its 16 outputs' blocks in ascending k. See layout.h for a block's bytes.
typedef struct {
    int32_t type;  // the file's tensor type (ggml's number)
    int32_t bits;  // 4, 5, 6, 8; for plain floats 16 or 32
    bk_scale scale;
    int32_t offset;  // subtracted from each quant (integer kinds)
    int32_t n, k;
    int32_t panels;
    size_t panel_bytes;
    uint8_t *data;
} bk_matrix;

// Fills in everything but `data` for a matrix of that type and shape. False: no such type, or k is no multiple of its
// block.
bool bk_matrix_describe(bk_matrix *m, int32_t type, int32_t n, int32_t k);
// Packs the panels [first, last) from the file's rows (`source` is row 0, rows `row_bytes` apart). Rows beyond n are
// zero.
void bk_matrix_pack(const bk_matrix *m, const void *source, size_t row_bytes, int32_t first, int32_t last);

// MARK: Activations

// 256 consecutive values of a row, rounded: value i is about q[i] * 2^shift[i/32] * d. One float scale for 256 values
// lets the kernels stay with integers for so long; a shift of its own for each 32 keeps the precision that one scale
// for all would lose to the row's outliers (see Exactness in the manual). The last group of a row may be shorter; it is
// zero there.
enum { BK_GROUP = 256, BK_GROUP_BLOCKS = BK_GROUP / BK_BLOCK, BK_MAX_SHIFT = 3 };
typedef struct {
    int8_t q[BK_GROUP];  // -127...127
    int32_t shift[BK_GROUP_BLOCKS];  // 0...BK_MAX_SHIFT
    int32_t sum32[BK_GROUP_BLOCKS];  // (sum of the block's 32 q) << shift: at most 32512
    int16_t sum16[2 * BK_GROUP_BLOCKS];  // the same of each 16
    int16_t sum[BK_GROUP_BLOCKS];  // sum32 again, in 16 bits
    float d;  // greatest magnitude / (127 << BK_MAX_SHIFT)
    int32_t unused[3];  // fills the sixth cache line
} bk_group;

// Rows of activations. Rounding sets `rows`; row r's group i stands at groups[i * rows + r].
typedef struct {
    int32_t k, rows;  // columns; rows of the batch at hand
    bk_group *groups;  // [ceil(k/256)][rows], or NULL when k is no multiple of 32: only float weights have such rows
    float *x;  // [rows][k]  the rows before rounding, for plain float weights
} bk_acts;

// MARK: The machine

typedef struct bk_ops bk_ops;  // one instruction set's kernels
// The kernels in use: the best this machine has, or what BRIGADE_CPU says. Chosen once. NULL: BRIGADE_CPU names what
// this machine or this build does not have; bk_cpu_problem says what.
const bk_ops *bk_cpu(void);
const char *bk_cpu_name(void);
const char *bk_cpu_problem(void);
// The kernels named portable, avx2, avxvnni, avx512, neon, dotprod or i8mm; NULL when this machine cannot run them.
const bk_ops *bk_cpu_named(const char *name);
// What the processor offers of what the kernels use, as words separated by spaces.
const char *bk_cpu_features(void);

// Zeroed memory in huge pages where the system gives them. NULL when there is none.
void *bk_alloc(size_t bytes);
void bk_free(void *p, size_t bytes);
// Has malloc give back what is free, in a process of many threads that runs for long.
void bk_keep_little(void);

// MARK: The thread pool

typedef struct bk_pool bk_pool;
// A pool of `threads` (1...256) threads, the caller being one of them. NULL: a thread could not be started.
bk_pool *bk_pool_create(int threads);
void bk_pool_destroy(bk_pool *pool);
int bk_pool_threads(const bk_pool *pool);

// MARK: Operations (each splits its work over the pool and returns when all is done)

typedef struct {
    const bk_ops *ops;
    bk_pool *pool;
} bk_engine;

// Packs the panels [first, last), as bk_matrix_pack does.
void bk_pack(const bk_engine *e, const bk_matrix *m, const void *source, size_t row_bytes, int32_t first, int32_t last);

// Several matrix products of the same rows in one go (query, key and value; gate and up).
typedef struct {
    const bk_matrix *w;
    const float *bias;  // [n] or NULL; added after the chain
    float *out;  // [rows][stride]
    int32_t stride;
    bool add;  // out += product (the residual) instead of out = product
} bk_product;
void bk_matmul(const bk_engine *e, const bk_acts *a, int32_t rows, const bk_product *products, int32_t count);

// a = quantize(rmsnorm(x) * w); x [rows][stride], of which a->k columns count.
void bk_rmsnorm_quantize(const bk_engine *e, const float *x, int32_t stride, const float *w, float eps, bk_acts *a,
                         int32_t rows);
void bk_quantize(const bk_engine *e, const float *x, int32_t stride, bk_acts *a, int32_t rows);
// a = quantize(silu(gate) * up); gate and up [rows][a->k].
void bk_silu_quantize(const bk_engine *e, const float *gate, const float *up, bk_acts *a, int32_t rows);

// Inverse frequencies base^(-2i/dim) for i in 0..<dim/2, in double, the same on every machine.
void bk_rope_frequencies(double base, int32_t dim, double *out);
// YaRN (Peng and others 2023, arXiv:2309.00071): slows down frequencies that turn less than `beta_slow` times in
// `original` positions by `factor`, leaves those above `beta_fast` turns, and passes from one to the other by a
// straight line between.
typedef struct {
    double factor, original, beta_fast, beta_slow;
} bk_yarn;
// Changes `frequencies`, those of `base` and `dim`, and returns what cosines and sines are multiplied by: 1 +
// ln(factor) / 10.
double bk_rope_yarn(const bk_yarn *y, double base, int32_t dim, double *frequencies);
// cos and sin of positions[r] * frequencies[i], each [rows][half]; times `magnitude`.
void bk_rope_angles(const bk_engine *e, const int32_t *positions, int32_t rows, const double *frequencies, int32_t half,
                    double magnitude, float *cosines, float *sines);

// One layer's cache: `blocks` blocks of BK_KV_TOKENS positions. In a block, for each KV head: keys [head_dim][64], then
// values [64][head_dim]. Keys stand transposed so that scores of 16 positions are one vector. In q8 both are signed
// bytes, each followed by f16 scales for 32 dimensions: of keys [head_dim/32][64], of values [64][head_dim/32].
typedef enum { BK_KV_F16 = 0, BK_KV_Q8 = 1 } bk_kv_type;
typedef struct {
    uint8_t *data;
    int32_t kv_heads, head_dim, blocks;
    bk_kv_type type;
} bk_kv;
size_t bk_kv_block_bytes(const bk_kv *kv);

typedef struct {
    const int32_t *positions;  // [rows]
    const int32_t *table_start;  // [rows]: where the row's sequence's block numbers begin in `tables`
    const int32_t *tables;
    const float *cosines, *sines;  // [rows][head_dim/2]
    int32_t rows, heads;
    float scale;  // 1/sqrt(head_dim)
    // How bk_rope_store makes queries and keys ready. Norms are [head_dim], or NULL for none; pairs: values 2i and 2i+1
    // turn together, else i and i + head_dim/2.
    const float *query_norm, *key_norm;
    float epsilon;
    bool pairs;
} bk_attention_rows;
// Normalizes each head of q [rows][heads*dim] and k [rows][kv_heads*dim] where norms are given, rotates them, both in
// place, and writes keys and values to the cache.
void bk_rope_store(const bk_engine *e, const bk_attention_rows *r, float *q, float *k, const float *v, const bk_kv *kv);
// out [rows][heads*dim]: causal attention of each row over its own sequence. `scratch` as bk_attention_scratch says.
void bk_attention(const bk_engine *e, const bk_attention_rows *r, const float *q, const bk_kv *kv, float *out,
                  float *scratch);
size_t bk_attention_scratch(int threads, int32_t heads, int32_t kv_heads, int32_t head_dim);

// The best `top` logits (descending; of equals the lower id first) and log(sum(exp(logits))).
void bk_best(const bk_engine *e, const float *logits, int32_t n, int32_t top, int32_t *ids, float *values,
             float *log_sum_exp);

// Copies bytes from one KV block to another (copy-on-write), one layer.
void bk_kv_copy(const bk_kv *kv, int32_t from, int32_t to);

// MARK: Probes: what this machine can do, measured with the best instructions the engine has

// Bytes per second when all threads read `bytes` of `buffer` once, `repeats` times; the best pass counts.
double bk_probe_read(const bk_engine *e, const void *buffer, size_t bytes, int repeats);
// int8 multiply-adds per second, all threads together, in registers.
double bk_probe_int8(const bk_engine *e, double seconds);

#endif
