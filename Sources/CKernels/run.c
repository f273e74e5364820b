// The operations of kernels.h, divided over the pool. The division cannot change a result: every output is computed in
// the same order, whichever threads compute it.
#include "layout.h"

static int32_t at_most(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t parts(int32_t n, int32_t size) { return (n + size - 1) / size; }

// MARK: Packing

enum { PACK_PANELS = 4 };

typedef struct {
    const bk_matrix *m;
    const void *source;
    size_t row_bytes;
    int32_t first, last;
} bk_pack_job;

static void pack_unit(void *context, int32_t i, int32_t thread) {
    (void)thread;
    const bk_pack_job *j = context;
    int32_t first = j->first + i * PACK_PANELS;
    bk_matrix_pack(j->m, j->source, j->row_bytes, first, at_most(first + PACK_PANELS, j->last));
}

void bk_pack(const bk_engine *e, const bk_matrix *m, const void *source, size_t row_bytes, int32_t first,
             int32_t last) {
    bk_pack_job job = {m, source, row_bytes, first, last};
    bk_pool_run(e->pool, pack_unit, &job, parts(last - first, PACK_PANELS));
}

// MARK: Matrix products

// Rows are divided into blocks and panels into chunks. A block and a chunk fit into the second-level cache together, so
// a chunk is read from memory for the first block of rows and from the cache for the others.
enum { MAX_PRODUCTS = 4, ROWS_BYTES = 320 << 10, CHUNK_BYTES = 384 << 10 };

static int32_t rows_in_block(int32_t k) {
    int32_t rows = ROWS_BYTES / (bk_group_count(k) * (int32_t)sizeof(bk_group)) / 8 * 8;
    return rows < 8 ? 8 : rows;
}

typedef struct {
    const bk_engine *e;
    const bk_acts *a;
    const bk_product *products;
    int32_t rows, count, block_rows, row_blocks;
    int32_t panels_per_unit[MAX_PRODUCTS], first_unit[MAX_PRODUCTS + 1];
} bk_matmul_job;

static void matmul_unit(void *context, int32_t i, int32_t thread) {
    (void)thread;
    const bk_matmul_job *j = context;
    int32_t block = i % j->row_blocks, u = i / j->row_blocks, which = 0;
    while (u >= j->first_unit[which + 1]) which++;
    const bk_product *p = &j->products[which];
    int32_t panel = (u - j->first_unit[which]) * j->panels_per_unit[which];
    int32_t row = block * j->block_rows;
    j->e->ops->matmul(p->w, j->a, row, at_most(j->block_rows, j->rows - row), panel,
                      at_most(panel + j->panels_per_unit[which], p->w->panels), p);
}

void bk_matmul(const bk_engine *e, const bk_acts *a, int32_t rows, const bk_product *products, int32_t count) {
    bk_matmul_job job = {.e = e, .a = a, .products = products, .rows = rows, .count = at_most(count, MAX_PRODUCTS)};
    int32_t threads = bk_pool_threads(e->pool);
    job.block_rows = rows_in_block(a->k);
    job.row_blocks = parts(rows, job.block_rows);
    for (int32_t i = 0; i < job.count; i++) {
        int32_t panels = products[i].w->panels, size = at_most(panels / (threads * 8), 32);
        if (threads == 1) size = panels;
        if (job.row_blocks > 1) size = at_most(size, (int32_t)(CHUNK_BYTES / products[i].w->panel_bytes));
        if (size < 1) size = 1;
        job.panels_per_unit[i] = size;
        job.first_unit[i + 1] = job.first_unit[i] + parts(panels, size);
    }
    bk_pool_run(e->pool, matmul_unit, &job, job.first_unit[job.count] * job.row_blocks);
}

// MARK: Rows

typedef struct {
    const bk_engine *e;
    const float *x, *w, *up;
    float eps;
    int32_t stride;
    bk_acts *a;
} bk_row_job;

static void norm_unit(void *context, int32_t row, int32_t thread) {
    (void)thread;
    const bk_row_job *j = context;
    float *x = j->a->x + (size_t)row * j->a->k;
    j->e->ops->rmsnorm(j->x + (size_t)row * j->stride, j->w, j->eps, x, j->a->k);
    if (j->a->groups) j->e->ops->quantize(x, row, j->a);
}

void bk_rmsnorm_quantize(const bk_engine *e, const float *x, int32_t stride, const float *w, float eps, bk_acts *a,
                         int32_t rows) {
    a->rows = rows;
    bk_row_job job = {.e = e, .x = x, .w = w, .eps = eps, .stride = stride, .a = a};
    bk_pool_run(e->pool, norm_unit, &job, rows);
}

static void quantize_unit(void *context, int32_t row, int32_t thread) {
    (void)thread;
    const bk_row_job *j = context;
    float *x = j->a->x + (size_t)row * j->a->k;
    memcpy(x, j->x + (size_t)row * j->stride, (size_t)j->a->k * sizeof(float));
    if (j->a->groups) j->e->ops->quantize(x, row, j->a);
}

void bk_quantize(const bk_engine *e, const float *x, int32_t stride, bk_acts *a, int32_t rows) {
    a->rows = rows;
    bk_row_job job = {.e = e, .x = x, .stride = stride, .a = a};
    bk_pool_run(e->pool, quantize_unit, &job, rows);
}

static void silu_unit(void *context, int32_t row, int32_t thread) {
    (void)thread;
    const bk_row_job *j = context;
    size_t at = (size_t)row * j->a->k;
    j->e->ops->silu(j->x + at, j->up + at, j->a->x + at, j->a->k);
    if (j->a->groups) j->e->ops->quantize(j->a->x + at, row, j->a);
}

void bk_silu_quantize(const bk_engine *e, const float *gate, const float *up, bk_acts *a, int32_t rows) {
    a->rows = rows;
    bk_row_job job = {.e = e, .x = gate, .up = up, .a = a};
    bk_pool_run(e->pool, silu_unit, &job, rows);
}

// MARK: Attention

size_t bk_kv_block_bytes(const bk_kv *kv) {
    size_t values = (size_t)2 * BK_KV_TOKENS * (size_t)kv->kv_heads * (size_t)kv->head_dim;
    return kv->type == BK_KV_F16 ? 2 * values : values + values / 16;
}

typedef struct {
    const bk_engine *e;
    const bk_attention_rows *r;
    float *q, *k, *out, *scratch, *parts;
    const float *v;
    const bk_kv *kv;
    size_t scratch_floats, part_floats;
    int32_t chunks;
} bk_attention_job;

static void rope_unit(void *context, int32_t row, int32_t thread) {
    (void)thread;
    const bk_attention_job *j = context;
    const bk_attention_rows *r = j->r;
    const bk_ops *ops = j->e->ops;
    int32_t dim = j->kv->head_dim, heads = j->kv->kv_heads, position = r->positions[row];
    const float *c = r->cosines + (size_t)row * (dim / 2), *s = r->sines + (size_t)row * (dim / 2);
    float *k = j->k + (size_t)row * heads * dim;
    const float *v = j->v + (size_t)row * heads * dim;
    float *q = j->q + (size_t)row * r->heads * dim;
    for (int32_t h = 0; h < r->heads && r->query_norm; h++)
        ops->rmsnorm(q + h * dim, r->query_norm, r->epsilon, q + h * dim, dim);
    for (int32_t h = 0; h < heads && r->key_norm; h++)
        ops->rmsnorm(k + h * dim, r->key_norm, r->epsilon, k + h * dim, dim);
    ops->rope(q, c, s, r->heads, dim, r->pairs);
    ops->rope(k, c, s, heads, dim, r->pairs);
    size_t bytes = bk_kv_block_bytes(j->kv);
    uint8_t *block = j->kv->data + (size_t)r->tables[r->table_start[row] + position / BK_KV_TOKENS] * bytes;
    for (int32_t h = 0; h < heads; h++)
        ops->store_kv(j->kv, block + bytes / (size_t)heads * (size_t)h, position % BK_KV_TOKENS, k + h * dim,
                      v + h * dim);
}

void bk_rope_store(const bk_engine *e, const bk_attention_rows *r, float *q, float *k, const float *v,
                   const bk_kv *kv) {
    bk_attention_job job = {.e = e, .r = r, .q = q, .k = k, .v = v, .kv = kv};
    bk_pool_run(e->pool, rope_unit, &job, r->rows);
}

// The sums of one query, as in attention.h.
static size_t state_floats(int32_t head_dim) { return (size_t)head_dim + 32; }
static size_t unit_floats(int32_t group, int32_t head_dim) {
    return (size_t)BK_ATTENTION_ROWS * (size_t)group * ((size_t)head_dim + 2 * state_floats(head_dim));
}

// The most chunks times rows that are summed separately: a past of 131072 tokens for two rows, 32768 for eight.
enum { MAX_PARTS = 256 };

size_t bk_attention_scratch(int threads, int32_t heads, int32_t kv_heads, int32_t head_dim) {
    return (size_t)threads * unit_floats(heads / kv_heads, head_dim)
        + (size_t)MAX_PARTS * (size_t)heads * state_floats(head_dim);
}

static bk_attention_unit attention_unit_of(const bk_attention_job *j, int32_t kv_head, int32_t row0, int32_t thread) {
    return (bk_attention_unit){.r = j->r,
                               .q = j->q,
                               .kv = j->kv,
                               .out = j->out,
                               .kv_head = kv_head,
                               .row0 = row0,
                               .rows = at_most(BK_ATTENTION_ROWS, j->r->rows - row0),
                               .scratch = j->scratch + (size_t)thread * j->scratch_floats};
}

static void attention_unit(void *context, int32_t i, int32_t thread) {
    const bk_attention_job *j = context;
    int32_t kv_heads = j->kv->kv_heads;
    bk_attention_unit u = attention_unit_of(j, i % kv_heads, i / kv_heads * BK_ATTENTION_ROWS, thread);
    j->e->ops->attention(&u);
}

static void chunk_unit(void *context, int32_t i, int32_t thread) {
    const bk_attention_job *j = context;
    bk_attention_unit u = attention_unit_of(j, i / j->chunks, 0, thread);
    u.chunk = i % j->chunks;
    u.parts = j->parts + (size_t)i * j->part_floats;
    j->e->ops->attention(&u);
}

static void join_unit(void *context, int32_t i, int32_t thread) {
    const bk_attention_job *j = context;
    bk_attention_unit u = attention_unit_of(j, i, 0, thread);
    u.chunk = j->chunks;
    u.parts = j->parts + (size_t)i * (size_t)j->chunks * j->part_floats;
    j->e->ops->attention_join(&u);
}

void bk_attention(const bk_engine *e, const bk_attention_rows *r, const float *q, const bk_kv *kv, float *out,
                  float *scratch) {
    int32_t group = r->heads / kv->kv_heads, last = 0, tiles = parts(r->rows, BK_ATTENTION_ROWS);
    for (int32_t i = 0; i < r->rows; i++) last = r->positions[i] > last ? r->positions[i] : last;
    bk_attention_job job = {.e = e,
                            .r = r,
                            .q = (float *)q,
                            .kv = kv,
                            .out = out,
                            .scratch = scratch,
                            .scratch_floats = unit_floats(group, kv->head_dim),
                            .part_floats = (size_t)r->rows * (size_t)group * state_floats(kv->head_dim),
                            .chunks = last / BK_CHUNK_TOKENS + 1};
    int threads = bk_pool_threads(e->pool);
    job.parts = scratch + (size_t)threads * job.scratch_floats;
    // If there are few rows with a long past, the threads share the past.
    bool shares = threads > 1 && tiles == 1 && job.chunks > 1 && kv->kv_heads < 8 * threads
        && r->rows * job.chunks <= MAX_PARTS;
    if (!shares) {
        bk_pool_run(e->pool, attention_unit, &job, tiles * kv->kv_heads);
        return;
    }
    bk_pool_run(e->pool, chunk_unit, &job, kv->kv_heads * job.chunks);
    bk_pool_run(e->pool, join_unit, &job, kv->kv_heads);
}

void bk_kv_copy(const bk_kv *kv, int32_t from, int32_t to) {
    size_t bytes = bk_kv_block_bytes(kv);
    memcpy(kv->data + (size_t)to * bytes, kv->data + (size_t)from * bytes, bytes);
}
