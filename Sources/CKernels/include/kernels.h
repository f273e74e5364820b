// The compute kernels of Brigade: one arithmetic, every machine.
//
// portable.c defines the results; every other file computes the same bits faster. Three rules make that possible:
//  1. Inside a group of 256 inputs all arithmetic is on integers and exact, so the width of a vector does not matter.
//     (Where every 32 weights have a float scale, this holds inside those 32.)
//  2. Across groups each output is one float32 FMA chain in ascending order. Vectors run across outputs, never along
//     the chain.
//  3. Sums along a row (norms, softmax) use 16 lanes and one fixed tree, on every machine.
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

// A weight matrix of n outputs by k inputs, packed for the kernels: ceil(n/16) panels, one after the other. A panel
// holds the blocks of 16 outputs in ascending k. layout.h describes the bytes of a block.
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

// Fills in all fields but `data` for a matrix of that type and shape. Returns false for an unknown type, or when k is
// not a multiple of the type's block.
bool bk_matrix_describe(bk_matrix *m, int32_t type, int32_t n, int32_t k);
// Packs the panels [first, last) from the file's rows. `source` is row 0; rows are `row_bytes` apart. Rows beyond n
// become zeros.
void bk_matrix_pack(const bk_matrix *m, const void *source, size_t row_bytes, int32_t first, int32_t last);

// MARK: Activations

// 256 consecutive values of a row, rounded: value i is about q[i] * 2^shift[i/32] * d. With one float scale for 256
// values the kernels can use integers over the whole group. A shift for each 32 values keeps the precision that
// outliers would cost with only one scale (see Exactness in the manual). The last group of a row may be shorter; its
// remaining values are 0.
enum { BK_GROUP = 256, BK_GROUP_BLOCKS = BK_GROUP / BK_BLOCK, BK_MAX_SHIFT = 3 };
typedef struct {
    int8_t q[BK_GROUP];  // -127...127
    int32_t shift[BK_GROUP_BLOCKS];  // 0...BK_MAX_SHIFT
    int32_t sum32[BK_GROUP_BLOCKS];  // (sum of the block's 32 q) << shift; magnitude at most 32512
    int16_t sum16[2 * BK_GROUP_BLOCKS];  // the same for each 16 q
    int16_t sum[BK_GROUP_BLOCKS];  // sum32 again, in 16 bits
    float d;  // greatest magnitude / (127 << BK_MAX_SHIFT)
    int32_t unused[3];  // fills the sixth cache line
} bk_group;

// Rows of activations. Quantizing sets `rows`; group i of row r is groups[i * rows + r].
typedef struct {
    int32_t k, rows;  // columns; rows of the current batch
    bk_group *groups;  // [ceil(k/256)][rows]; NULL when k is not a multiple of 32, which only float weights allow
    float *x;  // [rows][k]: the rows before rounding, for plain float weights
} bk_acts;

// MARK: The machine

typedef struct bk_ops bk_ops;  // the kernels for one instruction set
// The kernels in use: the best for this machine, or those that BRIGADE_CPU names. Chosen once. NULL if BRIGADE_CPU
// names kernels that this machine or build does not have; bk_cpu_problem then says which.
const bk_ops *bk_cpu(void);
const char *bk_cpu_name(void);
const char *bk_cpu_problem(void);
// The kernels named portable, avx2, avxvnni, avx512, neon, dotprod or i8mm; NULL when this machine cannot run them.
const bk_ops *bk_cpu_named(const char *name);
// The names of all kernels but portable that this processor can run, separated by spaces.
const char *bk_cpu_features(void);

// Zeroed memory, in huge pages if the system provides them. NULL when there is no memory.
void *bk_alloc(size_t bytes);
void bk_free(void *p, size_t bytes);
// Makes malloc return free memory to the system. Meant for a process with many threads that runs for a long time.
void bk_return_freed_memory(void);

// MARK: The thread pool

typedef struct bk_pool bk_pool;
// A pool of `threads` (1...256) threads, of which the caller is one. NULL if a thread could not be started.
bk_pool *bk_pool_create(int threads);
void bk_pool_destroy(bk_pool *pool);
int bk_pool_threads(const bk_pool *pool);

// MARK: Operations (each divides its work over the pool and returns when all of it is done)

typedef struct {
    const bk_ops *ops;
    bk_pool *pool;
} bk_engine;

// Packs the panels [first, last), as bk_matrix_pack does.
void bk_pack(const bk_engine *e, const bk_matrix *m, const void *source, size_t row_bytes, int32_t first, int32_t last);

// Several matrix products with the same rows in one call, such as query, key and value, or gate and up.
typedef struct {
    const bk_matrix *w;
    const float *bias;  // [n] or NULL; added after the chain
    float *out;  // [rows][stride]
    int32_t stride;
    bool add;  // true: out += product (the residual); false: out = product
} bk_product;
void bk_matmul(const bk_engine *e, const bk_acts *a, int32_t rows, const bk_product *products, int32_t count);

// a = quantize(rmsnorm(x) * w); x [rows][stride], of which the first a->k columns are used.
void bk_rmsnorm_quantize(const bk_engine *e, const float *x, int32_t stride, const float *w, float eps, bk_acts *a,
                         int32_t rows);
void bk_quantize(const bk_engine *e, const float *x, int32_t stride, bk_acts *a, int32_t rows);
// a = quantize(silu(gate) * up); gate and up [rows][a->k].
void bk_silu_quantize(const bk_engine *e, const float *gate, const float *up, bk_acts *a, int32_t rows);

// Inverse frequencies base^(-2i/dim) for i in 0..<dim/2, in double, the same on every machine.
void bk_rope_frequencies(double base, int32_t dim, double *out);
// YaRN (Peng and others 2023, arXiv:2309.00071). Frequencies that turn less than `beta_slow` times in `original`
// positions are divided by `factor`; those that turn more than `beta_fast` times stay as they are; in between the two
// are mixed linearly.
typedef struct {
    double factor, original, beta_fast, beta_slow;
} bk_yarn;
// Changes `frequencies`, which must be those of `base` and `dim`. Returns the factor for cosines and sines:
// 1 + ln(factor) / 10.
double bk_rope_yarn(const bk_yarn *y, double base, int32_t dim, double *frequencies);
// cos and sin of positions[r] * frequencies[i], times `magnitude`; each is [rows][half].
void bk_rope_angles(const bk_engine *e, const int32_t *positions, int32_t rows, const double *frequencies, int32_t half,
                    double magnitude, float *cosines, float *sines);

// One layer's cache: `blocks` blocks of BK_KV_TOKENS positions. A block holds for each KV head: keys [head_dim][64],
// then values [64][head_dim]. Keys are transposed so that the scores of 16 positions are one vector. In q8 both are
// signed bytes, and each is followed by its f16 scales, one for 32 dimensions: keys' [head_dim/32][64], values'
// [64][head_dim/32].
typedef enum { BK_KV_F16 = 0, BK_KV_Q8 = 1 } bk_kv_type;
typedef struct {
    uint8_t *data;
    int32_t kv_heads, head_dim, blocks;
    bk_kv_type type;
} bk_kv;
size_t bk_kv_block_bytes(const bk_kv *kv);

typedef struct {
    const int32_t *positions;  // [rows]
    const int32_t *table_start;  // [rows]: where the block numbers of the row's sequence begin in `tables`
    const int32_t *tables;
    const float *cosines, *sines;  // [rows][head_dim/2]
    int32_t rows, heads;
    float scale;  // 1/sqrt(head_dim)
    // What bk_rope_store does to queries and keys. Norms are [head_dim], or NULL for none. With `pairs`, values 2i and
    // 2i+1 are rotated together, else i and i + head_dim/2.
    const float *query_norm, *key_norm;
    float epsilon;
    bool pairs;
} bk_attention_rows;
// Normalizes each head of q [rows][heads*dim] and k [rows][kv_heads*dim] if norms are given, rotates them, and writes
// keys and values to the cache. q and k are changed in place.
void bk_rope_store(const bk_engine *e, const bk_attention_rows *r, float *q, float *k, const float *v, const bk_kv *kv);
// out [rows][heads*dim]: causal attention of each row over its own sequence. `scratch` has as many floats as
// bk_attention_scratch returns.
void bk_attention(const bk_engine *e, const bk_attention_rows *r, const float *q, const bk_kv *kv, float *out,
                  float *scratch);
size_t bk_attention_scratch(int threads, int32_t heads, int32_t kv_heads, int32_t head_dim);

// The greatest `top` logits, descending, with the lower id first among equals, and log(sum(exp(logits))).
void bk_best(const bk_engine *e, const float *logits, int32_t n, int32_t top, int32_t *ids, float *values,
             float *log_sum_exp);

// Copies one KV block of one layer to another (copy-on-write).
void bk_kv_copy(const bk_kv *kv, int32_t from, int32_t to);

// MARK: Probes: the speed of this machine, measured with the engine's best instructions

// Bytes per second when all threads together read `bytes` of `buffer`: the best of `repeats` passes.
double bk_probe_read(const bk_engine *e, const void *buffer, size_t bytes, int repeats);
// int8 multiply-adds per second in registers, all threads together.
double bk_probe_int8(const bk_engine *e, double seconds);

#endif
