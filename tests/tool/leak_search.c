/*
 * leak-search: looks for an operator's secrets in files and in the memory of processes.
 *
 *	leak-search OPERATOR-FOLDER WHAT...       a file, or pid:NUMBER
 *	leak-search OPERATOR-FOLDER --plant DIR   writes each secret in each form into a file of DIR
 *
 * The secrets are K, OPc and S of every subscriber, the next ones too, the seeds of their one-time
 *codes, the keys of both stores, the outer key that these are sealed under, the PIN of the
 *environment variable TWINKEY_PIN as a card takes it, and that of TWINKEY_TOKEN_PIN. Prints what it
 *finds, never a secret. Exit code: 0 nothing found, 1 something found, 2 it could not look.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/keysource/outer.h"
#include "host/operator/keysource/wrapped.h"
#include "host/operator/pki/key_file.h"
#include "host/operator/pki/store_keys.h"
#include "host/operator/store/store.h"
#include "tests/unit/support/leak.h"
#include "tool/sys/file.h"

#define FILE_MAX    (256u << 20)
#define SECRETS_MAX 256
#define PIN_LEN	    8
#define PIN_PAD	    0xFF
#define CHUNK	    (1u << 20)
#define OVERLAP	    512 /* no form of a secret is longer */

static struct named {
	char name[96];
	struct secret *secret;
} secrets[SECRETS_MAX];
static size_t secret_count;

static void die(const char *what)
{
	fprintf(stderr, "leak-search: %s\n", what);
	exit(2);
}

static void add(const char *name, const char *of, struct slice octets)
{
	struct named *n = &secrets[secret_count];

	if (!octets.len) /* a K2 that is to be derived */
		return;
	if (secret_count == SECRETS_MAX)
		die("too many secrets");
	snprintf(n->name, sizeof(n->name), "%s of %s", name, of);
	n->secret = secret_copy(octets);
	if (!n->secret)
		die("out of memory");
	secret_count++;
}

static bool list_subscriber(void *ctx, const struct subscriber *sub)
{
	struct operator_store *s = ctx;
	struct subscriber_keys keys = {0};
	struct secret *seed = NULL;

	if (subscriber_keys_load(s, sub->id, &keys))
		die("a subscriber's keys cannot be loaded");
	for (int i = 0; i < 2; i++) {
		add(i ? "K2" : "K1", sub->imsi[i], secret_slice(keys.k[i]));
		add(i ? "OPc2" : "OPc1", sub->imsi[i], secret_slice(keys.opc[i]));
	}
	add("S", sub->imsi[1], secret_slice(keys.s));
	if (!factor_load_totp(s, sub->id, &seed))
		add("the one-time code's seed", sub->imsi[0], secret_slice(seed));
	secret_free(&seed);
	subscriber_keys_free(&keys);
	if (!subscriber_spare_keys_load(s, sub->id, &keys)) { /* of a rotation */
		add("the next K2", sub->imsi[1], secret_slice(keys.k[1]));
		add("the next OPc2", sub->imsi[1], secret_slice(keys.opc[1]));
		add("the next S", sub->imsi[1], secret_slice(keys.s));
	}
	subscriber_keys_free(&keys);
	return true;
}

static void add_store_keys(const char *dir)
{
	for (enum store_key k = 0; k < STORE_KEYS; k++) {
		struct key_file file = {.version = 0};
		struct secret *outer = NULL;
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", dir, store_key_file(k));
		if (key_file_read(path, NULL, &file))
			die("the key of a store cannot be read");
		add("the key", store_key_name(k), secret_slice(file.key));
		if (file.seal) {
			if (outer_key_get(&file.seal->source, &file.seal->ticket, NULL, &outer))
				die("the outer key cannot be had");
			add("the outer key", store_key_name(k), secret_slice(outer));
		}
		secret_free(&outer);
		key_file_free(&file);
	}
}

static void load_secrets(const char *dir)
{
	const char *pin = getenv("TWINKEY_PIN"), *token_pin = getenv("TWINKEY_TOKEN_PIN");
	struct operator_store *s = NULL;
	uint8_t block[PIN_LEN];

	if (operator_store_open(dir, NULL, &s))
		die("the operator's folder cannot be opened");
	if (subscriber_each(s, list_subscriber, s) || !secret_count)
		die("the operator has no subscriber");
	operator_store_close(&s);
	add_store_keys(dir);
	if (token_pin)
		add("the PIN", "the token", slice_str(token_pin));
	if (pin && strlen(pin) <= PIN_LEN) {
		memset(block, PIN_PAD, sizeof(block));
		memcpy(block, pin, strlen(pin));
		add("the PIN", "the card", SLICE_OF(block));
	}
}

static bool search(struct slice text, const char *where)
{
	bool any = false;

	for (size_t i = 0; i < secret_count; i++) {
		enum leak_form form;

		if (leak_found(text, secret_slice(secrets[i].secret), &form)) {
			printf("%s: %s (%s)\n", where, secrets[i].name, leak_form_name(form));
			any = true;
		}
	}
	return any;
}

static bool search_file(const char *path)
{
	struct wbuf w = wbuf_grow(FILE_MAX);
	bool any;

	if (file_read(path, NULL, &w))
		die(path);
	any = search(wbuf_slice(&w), path);
	wbuf_free(&w);
	return any;
}

/* One mapping, in pieces that overlap; what cannot be read (guard pages) holds nothing. */
static bool search_mapping(int mem, uint64_t from, uint64_t to, const char *where, uint64_t *seen)
{
	uint8_t *chunk = malloc(CHUNK);
	bool any = false;

	if (!chunk)
		die("out of memory");
	while (from < to) {
		size_t want = to - from < CHUNK ? (size_t)(to - from) : CHUNK;
		ssize_t n = pread(mem, chunk, want, (off_t)from);

		if (n <= 0)
			break;
		*seen += (uint64_t)n;
		any |= search(slice_make(chunk, (size_t)n), where);
		if ((uint64_t)n == to - from)
			break;
		from += (uint64_t)n > OVERLAP ? (uint64_t)n - OVERLAP : (uint64_t)n;
	}
	explicit_bzero(chunk, CHUNK);
	free(chunk);
	return any;
}

static bool search_process(const char *pid)
{
	char path[64], line[512];
	uint64_t from, to, seen = 0;
	bool any = false;
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	if (mem < 0 || !maps)
		die("the process's memory cannot be read");
	snprintf(path, sizeof(path), "memory of process %s", pid);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) == 2)
			any |= search_mapping(mem, from, to, path, &seen);
	}
	fclose(maps);
	close(mem);
	if (!seen)
		die("nothing of the process's memory could be read");
	printf("%s: %" PRIu64 " octets searched\n", path, seen);
	return any;
}

static void plant(const char *dir)
{
	for (size_t i = 0; i < secret_count; i++) {
		for (unsigned form = 0; form < LEAK_FORMS; form++) {
			struct wbuf w = wbuf_grow(4096);
			char path[4096];

			wbuf_put(&w, slice_str("something before "));
			if (leak_put(&w, secret_slice(secrets[i].secret), (enum leak_form)form))
				die("a secret too short to look for");
			wbuf_put(&w, slice_str(" something behind"));
			snprintf(path, sizeof(path), "%s/%zu-%u", dir, i, form);
			if (file_write(path, wbuf_slice(&w), 0600, NULL))
				die(path);
			wbuf_free(&w);
		}
	}
}

int main(int argc, char **argv)
{
	bool any = false;

	secret_heap_start(1 << 16);
	if (argc < 3)
		die("usage: leak-search OPERATOR-FOLDER FILE|pid:NUMBER...");
	load_secrets(argv[1]);
	if (strcmp(argv[2], "--plant") == 0 && argc == 4) {
		plant(argv[3]);
	} else {
		for (int i = 2; i < argc; i++)
			any |= strncmp(argv[i], "pid:", 4) == 0 ? search_process(argv[i] + 4)
								: search_file(argv[i]);
		printf("%zu secrets, %d places searched\n", secret_count, argc - 2);
	}
	for (size_t i = 0; i < secret_count; i++)
		secret_free(&secrets[i].secret);
	return any ? 1 : 0;
}
