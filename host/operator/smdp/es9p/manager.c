#include "host/operator/smdp/es9p/manager.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/pki/revoked.h"
#include "host/operator/smdp/smdp.h"
#include "lib/rsp/activation.h"

static enum err load_identities(struct smdp *m, const char *dir, int64_t now)
{
	static const enum ec_curve curves[SMDP_IDENTITIES_MAX] = {EC_P256, EC_BP256R1};
	enum err e = ERR_OK;

	for (size_t i = 0; i < ARRAY_LEN(curves) && !e; i++) {
		e = smdp_identity_load(&m->ids[m->count], dir, curves[i], now);
		if (!e)
			m->count++;
		else if (e == ERR_NOT_FOUND)
			e = ERR_OK;
	}
	return e || m->count ? e : ERR_NOT_FOUND;
}

static enum err check_revoked(struct smdp *m)
{
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < m->count; i++) {
		e = revoked_check(m->revoked, &m->ids[i].auth.cert);
		if (!e)
			e = revoked_check(m->revoked, &m->ids[i].pb.cert);
	}
	return e;
}

enum err smdp_open(struct smdp_store *store, const char *dir, const char *address, int64_t now,
		   struct smdp **out)
{
	struct smdp *m = calloc(1, sizeof(*m));
	enum err e;

	if (!m)
		return ERR_MEMORY;
	m->store = store;
	e = slice_text(slice_str(address), m->address, sizeof(m->address));
	if (!e)
		e = slice_text(slice_str(address), m->place, sizeof(m->place));
	if (!e)
		e = load_identities(m, dir, now);
	if (!e)
		e = revoked_open(dir, &m->revoked);
	if (!e)
		e = check_revoked(m);
	if (e)
		smdp_close(&m);
	else
		*out = m;
	return e;
}

void smdp_close(struct smdp **m)
{
	if (!*m)
		return;
	for (size_t i = 0; i < (*m)->count; i++)
		smdp_identity_free(&(*m)->ids[i]);
	revoked_close(&(*m)->revoked);
	free(*m);
	*m = NULL;
}

const char *smdp_address(const struct smdp *m)
{
	return m->address;
}

void smdp_at_port(struct smdp *m, unsigned port)
{
	if (!strchr(m->address, ':'))
		snprintf(m->place, sizeof(m->place), "%s:%u", m->address, port);
}

const char *smdp_place(const struct smdp *m)
{
	return m->place;
}

const char *smdp_called(const struct smdp *m, struct slice address)
{
	return activation_same_address(address, slice_str(m->address)) ? m->address
	       : activation_same_address(address, slice_str(m->place)) ? m->place
								       : NULL;
}

void smdp_keep_rejected(struct smdp *m)
{
	m->keep_rejected = true;
}

void smdp_reuse_deleted(struct smdp *m)
{
	m->reuse_deleted = true;
}

const struct smdp_identity *smdp_identity_of(const struct smdp *m, enum ec_curve curve)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->ids[i].ci.curve == curve)
			return &m->ids[i];
	return NULL;
}
