#include "lib/trace/audit/proof.h"

#include <string.h>

#include "lib/crypto/ec.h"

#define PARTS 5

enum err proof_cert(struct proofs *p, struct slice der, const struct cert **out)
{
	struct proof_cert *c = &p->long_one;
	bool is_known = false;

	for (unsigned i = 0; i < PROOF_CERTS && !is_known; i++) {
		is_known = p->certs[i].len &&
			   slice_equal(der, slice_make(p->certs[i].der, p->certs[i].len));
		if (is_known)
			c = &p->certs[i];
	}
	if (!is_known && der.len && der.len <= PROOF_OCTETS) {
		c = &p->certs[p->next_cert++ % PROOF_CERTS];
		c->len = der.len;
		memcpy(c->der, der.ptr, der.len);
		der = slice_make(c->der, c->len); /* from which the certificate borrows */
	}
	if (!is_known)
		c->err = cert_parse(der, &c->cert);
	*out = &c->cert;
	return c->err;
}

/* The same octets, one part after the other. */
static bool is_made_of(const struct proof_signature *s, const struct slice *parts, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (parts[i].len > s->len - at ||
		    (parts[i].len && memcmp(s->octets + at, parts[i].ptr, parts[i].len) != 0))
			return false;
		at += parts[i].len;
	}
	return at == s->len;
}

static const struct proof_signature *find_proof(const struct proofs *p, const struct slice *parts,
						size_t n)
{
	for (unsigned i = 0; i < PROOF_SIGNATURES; i++) {
		if (p->signatures[i].len && p->signatures[i].second == parts[1].len &&
		    is_made_of(&p->signatures[i], parts, n))
			return &p->signatures[i];
	}
	return NULL;
}

static bool keep_proof(struct proofs *p, const struct slice *parts, size_t n, bool holds)
{
	struct proof_signature *s = &p->signatures[p->next_signature % PROOF_SIGNATURES];
	struct wbuf w = wbuf_init(s->octets, sizeof(s->octets));

	for (size_t i = 0; i < n; i++)
		wbuf_put(&w, parts[i]);
	s->holds = holds;
	s->second = parts[1].len;
	s->len = wbuf_slice(&w).len; /* 0: there was no room */
	if (s->len)
		p->next_signature++;
	return holds;
}

bool proof_holds(struct proofs *p, const struct proof_key *key, const struct slice *parts, size_t n,
		 struct slice signature)
{
	struct slice all[PARTS] = {key->point, signature};
	const struct proof_signature *known;

	for (size_t i = 0; i < n && i + 2 < PARTS; i++)
		all[i + 2] = parts[i];
	known = find_proof(p, all, n + 2);
	if (known)
		return known->holds;
	return keep_proof(p, all, n + 2,
			  ec_verify(key->curve, key->point, parts, n, signature) != ERR_SIGNATURE);
}

bool proof_is_issued(struct proofs *p, const struct cert *subject, const struct cert *issuer)
{
	const struct slice all[2] = {subject->der, issuer->der};
	const struct proof_signature *known = find_proof(p, all, ARRAY_LEN(all));

	if (known)
		return known->holds;
	return keep_proof(p, all, ARRAY_LEN(all), cert_check_signature(subject, issuer) == ERR_OK);
}
