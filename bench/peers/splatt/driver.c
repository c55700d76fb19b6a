/* The side of SPLATT: one job, its outcome as JSON on standard output.
 *
 *   driver JOB THREADS RANK SWEEPS METHOD SHAPE FILE
 *
 * JOB is mttkrp (one for each mode), als (one sweep: the difference between a
 * run of several and a run of one, from a given start) or read (a .tns file).
 * METHOD is two or all: the number of trees. SHAPE is I0xI1x…; FILE holds the
 * indices of each mode in turn as int32, then the values as float64.
 * cmd/bench compiles this with the sources of SPLATT. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "splatt.h"
#include "cpd.h"
#include "io.h"
#include "mttkrp.h"
#include "sptensor.h"
#include "thd_info.h"

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

static long memory(const char *key)
{
	char line[256];
	long kib = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, key, strlen(key)))
			kib = atol(line + strlen(key) + 1);
	if (f)
		fclose(f);
	return kib << 10;
}

static int reset_peak(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");
	if (!f)
		return 0;
	fputs("5", f);
	return fclose(f) == 0;
}

static void fail(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(1);
}

/* The factors that both sides use. */
static double entry(idx_t n, idx_t i, idx_t r)
{
	return 0.5 + (double)((i * 131 + r * 31 + n * 17) % 97) / 97;
}

static void fill(matrix_t **mats, sptensor_t *tt, idx_t rank)
{
	for (idx_t n = 0; n < tt->nmodes; n++)
		for (idx_t i = 0; i < tt->dims[n]; i++)
			for (idx_t r = 0; r < rank; r++)
				mats[n]->vals[i * rank + r] = entry(n, i, r);
}

static sptensor_t *load(const char *shape, const char *path)
{
	idx_t dims[MAX_NMODES], order = 0;
	char *at = (char *)shape;
	do {
		dims[order++] = strtoull(at, &at, 10);
	} while (*at++ == 'x');
	FILE *f = fopen(path, "rb");
	if (!f)
		fail("the data cannot be opened");
	fseek(f, 0, SEEK_END);
	idx_t nnz = ftell(f) / (4 * order + 8);
	rewind(f);
	sptensor_t *tt = tt_alloc(nnz, order);
	memcpy(tt->dims, dims, order * sizeof *dims);
	int32_t *list = malloc(4 * nnz);
	for (idx_t n = 0; n < order; n++) {
		if (fread(list, 4, nnz, f) != nnz)
			fail("the data are short");
		for (idx_t e = 0; e < nnz; e++)
			tt->ind[n][e] = list[e];
	}
	if (fread(tt->vals, 8, nnz, f) != nnz)
		fail("the data are short");
	free(list);
	fclose(f);
	return tt;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	if (argc != 8)
		fail("usage: driver JOB THREADS RANK SWEEPS METHOD SHAPE FILE; run cmd/bench instead");
	const char *job = argv[1], *file = argv[7];
	idx_t rank = atoi(argv[3]), sweeps = atoi(argv[4]);
	double *opts = splatt_default_opts();
	opts[SPLATT_OPTION_NTHREADS] = atoi(argv[2]);
	opts[SPLATT_OPTION_VERBOSITY] = SPLATT_VERBOSITY_NONE;
	opts[SPLATT_OPTION_TOLERANCE] = 0;
	opts[SPLATT_OPTION_CSF_ALLOC] = strcmp(argv[5], "all") ? SPLATT_CSF_TWOMODE : SPLATT_CSF_ALLMODE;
	splatt_omp_set_num_threads(opts[SPLATT_OPTION_NTHREADS]);
	init_timers();

	double times[1000], error = 0, check[MAX_NMODES + 1];
	int calls = 0, checks = 0;
	long before = memory("VmRSS"), peak = 0;
	int resettable = reset_peak();

	if (!strcmp(job, "read")) {
		puts("begun");
		fflush(stdout);
		do {
			double begin = now();
			sptensor_t *tt = tt_read_file(file);
			times[calls++] = now() - begin;
			if (!tt)
				fail("SPLATT does not read the file");
			if (calls == 1) {
				peak = memory("VmHWM") - before;
				double sum = 0;
				for (idx_t e = 0; e < tt->nnz; e++)
					sum += tt->vals[e];
				check[checks++] = tt->nnz;
				check[checks++] = sum;
			}
			tt_free(tt);
		} while (times[0] < 1 && calls < 4);
	} else {
		sptensor_t *tt = load(argv[6], file);
		splatt_csf *csf = csf_alloc(tt, opts);
		idx_t order = tt->nmodes, longest = 0;
		matrix_t *mats[MAX_NMODES + 1];
		for (idx_t n = 0; n < order; n++) {
			mats[n] = mat_alloc(tt->dims[n], rank);
			longest = tt->dims[n] > longest ? tt->dims[n] : longest;
		}
		mats[MAX_NMODES] = mat_alloc(longest, rank);
		fill(mats, tt, rank);
		puts("begun");
		fflush(stdout);
		if (!strcmp(job, "mttkrp")) {
			thd_info *thds = thd_init(opts[SPLATT_OPTION_NTHREADS], 3, (order * rank * sizeof(val_t)) + 64, 0, (order * rank * sizeof(val_t)) + 64);
			splatt_mttkrp_ws *ws = splatt_mttkrp_alloc_ws(csf, rank, opts);
			double total = 0;
			do { /* the first is a warm-up */
				double begin = now();
				for (idx_t n = 0; n < order; n++) {
					mats[MAX_NMODES]->I = tt->dims[n];
					mttkrp_csf(csf, mats, n, thds, ws, opts);
					if (calls == 0) {
						double sum = 0;
						for (idx_t e = 0; e < tt->dims[n] * rank; e++)
							sum += mats[MAX_NMODES]->vals[e] * (e % 7);
						check[checks++] = sum;
						begin = now();
					}
				}
				times[calls] = now() - begin;
				total += calls ? times[calls] : 0;
				calls++;
			} while ((total < 0.5 || calls < 4) && calls < 1000);
			times[0] = times[--calls];
		} else if (!strcmp(job, "als")) {
			rank_info rinfo;
			memset(&rinfo, 0, sizeof rinfo);
			val_t *lambda = malloc(rank * sizeof *lambda);
			double seconds[2];
			for (int k = 0; k < 2; k++) {
				fill(mats, tt, rank);
				opts[SPLATT_OPTION_NITER] = k ? 1 + sweeps : 1;
				double begin = now();
				error = 1 - cpd_als_iterate(csf, mats, lambda, rank, &rinfo, opts);
				seconds[k] = now() - begin;
			}
			times[calls++] = (seconds[1] - seconds[0]) / sweeps;
		} else {
			fail("unknown job; valid: mttkrp, als, read");
		}
		peak = memory("VmHWM") - before;
	}
	qsort(times, calls, sizeof *times, by_size);
	printf("{\"seconds\": %.9g, \"calls\": %d, \"error\": %.17g, \"peak_bytes\": %ld, \"version\": \"SPLATT %d.%d.%d%s%s%s\", \"check\": [",
		times[calls / 2], calls, error, resettable ? peak : 0, SPLATT_VER_MAJOR, SPLATT_VER_MINOR, SPLATT_VER_SUBMINOR,
		argv[5][0] ? " (" : "", argv[5], argv[5][0] ? ")" : "");
	for (int i = 0; i < checks; i++)
		printf("%s%.17g", i ? ", " : "", check[i]);
	printf("]}\n");
	return 0;
}
