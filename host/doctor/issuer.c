/* issuer: the links of the eUICC: what kind of card it is, and whose certificates it trusts. */
#include <stdio.h>
#include <stdlib.h>

#include "host/doctor/link.h"
#include "host/terminal/isdr.h"
#include "host/terminal/lpa/lpa.h"
#include "lib/base/tlv.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/known_issuer.h"

void link_kind(struct doctor *d, struct doctor_finding *f)
{
	enum err e = chip_detect(d->u, d->plan->isdr_aid, &d->chip);
	char why[FAILURE_TROUBLE], eid[2 * RSP_EID_LEN + 1] = "";
	bool is_told;

	if (e) {
		finding_trouble(f, "what the card is cannot be told: %s",
				failure_card_trouble(d->u, e, why));
		finding_mend(f, "start again; twinkey info --trace FILE records what it says");
		return;
	}
	if (d->chip.kind == CHIP_OTHER) {
		finding_trouble(f, "neither a UICC nor an eUICC: it has no MF");
		finding_mend(f, "put a SIM, USIM or eUICC in");
		return;
	}
	d->has_chip = true;
	is_told = d->chip.has_eid && !hex_encode(SLICE_OF(d->chip.eid), eid, sizeof(eid));
	finding_good(f, "%s%s%s", chip_text(d->chip.kind), is_told ? ", EID " : "", eid);
}

struct issuers {
	char text[DOCTOR_TEXT / 2];
	size_t used;
	bool has_ours, has_live, has_unknown;
};

static void add_issuer(struct issuers *s, const char *name)
{
	int n = snprintf(s->text + s->used, sizeof(s->text) - s->used, "%s%s", s->used ? ", " : "",
			 name);

	if (n > 0 && (size_t)n < sizeof(s->text) - s->used)
		s->used += (size_t)n;
	else
		s->text[s->used] = 0; /* there is no room for it */
}

static void take_issuer(struct issuers *s, struct slice key_id, struct slice ours)
{
	const struct known_issuer *issuer;
	char hex[2 * CERT_KEY_ID_MAX + 1];

	if (ours.len && slice_equal(key_id, ours)) {
		s->has_ours = true;
		add_issuer(s, "the issuer of --ca");
		return;
	}
	issuer = known_issuer_of(key_id);
	if (issuer) {
		s->has_live = s->has_live || !issuer->is_test;
		add_issuer(s, issuer->name);
		return;
	}
	s->has_unknown = true;
	if (!hex_encode(key_id, hex, sizeof(hex)))
		add_issuer(s, hex);
}

static void judge_issuers(const struct doctor *d, struct slice list, struct doctor_finding *f)
{
	struct issuers s = {.text = ""};
	struct cursor c = cursor_of(list);
	struct slice ours = SLICE_EMPTY;
	struct cert cert;
	struct tlv t;

	if (d->plan->ci.len && !cert_parse(d->plan->ci, &cert))
		ours = cert_key_id(&cert);
	while (tlv_next(&c, &t))
		take_issuer(&s, t.value, ours);
	if (!s.used) {
		finding_trouble(f, "the eUICC trusts no issuer: no manager can serve it");
		finding_mend(f, "use another eUICC");
	} else if (ours.len && !s.has_ours) {
		finding_trouble(f, "the eUICC does not trust the issuer of --ca; it trusts %s",
				s.text);
		finding_mend(f, "use a manager of one of these issuers, or an eUICC of yours "
				"(twinkey-card create --pki)");
	} else {
		finding_good(f, "the eUICC trusts %s%s", s.text,
			     s.has_live ? ": managers in the field serve it, test managers do not"
			     : s.has_unknown && !ours.len
				     ? " (--ca FILE tells whether that is yours)"
				     : "");
	}
}

void link_issuer(struct doctor *d, struct doctor_finding *f)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct isdr isdr = {.aid = d->plan->isdr_aid};
	struct es10b_euicc_info2 info;
	struct lpa *l = NULL;
	struct failure why;
	enum err e;

	if (!d->has_chip || (d->chip.kind != CHIP_SGP22 && d->chip.kind != CHIP_SGP32)) {
		finding_absent(f, "the card is no eUICC of SGP.22");
		wbuf_free(&der);
		return;
	}
	why = isdr_open(d->u, &isdr, &l);
	if (!why.err) {
		e = lpa_info2(l, &der, &info);
		if (!e)
			judge_issuers(d, info.ci_verify, f);
		else
			why = lpa_failure(l, e, "EUICCInfo2");
	}
	if (why.err) {
		finding_trouble(f, "the eUICC does not say whom it trusts: %s%s%s", why.text,
				why.is_whole ? "" : ": ", why.is_whole ? "" : err_text(why.err));
		finding_mend(f, "start again; twinkey chip info --trace FILE records what it says");
	}
	lpa_close(&l);
	wbuf_free(&der);
}
