// SPDX-License-Identifier: Apache-2.0
/*
 * A part of confload.c, which includes it: what every call says, encoded once
 * (G.711 here, Opus and G.722 by their libraries), and decoders for what comes.
 */
/* ---------- G.711 ---------- */
static int16_t ulaw_dec[256], alaw_dec[256];
static uint8_t ulaw_enc(int s) {
    int sign = s < 0 ? 0x80 : 0; if (s < 0) s = -s; if (s > 32635) s = 32635; s += 132;
    int e = 7; while (e > 0 && !(s & (0x80 << e))) e--;
    return (uint8_t)~(sign | (e << 4) | ((s >> (e + 3)) & 15));
}
static uint8_t alaw_enc(int s) {
    int best = 0, bd = 1 << 30;             /* table search: only used while filling the bank */
    for (int i = 0; i < 256; i++) { int d = abs(alaw_dec[i] - s); if (d < bd) { bd = d; best = i; } }
    return (uint8_t)best;
}
static void g711_tables(void) {
    for (int i = 0; i < 256; i++) {
        int u = ~i & 255, e = (u >> 4) & 7, m = u & 15, v = (((m << 3) + 132) << e) - 132;
        ulaw_dec[i] = (int16_t)((u & 0x80) ? -v : v);
        int a = i ^ 0x55; e = (a >> 4) & 7; m = a & 15;
        v = e ? ((m << 4) + 0x108) << (e - 1) : (m << 4) + 8;
        alaw_dec[i] = (int16_t)((a & 0x80) ? v : -v);
    }
}

/* ---------- bank of encoded two-second units ---------- */
#define NSPEECH 32
#define U_IDLE NSPEECH
#define U_CLICK (NSPEECH + 1)
#define NUNITS (NSPEECH + 2)
#define UNIT_MS 2000
#define TALK_MS 1300            /* after this every participant is quiet ... */
#define CLICK_MS 1560           /* ... and the probe sends its click about here */
#define WINDOW_MS 360           /* listened for until here; ends before anybody speaks again */
#define CLICK_LEN_MS 4
#define THRESH 7000
#define MAXF 400
typedef struct { uint8_t *data[MAXF]; int len[MAXF]; } unit_t;
static unit_t bank[NUNITS];
static int click_frame; static double click_off_ms; /* where our own decoder sees the click */

typedef struct { void *p; } dec_t;
static void dec_open(dec_t *d) {
    d->p = NULL;
#ifdef WITH_OPUS
    int err; if (codec == C_OPUS) d->p = opus_decoder_create(48000, 1, &err);
#endif
#ifdef WITH_G722
    if (codec == C_G722) d->p = g722_decode_init(NULL, 64000, 0);
#endif
}
static int dec_run(dec_t *d, const uint8_t *b, int n, int16_t *out) {
    (void)d;
    if (codec == C_PCMU) { for (int i = 0; i < n; i++) out[i] = ulaw_dec[b[i]]; return n; }
    if (codec == C_PCMA) { for (int i = 0; i < n; i++) out[i] = alaw_dec[b[i]]; return n; }
#ifdef WITH_OPUS
    if (codec == C_OPUS) return opus_decode(d->p, b, n, out, 5760, 0);
#endif
#ifdef WITH_G722
    if (codec == C_G722) return g722_decode(d->p, out, b, n);
#endif
    return 0;
}
static void synth_speech(int16_t *x, int n, double f0) {
    double y1[3] = {0}, y2[3] = {0}, ph = 0, F[3] = {500, 1500, 2500}, env = 0, tgt = 0; int seg = 0, voiced = 1;
    double *t = malloc(sizeof(double) * n), ss = 0;
    for (int i = 0; i < n; i++) {
        if (seg-- <= 0) {
            seg = (int)(rate * (0.06 + 0.14 * urnd())); voiced = urnd() < 0.75; tgt = urnd() < 0.15 ? 0.02 : 0.4 + 0.6 * urnd();
            F[0] = 300 + 500 * urnd(); F[1] = 900 + 1300 * urnd(); F[2] = 2300 + 900 * urnd();
        }
        env += (tgt - env) * (60.0 / rate);
        double ex = 0.02 * (urnd() - 0.5);
        if (voiced) { ph += f0 * (1 + 0.02 * (urnd() - 0.5)) / rate; if (ph >= 1) { ph -= 1; ex += 1; } }
        else ex += 0.3 * (urnd() - 0.5);
        double s = 0;
        for (int k = 0; k < 3; k++) {
            double r = exp(-M_PI * (60 + 40 * k) / rate), c = 2 * r * cos(2 * M_PI * F[k] / rate);
            double y = ex + c * y1[k] - r * r * y2[k]; y2[k] = y1[k]; y1[k] = y; s += y / (1 + k);
        }
        t[i] = s * env; ss += t[i] * t[i];
    }
    double g = 3000 / (sqrt(ss / n) + 1e-9);
    for (int i = 0; i < n; i++) { double v = t[i] * g; if (v > 30000) v = 30000; if (v < -30000) v = -30000; x[i] = (int16_t)v; }
    free(t);
}
static void bank_fill(void) {
    int n = rate / 1000 * UNIT_MS, talk = rate / 1000 * TALK_MS; int16_t *x = calloc(n, 2);
    unit_frames = UNIT_MS / o_ptime;
    double click_at = CLICK_MS + o_ptime * 0.37;
    for (int u = 0; u < NUNITS; u++) {
        for (int i = 0; i < n; i++) x[i] = (int16_t)(16 * (urnd() - 0.5));
        if (u < NSPEECH) synth_speech(x, talk, 90 + 5 * u);
        if (u == U_CLICK) {
            int a = (int)(click_at * rate / 1000), l = rate * CLICK_LEN_MS / 1000;
            for (int i = 0; i < l; i++) x[a + i] = (int16_t)(24000 * cos(2 * M_PI * 1000.0 * i / rate));
        }
#ifdef WITH_OPUS
        OpusEncoder *oe = NULL; int err;
        if (codec == C_OPUS) { oe = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, &err);
            opus_encoder_ctl(oe, OPUS_SET_BITRATE(32000)); opus_encoder_ctl(oe, OPUS_SET_COMPLEXITY(o_opuscx)); }
#endif
#ifdef WITH_G722
        g722_encode_state_t *ge = codec == C_G722 ? g722_encode_init(NULL, 64000, 0) : NULL;
#endif
        for (int f = 0; f < unit_frames; f++) {
            uint8_t b[1500]; int l = 0; int16_t *p = x + f * spf;
            if (codec == C_PCMU) for (; l < spf; l++) b[l] = ulaw_enc(p[l]);
            if (codec == C_PCMA) for (; l < spf; l++) b[l] = alaw_enc(p[l]);
#ifdef WITH_OPUS
            if (codec == C_OPUS) l = opus_encode(oe, p, spf, b, sizeof b);
#endif
#ifdef WITH_G722
            if (codec == C_G722) l = g722_encode(ge, b, p, spf);
#endif
            bank[u].data[f] = malloc(l); memcpy(bank[u].data[f], b, l); bank[u].len[f] = l;
        }
    }
    /* where does the click appear after a local decode (accounts for codec delay) */
    dec_t d; dec_open(&d); int16_t out[6000]; click_frame = -1; int first = (int)(click_at / o_ptime);
    for (int f = 0; f < unit_frames && click_frame < 0; f++) {
        int m = dec_run(&d, bank[U_CLICK].data[f], bank[U_CLICK].len[f], out);
        for (int i = 0; i < m; i++) if (abs(out[i]) > THRESH) {
            click_frame = first; click_off_ms = (f - first) * o_ptime + i * 1000.0 / rate; break; }
    }
    if (click_frame < 0) { fprintf(stderr, "click does not survive the codec\n"); exit(2); }
    free(x);
}
