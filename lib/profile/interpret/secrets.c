/* secrets: PIN and PUK codes (TCA 8.4), authentication keys (8.5) */
#include <stdio.h>
#include <string.h>

#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/tlv.h"
#include "lib/profile/interpret/handlers.h"
#include "lib/profile/interpret/walk.h"

#define PIN_LEN		       8
#define PIN_ENTRIES_MAX	       26
#define PUK_ENTRIES_MAX	       16
#define PIN_TRIES_DEFAULT      0x33
#define PUK_TRIES_DEFAULT      0xAA
#define PIN_ATTRIBUTES_DEFAULT 7
#define PIN_ATTRIBUTES_MAX     7
#define LOCAL_REFERENCE	       0x80

/* TS 102 221 table 9.3: application PINs and administrative keys, global or (bit 8) local */
static bool pin_reference(uint64_t ref)
{
	uint64_t n = ref & ~(uint64_t)LOCAL_REFERENCE;

	return ref <= UINT8_MAX && ((n >= 1 && n <= 8) || (n >= 10 && n <= 14));
}

static bool puk_reference(uint64_t ref)
{
	uint64_t n = ref & ~(uint64_t)LOCAL_REFERENCE;

	return ref <= UINT8_MAX && n >= 1 && n <= 8;
}

/* maxNumOfAttemps-retryNumLeft */
static bool split_tries(uint64_t both, uint8_t *left, uint8_t *max)
{
	*left = both & 15;
	*max = both >> 4 & 15;
	return both <= UINT8_MAX && *max && *left <= *max;
}

static enum pe_status puk_entry(struct walk *w, struct cursor *list)
{
	struct cursor e = tlv_enter(list, ASN1_SEQUENCE);
	uint64_t ref = tlv_expect_uint(&e, PUK_TAG_REFERENCE), tries = PUK_TRIES_DEFAULT;
	struct profile_puk p = {.ref = (uint8_t)ref, .value = tlv_expect(&e, PUK_TAG_VALUE)};

	if (tlv_peek(&e) == PUK_TAG_TRIES)
		tries = tlv_expect_uint(&e, PUK_TAG_TRIES);
	tlv_leave(list, &e);
	if (list->err || p.value.len != PIN_LEN)
		return PE_INVALID_FORMAT;
	if (!puk_reference(ref) || !split_tries(tries, &p.tries, &p.tries_max))
		return PE_INVALID_PARAMETER;
	return w->sink->puk ? w->sink->puk(w->sink->ctx, &p) : PE_NOT_SUPPORTED;
}

enum pe_status walk_puk(struct walk *w, const struct element *e)
{
	struct cursor list = tlv_enter(e->c, PUK_TAG_CODES);
	enum pe_status s = cursor_left(&list) ? PE_OK : PE_INVALID_FORMAT;
	size_t n = 0;

	while (s == PE_OK && cursor_left(&list))
		s = ++n > PUK_ENTRIES_MAX ? PE_INVALID_FORMAT : puk_entry(w, &list);
	tlv_leave(e->c, &list);
	return s;
}

static bool is_mf(const char *path)
{
	return strcmp(path, PATH_MF) == 0;
}

static enum pe_status pin_entry(struct walk *w, struct cursor *list)
{
	struct cursor e = tlv_enter(list, ASN1_SEQUENCE);
	uint64_t ref = tlv_expect_uint(&e, PIN_TAG_REFERENCE), puk = 0;
	uint64_t attributes = PIN_ATTRIBUTES_DEFAULT, tries = PIN_TRIES_DEFAULT;
	struct profile_pin p = {
		.df = w->df, .ref = (uint8_t)ref, .value = tlv_expect(&e, PIN_TAG_VALUE)};

	if (tlv_peek(&e) == PIN_TAG_PUK)
		puk = tlv_expect_uint(&e, PIN_TAG_PUK);
	if (tlv_peek(&e) == PIN_TAG_ATTRIBUTES)
		attributes = tlv_expect_uint(&e, PIN_TAG_ATTRIBUTES);
	if (tlv_peek(&e) == PIN_TAG_TRIES)
		tries = tlv_expect_uint(&e, PIN_TAG_TRIES);
	tlv_leave(list, &e);
	if (list->err || p.value.len != PIN_LEN)
		return PE_INVALID_FORMAT;
	/* 8.4: global references with the MF, local ones with any other DF */
	if (!pin_reference(ref) || (puk && !puk_reference(puk)) ||
	    attributes > PIN_ATTRIBUTES_MAX || is_mf(w->df) == ((ref & LOCAL_REFERENCE) != 0) ||
	    !split_tries(tries, &p.tries, &p.tries_max))
		return PE_INVALID_PARAMETER;
	p.puk_ref = (uint8_t)puk;
	p.attributes = (uint8_t)attributes;
	return w->sink->pin ? w->sink->pin(w->sink->ctx, &p) : PE_NOT_SUPPORTED;
}

/* The current DF has the PINs of another one. */
static enum pe_status share_pins(struct walk *w, struct slice path)
{
	char with[PROFILE_PATH_MAX];

	if (walk_path_is_lost(w, path))
		return w->lost;
	if (!walk_path(w, path, with) || is_mf(w->df) || strcmp(with, w->df) == 0)
		return PE_INVALID_PARAMETER;
	return w->sink->pin_share ? w->sink->pin_share(w->sink->ctx, w->df, with)
				  : PE_NOT_SUPPORTED;
}

/* pinCodes is a CHOICE: a list, or the path of a DF whose PINs are shared. */
enum pe_status walk_pin(struct walk *w, const struct element *e)
{
	struct cursor choice = tlv_enter(e->c, PIN_TAG_CODES), list;
	enum pe_status s;
	size_t n = 0;

	if (!*w->df)
		return walk_without_naa(w->lost);
	if (tlv_peek(&choice) == PIN_TAG_PATH) {
		struct slice path = tlv_expect(&choice, PIN_TAG_PATH);

		tlv_leave(e->c, &choice);
		return e->c->err ? PE_INVALID_FORMAT : share_pins(w, path);
	}
	list = tlv_enter(&choice, PIN_TAG_LIST);
	s = cursor_left(&list) ? PE_OK : PE_INVALID_FORMAT;
	while (s == PE_OK && cursor_left(&list))
		s = ++n > PIN_ENTRIES_MAX ? PE_INVALID_FORMAT : pin_entry(w, &list);
	tlv_leave(&choice, &list);
	tlv_leave(e->c, &choice);
	return s;
}

/* algorithmOptions (docs/adr/0004): lengths coded as in TUAK's INSTANCE, TS 35.231 6.2 */
#define OPTION_RES(o)  ((o)&7)
#define OPTION_MAC(o)  ((o) >> 3 & 7)
#define OPTION_KEY_256 0xC0

static enum pe_status take_options(struct profile_aka *a, uint8_t options)
{
	static const uint8_t res_lens[8] = {4, 8, 16}; /* 32: no room in AUTHENTICATE's answer */

	if (a->algorithm == AKA_MILENAGE)
		return PE_OK;
	a->res_len = res_lens[OPTION_RES(options)];
	if (!a->res_len)
		return PE_FEATURE_NOT_SUPPORTED;
	if (a->algorithm == AKA_TUAK && (OPTION_MAC(options) > 1 || options & OPTION_KEY_256))
		return PE_FEATURE_NOT_SUPPORTED; /* AUTN has 64 bits for the MAC, CK and IK 128 */
	return PE_OK;
}

/* Checks the lengths that the algorithm demands. The sink judges the parameters themselves. */
static enum pe_status check_lengths(const struct profile_aka *a)
{
	switch (a->algorithm) {
	case AKA_MILENAGE: return a->k.len == 16 && a->opc.len == 16 ? PE_OK : PE_INVALID_PARAMETER;
	case AKA_TUAK:
		return (a->k.len == 16 || a->k.len == 32) && a->opc.len == 32
			       ? PE_OK
			       : PE_INVALID_PARAMETER;
	case AKA_XOR: return a->k.len == 16 ? PE_OK : PE_INVALID_PARAMETER;
	default: return PE_FEATURE_NOT_SUPPORTED;
	}
}

/* NAA algorithms that the card has */
static bool has_algorithm(const struct walk *w, const struct profile_aka *a)
{
	switch (a->algorithm) {
	case AKA_MILENAGE: return walk_has(w, SERVICE_MILENAGE);
	case AKA_TUAK: return walk_has(w, a->k.len == 32 ? SERVICE_TUAK256 : SERVICE_TUAK128);
	case AKA_XOR: return walk_has(w, SERVICE_TEST_ALGORITHM);
	default: return false;
	}
}

/* In derived mode K comes from beside the patch, and from nowhere else. */
static bool take_k(const struct walk *w, struct profile_aka *a)
{
	if (a->k.len == 0)
		a->k = w->sink->derived_k;
	else if (w->sink->derived_k.len)
		return false;
	return true;
}

static enum pe_status take_algorithm(const struct walk *w, struct profile_aka *a, struct cursor *p)
{
	uint64_t algorithm = tlv_expect_uint(p, AKA_TAG_ALGORITHM_ID), iterations = 1;
	struct slice options = tlv_expect(p, AKA_TAG_OPTIONS), counter = SLICE_EMPTY;
	enum pe_status s;

	a->k = tlv_expect(p, AKA_TAG_KEY);
	a->opc = tlv_expect(p, AKA_TAG_OPC);
	tlv_optional(p, AKA_TAG_ROTATIONS, &a->r);
	tlv_optional(p, AKA_TAG_CONSTANTS, &a->c);
	tlv_optional(p, AKA_TAG_COUNTER_MAX, &counter);
	if (tlv_peek(p) == AKA_TAG_KECCAK)
		iterations = tlv_expect_uint(p, AKA_TAG_KECCAK);
	if (p->err || options.len != 1 || (counter.len && counter.len != 3) ||
	    iterations > UINT8_MAX || (a->r.len && a->r.len != 5) || (a->c.len && a->c.len != 80))
		return PE_INVALID_FORMAT;
	a->algorithm = (uint8_t)(algorithm <= UINT8_MAX ? algorithm : 0);
	a->iterations = (unsigned)iterations;
	if (a->algorithm != AKA_MILENAGE)
		a->r = a->c = SLICE_EMPTY; /* ignored */
	if (counter.len && a->algorithm != AKA_XOR)
		return PE_FEATURE_NOT_SUPPORTED; /* authCounterMax */
	if (a->algorithm == AKA_TUAK && !iterations)
		return PE_INVALID_PARAMETER;
	if (!take_k(w, a))
		return PE_INVALID_PARAMETER;
	s = has_algorithm(w, a) ? check_lengths(a) : PE_FEATURE_NOT_SUPPORTED;
	return s == PE_OK ? take_options(a, slice_at(options, 0)) : s;
}

static enum pe_status take_mapping(struct profile_aka *a, struct cursor *p)
{
	struct slice options = tlv_expect(p, MAPPING_TAG_OPTIONS);

	a->mapped = tlv_expect(p, MAPPING_TAG_SOURCE);
	if (p->err || options.len != 1)
		return PE_INVALID_FORMAT;
	return a->mapped.len >= 5 && a->mapped.len <= 16 ? PE_OK : PE_INVALID_PARAMETER;
}

/* A SEQ: six octets, at most 43 bits, and not more than IND leaves of 48. False: malformed. */
static bool take_seq(const struct profile_aka *a, struct slice v, uint64_t *seq)
{
	struct cursor c = cursor_of(v);

	*seq = cursor_uint(&c, AKA_SQN_LEN);
	return v.len == AKA_SQN_LEN && *seq <= SQN_MAX >> SQN_IND_BITS &&
	       *seq <= sqn_seq(SQN_MAX, a->ind_bits);
}

/* False: the octet has bits, or a length of IND, that are not known here. */
static bool take_sqn_options(struct profile_aka *a, uint8_t options)
{
	unsigned ind = PE_SQN_IND(options);

	a->has_age = options & PE_SQN_AGE;
	a->has_delta = options & PE_SQN_DELTA;
	a->ind_bits = ind && ind <= SQN_IND_BITS_MAX + 1 ? ind - 1 : SQN_IND_BITS;
	return !(options & PE_SQN_UNKNOWN) && ind <= SQN_IND_BITS_MAX + 1;
}

static enum pe_status take_sqn(struct walk *w, struct profile_aka *a, struct cursor *c)
{
	static const uint8_t limit_default[] = {0, 0, 0x10, 0, 0, 0};
	struct slice options = SLICE_EMPTY, delta = SLICE_OF(limit_default), age = delta;

	if (tlv_optional(c, AKA_TAG_SQN_OPTIONS, &options) && options.len != 1)
		return PE_INVALID_FORMAT;
	if (!take_sqn_options(a, options.len ? slice_at(options, 0) : PE_SQN_DELTA) &&
	    a->algorithm != AKA_XOR)
		walk_note(w, PE_FEATURE_NOT_SUPPORTED);
	tlv_optional(c, AKA_TAG_SQN_DELTA, &delta);
	tlv_optional(c, AKA_TAG_SQN_AGE, &age);
	if (c->err || !take_seq(a, delta, &a->delta) || !take_seq(a, age, &a->age))
		return PE_INVALID_PARAMETER;
	if (tlv_peek(c) == AKA_TAG_SQN_INIT) {
		struct cursor list = tlv_enter(c, AKA_TAG_SQN_INIT);

		for (size_t i = 0; i < PROFILE_SEQ_COUNT; i++) {
			if (!take_seq(a, tlv_expect(&list, ASN1_OCTET_STRING), &a->seq[i]))
				return list.err ? PE_INVALID_FORMAT : PE_INVALID_PARAMETER;
		}
		tlv_leave(c, &list);
	}
	return c->err ? PE_INVALID_FORMAT : PE_OK;
}

enum pe_status walk_aka(struct walk *w, const struct element *e)
{
	struct cursor choice = tlv_enter(e->c, AKA_TAG_CONFIGURATION), p;
	bool mapping = tlv_peek(&choice) == AKA_TAG_MAPPING;
	struct profile_aka a = {.adf = w->naa};
	enum pe_status s;

	if (!w->patch && !*w->naa)
		return walk_without_naa(w->lost); /* of which application? */
	p = tlv_enter(&choice, mapping ? AKA_TAG_MAPPING : AKA_TAG_ALGORITHM);
	s = mapping ? take_mapping(&a, &p) : take_algorithm(w, &a, &p);
	tlv_leave(&choice, &p);
	tlv_leave(e->c, &choice);
	if (s == PE_OK && e->c->err)
		s = PE_INVALID_FORMAT;
	if (s == PE_OK)
		s = take_sqn(w, &a, e->c);
	if (s != PE_OK)
		return s;
	return w->sink->aka ? w->sink->aka(w->sink->ctx, &a) : PE_NOT_SUPPORTED;
}

/*
 * The parameters are kept with the CSIM; CAVE and its relatives aren't computed, and the report
 * says so (docs/adr/0004).
 */
enum pe_status walk_cdma(struct walk *w, const struct element *e)
{
	static const struct {
		uint32_t tag;
		size_t min, max;
	} optional[] = {{CDMA_TAG_SSD, 16, 16},
			{CDMA_TAG_HRPD, 2, 32},
			{CDMA_TAG_SIMPLE_IP, 3, 483},
			{CDMA_TAG_MOBILE_IP, 5, 957}};
	struct profile_cdma p = {.adf = w->adfs[TEMPLATE_IN_CSIM], .fields = e->c->rest};
	enum pe_status s;

	if (tlv_expect(e->c, CDMA_TAG_KEY).len != 8)
		return PE_INVALID_FORMAT;
	for (size_t i = 0; i < ARRAY_LEN(optional); i++) {
		struct slice v;

		if (tlv_optional(e->c, optional[i].tag, &v) &&
		    (v.len < optional[i].min || v.len > optional[i].max))
			return PE_INVALID_FORMAT;
	}
	if (e->c->err)
		return PE_INVALID_FORMAT;
	if (!*p.adf)
		return walk_without_naa(w->lost_of[TEMPLATE_IN_CSIM]);
	s = w->sink->cdma ? w->sink->cdma(w->sink->ctx, &p) : PE_NOT_SUPPORTED;
	if (s == PE_OK)
		walk_note(w, PE_FEATURE_NOT_SUPPORTED);
	return s;
}
