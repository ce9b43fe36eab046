#include "lib/trace/audit/fit.h"

#include <stdlib.h>

#include "lib/auth/published.h"
#include "lib/base/secret.h"
#include "lib/trace/audit/vector.h"
#include "lib/trace/keys/keys.h"

struct aka_parameters audit_fit_parameters(const struct key_row *key)
{
	static const enum aka_algorithm algorithms[] = {
		[KEY_MILENAGE] = AKA_MILENAGE, [KEY_TUAK] = AKA_TUAK, [KEY_XOR] = AKA_XOR};

	return (struct aka_parameters){.algorithm = algorithms[key->kind],
				       .k = secret_slice(key->parts[0]),
				       .opc = secret_slice(key->parts[1])};
}

struct aka_key *audit_fit_open(struct aka_parameters p, const struct audit_vector *v)
{
	struct aka_key *key = NULL;

	if (v->context != VECTOR_2G && p.algorithm != AKA_MILENAGE)
		p.res_len = v->res.len;
	if (aka_key_make(&p, &key))
		return NULL;
	return key;
}

/* As far as it is there: a masked or empty field says nothing. */
static bool fits_octets(struct slice seen, const uint8_t *computed, size_t len)
{
	return !seen.len || (seen.len <= len && secret_equal(seen, slice_make(computed, seen.len)));
}

static bool fit_2g(struct aka_key *key, const struct audit_vector *v, struct audit_fit *out)
{
	uint8_t sres[GSM_SRES_LEN], kc[GSM_KC_LEN];
	enum err e = aka_gsm_authenticate(key, v->rand.ptr, sres, kc);

	out->answer_right =
		!e && fits_octets(v->res, sres, sizeof(sres)) && fits_octets(v->kc, kc, sizeof(kc));
	secret_wipe(kc, sizeof(kc));
	return !e;
}

static bool fit_3g(struct aka_key *key, const struct audit_vector *v, struct audit_fit *out)
{
	const struct aka_challenge c = {v->rand.ptr, v->autn.ptr};
	struct aka_insight i = {0};
	enum err e = aka_examine(key, &c, &i);

	out->has_sqn = true;
	out->mac_right = i.mac_right;
	out->sqn = i.sqn;
	out->answer_right = fits_octets(v->res, i.result.res, i.result.res_len) &&
			    fits_octets(v->ck, i.result.ck, sizeof(i.result.ck)) &&
			    fits_octets(v->ik, i.result.ik, sizeof(i.result.ik));
	secret_wipe(&i, sizeof(i));
	if (!e && v->auts.len)
		out->auts_right = !aka_auc_resync(key, v->rand.ptr, v->auts.ptr, &out->sqn_ms);
	return !e;
}

bool audit_fit_of(struct aka_key *key, const struct audit_vector *v, struct audit_fit *out)
{
	*out = (struct audit_fit){.has_answer = v->outcome == VECTOR_ACCEPTED && v->res.len,
				  .has_auts = v->auts.len};
	return v->context == VECTOR_2G ? fit_2g(key, v, out) : fit_3g(key, v, out);
}

bool audit_fit_holds(const struct audit_fit *f)
{
	return (f->has_answer && f->answer_right) || (f->has_sqn && f->mac_right) ||
	       (f->has_auts && f->auts_right);
}

struct audit_published {
	struct aka_key *key; /* NULL: not yet */
	size_t res_len;	     /* that it gives */
};

void audit_fit_close(struct audit_published **all)
{
	struct audit_published *mine = *all;

	*all = NULL;
	for (size_t i = 0; mine && i < aka_published_count(); i++)
		aka_key_free(&mine[i].key);
	free(mine);
}

/* Of TUAK all outputs hang on the length of RES, TS 35.231 6.3. */
static struct aka_key *ready_key(struct audit_published *r, struct aka_parameters p,
				 const struct audit_vector *v)
{
	size_t res_len = p.algorithm == AKA_MILENAGE ? 0 : v->res.len;

	if (r->key && r->res_len != res_len)
		aka_key_free(&r->key);
	if (!r->key)
		r->key = audit_fit_open(p, v);
	r->res_len = res_len;
	return r->key;
}

const char *audit_fit_published(struct audit_published **all, const struct audit_vector *v,
				struct aka_parameters *key, struct audit_fit *out)
{
	if (!*all)
		*all = calloc(aka_published_count(), sizeof(**all));
	for (size_t i = 0; *all && i < aka_published_count(); i++) {
		const char *name = aka_published(i, key);
		struct aka_key *k = ready_key(&(*all)[i], *key, v);

		if (k && audit_fit_of(k, v, out) && audit_fit_holds(out))
			return name;
	}
	return NULL;
}
