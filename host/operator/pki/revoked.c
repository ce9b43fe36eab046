#include "host/operator/pki/revoked.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/crypto/crl.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

#define NAME_CAP 128
#define CERT_MAX 16384
#define CIS_MAX	 16
#define SUFFIX	 ".crl"
#define SETTLE_S 2 /* a change within the time stamp's grain could go unseen */

struct number { /* zeros fill up: compared whole */
	uint8_t ci[CERT_KEY_ID_MAX], number[CERT_NUMBER_MAX];
	uint8_t ci_len, number_len;
};

struct revoked {
	char dir[PATH_CAP], lists[PATH_CAP]; /* the operator's folder; that of the lists */
	struct number *numbers;		     /* sorted */
	size_t count, cap;
	bool settled; /* they are what the folder had when it was changed */
	struct timespec changed;
};

struct walk {
	struct cert cis[CIS_MAX];
	size_t ci_count;
	enum err (*visit)(void *ctx, const struct crl *m, const struct revoked_list *l);
	void *ctx;
};

/* A CI that cannot be read has not signed a list that can. */
static enum err take_ci(void *ctx, const char *path)
{
	struct walk *w = ctx;
	struct wbuf der = wbuf_grow(CERT_MAX);
	enum err e = w->ci_count < CIS_MAX ? file_read(path, NULL, &der) : ERR_SPACE;

	if (!e && cert_parse(wbuf_slice(&der), &w->cis[w->ci_count]) == ERR_OK)
		w->cis[w->ci_count++].der = SLICE_EMPTY;
	wbuf_free(&der);
	return e;
}

static enum err read_cis(const char *dir, struct walk *w)
{
	char path[PATH_CAP];
	enum err e = path_join(dir, "pki/CI", path, sizeof(path));

	return e ? e : file_each(path, "CERT_", ".der", take_ci, w);
}

static enum err check_signer(const struct walk *w, const struct crl *m)
{
	uint8_t name[SHA256_LEN];
	enum err e = sha256(&m->issuer, 1, name);

	for (size_t i = 0; i < w->ci_count && !e; i++) {
		const struct cert *ci = &w->cis[i];

		if (slice_equal(cert_key_id(ci), m->authority_id) &&
		    slice_equal(SLICE_OF(ci->subject_hash), SLICE_OF(name)) &&
		    (ci->usage & CERT_USAGE_CRL_SIGN))
			return cert_check_signed(m->der, ci);
	}
	return e ? e : ERR_CERT_UNTRUSTED;
}

/* What a list says, and whether it counts; m borrows from der. */
static void read_list(const struct walk *w, struct slice der, struct crl *m, struct revoked_list *l)
{
	struct cursor entries;
	struct slice number;

	l->err = crl_parse(der, m);
	if (l->err)
		return;
	hex_encode(m->authority_id, l->ci, sizeof(l->ci));
	l->number = m->number;
	l->parts = m->parts;
	l->part = m->part;
	l->this_update = m->this_update;
	l->next_update = m->next_update;
	entries = cursor_of(m->entries);
	while (crl_next(&entries, &number))
		l->entries++;
	l->err = check_signer(w, m);
}

static enum err visit_file(void *ctx, const char *path)
{
	struct walk *w = ctx;
	struct revoked_list l = {.path = path};
	struct wbuf der = wbuf_grow(REVOKED_LIST_MAX);
	struct crl m = {.number = 0};
	enum err e;

	l.err = file_read(path, NULL, &der);
	if (!l.err)
		read_list(w, wbuf_slice(&der), &m, &l);
	e = w->visit(w->ctx, &m, &l);
	wbuf_free(&der);
	return e;
}

static enum err lists_of(const char *dir, char path[static PATH_CAP])
{
	return path_join(dir, "pki/CRL", path, PATH_CAP);
}

static enum err walk_lists(const char *dir, struct walk *w)
{
	char path[PATH_CAP];
	enum err e = lists_of(dir, path);

	if (!e)
		e = read_cis(dir, w);
	if (e)
		return e;
	e = file_each(path, "", SUFFIX, visit_file, w);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static struct number revoked_number(struct slice ci, struct slice number)
{
	struct number n = {.ci_len = (uint8_t)ci.len, .number_len = (uint8_t)number.len};
	struct wbuf a = wbuf_init(n.ci, sizeof(n.ci)), b = wbuf_init(n.number, sizeof(n.number));

	wbuf_put(&a, ci);
	wbuf_put(&b, number);
	return n;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct number));
}

static enum err put_number(struct revoked *r, const struct number *n)
{
	if (r->count == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 64;
		struct number *more = realloc(r->numbers, cap * sizeof(*more));

		if (!more)
			return ERR_MEMORY;
		r->numbers = more;
		r->cap = cap;
	}
	r->numbers[r->count++] = *n;
	return ERR_OK;
}

static enum err take_list(void *ctx, const struct crl *m, const struct revoked_list *l)
{
	struct cursor entries = cursor_of(m->entries);
	struct slice number;
	enum err e = l->err;

	while (!e && crl_next(&entries, &number)) {
		struct number n = revoked_number(m->authority_id, number);

		e = put_number(ctx, &n);
	}
	return e;
}

static enum err load_lists(struct revoked *r)
{
	struct walk w = {.visit = take_list, .ctx = r};
	enum err e;

	r->count = 0;
	e = walk_lists(r->dir, &w);
	if (e)
		return e == ERR_MEMORY ? e : ERR_CORRUPT;
	if (r->count)
		qsort(r->numbers, r->count, sizeof(*r->numbers), compare);
	return ERR_OK;
}

static enum err renew(struct revoked *r)
{
	struct timespec now;
	struct stat st = {.st_mtim = {0}};
	enum err e;

	if (stat(r->lists, &st) && errno != ENOENT)
		return errno_err(errno);
	if (r->settled && r->changed.tv_sec == st.st_mtim.tv_sec &&
	    r->changed.tv_nsec == st.st_mtim.tv_nsec)
		return ERR_OK;
	r->settled = false;
	clock_gettime(CLOCK_REALTIME, &now);
	e = load_lists(r);
	r->settled = !e && now.tv_sec - st.st_mtim.tv_sec > SETTLE_S;
	r->changed = st.st_mtim;
	return e;
}

enum err revoked_open(const char *dir, struct revoked **out)
{
	struct revoked *r = calloc(1, sizeof(*r));
	enum err e = r ? slice_text(slice_str(dir), r->dir, sizeof(r->dir)) : ERR_MEMORY;

	if (!e)
		e = lists_of(dir, r->lists);
	if (!e)
		e = renew(r);
	if (e)
		revoked_close(&r);
	else
		*out = r;
	return e;
}

void revoked_close(struct revoked **r)
{
	if (!*r)
		return;
	free((*r)->numbers);
	free(*r);
	*r = NULL;
}

enum err revoked_check(struct revoked *r, const struct cert *c)
{
	struct number n = revoked_number(cert_authority_id(c), cert_number(c));
	enum err e = renew(r);

	if (e)
		return e;
	return r->count && bsearch(&n, r->numbers, r->count, sizeof(n), compare) ? ERR_CERT_REVOKED
										 : ERR_OK;
}

struct listing {
	enum err (*each)(void *ctx, const struct revoked_list *l);
	void *ctx;
};

static enum err tell_list(void *ctx, const struct crl *m, const struct revoked_list *l)
{
	const struct listing *to = ctx;

	(void)m;
	return to->each(to->ctx, l);
}

enum err revoked_lists(const char *dir, enum err (*each)(void *ctx, const struct revoked_list *l),
		       void *ctx)
{
	struct listing to = {each, ctx};
	struct walk w = {.visit = tell_list, .ctx = &to};

	return walk_lists(dir, &w);
}

/* The lists that are there of one CI. */
struct siblings {
	const struct revoked_list *comes; /* another one of this CI */
	bool newer;			  /* one of them has a higher number */
	uint32_t parts;			  /* of them have the same number, each counted once */
	bool forget;			  /* the older ones are to go */
};

static void name_of(const struct revoked_list *l, char name[static NAME_CAP])
{
	snprintf(name, NAME_CAP, "%s-%" PRIu64 "-%" PRIu32 SUFFIX, l->ci, l->number, l->part);
}

/* Its file has the name that revoked_add() gives it: another file may be a copy of it. */
static bool is_in_place(const struct revoked_list *l)
{
	const char *slash = strrchr(l->path, '/');
	char name[NAME_CAP];

	name_of(l, name);
	return slash && strcmp(slash + 1, name) == 0;
}

static enum err visit_sibling(void *ctx, const struct revoked_list *l)
{
	struct siblings *of = ctx;

	if (l->err || strcmp(l->ci, of->comes->ci) != 0)
		return ERR_OK;
	if (l->number > of->comes->number)
		of->newer = true;
	else if (l->number == of->comes->number)
		of->parts += is_in_place(l);
	else if (of->forget && unlink(l->path))
		return errno_err(errno);
	return ERR_OK;
}

static enum err write_list(const char *dir, struct slice der, const struct revoked_list *l)
{
	char folder[PATH_CAP], path[PATH_CAP], name[NAME_CAP];
	enum err e = lists_of(dir, folder);

	name_of(l, name);
	if (!e)
		e = file_make_dir(folder);
	if (!e)
		e = path_join(folder, name, path, sizeof(path));
	return e ? e : file_write(path, der, 0644, NULL);
}

enum err revoked_add(const char *dir, struct slice der, int64_t now, struct revoked_list *out)
{
	struct walk w = {.ci_count = 0};
	struct revoked_list l = {.path = ""};
	struct siblings there = {.comes = &l};
	struct crl m;
	enum err e = read_cis(dir, &w);

	if (e)
		return e;
	read_list(&w, der, &m, &l);
	if (l.err)
		return l.err;
	if (l.this_update > now || (l.next_update && l.next_update < now))
		return ERR_EXPIRED;
	e = revoked_lists(dir, visit_sibling, &there);
	if (!e && there.newer)
		return ERR_REPLAY;
	if (!e)
		e = write_list(dir, der, &l);
	there = (struct siblings){.comes = &l};
	if (!e)
		e = revoked_lists(dir, visit_sibling, &there);
	there.forget = there.parts == l.parts;
	if (!e && there.forget)
		e = revoked_lists(dir, visit_sibling, &there);
	if (!e)
		*out = l;
	return e;
}
