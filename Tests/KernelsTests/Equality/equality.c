// equality INSTRUCTION_SET [THREADS] prints hashes of what every kernel computes from seeded inputs. The output must be
// the same for all instruction sets, compilers, processors and numbers of threads.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

static uint64_t state = 88172645463325252ull;
static uint64_t next(void) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}
static float uniform(void) { return (float)(next() >> 40) * 0x1p-23f - 1.0f; }

static void report(const char *what, int a, int b, int c, const void *data, size_t bytes) {
    uint64_t h = 14695981039346656037ull;  // FNV-1a
    for (size_t i = 0; i < bytes; i++) h = (h ^ ((const uint8_t *)data)[i]) * 1099511628211ull;
    printf("%s %d %d %d %016llx\n", what, a, b, c, (unsigned long long)h);
}

// The formats: the type's number, the weights and bytes of a block, and the offsets of its f16 fields.
static const struct {
    int type, weights, bytes, f16[2];
} FORMATS[] = {{0, 1, 4, {-1, -1}},      {1, 1, 2, {0, -1}},        {30, 1, 2, {-1, -1}},   {2, 32, 18, {0, -1}},
               {3, 32, 20, {0, 2}},      {6, 32, 22, {0, -1}},      {7, 32, 24, {0, 2}},    {8, 32, 34, {0, -1}},
               {10, 256, 84, {80, 82}},  {11, 256, 110, {108, -1}}, {12, 256, 144, {0, 2}}, {13, 256, 176, {0, 2}},
               {14, 256, 210, {208, -1}}};

static void *aligned(size_t bytes) { return calloc(1, bytes + 64); }

static bk_acts make_acts(int rows, int k) {
    bk_acts a = {.k = k, .rows = rows};
    if (k % 32 == 0) a.groups = aligned(sizeof(bk_group) * (size_t)rows * (size_t)((k + 255) / 256));
    a.x = aligned((size_t)rows * k * 4);
    return a;
}
static void free_acts(bk_acts *a) { free(a->groups), free(a->x); }

static float *random_rows(size_t n, float outliers) {
    float *x = aligned(n * 4);
    for (size_t i = 0; i < n; i++) x[i] = uniform() * (next() % 61 == 0 ? outliers : 1.0f);
    return x;
}

static void check_matmul(const bk_engine *e, size_t format, int n, int k, int rows) {
    int type = FORMATS[format].type;
    size_t row_bytes = (size_t)k / FORMATS[format].weights * FORMATS[format].bytes;
    uint8_t *source = aligned(row_bytes * n + 1);
    uint8_t *shifted = source + (n & 1);  // at an odd address too: rows in a file are not aligned
    for (size_t i = 0; i < row_bytes * n; i++) shifted[i] = (uint8_t)(next() >> 32);
    for (size_t at = 0; at < row_bytes * n; at += FORMATS[format].bytes) {
        for (int j = 0; j < 2; j++) {
            if (FORMATS[format].f16[j] < 0) continue;
            uint16_t h = (uint16_t)((next() & 0x83ff) | 0x1800 | (next() % 4) << 10);  // small, of either sign
            memcpy(shifted + at + FORMATS[format].f16[j], &h, 2);
        }
        float f = uniform();
        if (type == 0) memcpy(shifted + at, &f, 4);
        if (type == 30) memcpy(shifted + at, (uint8_t *)&f + 2, 2);
    }
    bk_matrix m;
    if (!bk_matrix_describe(&m, type, n, k)) abort();
    m.data = aligned(m.panels * m.panel_bytes);
    bk_pack(e, &m, shifted, row_bytes, 0, m.panels);
    float *x = random_rows((size_t)rows * k, 40), *bias = random_rows(n, 1), *out = random_rows((size_t)rows * n, 1);
    bk_acts a = make_acts(rows, k);
    bk_quantize(e, x, k, &a, rows);
    if (a.groups) report("quantize", k, rows, 0, a.groups, sizeof(bk_group) * (size_t)rows * (size_t)((k + 255) / 256));
    bk_product p = {.w = &m, .bias = NULL, .out = out, .stride = n, .add = true};
    bk_matmul(e, &a, rows, &p, 1);
    report("add", type, n * 10000 + k, rows, out, (size_t)rows * n * 4);
    p.bias = bias, p.add = false;
    bk_product both[2] = {p, p};
    float *second = aligned((size_t)rows * n * 4);
    both[1].out = second, both[1].bias = NULL;
    bk_matmul(e, &a, rows, both, 2);
    report("bias", type, n * 10000 + k, rows, out, (size_t)rows * n * 4);
    report("plain", type, n * 10000 + k, rows, second, (size_t)rows * n * 4);
    // A row computed alone must equal the row computed with others.
    for (int r = 0; r < rows; r++) {
        bk_acts one = make_acts(1, k);
        bk_quantize(e, x + (size_t)r * k, k, &one, 1);
        float *alone = aligned((size_t)n * 4);
        bk_product q = {.w = &m, .out = alone, .stride = n};
        bk_matmul(e, &one, 1, &q, 1);
        if (memcmp(alone, second + (size_t)r * n, (size_t)n * 4) != 0)
            printf("row %d of type %d differs when alone\n", r, type);
        free(alone), free_acts(&one);
    }
    free(source), free(m.data), free(x), free(bias), free(out), free(second), free_acts(&a);
}

static void check_rows(const bk_engine *e, int n) {
    float *x = random_rows(3 * n, 30), *w = random_rows(n, 1), *up = random_rows(3 * n, 5);
    bk_acts a = make_acts(3, n);
    bk_rmsnorm_quantize(e, x, n, w, 1e-6f, &a, 3);
    report("norm", n, 0, 0, a.x, 12 * (size_t)n);
    bk_silu_quantize(e, x, up, &a, 3);
    report("silu", n, 0, 0, a.x, 12 * (size_t)n);
    int32_t ids[40];
    float values[40], log_sum;
    x[n / 2] = x[n / 3];  // a tie
    bk_best(e, x, n, 40 < n ? 40 : n, ids, values, &log_sum);
    report("best", n, 0, 0, ids, 4 * (size_t)(40 < n ? 40 : n));
    report("logsum", n, 0, 0, &log_sum, 4);
    free(x), free(w), free(up), free_acts(&a);
}

static void check_yarn(void) {
    static const bk_yarn SETTINGS[] = {{4, 32768, 32, 1}, {1, 32768, 32, 1}, {2.5, 4096, 16, 2}, {40, 64, 32, 1}};
    for (int dim = 32; dim <= 128; dim += 32) {
        for (int i = 0; i < 4; i++) {
            double f[64], magnitude;
            bk_rope_frequencies(i == 2 ? 1e4 : 1e6, dim, f);
            magnitude = bk_rope_yarn(&SETTINGS[i], i == 2 ? 1e4 : 1e6, dim, f);
            report("yarn", dim, i, 0, f, 4 * (size_t)dim);
            report("magnitude", dim, i, 0, &magnitude, 8);
        }
    }
}

// `prepares`: heads are normalized, and neighbours are rotated instead of halves.
static void check_attention(const bk_engine *e, bk_kv_type type, int heads, int kv_heads, int dim, int first, int rows,
                            bool prepares) {
    int tables = (first + rows + 63) / 64, half = dim / 2;
    bk_kv kv = {.kv_heads = kv_heads, .head_dim = dim, .blocks = tables + 2, .type = type};
    size_t bytes = bk_kv_block_bytes(&kv) * (size_t)kv.blocks;
    kv.data = aligned(bytes);
    int32_t *table = aligned(4 * (size_t)tables), *positions = aligned(4 * (size_t)(first + rows)),
            *starts = aligned(4 * (size_t)(first + rows));
    for (int i = 0; i < tables; i++) table[i] = tables + 1 - i;
    double *f = aligned(8 * (size_t)half);
    bk_rope_frequencies(1e6, dim, f);
    report("frequencies", dim, 0, 0, f, 8 * (size_t)half);
    float *norms = random_rows(2 * (size_t)dim, 2);
    for (int at = 0; at < first + rows;) {  // in two steps: the past, then the rows
        int count = at < first ? first : rows;
        for (int i = 0; i < count; i++) positions[i] = at + i, starts[i] = 0;
        float *c = aligned(4 * (size_t)count * half), *s = aligned(4 * (size_t)count * half);
        bk_rope_angles(e, positions, count, f, half, 1, c, s);
        report("angles", dim, at, count, s, 4 * (size_t)count * half);
        float *q = random_rows((size_t)count * heads * dim, 3), *k = random_rows((size_t)count * kv_heads * dim, 3),
              *v = random_rows((size_t)count * kv_heads * dim, 3), *out = aligned(4 * (size_t)count * heads * dim);
        float *scratch = aligned(4 * bk_attention_scratch(bk_pool_threads(e->pool), heads, kv_heads, dim));
        bk_attention_rows r = {positions, starts, table, c, s, count, heads, 0.088388347f};
        if (prepares) r.query_norm = norms, r.key_norm = norms + dim, r.epsilon = 1e-5f, r.pairs = true;
        bk_rope_store(e, &r, q, k, v, &kv);
        report("rope", heads * 100 + kv_heads, at, count, q, 4 * (size_t)count * heads * dim);
        bk_attention(e, &r, q, &kv, out, scratch);
        report("attention", heads * 100 + kv_heads, at, count, out, 4 * (size_t)count * heads * dim);
        free(c), free(s), free(q), free(k), free(v), free(out), free(scratch);
        at += count;
    }
    report("cache", dim, first, rows, kv.data, bytes);
    free(kv.data), free(table), free(positions), free(starts), free(f), free(norms);
}

int main(int count, char **arguments) {
    const char *name = count > 1 ? arguments[1] : "portable";
    bk_engine e = {.ops = bk_cpu_named(name)};
#ifdef BRIGADE_EMULATED  // with emulated instructions this machine need not have AVX-512
    if (strcmp(name, "avx512") == 0) e.ops = &bk_ops_avx512;
#endif
    if (!e.ops) {
        fprintf(stderr, "no %s here\n", name);
        return 2;
    }
    e.pool = bk_pool_create(count > 2 ? atoi(arguments[2]) : 2);
    static const int SHAPES[][3] = {{16, 256, 1}, {33, 512, 5}, {48, 768, 9}, {7, 256, 2}, {130, 1280, 3}};
    for (size_t f = 0; f < sizeof FORMATS / sizeof *FORMATS; f++)
        for (size_t s = 0; s < sizeof SHAPES / sizeof *SHAPES; s++)
            check_matmul(&e, f, SHAPES[s][0], SHAPES[s][1], SHAPES[s][2]);
    check_matmul(&e, 7, 24, 96, 11);  // Q8_0, a row of three blocks
    check_matmul(&e, 5, 24, 32, 66);  // Q5_0, many rows
    check_matmul(&e, 10, 40, 5120, 93);  // Q4_K and Q6_K with more rows than a row block, which has 40 of this length
    check_matmul(&e, 12, 24, 5120, 41);
    check_matmul(&e, 0, 5, 7, 3);  // floats need no whole blocks
    check_matmul(&e, 1, 19, 40, 6);
    for (int n = 1; n < 80; n++) check_rows(&e, n);
    check_rows(&e, 5120);
    check_rows(&e, 20011);
    for (int type = BK_KV_F16; type <= BK_KV_Q8; type++) {
        check_attention(&e, type, 12, 2, 128, 70, 3, false);
        check_attention(&e, type, 14, 2, 64, 0, 130, false);
        check_attention(&e, type, 5, 1, 128, 200, 17, false);
        check_attention(&e, type, 4, 4, 32, 63, 1, false);
        check_attention(&e, type, 16, 1, 96, 10, 9, false);
        check_attention(&e, type, 6, 2, 32, 2100, 2, false);  // a past of three chunks, which threads share
        check_attention(&e, type, 3, 1, 32, 1020, 10, false);
        check_attention(&e, type, 5, 1, 128, 70, 17, true);
        check_attention(&e, type, 4, 2, 96, 3, 70, true);
        check_attention(&e, type, 6, 3, 32, 0, 3, true);
    }
    check_yarn();
    bk_pool_destroy(e.pool);
    return 0;
}
