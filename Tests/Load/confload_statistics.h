// SPDX-License-Identifier: Apache-2.0
/*
 * A part of confload.c, which includes it: the latencies of clicks, histograms of
 * times, and what /proc says of the server and of the machine.
 */
/* ---------- clicks ---------- */
static float *lat; static size_t nlat, clat; static int64_t clicks_sent, clicks_exp, clicks_heard, self_heard;

/* ---------- histograms ---------- */
#define HB 200000
static uint32_t *h_dev, *h_send; static int64_t n_dev, n_send; static double max_dev, max_send;   /* 1 us bins */
static void hist(uint32_t *h, int64_t *n, double *mx, double us) { if (us < 0) us = 0; if (us > *mx) *mx = us; int b = us >= HB ? HB - 1 : (int)us; h[b]++; (*n)++; }
static double hq(uint32_t *h, int64_t n, double q) { int64_t t = (int64_t)ceil(n * q), a = 0; for (int i = 0; i < HB; i++) { a += h[i]; if (a >= t && a) return i / 1000.0; } return HB / 1000.0; }
static int cmpf(const void *a, const void *b) { float x = *(const float *)a, y = *(const float *)b; return (x > y) - (x < y); }

/* ---------- processes ---------- */
typedef struct { double u, s, rss, pss, own; int thr; double busy, steal; uint64_t vol, invol; ns_t t; } ps_t;
static void proc_read(ps_t *p) {
    memset(p, 0, sizeof *p); char path[300], b[2048]; FILE *f; double hz = sysconf(_SC_CLK_TCK); p->t = now_ns();
    if (o_pid) {
        snprintf(path, sizeof path, "/proc/%d/stat", o_pid);
        if ((f = fopen(path, "r"))) { if (fgets(b, sizeof b, f)) { char *q = strrchr(b, ')'); unsigned long u, s; long thr; if (q && sscanf(q + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %ld", &u, &s, &thr) == 3) { p->u = u / hz; p->s = s / hz; p->thr = (int)thr; } } fclose(f); }
        snprintf(path, sizeof path, "/proc/%d/smaps_rollup", o_pid);
        if ((f = fopen(path, "r"))) { while (fgets(b, sizeof b, f)) { double v; if (sscanf(b, "Rss: %lf", &v) == 1) p->rss = v; if (sscanf(b, "Pss: %lf", &v) == 1) p->pss = v; } fclose(f); }
        snprintf(path, sizeof path, "/proc/%d/task", o_pid); DIR *d = opendir(path);
        if (d) { struct dirent *e; while ((e = readdir(d))) if (isdigit((unsigned char)e->d_name[0])) { snprintf(path, sizeof path, "/proc/%d/task/%s/status", o_pid, e->d_name); if ((f = fopen(path, "r"))) { while (fgets(b, sizeof b, f)) { unsigned long v; if (sscanf(b, "voluntary_ctxt_switches: %lu", &v) == 1) p->vol += v; if (sscanf(b, "nonvoluntary_ctxt_switches: %lu", &v) == 1) p->invol += v; } fclose(f); } } closedir(d); }
    }
    if ((f = fopen("/proc/stat", "r"))) { unsigned long a[8] = {0}; if (fscanf(f, "cpu %lu %lu %lu %lu %lu %lu %lu %lu", a, a + 1, a + 2, a + 3, a + 4, a + 5, a + 6, a + 7) == 8) { p->busy = (a[0] + a[1] + a[2] + a[5] + a[6]) / hz; p->steal = a[7] / hz; } fclose(f); }
    struct rusage r; getrusage(RUSAGE_SELF, &r); p->own = r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}
