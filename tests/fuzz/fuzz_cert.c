/*
 * Certificates: any bytes, or a genuine one of a test PKI with changes, in every role.
 *
 * Input: an octet; below PKI_PARTS: a genuine certificate of that part, changed at each place that
 * the following three octets name (place, new octet); otherwise the rest is the certificate. One
 * that was changed has no right signature, whatever it says.
 */
#include <string.h>
#include <time.h>

#include "lib/rsp/cert.h"
#include "tests/support/euicc.h"
#include "tests/support/must.h"

#define CERT_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct euicc euicc;
static struct cert ci;

static void check_fields(const struct cert *c)
{
	MUST(c->key_id_len <= CERT_KEY_ID_MAX && c->authority_id_len <= CERT_KEY_ID_MAX);
	MUST(c->policy_count <= CERT_POLICIES_MAX && c->rid.len <= CERT_OID_MAX);
	MUST(memchr(c->subject_serial, 0, sizeof(c->subject_serial)) != NULL);
	MUST(memchr(c->subject_org, 0, sizeof(c->subject_org)) != NULL);
	MUST(memchr(c->permitted_serial, 0, sizeof(c->permitted_serial)) != NULL);
	MUST(memchr(c->permitted_org, 0, sizeof(c->permitted_org)) != NULL);
	MUST(ec_point_check(c->curve, cert_point(c)) == ERR_OK);
}

static bool is_genuine(struct slice der)
{
	for (int i = 0; i < PKI_PARTS; i++)
		if (slice_equal(der, wbuf_slice(&euicc.certs[i])))
			return true;
	return false;
}

/* Nothing but what the CI made is accepted, in any role. A changed CI is nobody's issuer. */
static void check_roles(struct slice der, int64_t now)
{
	struct slice cis[] = {wbuf_slice(&euicc.certs[PKI_CI])}, eum, leaf;
	struct cert out;
	bool genuine = is_genuine(der);
	size_t index;

	eum = wbuf_slice(&euicc.certs[PKI_EUM]);
	leaf = wbuf_slice(&euicc.certs[PKI_EUICC]);
	for (int role = 0; role < RSP_ROLE_COUNT; role++)
		MUST(rsp_cert_check_dp(der, (enum rsp_role)role, &ci, now, &out) != ERR_OK ||
		     genuine);
	MUST(rsp_cert_check_chain(der, eum, &(struct rsp_trust){cis, 1, now}, &out, &index) !=
		     ERR_OK ||
	     genuine);
	MUST(rsp_cert_check_chain(leaf, der, &(struct rsp_trust){cis, 1, now}, &out, &index) !=
		     ERR_OK ||
	     genuine);
	cis[0] = der;
	MUST(rsp_cert_check_chain(leaf, eum, &(struct rsp_trust){cis, 1, now}, &out, &index) !=
		     ERR_OK ||
	     genuine);
}

static struct slice make_input(struct cursor *c, struct wbuf *w)
{
	uint8_t part = cursor_u8(c);

	if (part >= PKI_PARTS)
		return cursor_take_rest(c);
	wbuf_put(w, wbuf_slice(&euicc.certs[part]));
	while (cursor_left(c) >= 3) {
		uint16_t at = cursor_u16(c);

		w->ptr[at % w->len] = cursor_u8(c);
	}
	return wbuf_slice(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_make(data, size));
	struct wbuf w = wbuf_grow(CERT_MAX);
	static int64_t now;
	struct slice der;
	struct cert cert;

	if (!now) {
		now = (int64_t)time(NULL);
		euicc_open(&euicc, NULL);
		MUST(rsp_cert_check_ci(wbuf_slice(&euicc.certs[PKI_CI]), now, &ci) == ERR_OK);
	}
	der = make_input(&c, &w);
	if (cert_parse(der, &cert) == ERR_OK) {
		check_fields(&cert);
		if (cert_check_signature(&cert, &ci) == ERR_OK)
			MUST(is_genuine(der));
		check_roles(der, now);
	}
	wbuf_free(&w);
	return 0;
}
