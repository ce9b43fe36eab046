/* create: the making of a card, card-emu/card.h */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "card-emu/card.h"
#include "card-emu/core/app.h"
#include "card-emu/core/signer.h"
#include "card-emu/fs/base.h"
#include "card-emu/profile/sim.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/rsp/cert.h"

static const uint8_t svn_oldest[3] = CARD_SVN_OLDEST;
static const uint8_t svn_newest[3] = CARD_SVN_NEWEST;

static size_t count_cis(const struct card_identity *id)
{
	size_t n = 0;

	while (n < ARRAY_LEN(id->ci_certs) && id->ci_certs[n].len)
		n++;
	return n;
}

static size_t count_signers(const struct card_identity *id)
{
	size_t n = 0;

	while (n < ARRAY_LEN(id->signers) && id->signers[n].euicc_cert.len)
		n++;
	return n;
}

enum err card_svn_parse(const char *text, uint8_t svn[static 3])
{
	unsigned part[3] = {0};
	uint8_t v[3];
	int end = 0;

	if (sscanf(text, "%3u.%3u%n.%3u%n", &part[0], &part[1], &end, &part[2], &end) < 2 ||
	    text[end])
		return ERR_VALUE;
	for (size_t i = 0; i < ARRAY_LEN(part); i++) {
		if (part[i] > UINT8_MAX)
			return ERR_VALUE;
		v[i] = (uint8_t)part[i];
	}
	if (memcmp(v, svn_oldest, sizeof(v)) < 0 || memcmp(v, svn_newest, sizeof(v)) > 0)
		return ERR_VALUE;
	memcpy(svn, v, sizeof(v));
	return ERR_OK;
}

/* Each chain is good, and no two lead to the same CI. */
static enum err check_signers(const struct card_identity *id, int64_t now)
{
	const struct rsp_trust trust = {id->ci_certs, count_cis(id), now};
	bool taken[CARD_CI_MAX] = {false};

	for (size_t i = 0; i < count_signers(id); i++) {
		const struct card_signer *s = &id->signers[i];
		const struct rsp_euicc_identity signs = {.euicc_cert = s->euicc_cert,
							 .eum_cert = s->eum_cert,
							 .key = s->euicc_key,
							 .eid = SLICE_OF(id->eid)};
		size_t ci;
		enum err e = rsp_cert_check_identity(&signs, &trust, &ci);

		if (e)
			return e;
		if (taken[ci])
			return ERR_DUPLICATE;
		taken[ci] = true;
	}
	return ERR_OK;
}

static enum err put_identity(struct store_txn *t, const struct card_identity *id)
{
	static const uint8_t unset[3];
	char key[STORE_KEY_MAX + 1];
	uint8_t set[sizeof(id->without)];
	struct wbuf w = wbuf_init(set, sizeof(set));
	enum err e = ERR_OK;

	store_put(t, STORE_KEY_EID, SLICE_OF(id->eid));
	store_put(t, STORE_KEY_SVN,
		  memcmp(id->svn, unset, sizeof(unset)) ? SLICE_OF(id->svn) : SLICE_OF(svn_newest));
	store_put(t, STORE_KEY_RAT, id->rat);
	if (id->without) {
		wbuf_u32(&w, id->without);
		store_put(t, STORE_KEY_WITHOUT, wbuf_slice(&w));
	}
	for (unsigned i = 0; i < count_cis(id); i++) {
		snprintf(key, sizeof(key), STORE_KEY_CI, i);
		store_put(t, key, id->ci_certs[i]);
	}
	for (unsigned i = 0; i < count_signers(id) && !e; i++)
		e = signer_put(t, i, &id->signers[i]);
	return e;
}

static enum err open_store(const struct card_options *o, unsigned flags, struct store **out)
{
	struct store_options at = {
		.dir = o->dir, .anchor = o->anchor, .flags = flags | (o->sync ? STORE_SYNC : 0u)};

	return store_open_with(&at, out);
}

static enum err put_euicc(struct store *store, const struct card_identity *id)
{
	struct store_txn *t = store_begin(store);
	enum err e = put_identity(t, id);

	if (!e)
		e = base_put_euicc(t);
	return e ? e : store_commit(t);
}

enum err card_create(const struct card_options *o, const struct card_identity *id)
{
	int64_t now = o->now ? o->now(o->now_ctx) : (int64_t)time(NULL);
	struct store *store = NULL;
	enum err e = check_signers(id, now);

	if (!e)
		e = open_store(o, STORE_CREATE, &store);
	if (!e)
		e = put_euicc(store, id);
	store_close(&store);
	return e;
}

enum err card_fill(struct card *card, const struct card_identity *id, const struct simfile *sim)
{
	enum err e = check_signers(id, card_now(card));

	if (!e)
		e = put_euicc(card_store(card), id);
	return !e && sim ? sim_install(card_store(card), sim) : e;
}

enum err card_install_sim(const struct card_options *o, const struct simfile *sim)
{
	struct store *store = NULL;
	enum err e = open_store(o, 0, &store);

	if (!e)
		e = sim_install(store, sim);
	store_close(&store);
	return e;
}
