#include "card-emu/apps/isdr/crl.h"

#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/tlv.h"
#include "lib/crypto/crl.h"
#include "lib/rsp/es10b.h"

#define PARTS_MAX   64		/* as many bits as a record has for them */
#define ENTRIES_MAX (16 * 1024) /* octets of a record's revoked numbers */

/*
 * What is kept of a CRL: its number (8 octets), how many parts it has (4), which of them came (8,
 * part 1 is the lowest bit), then each revoked serialNumber after an octet of length.
 */
struct record {
	uint64_t number;
	uint32_t parts;
	uint64_t came;
	struct slice revoked;
};

static bool load_record(struct card *card, const char *format, unsigned ci, struct record *out)
{
	char key[STORE_KEY_MAX + 1];
	struct slice stored;
	struct cursor c;

	isdr_key(key, format, ci);
	stored = isdr_stored(card, key);
	c = cursor_of(stored);
	out->number = cursor_uint(&c, 8);
	out->parts = cursor_u32(&c);
	out->came = cursor_uint(&c, 8);
	out->revoked = cursor_take_rest(&c);
	return stored.len && cursor_done(&c) == ERR_OK;
}

static uint64_t all_parts(uint32_t parts)
{
	return parts == PARTS_MAX ? UINT64_MAX : (UINT64_C(1) << parts) - 1;
}

static bool names(struct slice revoked, struct slice number)
{
	struct cursor c = cursor_of(revoked);

	while (cursor_left(&c)) {
		if (slice_equal(cursor_take(&c, cursor_u8(&c)), number))
			return true;
	}
	return false;
}

bool isdr_crl_revoked(struct card *card, unsigned ci, const struct cert *c)
{
	struct record r;

	return (load_record(card, STORE_KEY_CRL, ci, &r) && names(r.revoked, cert_number(c))) ||
	       (load_record(card, STORE_KEY_CRL_NEW, ci, &r) && names(r.revoked, cert_number(c)));
}

/* The record with the part added, and its numbers. */
static enum err put_record(struct wbuf *w, const struct record *r, const struct crl *m)
{
	struct cursor entries = cursor_of(m->entries);
	struct slice number;

	wbuf_uint(w, r->number, 8);
	wbuf_u32(w, r->parts);
	wbuf_uint(w, r->came, 8);
	wbuf_put(w, r->revoked);
	while (crl_next(&entries, &number)) {
		wbuf_u8(w, (uint8_t)number.len);
		wbuf_put(w, number);
	}
	return entries.err ? entries.err : wbuf_done(w);
}

static void put_missing(const struct record *r, struct wbuf *w)
{
	for (uint32_t i = 0; i < r->parts; i++) {
		if (!(r->came >> i & 1u))
			es10b_put_missing(w, i + 1);
	}
}

/* A list that is complete takes the place of the one before. */
static enum err keep_record(struct card *card, unsigned ci, const struct record *r,
			    struct slice record)
{
	struct store_txn *t = store_begin(card_store(card));
	char key[STORE_KEY_MAX + 1];

	isdr_key(key, STORE_KEY_CRL_NEW, ci);
	if (r->came == all_parts(r->parts)) {
		store_delete(t, key);
		isdr_key(key, STORE_KEY_CRL, ci);
	}
	store_put(t, key, record);
	return store_commit(t);
}

/* 0, or the error; the parts still missing in w. */
static uint32_t take(struct card *card, unsigned ci, const struct crl *m, struct wbuf *missing)
{
	struct record r = {0}, now = {0};
	struct wbuf w = wbuf_grow(ENTRIES_MAX);
	bool any = load_record(card, STORE_KEY_CRL, ci, &now),
	     begun = load_record(card, STORE_KEY_CRL_NEW, ci, &r);
	uint32_t error = 0;

	if ((any && m->number < now.number) || (begun && m->number < r.number))
		return ES10B_CRL_UNDEFINED; /* SGP.22 has no code of its own for an old list */
	if (m->parts > PARTS_MAX)
		return ES10B_CRL_NO_MEMORY;
	if (any && m->number == now.number) /* it is here already */
		return 0;
	if (!begun || r.number != m->number)
		r = (struct record){.number = m->number, .parts = m->parts};
	if (r.parts != m->parts)
		return ES10B_CRL_INVALID_FORMAT;
	if (!(r.came >> (m->part - 1) & 1u)) {
		r.came |= UINT64_C(1) << (m->part - 1);
		if (put_record(&w, &r, m))
			error = ES10B_CRL_NO_MEMORY;
		else if (keep_record(card, ci, &r, wbuf_slice(&w)))
			error = ES10B_CRL_NO_MEMORY;
	}
	if (!error)
		put_missing(&r, missing);
	wbuf_free(&w);
	return error;
}

/* The CI that signed the list, among those that the card trusts. */
static bool find_ci(struct card *card, const struct crl *m, struct cert *ci, unsigned *index)
{
	struct slice cis[CARD_CI_MAX];
	size_t n = isdr_ci_certs(card, cis);

	for (unsigned i = 0; i < n; i++) {
		if (cert_parse(cis[i], ci) || !slice_equal(cert_key_id(ci), m->authority_id))
			continue;
		*index = i;
		return ci->usage & CERT_USAGE_CRL_SIGN;
	}
	return false;
}

/* The CertificateList as it was signed; 0, or the error. */
static uint32_t take_list(struct card *card, struct slice der, struct wbuf *missing)
{
	struct cert ci;
	struct crl m;
	unsigned index;

	if (crl_parse(der, &m))
		return ES10B_CRL_INVALID_FORMAT;
	if (!find_ci(card, &m, &ci, &index))
		return ES10B_CRL_NO_KEY;
	if (cert_check_signed(der, &ci))
		return ES10B_CRL_INVALID_SIGNATURE;
	return take(card, index, &m, missing);
}

/* SGP.22 5.7.12 */
uint16_t isdr_load_crl(struct app_call *call, struct isdr *s, struct slice request)
{
	uint8_t mem[PARTS_MAX * 6];
	struct wbuf missing = wbuf_init(mem, sizeof(mem));
	struct es10b_load_crl_response r = {0};
	struct wbuf list = wbuf_grow(STORE_DATA_MAX);
	struct slice contents;
	uint32_t error;

	(void)s;
	if (es10b_parse_load_crl(request, &contents))
		return SW_WRONG_DATA;
	tlv_put(&list, ASN1_SEQUENCE, contents);
	error = wbuf_done(&list) ? ES10B_CRL_NO_MEMORY
				 : take_list(call->card, wbuf_slice(&list), &missing);
	wbuf_free(&list);
	r.ok = !error;
	r.error = (enum es10b_crl_error)error;
	if (missing.len)
		r.missing = wbuf_slice(&missing);
	es10b_put_load_crl_response(call->out, &r);
	return isdr_sw_of_out(call->out);
}
