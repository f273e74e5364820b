// Causal attention over the paged cache, included by vector_ops.h. The order for one query head of one row:
//  1. Positions are taken in chunks of 1024 and, within a chunk, in blocks of 64, ascending.
//  2. In a block, each score is an FMA chain over the head's dimensions, ascending.
//  3. If the block's maximum exceeds the chunk's, the chunk's sums so far are scaled by e^(old - new maximum).
//  4. The weights p = e^(score - maximum) are summed in 16 lanes (lane = position mod 16), and p * value is added in
//     one FMA chain over positions, ascending.
//  5. Chunks are summed separately, so that threads can share a long past, and added in ascending order.
// Queries may be computed together in any number; that changes no chain.

// The sums of one query: values [dim], lanes [16], maximum, 15 unused.
INLINE int32_t state_floats(int32_t dim) { return dim + 32; }

// load_key: dimension d of the 16 keys from t on. load_value: the 16 dimensions from d on of the value of position t.
// f16, or q8 times its scale, which is exact in f32: 8 bits times 11.
INLINE F load_key(bk_kv_type type, const uint8_t *k, int32_t dim, int32_t d, int32_t t) {
    if (type == BK_KV_F16) return VLOAD16((const uint16_t *)k + (size_t)d * BK_KV_TOKENS + t);
    const uint16_t *scales = (const uint16_t *)(k + (size_t)dim * BK_KV_TOKENS);
    return VLOAD8S((const int8_t *)k + (size_t)d * BK_KV_TOKENS + t)
        * VLOAD16(scales + (size_t)(d / 32) * BK_KV_TOKENS + t);
}
INLINE F load_value(bk_kv_type type, const uint8_t *v, int32_t dim, int32_t d, int32_t t) {
    if (type == BK_KV_F16) return VLOAD16((const uint16_t *)v + (size_t)t * dim + d);
    const uint16_t *scales = (const uint16_t *)(v + (size_t)dim * BK_KV_TOKENS);
    return VLOAD8S((const int8_t *)v + (size_t)t * dim + d)
        * v_splat(bk_f16_to_f32(scales[(size_t)t * (dim / 32) + d / 32]));
}

// Prefetches the next block while this one is computed: with each line that is used, the line `distance` bytes away.
INLINE void prefetch_kv(bk_kv_type type, const uint8_t *p, size_t index, ptrdiff_t distance) {
    if (distance) __builtin_prefetch(p + (ptrdiff_t)(index * (type == BK_KV_F16 ? 2 : 1)) + distance, 0, 2);
}

// Scores of `n` queries for 16 * groups positions from `t` on. q: [dim][stride], p: [n][64].
INLINE void attention_scores(bk_kv_type type, const int n, const int groups, const float *q, int32_t stride,
                             const uint8_t *k, int32_t dim, int32_t t, float scale, ptrdiff_t distance, float *p) {
    F s[BK_ATTENTION_QUERIES][2];
    UNROLLED for (int j = 0; j < n; j++)
        s[j][0] = s[j][1] = v_splat(0.0f);
    for (int32_t d = 0; d < dim; d++, q += stride) {
        F key0 = load_key(type, k, dim, d, t), key1;
        if (groups == 2) key1 = load_key(type, k, dim, d, t + 16);
        prefetch_kv(type, k, (size_t)d * BK_KV_TOKENS + (size_t)t, distance);
        UNROLLED for (int j = 0; j < n; j++) {
            F x = v_splat(q[j]);
            s[j][0] = v_fma(x, key0, s[j][0]);
            if (groups == 2) s[j][1] = v_fma(x, key1, s[j][1]);
        }
    }
    UNROLLED for (int j = 0; j < n; j++)
        for (int g = 0; g < groups; g++) v_store(p + j * BK_KV_TOKENS + t + 16 * g, s[j][g] * v_splat(scale));
}

// o[j][d...] += p[j][t] * value[t][d...] for t in first..<end: 16 or 32 dimensions of `n` queries.
INLINE void attention_values(bk_kv_type type, const int n, const int groups, const float *p, const uint8_t *v,
                             int32_t dim, int32_t d, int32_t first, int32_t end, ptrdiff_t distance, float *o,
                             int32_t stride) {
    F acc[BK_ATTENTION_QUERIES][2];
    UNROLLED for (int j = 0; j < n; j++)
        for (int g = 0; g < groups; g++) acc[j][g] = v_load(o + (size_t)j * stride + d + 16 * g);
    for (int32_t t = first; t < end; t++) {
        F value0 = load_value(type, v, dim, d, t), value1;
        if (groups == 2) value1 = load_value(type, v, dim, d + 16, t);
        prefetch_kv(type, v, (size_t)t * (size_t)dim + (size_t)d, distance);
        UNROLLED for (int j = 0; j < n; j++) {
            F x = v_splat(p[j * BK_KV_TOKENS + t]);
            acc[j][0] = v_fma(x, value0, acc[j][0]);
            if (groups == 2) acc[j][1] = v_fma(x, value1, acc[j][1]);
        }
    }
    UNROLLED for (int j = 0; j < n; j++)
        for (int g = 0; g < groups; g++) v_store(o + (size_t)j * stride + d + 16 * g, acc[j][g]);
}

// Raises a query's maximum to that of the block's scores and turns these into weights; from `tokens` on they are 0.
INLINE void attention_softmax(float *p, int32_t tokens, int32_t padded, float *state, int32_t dim) {
    for (int32_t t = tokens; t < padded; t++) p[t] = -INFINITY;
    F greatest = v_load(p);
    for (int32_t t = 16; t < padded; t += 16) greatest = v_max(v_load(p + t), greatest);
    float maximum = v_greatest(greatest), *lanes = state + dim, *m = state + dim + 16;
    if (maximum > *m) {
        F c = v_exp(v_splat(*m - maximum));  // 0 the first time, when the maximum is -infinity and the sums are 0
        *m = maximum;
        for (int32_t d = 0; d < dim + 16; d += 16) v_store(state + d, v_load(state + d) * c);
    }
    F sum = v_load(lanes), m16 = v_splat(*m);
    for (int32_t t = 0; t < padded; t += 16) {
        F e = v_exp(v_load(p + t) - m16);
        v_store(p + t, e);
        sum += e;
    }
    v_store(lanes, sum);
}

// One block for `n` queries together. q: [dim][q_stride]; states: one after the other.
INLINE void attention_block(bk_kv_type type, const int n, const float *q, int32_t q_stride, const uint8_t *k,
                            const uint8_t *v, int32_t dim, const int32_t *tokens, float scale, ptrdiff_t distance,
                            float *states) {
    const int groups = 2 * n <= BK_ATTENTION_SUMS ? 2 : 1;
    int32_t stride = state_floats(dim), least = tokens[0], most = tokens[0];
    for (int j = 1; j < n; j++) {
        least = tokens[j] < least ? tokens[j] : least;
        most = tokens[j] > most ? tokens[j] : most;
    }
    int32_t padded = (most + 15) / 16 * 16;
    float p[BK_ATTENTION_QUERIES * BK_KV_TOKENS];
    for (int32_t t = 0; t < padded; t += 16 * groups)
        attention_scores(type, n, groups, q, q_stride, k, dim, t, scale, distance, p);
    for (int j = 0; j < n; j++)
        attention_softmax(p + j * BK_KV_TOKENS, tokens[j], padded, states + (size_t)j * stride, dim);
    for (int32_t d = 0; d < dim; d += 16 * groups) {
        attention_values(type, n, groups, p, v, dim, d, 0, least, distance, states, stride);
        for (int j = 0; j < n && most > least; j++)
            attention_values(type, 1, groups, p + j * BK_KV_TOKENS, v, dim, d, least, tokens[j], 0,
                             states + (size_t)j * stride, stride);
    }
}

enum { BK_ATTENTION_EIGHT = BK_ATTENTION_QUERIES < 8 ? BK_ATTENTION_QUERIES : 8 };

#define ATTENTION_RUN(name, type)                                                                                     \
    static void name(int n, const float *q, int32_t q_stride, const uint8_t *k, const uint8_t *v, int32_t dim,        \
                     const int32_t *tokens, float scale, ptrdiff_t distance, float *states) {                         \
        switch (n) { /* with a constant count the sums stay in registers */                                           \
            case 1: attention_block(type, 1, q, q_stride, k, v, dim, tokens, scale, distance, states); break;         \
            case 2: attention_block(type, 2, q, q_stride, k, v, dim, tokens, scale, distance, states); break;         \
            case 3: attention_block(type, 3, q, q_stride, k, v, dim, tokens, scale, distance, states); break;         \
            case 4: attention_block(type, 4, q, q_stride, k, v, dim, tokens, scale, distance, states); break;         \
            case 5: attention_block(type, 5, q, q_stride, k, v, dim, tokens, scale, distance, states); break;         \
            case 6: attention_block(type, 6, q, q_stride, k, v, dim, tokens, scale, distance, states); break;         \
            case 7: attention_block(type, 7, q, q_stride, k, v, dim, tokens, scale, distance, states); break;         \
            case 8:                                                                                                   \
                attention_block(type, BK_ATTENTION_EIGHT, q, q_stride, k, v, dim, tokens, scale, distance, states);   \
                break;                                                                                                \
            default:                                                                                                  \
                attention_block(type, BK_ATTENTION_QUERIES, q, q_stride, k, v, dim, tokens, scale, distance, states); \
                break;                                                                                                \
        }                                                                                                             \
    }
ATTENTION_RUN(attention_run_f16, BK_KV_F16)
ATTENTION_RUN(attention_run_q8, BK_KV_Q8)

// One chunk of the past of the unit's rows. q: [dim][queries]; states: of all queries, which are reset first.
static void attention_chunk(const bk_attention_unit *u, int32_t chunk, const float *q, float *states) {
    const bk_attention_rows *r = u->r;
    int32_t dim = u->kv->head_dim, group = r->heads / u->kv->kv_heads, queries = u->rows * group;
    size_t block_bytes = bk_kv_block_bytes(u->kv), head = block_bytes / (size_t)u->kv->kv_heads;
    for (int32_t i = 0; i < queries; i++) {
        float *s = states + (size_t)i * state_floats(dim);
        memset(s, 0, (size_t)(dim + 16) * sizeof(float));
        s[dim + 16] = -INFINITY;
    }
    for (int32_t b = chunk * BK_CHUNK_BLOCKS; b < (chunk + 1) * BK_CHUNK_BLOCKS; b++) {
        for (int32_t i = 0, n; i < queries; i += n) {
            int32_t tokens[BK_ATTENTION_QUERIES], number = -1;
            n = 0;
            while (n < BK_ATTENTION_QUERIES && i + n < queries) {
                int32_t row = u->row0 + (i + n) / group, left = r->positions[row] + 1 - b * BK_KV_TOKENS;
                int32_t its = left > 0 ? r->tables[r->table_start[row] + b] : -1;
                if (n == 0) number = its;
                if (its != number) break;  // another sequence, or this row's past has ended
                tokens[n++] = left < BK_KV_TOKENS ? left : BK_KV_TOKENS;
            }
            if (number < 0) continue;
            if (n > 8 && n < BK_ATTENTION_QUERIES) n = 8;
            const uint8_t *k = u->kv->data + block_bytes * (size_t)number + head * (size_t)u->kv_head;
            // Only the first queries of a block prefetch the next one.
            int32_t row = u->row0 + i / group,
                    next = i == 0 && r->positions[row] / BK_KV_TOKENS > b ? r->tables[r->table_start[row] + b + 1]
                                                                          : number;
            ptrdiff_t distance = ((ptrdiff_t)next - number) * (ptrdiff_t)block_bytes;
            (u->kv->type == BK_KV_F16 ? attention_run_f16 : attention_run_q8)(n, q + i, queries, k, k + head / 2, dim,
                                                                              tokens, r->scale, distance,
                                                                              states + (size_t)i * state_floats(dim));
        }
    }
}

// total += part, both scaled to the greater maximum. Nothing changes for a query without positions in `part`.
INLINE void attention_add(float *total, const float *part, int32_t dim) {
    float m = part[dim + 16], old = total[dim + 16];
    if (m == -INFINITY) return;
    float greatest = m > old ? m : old;
    F a = v_exp(v_splat(old - greatest)), b = v_exp(v_splat(m - greatest));
    for (int32_t d = 0; d < dim + 16; d += 16) v_store(total + d, v_fma(v_load(total + d), a, v_load(part + d) * b));
    total[dim + 16] = greatest;
}

static void attention_finish(const bk_attention_unit *u, const float *states) {
    int32_t dim = u->kv->head_dim, group = u->r->heads / u->kv->kv_heads;
    for (int32_t i = 0; i < u->rows * group; i++) {
        const float *s = states + (size_t)i * state_floats(dim);
        F inverse = v_splat(1.0f / v_sum(v_load(s + dim)));
        float *out = u->out
            + ((size_t)(u->row0 + i / group) * u->r->heads + (size_t)u->kv_head * group + i % group) * dim;
        for (int32_t d = 0; d < dim; d += 16) v_store(out + d, v_load(s + d) * inverse);
    }
}

// u->scratch: transposed queries, then the states of a chunk and the total. If u->parts is set, only chunk u->chunk is
// computed, into u->parts.
static void op_attention(const bk_attention_unit *u) {
    const bk_attention_rows *r = u->r;
    int32_t dim = u->kv->head_dim, group = r->heads / u->kv->kv_heads, queries = u->rows * group, last = 0;
    float *q = u->scratch, *part = q + (size_t)queries * dim, *total = part + (size_t)queries * state_floats(dim);
    for (int32_t i = 0; i < queries; i++) {
        int32_t row = u->row0 + i / group;
        last = r->positions[row] > last ? r->positions[row] : last;
        const float *x = u->q + ((size_t)row * r->heads + (size_t)u->kv_head * group + i % group) * dim;
        for (int32_t d = 0; d < dim; d++) q[(size_t)d * queries + i] = x[d];
    }
    if (u->parts) {
        attention_chunk(u, u->chunk, q, u->parts);
        return;
    }
    attention_chunk(u, 0, q, total);
    for (int32_t chunk = 1; chunk <= last / BK_CHUNK_TOKENS; chunk++) {
        attention_chunk(u, chunk, q, part);
        for (int32_t i = 0; i < queries; i++)
            attention_add(total + (size_t)i * state_floats(dim), part + (size_t)i * state_floats(dim), dim);
    }
    attention_finish(u, total);
}

// Finishes a past that several units have shared: adds the chunks from 1 on to chunk 0 and divides. u->parts: the
// states of chunk after chunk.
static void op_attention_join(const bk_attention_unit *u) {
    int32_t dim = u->kv->head_dim, queries = u->rows * (u->r->heads / u->kv->kv_heads);
    size_t states = (size_t)queries * state_floats(dim);
    for (int32_t chunk = 1; chunk < u->chunk; chunk++)
        for (int32_t i = 0; i < queries; i++)
            attention_add(u->parts + (size_t)i * state_floats(dim),
                          u->parts + chunk * states + (size_t)i * state_floats(dim), dim);
    attention_finish(u, u->parts);
}
