// Causal attention over the paged cache, included by vector_ops.h. The order, for one query head of one row:
// blocks of 64 positions ascending; scores of a block are FMA chains over the head's dimensions, ascending; the running
// maximum is raised to the block's, what was summed so far is scaled by e^(old - new); then weights p = e^(score - maximum)
// are summed in 16 lanes (lane = position mod 16) and p * value is added by one FMA chain over positions, ascending.

// scores[h][t] for 16 positions and `count` heads; keys at `k` are [dim][64].
INLINE void attention_scores(const float *const q[], int count, const uint16_t *k, int32_t dim, F s[]) {
    for (int h = 0; h < count; h++) s[h] = v_splat(0.0f);
    for (int32_t d = 0; d < dim; d++) {
        F key = VLOAD16(k + (size_t)d * BK_KV_TOKENS);
        for (int h = 0; h < count; h++) s[h] = v_fma(v_splat(q[h][d]), key, s[h]);
    }
}

// o[h][0..15] += p[h][t] * v[t][0..15] for t ascending.
INLINE void attention_values(const float *p, int count, const uint16_t *v, int32_t dim, int32_t tokens, float *o) {
    F acc[BK_ATTENTION_HEADS];
    for (int h = 0; h < count; h++) acc[h] = v_load(o + (size_t)h * dim);
    for (int32_t t = 0; t < tokens; t++) {
        F value = VLOAD16(v + (size_t)t * dim);
        for (int h = 0; h < count; h++) acc[h] = v_fma(v_splat(p[h * BK_KV_TOKENS + t]), value, acc[h]);
    }
    for (int h = 0; h < count; h++) v_store(o + (size_t)h * dim, acc[h]);
}

// One block for `count` heads of one row. m: running maxima; l: [count][16] lane sums; o: [count][dim].
INLINE void attention_block(const float *const q[], int count, const uint16_t *k, const uint16_t *v, int32_t dim,
                            int32_t tokens, float scale, float *m, float *l, float *o) {
    float p[BK_ATTENTION_HEADS * BK_KV_TOKENS];
    F s[BK_ATTENTION_HEADS];
    for (int32_t t = 0; t < tokens; t += 16) {
        attention_scores(q, count, k + t, dim, s);
        for (int h = 0; h < count; h++) v_store(p + h * BK_KV_TOKENS + t, s[h] * v_splat(scale));
    }
    for (int h = 0; h < count; h++) {
        float *ph = p + h * BK_KV_TOKENS;
        for (int32_t t = tokens; t % 16 != 0; t++) ph[t] = -INFINITY;
        float greatest = op_maximum(ph, tokens);
        if (greatest > m[h]) {
            F c = v_exp(v_splat(m[h] - greatest));  // the first time e^-inf = 0, of nothing
            m[h] = greatest;
            v_store(l + h * 16, v_load(l + h * 16) * c);
            for (int32_t d = 0; d < dim; d += 16) v_store(o + (size_t)h * dim + d, v_load(o + (size_t)h * dim + d) * c);
        }
        F sum = v_load(l + h * 16), greatest16 = v_splat(m[h]);
        for (int32_t t = 0; t < tokens; t += 16) {
            F e = v_exp(v_load(ph + t) - greatest16);
            v_store(ph + t, e);
            sum += e;
        }
        v_store(l + h * 16, sum);
    }
    for (int32_t d = 0; d < dim; d += 16) attention_values(p, count, v + d, dim, tokens, o + d);
}

static void attention_heads(const float *const q[], int count, const uint16_t *k, const uint16_t *v, int32_t dim,
                            int32_t tokens, float scale, float *m, float *l, float *o) {
    switch (count) {  // a constant count lets the accumulators live in registers
        case 1: attention_block(q, 1, k, v, dim, tokens, scale, m, l, o); break;
        case 2: attention_block(q, 2, k, v, dim, tokens, scale, m, l, o); break;
        case 3: attention_block(q, 3, k, v, dim, tokens, scale, m, l, o); break;
        case 4: attention_block(q, 4, k, v, dim, tokens, scale, m, l, o); break;
        case 5: attention_block(q, 5, k, v, dim, tokens, scale, m, l, o); break;
        default: attention_block(q, 6, k, v, dim, tokens, scale, m, l, o); break;
    }
}

// scratch: per row and head of the unit: dim + 16 + 1 floats.
static void op_attention(const bk_attention_unit *u) {
    const bk_attention_rows *r = u->r;
    int32_t dim = u->kv->head_dim, group = r->heads / u->kv->kv_heads, state = dim + 17;
    size_t half_block = (size_t)dim * BK_KV_TOKENS, block = half_block * 2 * u->kv->kv_heads;
    int32_t last = 0;
    for (int32_t i = 0; i < u->rows; i++) {
        int32_t position = r->positions[u->row0 + i];
        last = position > last ? position : last;
        for (int32_t h = 0; h < group; h++) {
            float *s = u->scratch + (size_t)(i * group + h) * state;
            memset(s, 0, (size_t)state * sizeof(float));
        }
    }
    float m[BK_ATTENTION_HEADS], l[BK_ATTENTION_HEADS * 16];
    for (int32_t b = 0; b <= last / BK_KV_TOKENS; b++) {
        for (int32_t i = 0; i < u->rows; i++) {
            int32_t row = u->row0 + i, tokens = r->positions[row] + 1 - b * BK_KV_TOKENS;
            if (tokens <= 0) continue;
            if (tokens > BK_KV_TOKENS) tokens = BK_KV_TOKENS;
            const uint16_t *k = u->kv->data + block * (size_t)r->tables[r->table_start[row] + b] +
                                half_block * 2 * (size_t)u->kv_head;
            for (int32_t h0 = 0; h0 < group; h0 += BK_ATTENTION_HEADS) {
                int count = group - h0 < BK_ATTENTION_HEADS ? group - h0 : BK_ATTENTION_HEADS;
                float *o = u->scratch + (size_t)(i * group + h0) * dim;
                float *tail = u->scratch + (size_t)u->rows * group * dim + (size_t)(i * group + h0) * 17;
                const float *q[BK_ATTENTION_HEADS];
                for (int h = 0; h < count; h++) {
                    q[h] = u->q + ((size_t)row * r->heads + (size_t)u->kv_head * group + h0 + h) * dim;
                    m[h] = b == 0 ? -INFINITY : tail[h * 17 + 16];
                    memcpy(l + h * 16, tail + h * 17, 64);
                }
                attention_heads(q, count, k, k + half_block, dim, tokens, r->scale, m, l, o);
                for (int h = 0; h < count; h++) {
                    tail[h * 17 + 16] = m[h];
                    memcpy(tail + h * 17, l + h * 16, 64);
                }
            }
        }
    }
    for (int32_t i = 0; i < u->rows; i++) {
        for (int32_t h = 0; h < group; h++) {
            const float *o = u->scratch + (size_t)(i * group + h) * dim;
            const float *tail = u->scratch + (size_t)u->rows * group * dim + (size_t)(i * group + h) * 17;
            F inverse = v_splat(1.0f / v_sum(v_load(tail)));
            float *out = u->out + ((size_t)(u->row0 + i) * r->heads + (size_t)u->kv_head * group + h) * dim;
            for (int32_t d = 0; d < dim; d += 16) v_store(out + d, v_load(o + d) * inverse);
        }
    }
}
