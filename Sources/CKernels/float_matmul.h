// The product with plain float weights (F32, F16, BF16), included by vector_ops.h. Activations are not rounded; each
// output is one FMA chain over all inputs, ascending.
INLINE F float_weights(const uint8_t *p, int32_t type) {
    if (type == 0) return v_load((const float *)p);
    if (type == 1) return VLOAD16((const uint16_t *)p);
    F v;  // bf16: the upper half of an f32
    for (int i = 0; i < 16; i++) {
        uint16_t h;
        memcpy(&h, p + 2 * i, 2);
        uint32_t bits = (uint32_t)h << 16;
        float f;
        memcpy(&f, &bits, 4);
        v[i] = f;
    }
    return v;
}

INLINE void float_tile(const bk_matrix *w, const uint8_t *panel, const bk_acts *a, int32_t row, int rows, int32_t type,
                       F acc[]) {
    size_t step = type == 0 ? 64 : 32;
    for (int r = 0; r < rows; r++) acc[r] = v_splat(0.0f);
    for (int32_t k = 0; k < w->k; k++) {
        F v = float_weights(panel + k * step, type);
        for (int r = 0; r < rows; r++) acc[r] = v_fma(v, v_splat(a->x[(size_t)(row + r) * a->k + k]), acc[r]);
    }
}

// Writes one vector of outputs: adds the bias after the chain, then the residual.
INLINE void finish_row(F v, const bk_product *p, int32_t row, int32_t output, int32_t n) {
    float *out = p->out + (size_t)row * p->stride + output;
    int32_t count = n - output;
    if (p->bias) v = v + v_load_tail(p->bias + output, count, 0.0f);
    if (p->add) v = v_load_tail(out, count, 0.0f) + v;
    v_store_tail(out, v, count);
}

static void op_float_matmul(const bk_matrix *w, const bk_acts *a, int32_t row0, int32_t rows, int32_t panel0,
                            int32_t panel1, const bk_product *p) {
    for (int32_t i = panel0; i < panel1; i++) {
        const uint8_t *panel = w->data + (size_t)i * w->panel_bytes;
        for (int32_t r = row0; r < row0 + rows;) {
            F acc[4];
            int count = row0 + rows - r >= 4 ? 4 : 1;
            if (count == 4) {
                if (w->type == 0)
                    float_tile(w, panel, a, r, 4, 0, acc);
                else if (w->type == 1)
                    float_tile(w, panel, a, r, 4, 1, acc);
                else
                    float_tile(w, panel, a, r, 4, 30, acc);
            } else {
                float_tile(w, panel, a, r, 1, w->type, acc);
            }
            for (int j = 0; j < count; j++) finish_row(acc[j], p, r + j, i * BK_PANEL, w->n);
            r += count;
        }
    }
}
