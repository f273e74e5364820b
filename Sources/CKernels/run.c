// The operations of kernels.h: how each is divided over the pool. How it is divided cannot change a result, for every
// output is computed whole by one thread.
#include "layout.h"

static int32_t at_most(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t parts(int32_t n, int32_t size) { return (n + size - 1) / size; }

// MARK: Packing

enum { PACK_PANELS = 4 };

typedef struct {
    const bk_matrix *m;
    const void *source;
    size_t row_bytes;
} bk_pack_job;

static void pack_unit(void *context, int32_t i, int32_t thread) {
    (void)thread;
    const bk_pack_job *j = context;
    bk_matrix_pack(j->m, j->source, j->row_bytes, i * PACK_PANELS, at_most((i + 1) * PACK_PANELS, j->m->panels));
}

void bk_pack(const bk_engine *e, const bk_matrix *m, const void *source, size_t row_bytes) {
    bk_pack_job job = {m, source, row_bytes};
    bk_pool_run(e->pool, pack_unit, &job, parts(m->panels, PACK_PANELS));
}

// MARK: Matrix products

// Rows are taken in blocks small enough that their activations stay in the second-level cache while panel after panel
// passes over them.
enum { ROW_BLOCK = 64, MAX_PRODUCTS = 4 };

typedef struct {
    const bk_engine *e;
    const bk_acts *a;
    const bk_product *products;
    int32_t rows, count, row_blocks;
    int32_t panels_per_unit[MAX_PRODUCTS], first_unit[MAX_PRODUCTS + 1];
} bk_matmul_job;

static void matmul_unit(void *context, int32_t i, int32_t thread) {
    (void)thread;
    const bk_matmul_job *j = context;
    int32_t units = j->first_unit[j->count], block = i / units, u = i % units, which = 0;
    while (u >= j->first_unit[which + 1]) which++;
    const bk_product *p = &j->products[which];
    int32_t panel = (u - j->first_unit[which]) * j->panels_per_unit[which];
    int32_t row = block * ROW_BLOCK;
    j->e->ops->matmul(p->w, j->a, row, at_most(ROW_BLOCK, j->rows - row), panel,
                      at_most(panel + j->panels_per_unit[which], p->w->panels), p);
}

void bk_matmul(const bk_engine *e, const bk_acts *a, int32_t rows, const bk_product *products, int32_t count) {
    bk_matmul_job job = {.e = e, .a = a, .products = products, .rows = rows, .count = at_most(count, MAX_PRODUCTS)};
    int32_t threads = bk_pool_threads(e->pool);
    for (int32_t i = 0; i < job.count; i++) {
        int32_t panels = products[i].w->panels, size = panels / (threads * 8);
        job.panels_per_unit[i] = threads == 1 ? panels : size < 1 ? 1 : size > 32 ? 32 : size;
        job.first_unit[i + 1] = job.first_unit[i] + parts(panels, job.panels_per_unit[i]);
    }
    job.row_blocks = parts(rows, ROW_BLOCK);
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

size_t bk_kv_block_bytes(int32_t kv_heads, int32_t head_dim) {
    return (size_t)2 * BK_KV_TOKENS * (size_t)kv_heads * (size_t)head_dim * sizeof(uint16_t);
}

typedef struct {
    const bk_engine *e;
    const bk_attention_rows *r;
    float *q, *k, *out, *scratch;
    const float *v;
    const bk_kv *kv;
    size_t scratch_floats;
    int32_t row_tile;
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
    ops->rope(j->q + (size_t)row * r->heads * dim, c, s, r->heads, dim);
    ops->rope(k, c, s, heads, dim);
    uint16_t *block = j->kv->data + (size_t)r->tables[r->table_start[row] + position / BK_KV_TOKENS] *
                                        (bk_kv_block_bytes(heads, dim) / 2);
    size_t half_block = (size_t)dim * BK_KV_TOKENS;
    for (int32_t h = 0; h < heads; h++, block += 2 * half_block, k += dim, v += dim) {
        for (int32_t d = 0; d < dim; d += 16) {
            uint16_t keys[16];
            ops->to_f16(k + d, keys, 16);
            for (int32_t i = 0; i < 16; i++) block[(size_t)(d + i) * BK_KV_TOKENS + position % BK_KV_TOKENS] = keys[i];
        }
        ops->to_f16(v, block + half_block + (size_t)(position % BK_KV_TOKENS) * dim, dim);
    }
}

void bk_rope_store(const bk_engine *e, const bk_attention_rows *r, float *q, float *k, const float *v, const bk_kv *kv) {
    bk_attention_job job = {.e = e, .r = r, .q = q, .k = k, .v = v, .kv = kv};
    bk_pool_run(e->pool, rope_unit, &job, r->rows);
}

static size_t unit_floats(int32_t heads, int32_t kv_heads, int32_t head_dim) {
    return (size_t)BK_ATTENTION_ROWS * (size_t)(heads / kv_heads) * (size_t)(head_dim + 17);
}

size_t bk_attention_scratch(int threads, int32_t heads, int32_t kv_heads, int32_t head_dim) {
    return (size_t)threads * unit_floats(heads, kv_heads, head_dim);
}

static void attention_unit(void *context, int32_t i, int32_t thread) {
    const bk_attention_job *j = context;
    int32_t row = i / j->kv->kv_heads * j->row_tile;
    bk_attention_unit u = {.r = j->r,
                           .q = j->q,
                           .kv = j->kv,
                           .out = j->out,
                           .kv_head = i % j->kv->kv_heads,
                           .row0 = row,
                           .rows = at_most(j->row_tile, j->r->rows - row),
                           .scratch = j->scratch + (size_t)thread * j->scratch_floats};
    j->e->ops->attention(&u);
}

void bk_attention(const bk_engine *e, const bk_attention_rows *r, const float *q, const bk_kv *kv, float *out,
                  float *scratch) {
    bk_attention_job job = {.e = e,
                            .r = r,
                            .q = (float *)q,
                            .kv = kv,
                            .out = out,
                            .scratch = scratch,
                            .scratch_floats = unit_floats(r->heads, kv->kv_heads, kv->head_dim),
                            .row_tile = BK_ATTENTION_ROWS};
    bk_pool_run(e->pool, attention_unit, &job, parts(r->rows, job.row_tile) * kv->kv_heads);
}

void bk_kv_copy(const bk_kv *kv, int32_t from, int32_t to) {
    size_t n = bk_kv_block_bytes(kv->kv_heads, kv->head_dim) / 2;
    memcpy(kv->data + (size_t)to * n, kv->data + (size_t)from * n, n * sizeof(uint16_t));
}
