#include "card-emu/make/make.h"

#include <time.h>
#include <unistd.h>

#include "card-emu/make/identity.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/crypto/cert.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/cert.h"
#include "tool/pki/pki.h"
#include "tool/sys/file.h"

static const enum ec_curve curves[] = {EC_P256, EC_BP256R1};

struct own_pki {
	struct pki of[ARRAY_LEN(curves)];
	struct wbuf keys[ARRAY_LEN(curves)]; /* SK.EUICC */
};

static void own_init(struct own_pki *own)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		pki_init(&own->of[i], curves[i]);
		own->keys[i] = wbuf_grow(SECRET_MAX);
	}
}

static void own_free(struct own_pki *own)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		pki_free(&own->of[i]);
		wbuf_free(&own->keys[i]);
	}
}

static enum err own_issue(struct own_pki *own, const struct make_order *order)
{
	const struct card_options *o = &order->options;
	char eid[2 * sizeof(order->identity.eid) + 1];
	struct pki_names names = {.eid = eid,
				  .now = o->now ? o->now(o->now_ctx) : (int64_t)time(NULL)};
	enum err e = hex_encode(SLICE_OF(order->identity.eid), eid, sizeof(eid));

	for (size_t i = 0; !e && i < ARRAY_LEN(curves); i++) {
		for (int part = PKI_CI; !e && part <= PKI_EUICC; part++)
			e = pki_issue(&own->of[i], (enum pki_part)part, &names);
		if (!e)
			e = ec_key_save(own->of[i].keys[PKI_EUICC], &own->keys[i]);
	}
	return e;
}

static void own_lend(const struct own_pki *own, struct card_identity *id)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		id->signers[i] =
			(struct card_signer){.euicc_cert = wbuf_slice(&own->of[i].certs[PKI_EUICC]),
					     .euicc_key = wbuf_slice(&own->keys[i]),
					     .eum_cert = wbuf_slice(&own->of[i].certs[PKI_EUM])};
		id->ci_certs[i] = wbuf_slice(&own->of[i].certs[PKI_CI]);
	}
}

static enum err find_eid(struct make_order *order)
{
	struct card_identity *id = &order->identity;
	struct cert cert;
	enum err e;

	if (order->eid)
		return pki_parse_eid(order->eid, id->eid);
	if (!id->signers[0].euicc_cert.len)
		return pki_random_eid(id->eid);
	e = cert_parse(id->signers[0].euicc_cert, &cert);
	return e ? e : rsp_cert_eid(&cert, id->eid);
}

/* Whose card it is. What the identity borrows lives as long as own. */
static enum err find_identity(struct make_order *order, struct own_pki *own)
{
	enum err e = order->from == MAKE_FROM_FILES ? identity_match(order->files, &order->identity)
						    : ERR_OK;

	if (!e)
		e = find_eid(order);
	if (!e && order->from == MAKE_OWN_PKI) {
		e = own_issue(own, order);
		own_lend(own, &order->identity);
	}
	return e;
}

/* Last of all, so that a card that could not be made leaves none. */
static enum err make_anchor(const struct card_options *o, bool *made)
{
	struct store_options at = {.dir = o->dir, .flags = STORE_RECOVER, .anchor = o->anchor};
	struct store *store = NULL;
	enum err e = store_open_with(&at, &store);

	*made = !e;
	store_close(&store);
	return e;
}

static enum err fill_folder(const struct make_order *order, const struct own_pki *own,
			    const char *dir, bool *anchored)
{
	struct card_options o = order->options;
	enum err e = ERR_OK;

	o.dir = dir;
	o.anchor = NULL;
	for (size_t i = 0; !e && order->from == MAKE_OWN_PKI && i < ARRAY_LEN(curves); i++)
		e = pki_write(dir, &own->of[i]);
	if (!e)
		e = card_create(&o, &order->identity);
	if (!e && order->sim)
		e = card_install_sim(&o, order->sim);
	o.anchor = order->options.anchor;
	return !e && o.anchor ? make_anchor(&o, anchored) : e;
}

enum err make_in_folder(struct make_order *order)
{
	char tmp[PATH_CAP];
	struct own_pki own;
	bool anchored = false;
	enum err e = file_new_dir(order->options.dir, tmp, sizeof(tmp));

	if (e)
		return e;
	own_init(&own);
	e = find_identity(order, &own);
	if (!e)
		e = fill_folder(order, &own, tmp, &anchored);
	if (!e)
		e = file_place_dir(tmp, order->options.dir);
	if (e) {
		file_remove_tree(tmp);
		if (anchored) /* and not by another process, just now */
			unlink(order->options.anchor);
	}
	own_free(&own);
	return e;
}

enum err make_in_memory(struct make_order *order, struct card **out)
{
	struct own_pki own;
	enum err e;

	own_init(&own);
	order->options.memory = true;
	e = find_identity(order, &own);
	if (!e)
		e = card_open(&order->options, out);
	if (!e) {
		e = card_fill(*out, &order->identity, order->sim);
		if (e)
			card_close(out);
	}
	own_free(&own);
	return e;
}
