#include "api/settings.h"

#include <stdio.h>
#include <string.h>

#include "api/error.h"
#include "api/shape.h"
#include "lib/profile/services.h"
#include "lib/profile/simfile.h"
#include "lib/rsp/pki.h"
#include "lib/rsp/rat.h"

#define RULES_MAX 4096 /* octets of the table */
#define RULE_MAX  256

/* Where the structs of version 1.0 end: a smaller size was never set. */
#define OPTIONS_FIRST  sizeof(struct twinkey_options)
#define IDENTITY_FIRST sizeof(struct twinkey_identity)

enum twinkey_code settings_options(const struct twinkey_options *from, struct card_options *to,
				   struct twinkey_error *error)
{
	static const struct shape shape = {"struct twinkey_options", OPTIONS_FIRST,
					   sizeof(struct twinkey_options)};
	struct twinkey_options o = {.size = sizeof(o)};
	enum twinkey_code code = from ? shape_take(from, &o, &shape, error) : TWINKEY_OK;

	if (code)
		return code;
	if (o.protocol > TWINKEY_T1)
		return error_said(error, ERR_UNSUPPORTED, "there is no protocol %u",
				  (unsigned)o.protocol);
	if (o.flags & ~(unsigned)(TWINKEY_SYNC | TWINKEY_RECOVER))
		return error_said(error, ERR_UNSUPPORTED, "there are no flags 0x%x", o.flags);
	*to = (struct card_options){.dir = o.folder,
				    .protocol = o.protocol == TWINKEY_T1 ? CARD_T1 : CARD_T0,
				    .sync = o.flags & TWINKEY_SYNC,
				    .recover = o.flags & TWINKEY_RECOVER,
				    .now = o.now,
				    .now_ctx = o.now_ctx};
	return TWINKEY_OK;
}

static struct slice octets(struct twinkey_octets from)
{
	return from.ptr ? slice_make(from.ptr, from.len) : SLICE_EMPTY;
}

static enum twinkey_code take_given(const struct twinkey_identity *from, struct card_identity *to,
				    struct twinkey_error *error)
{
	if (!from->signers || !from->signers_count || from->signers_count > CARD_SIGNERS_MAX)
		return error_said(error, ERR_USAGE, "signers must be 1 to %d, not %zu",
				  CARD_SIGNERS_MAX, from->signers ? from->signers_count : 0);
	if (!from->cis || !from->cis_count || from->cis_count > CARD_CI_MAX)
		return error_said(error, ERR_USAGE, "cis must be 1 to %d, not %zu", CARD_CI_MAX,
				  from->cis ? from->cis_count : 0);
	for (size_t i = 0; i < from->signers_count; i++) {
		const struct twinkey_signer *s = &from->signers[i];

		to->signers[i] = (struct card_signer){octets(s->euicc_cert), octets(s->euicc_key),
						      octets(s->eum_cert)};
		if (!to->signers[i].euicc_cert.len || !to->signers[i].euicc_key.len ||
		    !to->signers[i].eum_cert.len)
			return error_said(error, ERR_USAGE,
					  "signers[%zu] lacks a certificate or a key", i);
	}
	for (size_t i = 0; i < from->cis_count; i++) {
		to->ci_certs[i] = octets(from->cis[i]);
		if (!to->ci_certs[i].len)
			return error_said(error, ERR_USAGE, "cis[%zu] is empty", i);
	}
	return TWINKEY_OK;
}

static enum twinkey_code take_pki(const struct twinkey_identity *from, struct settings *s,
				  struct twinkey_error *error)
{
	enum err e;

	switch (from->pki) {
	case TWINKEY_PKI_OWN: s->order.from = MAKE_OWN_PKI; return TWINKEY_OK;
	case TWINKEY_PKI_NONE: s->order.from = MAKE_PLAIN; return TWINKEY_OK;
	case TWINKEY_PKI_GIVEN:
		s->order.from = MAKE_FROM_IDENTITY;
		return take_given(from, &s->order.identity, error);
	case TWINKEY_PKI_FOLDER: break;
	default:
		return error_said(error, ERR_UNSUPPORTED, "there is no pki %u",
				  (unsigned)from->pki);
	}
	if (!from->pki_folder)
		return error_said(error, ERR_USAGE, "pki_folder is missing");
	s->order.from = MAKE_FROM_FILES;
	s->order.files = &s->files;
	e = identity_read_folder(from->pki_folder, &s->files);
	return e ? error_of(error, e, s->files.where) : TWINKEY_OK;
}

static enum twinkey_code take_sim(const char *text, struct settings *s, struct twinkey_error *error)
{
	struct simfile_error wrong;
	char why[SIMFILE_SENTENCE];
	enum err e = simfile_parse(slice_str(text), &s->sim, &wrong);

	if (e == ERR_VALUE) {
		simfile_error_text(&wrong, why);
		return error_said(error, e, "sim, %s", why);
	}
	s->order.sim = s->sim;
	return e ? error_of(error, e, "sim") : TWINKEY_OK;
}

static enum twinkey_code take_words(const struct twinkey_identity *from, struct make_order *order,
				    struct twinkey_error *error)
{
	uint8_t eid[16];
	const char *bad;

	if (from->eid && pki_parse_eid(from->eid, eid))
		return error_said(error, ERR_VALUE, "eid must be 32 digits");
	if (from->sgp22 && card_svn_parse(from->sgp22, order->identity.svn))
		return error_said(error, ERR_VALUE, "sgp22 must be from 2.2.2 to 2.5");
	if (from->without && services_parse(from->without, &order->identity.without, &bad))
		return error_said(error, ERR_VALUE, "without: there is no service '%.*s'",
				  (int)strcspn(bad, ","), bad);
	order->eid = from->eid;
	return TWINKEY_OK;
}

static enum twinkey_code take_rules(const char *text, struct settings *s,
				    struct twinkey_error *error)
{
	char rule[RULE_MAX];

	s->rules = wbuf_grow(RULES_MAX);
	for (size_t n; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		snprintf(rule, sizeof(rule), "%.*s", (int)n, text);
		if (n >= sizeof(rule) || (n && rat_parse_text(rule, &s->rules)))
			return error_said(error, ERR_VALUE,
					  "rules: '%s' must be as in "
					  "ppr1+ppr2=00101,26201:consent",
					  rule);
	}
	s->order.identity.rat = wbuf_slice(&s->rules);
	return TWINKEY_OK;
}

enum twinkey_code settings_identity(const struct twinkey_identity *from, struct settings *s,
				    struct twinkey_error *error)
{
	static const struct shape shape = {"struct twinkey_identity", IDENTITY_FIRST,
					   sizeof(struct twinkey_identity)};
	struct twinkey_identity id = {.size = sizeof(id)};
	enum twinkey_code code = from ? shape_take(from, &id, &shape, error) : TWINKEY_OK;

	if (!code)
		code = take_words(&id, &s->order, error);
	if (!code && id.rules)
		code = take_rules(id.rules, s, error);
	if (!code)
		code = take_pki(&id, s, error);
	return !code && id.sim ? take_sim(id.sim, s, error) : code;
}

void settings_free(struct settings *s)
{
	identity_free(&s->files);
	wbuf_free(&s->rules);
	simfile_free(&s->sim);
}
