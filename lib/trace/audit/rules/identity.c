/* identity: IDN, who the card says that it is, and files that disagree about it */
#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/code.h"
#include "lib/trace/audit/file.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/ef/table.h"
#include "lib/trace/decode/item.h"
#include "lib/uicc/content.h"
#include "lib/uicc/fid.h"
#include "lib/uicc/service.h"

#define KEPT_MAX     48 /* octets of a file */
#define NAME_MAX     128
#define AD_MNC	     3
#define AD_TYPE	     0x80 /* TS 31.102 4.2.18: type approval, maintenance, cell test */
#define AD_SERVICE   0x02
#define AD_CELL	     0x04
#define ACC_CLASS    0x03FFu
#define PLMN_LEN     3
#define WITH_ACT     5 /* a PLMN and its access technologies */
#define LOCI_LAI     4
#define LOCI_STATE   10
#define PS_RAI	     7
#define PS_STATE     13
#define STATE_MASK   0x07
#define SUCI_LIST    0xA0u
#define SUCI_SERVICE 124
#define UST_MAX	     32
#define PROACTIVE    0xD0u /* TS 102 223 9.2: what FETCH brings */
#define DETAILS	     0x81u /* 8.6; CR bit set or not */
#define DETAILS_CR   0x01u
#define REFRESH	     0x01
#define NAI	     0x80u /* TS 31.103 4.2 */
#define NETWORK	     "3gppnetwork.org"

enum {
	IMSI_CHANGED,
	CHIP_CHANGED,
	TEST_IMSI,
	MNC_LENGTH,
	ACC_OTHER,
	HOME_FORBIDDEN,
	HOME_MISSING,
	ISIM_OTHER,
	TEST_MODE,
	NULL_SCHEME,
	AREAS_DIFFER
};

static const struct finding_rule rules[] = {
	[IMSI_CHANGED] =
		RULE("IDN-01", WARNING, "3GPP TS 31.102 4.2.2, ETSI TS 102 223 6.4.7",
		     "an IMSI changes by a REFRESH or a reset",
		     "EF.IMSI had another value before, in the same session: a terminal goes on as "
		     "the old subscriber, or two cards are recorded as one.",
		     "Let the card tell the terminal by REFRESH; find out what wrote EF.IMSI."),
	[CHIP_CHANGED] = RULE("IDN-02", WARNING, "ETSI TS 102 221 13.2, GSMA SGP.22 4.1.1",
			      "the ICCID and the EID stay while a card is in the reader",
			      "Another one was read, and no removal and no change of profile was "
			      "seen: two cards are recorded as one, or what is between reader and "
			      "card changes its answers.",
			      "Record again at the card; look for a multiplexer or an interposer."),
	[TEST_IMSI] = RULE("IDN-03", WARNING, "ITU-T E.212, GSMA TS.48",
			   "the IMSI and the ICCID are both of a card in use, or of one for tests",
			   "One of them is of a test range: a test profile in production, or a "
			   "subscription on a card that is meant for tests.",
			   "Find out whose card it is."),
	[MNC_LENGTH] = RULE("IDN-04", WARNING, "3GPP TS 31.102 4.2.18, ITU-T E.212",
			    "the length of the MNC in EF.AD is that of the country",
			    "The IMSI's country has MNCs of another length: the terminal takes "
			    "another network for its home.",
			    "Write the length of the operator's MNC into EF.AD."),
	[ACC_OTHER] = RULE("IDN-05", INFO, "3GPP TS 22.011 4.2",
			   "the class of EF.ACC is the last digit of the IMSI",
			   "By the common rule it is; the card has another class.",
			   "Set the bit of the IMSI's last digit if it was not meant so."),
	[HOME_FORBIDDEN] =
		RULE("IDN-06", WARNING, "3GPP TS 31.102 4.2.16, TS 23.122 3.1",
		     "the home network is not among the forbidden ones",
		     "EF.FPLMN has it: the card does not attach at home. A network that refused "
		     "it once (a false one too) has put it there.",
		     "Take it out of EF.FPLMN; find out which network refused the card."),
	[HOME_MISSING] =
		RULE("IDN-07", INFO, "3GPP TS 31.102 4.2.53, 4.2.84",
		     "the lists of home networks have that of the IMSI",
		     "EF.HPLMNwAcT or EF.EHPLMN is filled, and the IMSI's network is not in "
		     "it: terminals roam at home.",
		     "Add it in front if it was not meant so."),
	[ISIM_OTHER] = RULE("IDN-08", WARNING, "3GPP TS 23.003 13.2, 13.3, TS 31.103 4.2.2",
			    "the ISIM's identity in the form of 3GPP is that of the IMSI",
			    "EF.IMPI or EF.DOMAIN is built from another IMSI or network: the card "
			    "attaches as one subscriber and calls as another.",
			    "Write IMSI, MNC and MCC of the USIM into the ISIM."),
	[TEST_MODE] =
		RULE("IDN-09", WARNING, "3GPP TS 31.102 4.2.18",
		     "a card in use has the mode of normal operation",
		     "EF.AD has a mode for type approval, maintenance or cell tests: terminals "
		     "may show and do what they must not with subscribers.",
		     "Set the first octet of EF.AD to 00 or 01."),
	[NULL_SCHEME] = RULE("IDN-10", WARNING, "3GPP TS 31.102 4.4.11.8, TS 33.501 6.12.2, C.2",
			     "a card in use conceals its identity",
			     "The first protection scheme is the null scheme: the IMSI goes out in "
			     "clear when the card registers in a 5G network.",
			     "Put profile A or B in front, with the home network's public key."),
	[AREAS_DIFFER] = RULE("IDN-11", INFO, "3GPP TS 31.102 4.2.17, 4.2.23",
			      "the location areas of EF.LOCI and EF.PSLOCI are one",
			      "Both say that they are updated, and differ: one of the two domains "
			      "was not updated, or a terminal did not write it.",
			      "See which was written last."),
};

/* Of which files something is kept */
enum kept { KEPT_AD, KEPT_ACC, KEPT_FPLMN, KEPT_HPLMN, KEPT_EHPLMN, KEPT_LOCI, KEPT_PSLOCI, KEPTS };

struct content {
	size_t len;
	uint8_t octets[KEPT_MAX];
	struct audit_spot at;
};

struct identity {
	char imsi[AUDIT_IMSI_MAX + 1];
	uint32_t scope;
	struct audit_spot imsi_at;
	struct content kept[KEPTS];
	char impi[NAME_MAX], domain[NAME_MAX];
	struct audit_spot impi_at, domain_at;
	uint8_t ust[UST_MAX];
	size_t ust_len;
	bool has_suci, suci_is_null;
	struct audit_spot suci_at;
	uint8_t iccid[10], eid[16];
	bool has_iccid, has_eid;
	bool may_change;	       /* another profile may be enabled */
	bool eid_may_change;	       /* the card was removed */
	struct audit_spot previous;    /* the exchange before */
	const struct audit_card *card; /* NULL: there was no exchange yet */
	bool told[ARRAY_LEN(rules)];   /* of this IMSI */
};

static const struct kept_row {
	uint16_t fid;
	enum kept kept;
} kept_rows[] = {
	{FID_AD, KEPT_AD},	     {FID_ACC, KEPT_ACC},	{FID_FPLMN, KEPT_FPLMN},
	{FID_PLMN_HOME, KEPT_HPLMN}, {FID_EHPLMN, KEPT_EHPLMN}, {FID_LOCI, KEPT_LOCI},
	{FID_PSLOCI, KEPT_PSLOCI},
};

static struct slice identity_file(const struct identity *d, enum kept k)
{
	return slice_make(d->kept[k].octets, d->kept[k].len);
}

/* Once for each IMSI; at: where it was read that completes the contradiction. */
static bool identity_is_new(struct identity *d, unsigned rule)
{
	bool first = !d->told[rule];

	d->told[rule] = true;
	return first;
}

/* E.212, as far as a country has one length: 2 or 3; 0: both, or not known here */
static unsigned mnc_length_of(const char *imsi)
{
	static const uint16_t three[] = {302, 310, 311, 312, 313, 314, 315, 316, 334,
					 338, 342, 344, 346, 348, 352, 354, 356, 358,
					 360, 365, 366, 376, 708, 732, 750};
	unsigned mcc = (unsigned)(imsi[0] - '0') * 100 + (unsigned)(imsi[1] - '0') * 10 +
		       (unsigned)(imsi[2] - '0');

	for (size_t i = 0; i < ARRAY_LEN(three); i++) {
		if (three[i] == mcc)
			return 3;
	}
	return imsi[0] == '2' ? 2 : 0;
}

/* The network of the IMSI as files have it: by EF.AD, or by the country. */
static bool identity_home(const struct identity *d, uint8_t plmn[static PLMN_LEN])
{
	unsigned n = slice_at(identity_file(d, KEPT_AD), AD_MNC) & 0x0F;

	if (n != 2 && n != 3)
		n = *d->imsi ? mnc_length_of(d->imsi) : 0;
	if (!*d->imsi || !n)
		return false;
	content_plmn(d->imsi, n, plmn);
	return true;
}

static bool identity_lists(struct slice list, size_t entry, const uint8_t plmn[static PLMN_LEN],
			   bool *filled)
{
	*filled = false;
	for (size_t at = 0; at + PLMN_LEN <= list.len; at += entry) {
		struct slice one = slice_sub(list, at, PLMN_LEN);

		*filled = *filled || !field_is_blank(one);
		if (slice_equal(one, slice_make(plmn, PLMN_LEN)))
			return true;
	}
	return false;
}

static void judge_networks(struct audit_run *r, struct identity *d)
{
	uint8_t plmn[PLMN_LEN];
	bool filled;

	if (!identity_home(d, plmn))
		return;
	if (identity_lists(identity_file(d, KEPT_FPLMN), PLMN_LEN, plmn, &filled) &&
	    identity_is_new(d, HOME_FORBIDDEN))
		audit_find(r, &rules[HOME_FORBIDDEN], &d->kept[KEPT_FPLMN].at,
			   "EF.FPLMN has the network of the IMSI");
	if (!identity_lists(identity_file(d, KEPT_EHPLMN), PLMN_LEN, plmn, &filled) && filled &&
	    identity_is_new(d, HOME_MISSING))
		audit_find(r, &rules[HOME_MISSING], &d->kept[KEPT_EHPLMN].at,
			   "EF.EHPLMN has other networks");
	if (!identity_lists(identity_file(d, KEPT_HPLMN), WITH_ACT, plmn, &filled) && filled &&
	    identity_is_new(d, HOME_MISSING))
		audit_find(r, &rules[HOME_MISSING], &d->kept[KEPT_HPLMN].at,
			   "EF.HPLMNwAcT has other networks");
}

static void judge_digits(struct audit_run *r, struct identity *d)
{
	struct slice ad = identity_file(d, KEPT_AD), acc = identity_file(d, KEPT_ACC);
	unsigned n = slice_at(ad, AD_MNC) & 0x0F;
	unsigned country = *d->imsi ? mnc_length_of(d->imsi) : 0;
	unsigned classes = (unsigned)slice_uint(acc, 2) & ACC_CLASS, last;

	if (country && (n == 2 || n == 3) && n != country && identity_is_new(d, MNC_LENGTH))
		audit_find(r, &rules[MNC_LENGTH], &d->kept[KEPT_AD].at,
			   "EF.AD says %u digits, MCC %.3s has %u", n, d->imsi, country);
	if (!*d->imsi || acc.len != 2)
		return;
	last = (unsigned)(d->imsi[strlen(d->imsi) - 1] - '0');
	if (__builtin_popcount(classes) == 1 && !(classes >> last & 1) &&
	    identity_is_new(d, ACC_OTHER))
		audit_find(r, &rules[ACC_OTHER], &d->kept[KEPT_ACC].at, "it is another");
}

static void judge_areas(struct audit_run *r, struct identity *d)
{
	struct slice cs = identity_file(d, KEPT_LOCI), ps = identity_file(d, KEPT_PSLOCI);
	struct audit_spot pair[2] = {d->kept[KEPT_LOCI].at, d->kept[KEPT_PSLOCI].at};

	if (cs.len <= LOCI_STATE || ps.len <= PS_STATE || slice_at(cs, LOCI_STATE) & STATE_MASK ||
	    slice_at(ps, PS_STATE) & STATE_MASK)
		return;
	if (!slice_equal(slice_sub(cs, LOCI_LAI, 5), slice_sub(ps, PS_RAI, 5)) &&
	    identity_is_new(d, AREAS_DIFFER))
		audit_find_pair(r, &rules[AREAS_DIFFER], pair, "they have two");
}

/* "...@ims.mnc001.mcc262.3gppnetwork.org", TS 23.003 13.2 and 13.3; others say nothing. */
static void judge_isim(struct audit_run *r, struct identity *d)
{
	unsigned n = slice_at(identity_file(d, KEPT_AD), AD_MNC) & 0x0F;
	char domain[64], impi[96];
	const char *at = strchr(d->impi, '@');

	if (n != 2 && n != 3)
		n = *d->imsi ? mnc_length_of(d->imsi) : 0;
	if (!n || !*d->imsi || !(*d->impi || *d->domain))
		return;
	snprintf(domain, sizeof(domain), "ims.mnc%s%.*s.mcc%.3s." NETWORK, n == 2 ? "0" : "",
		 (int)n, d->imsi + 3, d->imsi);
	snprintf(impi, sizeof(impi), "%s@%s", d->imsi, domain);
	if (at && strstr(at, NETWORK) && strcmp(d->impi, impi) != 0 &&
	    identity_is_new(d, ISIM_OTHER))
		audit_find(r, &rules[ISIM_OTHER], &d->impi_at, "EF.IMPI is of another");
	if (strstr(d->domain, NETWORK) && strcmp(d->domain, domain) != 0 &&
	    identity_is_new(d, ISIM_OTHER))
		audit_find(r, &rules[ISIM_OTHER], &d->domain_at, "EF.DOMAIN is of another");
}

/* What is for tests, in a card that is in use */
static void judge_use(struct audit_run *r, struct identity *d, const struct audit_card *card)
{
	static const uint8_t test[] = {0x98, 0x00}; /* TS.48: 8900 is no country's */
	bool test_imsi = *d->imsi && audit_imsi_is_test(d->imsi);
	uint8_t mode = slice_at(identity_file(d, KEPT_AD), 0);

	if (((test_imsi && audit_given(r)->production) ||
	     (*d->imsi && !test_imsi && card->has_iccid &&
	      slice_starts(SLICE_OF(card->iccid), SLICE_OF(test)))) &&
	    identity_is_new(d, TEST_IMSI))
		audit_find(r, &rules[TEST_IMSI], &d->imsi_at,
			   test_imsi ? "the IMSI is of a test network"
				     : "the IMSI is of a network in use, the ICCID of a test card");
	if (!audit_claims_production(r, card) && !(*d->imsi && !test_imsi))
		return;
	if (d->kept[KEPT_AD].len && mode & (AD_TYPE | AD_SERVICE | AD_CELL) &&
	    identity_is_new(d, TEST_MODE))
		audit_find(r, &rules[TEST_MODE], &d->kept[KEPT_AD].at, "the mode is %02X", mode);
	if (d->has_suci && d->suci_is_null &&
	    uicc_has_service(slice_make(d->ust, d->ust_len), SUCI_SERVICE) &&
	    identity_is_new(d, NULL_SCHEME))
		audit_find(r, &rules[NULL_SCHEME], &d->suci_at, "the null scheme comes first");
}

static void identity_judge(struct audit_run *r, struct identity *d, const struct audit_step *s)
{
	judge_networks(r, d);
	judge_digits(r, d);
	judge_areas(r, d);
	judge_isim(r, d);
	judge_use(r, d, s->card);
}

/* Another subscription may come: what was kept is of the one before. */
static void identity_forget(struct identity *d)
{
	struct identity clean = {.has_iccid = d->has_iccid,
				 .has_eid = d->has_eid,
				 .may_change = d->may_change,
				 .eid_may_change = d->eid_may_change,
				 .previous = d->previous};

	memcpy(clean.iccid, d->iccid, sizeof(clean.iccid));
	memcpy(clean.eid, d->eid, sizeof(clean.eid));
	*d = clean;
}

static void take_imsi(struct audit_run *r, struct identity *d, const struct audit_step *s,
		      const struct audit_file *f)
{
	uint8_t digits[CONTENT_IMSI_MAX];
	size_t n = content_imsi_fault(f->content) ? 0 : content_imsi(f->content, digits);
	char imsi[AUDIT_IMSI_MAX + 1] = {0};
	struct audit_spot pair[2] = {d->imsi_at, s->spot};
	bool other;

	for (size_t i = 0; i < n; i++)
		imsi[i] = (char)('0' + digits[i]);
	other = n && *d->imsi && d->scope == f->scope && strcmp(d->imsi, imsi) != 0;
	if (other && !f->is_written)
		audit_find_pair(r, &rules[IMSI_CHANGED], pair, "it is another");
	if (other)
		memset(d->told, 0, sizeof(d->told));
	if (!n || (*d->imsi && f->is_gsm && !other))
		return;
	memcpy(d->imsi, imsi, sizeof(imsi));
	d->scope = f->scope;
	d->imsi_at = s->spot;
}

static void identity_take_name(struct slice content, char out[static NAME_MAX])
{
	struct slice name;

	if (!tlv_find(content, NAI, &name) || slice_text(name, out, NAME_MAX))
		*out = 0;
}

/* TS 31.102 4.4.11.8: pairs of a scheme and a key, the first the one that is preferred */
static void take_suci(struct identity *d, const struct audit_step *s, const struct audit_file *f)
{
	struct slice schemes;

	d->has_suci = tlv_find(f->content, SUCI_LIST, &schemes) && schemes.len >= 2;
	d->suci_is_null = d->has_suci && slice_at(schemes, 0) == 0;
	d->suci_at = s->spot;
}

static void take_kept(struct identity *d, const struct audit_step *s, const struct audit_file *f)
{
	for (size_t i = 0; i < ARRAY_LEN(kept_rows); i++) {
		struct content *k = &d->kept[kept_rows[i].kept];

		if (kept_rows[i].fid != f->fid)
			continue;
		k->len = f->content.len < KEPT_MAX ? f->content.len : KEPT_MAX;
		memcpy(k->octets, f->content.ptr, k->len);
		k->at = s->spot;
	}
}

static void identity_take(struct audit_run *r, struct identity *d, const struct audit_step *s,
			  const struct audit_file *f)
{
	if (f->in_isim && !f->df && f->fid == FID_IMPI) {
		identity_take_name(f->content, d->impi);
		d->impi_at = s->spot;
	} else if (f->in_isim && !f->df && f->fid == FID_DOMAIN) {
		identity_take_name(f->content, d->domain);
		d->domain_at = s->spot;
	} else if (f->in_usim && f->df == FID_DF_5GS && f->fid == FID_SUCI) {
		take_suci(d, s, f);
	} else if ((f->in_usim || f->is_gsm) && !f->df && f->fid == FID_IMSI) {
		take_imsi(r, d, s, f);
	} else if (f->in_usim && !f->df && f->fid == FID_UST) {
		d->ust_len = f->content.len < UST_MAX ? f->content.len : UST_MAX;
		memcpy(d->ust, f->content.ptr, d->ust_len);
	} else if (f->in_usim && !f->df) {
		take_kept(d, s, f);
	} else {
		return;
	}
	identity_judge(r, d, s);
}

/* The chip's own names, which the engine has learnt from the exchange before */
static void identity_watch_chip(struct audit_run *r, struct identity *d, const struct audit_card *c)
{
	bool iccid = d->has_iccid && memcmp(d->iccid, c->iccid, sizeof(d->iccid)) != 0;
	bool eid = d->has_eid && memcmp(d->eid, c->eid, sizeof(d->eid)) != 0;

	if (iccid && !d->may_change)
		audit_find(r, &rules[CHIP_CHANGED], &d->previous, "the ICCID became another");
	if (eid && !d->eid_may_change)
		audit_find(r, &rules[CHIP_CHANGED], &d->previous, "the EID became another");
	d->eid_may_change = d->eid_may_change && !eid;
	if (iccid) {
		identity_forget(d);
		d->may_change = false;
	}
	d->has_iccid = c->has_iccid;
	d->has_eid = c->has_eid;
	memcpy(d->iccid, c->iccid, sizeof(d->iccid));
	memcpy(d->eid, c->eid, sizeof(d->eid));
}

static bool is_refresh(const struct audit_step *s)
{
	struct slice command, details;

	return s->id == COMMAND_FETCH && s->good && tlv_find(s->x->answer, PROACTIVE, &command) &&
	       (tlv_find(command, DETAILS, &details) || tlv_find(command, DETAILS_CR, &details)) &&
	       slice_at(details, 1) == REFRESH;
}

static void identity_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct identity *d = state;

	identity_watch_chip(r, d, s->card);
	if (s->switched || is_refresh(s)) {
		identity_forget(d);
		d->may_change = true;
	}
	if (s->file && !field_is_blank(s->file->content))
		identity_take(r, d, s, s->file);
	d->previous = s->spot;
	d->card = s->card;
}

static void identity_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct identity *d = state;

	(void)r;
	if (e->kind == TRACE_RESET)
		identity_forget(d);
	/* the card of the reader is another one: what the engine knows of it too, until it is read
	 */
	if (e->kind == TRACE_REMOVED)
		*d = (struct identity){.may_change = true, .eid_may_change = true};
}

static void identity_end(struct audit_run *r, void *state)
{
	struct identity *d = state;

	if (d->card)
		identity_watch_chip(r, d, d->card);
}

const struct audit_family audit_identity = {
	.about = "Who the card says that it is",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct identity),
	.step = identity_step,
	.event = identity_event,
	.end = identity_end,
};
