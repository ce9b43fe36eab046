/*
 * bench_milenage: whole authentication vectors (key schedule, f1 to f5*) per second and core,
 * beside libosmogsm and beside what EVP allows: a key schedule and six AES-128 blocks, one by one.
 *
 * The three take turns and every vector has a key of its own. Time is the thread's own, and each
 * figure is the median of the rounds, so that a busy machine spoils none of them alone.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "lib/auth/milenage.h"
#include "lib/base/secret.h"

#define ROUNDS	      21
#define VECTORS	      20000u
#define VECTOR_BLOCKS 6 /* TEMP and OUT1..OUT5 */
#define BAR_OSMO      3.5
#define BAR_LIMIT     0.65
#define SECURE_HEAP   65536

struct input {
	uint8_t k[16], opc[16], rand[16], sqn[6], amf[2];
};

static struct input input_of(uint32_t i)
{
	struct input in = {.amf = {0x80}};

	memcpy(in.k, &i, sizeof(i));
	memcpy(in.opc + 8, &i, sizeof(i));
	memcpy(in.rand + 4, &i, sizeof(i));
	return in;
}

/*
 * libosmogsm exports these without a public header, and under the names of lib/auth: they are
 * looked up, never linked.
 */
static struct {
	int (*f1)(const uint8_t *opc, const uint8_t *k, const uint8_t *rand, const uint8_t *sqn,
		  const uint8_t *amf, uint8_t *mac_a, uint8_t *mac_s);
	int (*f2345)(const uint8_t *opc, const uint8_t *k, const uint8_t *rand, uint8_t *res,
		     uint8_t *ck, uint8_t *ik, uint8_t *ak, uint8_t *ak_star);
} osmo;

static bool osmo_open(void)
{
	void *lib = dlopen("libosmogsm.so", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);

	if (!lib)
		return false;
	*(void **)&osmo.f1 = dlsym(lib, "milenage_f1");
	*(void **)&osmo.f2345 = dlsym(lib, "milenage_f2345");
	return osmo.f1 && osmo.f2345;
}

static bool run_osmo(struct milenage_output *out)
{
	bool good = true;

	for (uint32_t i = 0; good && i < VECTORS; i++) {
		struct input in = input_of(i);

		good = osmo.f1(in.opc, in.k, in.rand, in.sqn, in.amf, out->mac_a, out->mac_s) ==
			       0 &&
		       osmo.f2345(in.opc, in.k, in.rand, out->res, out->ck, out->ik, out->ak,
				  out->ak_star) == 0;
	}
	return good;
}

static bool run_twinkey(struct milenage_output *out)
{
	struct milenage *m = milenage_new();
	bool good = m != NULL;

	for (uint32_t i = 0; good && i < VECTORS; i++) {
		struct input in = input_of(i);

		good = milenage_set_key(m, in.k, in.opc) == ERR_OK &&
		       milenage_all(m, in.rand, in.sqn, in.amf, out) == ERR_OK;
	}
	milenage_free(&m);
	return good;
}

static bool run_limit(struct milenage_output *out)
{
	EVP_CIPHER *aes = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool good = aes && ctx && EVP_EncryptInit_ex2(ctx, aes, NULL, NULL, NULL) == 1 &&
		    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;

	for (uint32_t i = 0; good && i < VECTORS; i++) {
		struct input in = input_of(i);
		int n;

		good = EVP_EncryptInit_ex2(ctx, NULL, in.k, NULL, NULL) == 1;
		for (int b = 0; good && b < VECTOR_BLOCKS; b++)
			good = EVP_EncryptUpdate(ctx, out->ck, &n, in.rand, sizeof(in.rand)) == 1;
	}
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(aes);
	return good;
}

/* Vectors per second of the thread's own time; 0 when the run failed. */
static double rate(bool (*run)(struct milenage_output *out), struct milenage_output *out)
{
	struct timespec from, to;
	bool good;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	good = run(out);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	if (!good)
		return 0;
	return VECTORS /
	       ((double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double values[static ROUNDS])
{
	qsort(values, ROUNDS, sizeof(*values), by_value);
	return values[ROUNDS / 2];
}

static void print_ratio(const char *what, double ratios[static ROUNDS], double bar)
{
	double r = median(ratios);

	printf("  %-34s %9.2f x  (bar %.2f: %s)\n", what, r, bar, r >= bar ? "reached" : "missed");
}

int main(void)
{
	static double ours[ROUNDS], theirs[ROUNDS], limit[ROUNDS], to_osmo[ROUNDS],
		to_limit[ROUNDS];
	struct milenage_output a = {0}, b = {0}, unused = {0};
	bool with_osmo = osmo_open();

	secret_heap_start(SECURE_HEAP);
	for (int r = 0; r < ROUNDS; r++) {
		ours[r] = rate(run_twinkey, &a);
		limit[r] = rate(run_limit, &unused);
		theirs[r] = with_osmo ? rate(run_osmo, &b) : 1;
		if (ours[r] <= 0 || limit[r] <= 0 || theirs[r] <= 0) {
			fputs("bench_milenage: a computation failed\n", stderr);
			return EXIT_FAILURE;
		}
		to_osmo[r] = ours[r] / theirs[r];
		to_limit[r] = ours[r] / limit[r];
	}
	if (with_osmo && memcmp(&a, &b, sizeof(a)) != 0) {
		fputs("bench_milenage: libosmogsm computes something else\n", stderr);
		return EXIT_FAILURE;
	}
	puts("MILENAGE, whole vectors with a new key each, per second and core");
	printf("  %-34s %11.0f\n", "twinkey", median(ours));
	printf("  %-34s %11.0f\n", "EVP: key schedule and six blocks", median(limit));
	print_ratio("twinkey / EVP limit", to_limit, BAR_LIMIT);
	if (!with_osmo) {
		puts("  libosmogsm: skipped (install libosmocore-dev)");
		return EXIT_SUCCESS;
	}
	printf("  %-34s %11.0f\n", "libosmogsm", median(theirs));
	print_ratio("twinkey / libosmogsm", to_osmo, BAR_OSMO);
	return EXIT_SUCCESS;
}
