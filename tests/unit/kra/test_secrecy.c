/*
 * secrecy: what the subscription manager has, says and hears never holds S or the second
 * subscription's keys; what leaves card and terminal holds no key at all (docs/architecture.md,
 * I5).
 */
#include "host/operator/smdp/store/package.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/operator/smdp/store/profile.h"
#include "host/terminal/relay.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/support/flow.h"
#include "tests/unit/support/leak.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tests/support/stock.h"
#include "tests/unit/support/tamper.h"

#define FILE_MAX (16u << 20)
#define KEYS_MAX 64

/* What the key derivations gave while the flow ran: KEK and BSP session keys. */
static struct derived {
	struct secret *keys[KEYS_MAX];
	size_t count;
	bool on;
} derived;

enum err __real_x963_kdf_sha256(struct slice shared_secret, struct slice shared_info, uint8_t *out,
				size_t out_len);
enum err __wrap_x963_kdf_sha256(struct slice shared_secret, struct slice shared_info, uint8_t *out,
				size_t out_len);

enum err __wrap_x963_kdf_sha256(struct slice shared_secret, struct slice shared_info, uint8_t *out,
				size_t out_len)
{
	enum err e = __real_x963_kdf_sha256(shared_secret, shared_info, out, out_len);
	struct cursor c = cursor_of(slice_make(out, out_len));

	while (!e && derived.on && cursor_left(&c) && derived.count < KEYS_MAX)
		derived.keys[derived.count++] = secret_copy(cursor_take(&c, 16));
	return e;
}

static void derived_free(void)
{
	while (derived.count)
		secret_free(&derived.keys[--derived.count]);
	derived.on = false;
}

/* The second subscription's keys: nobody but the operator's own side may have them. */
struct named {
	const char *name;
	struct slice secret;
};

static size_t second_keys(const struct flow *f, struct named n[6])
{
	n[0] = (struct named){"S", secret_slice(f->keys.s)};
	n[1] = (struct named){"K2", secret_slice(f->keys.k[1])};
	n[2] = (struct named){"OPc2", secret_slice(f->keys.opc[1])};
	if (!f->next.s)
		return 3;
	n[3] = (struct named){"the next S", secret_slice(f->next.s)};
	n[4] = (struct named){"the next K2", secret_slice(f->next.k[1])};
	n[5] = (struct named){"the next OPc2", secret_slice(f->next.opc[1])};
	return 6;
}

static void expect_absent(const struct named *n, size_t count, struct slice text, const char *where)
{
	for (size_t i = 0; i < count; i++) {
		enum leak_form form = LEAK_FORMS;
		bool found = leak_found(text, n[i].secret, &form);

		if (found)
			fprintf(stderr, "\n%s is in %s (%s)\n", n[i].name, where,
				leak_form_name(form));
		CU_ASSERT_FALSE(found);
	}
}

/* Every form of every key, put among the text, is found there: the search can fail. */
static void expect_search_works(const struct named *n, size_t count, struct slice text)
{
	for (size_t i = 0; i < count; i++) {
		for (unsigned form = 0; form < LEAK_FORMS; form++) {
			struct wbuf w = wbuf_grow(FILE_MAX);

			wbuf_put(&w, slice_sub(text, 0, text.len / 2));
			ASSERT_ERR(leak_put(&w, n[i].secret, (enum leak_form)form), ERR_OK);
			wbuf_put(&w, slice_sub(text, text.len / 2, text.len));
			CU_ASSERT(leak_found(wbuf_slice(&w), n[i].secret, NULL));
			wbuf_free(&w);
		}
	}
}

static void search_file(const struct named *n, size_t count, const char *dir, const char *name,
			bool must_exist)
{
	struct wbuf w = wbuf_grow(FILE_MAX);
	char path[256];
	enum err e = path_join(dir, name, path, sizeof(path));

	if (!e)
		e = file_read(path, NULL, &w);
	CU_ASSERT(e == ERR_OK || (e == ERR_NOT_FOUND && !must_exist));
	if (!e) {
		expect_absent(n, count, wbuf_slice(&w), name);
		expect_search_works(n, count, wbuf_slice(&w));
	}
	wbuf_free(&w);
}

/* What the manager's own key opens: the package. K1 is in it, so the search sees the plain text. */
static void search_opened_store(const struct flow *f, const struct named *n, size_t count)
{
	struct wbuf metadata = wbuf_grow(FILE_MAX), upp = wbuf_grow(FILE_MAX);
	struct smdp_profile p;

	ASSERT_ERR(smdp_profile_find(f->manager, FLOW_MATCHING_ID, &p), ERR_OK);
	ASSERT_ERR(smdp_package_load(f->manager, p.id, &metadata, &upp), ERR_OK);
	CU_ASSERT(leak_found(wbuf_slice(&upp), secret_slice(f->keys.k[0]), NULL));
	CU_ASSERT(leak_found(wbuf_slice(&upp), secret_slice(f->keys.opc[0]), NULL));
	expect_absent(n, count, wbuf_slice(&upp), "the opened package");
	expect_absent(n, count, wbuf_slice(&metadata), "the metadata");
	wbuf_free(&metadata);
	wbuf_free(&upp);
}

static bool append_entry(void *ctx, const struct log_entry *e)
{
	struct wbuf *w = ctx;
	char line[768];

	snprintf(line, sizeof(line), "%s %s %s %s %s\n", e->event, e->from, e->to, e->actor,
		 e->evidence);
	wbuf_put(w, slice_str(line));
	return true;
}

/* All that was written to standard error while the flow ran. */
struct capture {
	FILE *file;
	int saved;
};

static struct capture capture_start(void)
{
	struct capture c = {tmpfile(), dup(STDERR_FILENO)};

	CU_ASSERT_FATAL(c.file != NULL && c.saved >= 0);
	fflush(stderr);
	CU_ASSERT(dup2(fileno(c.file), STDERR_FILENO) >= 0);
	return c;
}

static void capture_end(struct capture *c, struct wbuf *out)
{
	uint8_t chunk[4096];
	size_t n;

	fflush(stderr);
	CU_ASSERT(dup2(c->saved, STDERR_FILENO) >= 0);
	close(c->saved);
	rewind(c->file);
	while ((n = fread(chunk, 1, sizeof(chunk), c->file)) > 0)
		wbuf_put(out, slice_make(chunk, n));
	fclose(c->file);
}

static void whole_way(struct flow *f)
{
	struct relay r = {.result = 0};

	flow_install(f);
	ASSERT_ERR(flow_attach(f), ERR_OK);
	CU_ASSERT_NOT_EQUAL(flow_release(f), ERR_OK); /* no second factor yet */
	flow_approve(f);
	ASSERT_ERR(flow_release(f), ERR_OK);
	ASSERT_ERR(flow_attach(f), ERR_OK); /* with K2 */
	flow_rotate(f);
	ASSERT_ERR(relay_reseal(f->u, f->op, &r), ERR_OK);
	ASSERT_ERR(flow_attach(f), ERR_OK);
	flow_approve(f);
	ASSERT_ERR(flow_release(f), ERR_OK);
	ASSERT_ERR(flow_attach(f), ERR_OK); /* with the next K2 */
	CU_ASSERT_EQUAL(flow_profile_state(f), SMDP_INSTALLED);
}

/* The manager's store (file, write-ahead log, opened), its messages and the logs. */
static void test_manager(void)
{
	struct wbuf log = wbuf_grow(FILE_MAX);
	struct capture c = capture_start();
	struct named n[6];
	struct flow f;
	char manager[256];
	size_t count;

	flow_open(&f);
	whole_way(&f);
	capture_end(&c, &log);
	count = second_keys(&f, n);
	ASSERT_ERR(path_join(f.dir, "manager", manager, sizeof(manager)), ERR_OK);
	if (tamper_has_files()) {
		search_file(n, count, manager, "manager.db", true);
		search_file(n, count, manager, "manager.db-wal", true); /* while it is open */
	}
	search_opened_store(&f, n, count);
	CU_ASSERT(f.bodies.len > 4096);
	expect_absent(n, count, wbuf_slice(&f.bodies), "a message");
	expect_search_works(n, count, wbuf_slice(&f.bodies));
	ASSERT_ERR(log_each(f.store, 0, append_entry, &log), ERR_OK);
	CU_ASSERT(log.len > 100);
	expect_absent(n, count, wbuf_slice(&log), "a log line");
	expect_search_works(n, count, wbuf_slice(&log));
	flow_close(&f);
	wbuf_free(&log);
}

/* An operator that hands the manager an open second subscription would be found out. */
static void test_search_of_the_package(void)
{
	struct wbuf upp = wbuf_grow(SMDP_UPP_MAX), metadata = wbuf_grow(256);
	static const uint8_t iccid[10] = {0x98, 1};
	struct smdp_profile p;
	struct named n[6];
	struct flow f;
	size_t count;

	flow_open(&f);
	count = second_keys(&f, n);
	wbuf_put(&upp, slice_str("some profile elements"));
	for (size_t i = 0; i < count; i++)
		wbuf_put(&upp, n[i].secret);
	wbuf_put(&metadata, slice_str("metadata"));
	ASSERT_ERR(stock_profile(f.manager, iccid, "OPEN", wbuf_slice(&metadata), wbuf_slice(&upp)),
		   ERR_OK);
	ASSERT_ERR(smdp_profile_find(f.manager, "OPEN", &p), ERR_OK);
	wbuf_reset(&upp);
	ASSERT_ERR(smdp_package_load(f.manager, p.id, NULL, &upp), ERR_OK);
	for (size_t i = 0; i < count; i++)
		CU_ASSERT(leak_found(wbuf_slice(&upp), n[i].secret, NULL));
	flow_close(&f);
	wbuf_free(&upp);
	wbuf_free(&metadata);
}

/* All the keys there are, KEK and BSP session keys among them. */
static size_t all_keys(const struct flow *f, struct named n[KEYS_MAX + 11])
{
	size_t count = second_keys(f, n);

	n[count++] = (struct named){"K1", secret_slice(f->keys.k[0])};
	n[count++] = (struct named){"OPc1", secret_slice(f->keys.opc[0])};
	for (size_t i = 0; i < derived.count; i++)
		n[count++] = (struct named){"a derived key", secret_slice(derived.keys[i])};
	return count;
}

/* The APDUs to and from the card, and every body: what a man in the middle, or a trace, has. */
static void test_wire(void)
{
	static const uint8_t pin_block[8] = {'1', '2', '3', '4', 0xFF, 0xFF, 0xFF, 0xFF};
	static struct named n[KEYS_MAX + 11];
	struct flow f;
	size_t count;

	derived.on = true;
	flow_open(&f);
	whole_way(&f);
	/* a package is bound (3 keys), loaded (3 keys); S is wrapped and unwrapped (2 halves each)
	 */
	CU_ASSERT(derived.count >= 10);
	count = all_keys(&f, n);
	CU_ASSERT(f.apdus.len > 4096);
	expect_absent(n, count, wbuf_slice(&f.apdus), "the APDUs");
	expect_absent(n, count, wbuf_slice(&f.bodies), "the messages");
	expect_search_works(n, 8, wbuf_slice(&f.apdus));
	/* the PIN does cross to the card in clear, and the trace masks it */
	n[count] = (struct named){"the PIN", SLICE_OF(pin_block)};
	CU_ASSERT(leak_found(wbuf_slice(&f.apdus), n[count].secret, NULL));
	search_file(n, count + 1, f.dir, FLOW_TRACE, true);
	flow_close(&f);
	derived_free();
}

/* The card's folder: nothing of it in clear. */
static void test_card_folder(void)
{
	static struct named n[KEYS_MAX + 11];
	struct flow f;

	derived.on = true;
	flow_open(&f);
	whole_way(&f);
	search_file(n, all_keys(&f, n), f.card_dir, "journal", true);
	flow_close(&f);
	derived_free();
}

TEST_SUITE(secrecy, {"the subscription manager has neither S nor K2", test_manager},
	   {"an open package would be found", test_search_of_the_package},
	   {"no key on the wire", test_wire}, {"no key in the card's folder", test_card_folder})
