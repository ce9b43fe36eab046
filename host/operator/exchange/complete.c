#include "host/operator/exchange/complete.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/release/prepare.h"
#include "lib/auth/aka.h"
#include "lib/auth/published.h"
#include "lib/base/secret.h"

#define IMSI_DIGITS_MIN 6
#define ICCID_BODY	18 /* digits before the check digit */
#define ICCID_FIXED	7  /* of one that prepare_random_iccid() makes */
#define ICCID_NUMBERS	UINT64_C(100000000000)
#define PREFIX_MAX	12

static const char *const names[2][3] = {{"imsi", "k", "opc"}, {"imsi2", "k2", "opc2"}};

/* IMSI 2 by the plan; number: how many were given before. */
static enum err number_imsi(const char *first, size_t number, char imsi[static IMSI_MAX + 1])
{
	uint64_t n = strtoull(first, NULL, 10) + number;
	int len = snprintf(imsi, IMSI_MAX + 1, "%0*" PRIu64, (int)strlen(first), n);

	return len == (int)strlen(first) ? ERR_OK : ERR_VALUE;
}

static enum err give_second_imsi(struct exchange_record *r, const struct exchange_plan *plan,
				 struct exchange_made *made)
{
	if (*r->half[1].imsi)
		return ERR_OK;
	if (!plan->second || strcmp(plan->second, "same") == 0) {
		memcpy(r->half[1].imsi, r->half[0].imsi, sizeof(r->half[0].imsi));
		return ERR_OK;
	}
	return number_imsi(plan->second, made->second_imsis++, r->half[1].imsi);
}

/* The prefix, the last digits of the IMSI, and the check digit. */
static void iccid_by_prefix(struct exchange_record *r, const char *prefix)
{
	char body[ICCID_BODY + 1];
	size_t n = strlen(prefix), digits = ICCID_BODY - n, has = strlen(r->half[0].imsi);
	const char *tail = r->half[0].imsi + (has > digits ? has - digits : 0);

	snprintf(body, sizeof(body), "%s%0*d", prefix, (int)digits, 0);
	memcpy(body + ICCID_BODY - strlen(tail), tail, strlen(tail));
	snprintf(r->iccid, sizeof(r->iccid), "%s%c", body, prepare_check_digit(body, ICCID_BODY));
}

/* Those of one file are a row of numbers that begins anywhere: chosen one by one, two of many would
 * be the same. */
static enum err iccid_by_chance(struct exchange_record *r, struct exchange_made *made)
{
	uint8_t iccid[PROFILE_ICCID_LEN];
	char text[PROFILE_ICCID_TEXT], body[ICCID_BODY + 1];
	enum err e = *made->first_iccid ? ERR_OK : prepare_random_iccid(iccid);
	uint64_t n;

	if (e)
		return e;
	if (!*made->first_iccid) {
		profile_iccid_text(iccid, text);
		memcpy(made->first_iccid, text, ICCID_BODY);
		made->first_iccid[ICCID_BODY] = 0;
	}
	n = strtoull(made->first_iccid + ICCID_FIXED, NULL, 10) + made->iccids - 1;
	snprintf(body, sizeof(body), "%.*s%0*" PRIu64, ICCID_FIXED, made->first_iccid,
		 ICCID_BODY - ICCID_FIXED, n % ICCID_NUMBERS);
	snprintf(r->iccid, sizeof(r->iccid), "%s%c", body, prepare_check_digit(body, ICCID_BODY));
	return ERR_OK;
}

static enum err give_iccid(struct exchange_record *r, const struct exchange_plan *plan,
			   struct exchange_made *made)
{
	if (*r->iccid)
		return ERR_OK;
	made->iccids++;
	if (!plan->iccid_prefix)
		return iccid_by_chance(r, made);
	iccid_by_prefix(r, plan->iccid_prefix);
	return ERR_OK;
}

/* OPc from OP, or TOPc from TOP, where there is no OPc. */
static enum err give_opc(struct exchange_half *h, struct exchange_made *made)
{
	struct slice k = exchange_key_slice(&h->k), op = exchange_key_slice(&h->op);
	enum err e = ERR_OK;

	if (h->opc.len || !op.len || !k.len)
		return ERR_OK;
	if (h->algorithm == AKA_MILENAGE && k.len == 16 && op.len == 16) {
		e = aka_milenage_opc(k, op, h->opc.octets);
		h->opc.len = 16;
	} else if (h->algorithm == AKA_TUAK && op.len == 32) {
		e = aka_tuak_topc(k, op, h->shape.iterations, h->opc.octets);
		h->opc.len = 32;
	}
	made->opcs += h->opc.len != 0;
	return e;
}

static enum err complete_record(struct exchange_record *r, const struct exchange_plan *plan,
				struct exchange_made *made)
{
	struct exchange_half *first = &r->half[0], *second = &r->half[1];
	enum err e;

	if (!first->algorithm)
		first->algorithm =
			first->k.len == 32 || first->opc.len == 32 ? AKA_TUAK : AKA_MILENAGE;
	if (!second->algorithm) /* a second key of the test algorithm would be none */
		second->algorithm = first->algorithm == AKA_TUAK ? AKA_TUAK : AKA_MILENAGE;
	if (!second->shape.has_ind_bits) {
		second->shape.has_ind_bits = first->shape.has_ind_bits;
		second->shape.ind_bits = first->shape.ind_bits;
	}
	if (!r->key_id)
		r->key_id = 1;
	made->second_keys += !second->k.len && !r->modes.derived;
	made->sealing_keys += !r->s.len;
	e = give_second_imsi(r, plan, made);
	if (!e)
		e = give_iccid(r, plan, made);
	return e ? e : give_opc(first, made);
}

static void fit_key(struct exchange_list *l, const struct exchange_record *r, int i)
{
	const struct exchange_half *h = &r->half[i];
	struct slice k = exchange_key_slice(&h->k), opc = exchange_key_slice(&h->opc);
	static const uint8_t any[EXCHANGE_KEY_MAX];
	struct aka_parameters p = aka_parameters_of(h->algorithm, k, opc, &h->shape);
	struct aka_key *key = NULL;
	enum err e;

	if (i == 1 && r->modes.derived)
		p.k = slice_make(any, r->modes.derived);
	e = aka_key_make(&p, &key);
	aka_key_free(&key);
	if (e == ERR_MEMORY)
		l->err = e;
	else if (e)
		exchange_fault(l, r->number, names[i][1],
			       "does not fit the algorithm: MILENAGE has K and OPc of 32 hex "
			       "digits, TUAK K of 32 or 64 and TOPc of 64, XOR K of 32; RES, "
			       "iterations as docs/moving-in.md has them");
}

static void check_published(struct exchange_list *l, const struct exchange_record *r, int i)
{
	struct slice k = exchange_key_slice(&r->half[i].k);

	if (k.len && slice_is_zero(k))
		exchange_warn(l, r->number, names[i][1], "is all zeros: anybody can guess it");
	for (size_t at = 0; at < aka_published_count(); at++) {
		struct aka_parameters p;

		aka_published(at, &p);
		if (secret_equal(p.k, k))
			exchange_warn(l, r->number, names[i][1],
				      "is a key that a standard prints: anybody has it");
	}
}

static void check_first(struct exchange_list *l, const struct exchange_record *r)
{
	const struct exchange_half *h = &r->half[0];

	if (!*h->imsi)
		exchange_fault(l, r->number, "imsi", "is missing");
	if (!h->k.len)
		exchange_fault(l, r->number, "k", "is missing");
	else if (!h->opc.len && h->algorithm != AKA_XOR)
		exchange_fault(l, r->number, "opc",
			       h->op.len ? "is missing, and OP does not fit K and algorithm"
					 : "is missing, and so is OP, which it could be made of");
	else
		fit_key(l, r, 0);
}

static bool has_one_imsi(const struct exchange_record *r)
{
	return strcmp(r->half[0].imsi, r->half[1].imsi) == 0;
}

/* All of it, or nothing but IMSI, number and modes. */
static void check_second(struct exchange_list *l, const struct exchange_record *r)
{
	const struct exchange_half *h = &r->half[1];

	if (has_one_imsi(r) && (r->modes.in_memory || r->modes.keep_first))
		exchange_fault(l, r->number, "imsi2",
			       "is the first one's: in_memory and keep_first need two, by which "
			       "the AuC tells the keys");
	if (r->modes.derived && h->k.len)
		exchange_fault(l, r->number, "k2", "stands beside derived: it is either");
	else if (h->k.len && !h->opc.len && h->algorithm != AKA_XOR)
		exchange_fault(l, r->number, "opc2", "is missing beside k2");
	else if (!h->k.len && !r->modes.derived && h->opc.len)
		exchange_fault(l, r->number, "k2", "is missing beside opc2");
	else if (h->k.len || (r->modes.derived && h->opc.len))
		fit_key(l, r, 1);
	if (r->s.len && r->s.len != 32)
		exchange_fault(l, r->number, "s", "must have 64 hex digits");
}

static void check_amf(struct exchange_list *l, const struct exchange_record *r)
{
	const struct exchange_half *h = &r->half[0];

	if (h->has_amf && ((h->amf[0] & 0x7F) || h->amf[1]))
		exchange_warn(l, r->number, "amf",
			      "is not carried: the AuC has 8000 for EPS and 5G, else 0000");
}

struct once { /* what must stand once */
	const char *text;
	const char *field;
	size_t at; /* of the record */
};

static int by_text(const void *a, const void *b)
{
	const struct once *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : x->at < y->at ? -1 : x->at > y->at;
}

static void say_doubles(struct exchange_list *l, struct once *all, size_t n)
{
	if (n)
		qsort(all, n, sizeof(*all), by_text);
	for (size_t i = 1, first = 0; i < n; i++) {
		const struct exchange_record *other = &l->records[all[first].at];

		if (strcmp(all[i].text, all[first].text) != 0)
			first = i;
		else if (all[i].at != all[first].at)
			exchange_double(l, l->records[all[i].at].number, all[i].field,
					other->number);
	}
}

static enum err check_once(struct exchange_list *l)
{
	struct once *imsis = l->count ? calloc(3 * l->count, sizeof(*imsis)) : NULL;
	struct once *iccids = imsis ? imsis + 2 * l->count : NULL;
	size_t n = 0, iccid_count = 0;

	if (!imsis)
		return l->count ? ERR_MEMORY : ERR_OK;
	for (size_t i = 0; i < l->count; i++) {
		const struct exchange_record *r = &l->records[i];

		for (int h = 0; h < 2; h++)
			if (*r->half[h].imsi && (h == 0 || !has_one_imsi(r)))
				imsis[n++] = (struct once){r->half[h].imsi, names[h][0], i};
		if (*r->iccid)
			iccids[iccid_count++] = (struct once){r->iccid, "iccid", i};
	}
	say_doubles(l, imsis, n);
	say_doubles(l, iccids, iccid_count);
	free(imsis);
	return ERR_OK;
}

static bool is_plan(const struct exchange_plan *plan)
{
	bool same = !plan->second || strcmp(plan->second, "same") == 0;

	return (same || profile_digits(plan->second, IMSI_DIGITS_MIN, IMSI_MAX)) &&
	       (!plan->iccid_prefix || profile_digits(plan->iccid_prefix, 2, PREFIX_MAX));
}

enum err exchange_complete(struct exchange_list *l, const struct exchange_plan *plan,
			   struct exchange_made *made)
{
	enum err e = is_plan(plan) ? ERR_OK : ERR_VALUE;

	*made = (struct exchange_made){.iccids = 0};
	for (size_t i = 0; !e && i < l->count; i++) {
		struct exchange_record *r = &l->records[i];

		e = complete_record(r, plan, made);
		if (e == ERR_VALUE) {
			exchange_fault(l, r->number, "imsi2",
				       "the numbers of --second have no more digits");
			e = ERR_OK;
		}
		if (!e && !r->bad) { /* else what is missing may be what was wrong */
			check_first(l, r);
			check_second(l, r);
		}
		check_published(l, r, 0);
		check_published(l, r, 1);
		check_amf(l, r);
	}
	if (!e)
		e = check_once(l);
	return e ? e : l->err;
}
