#include "tests/unit/support/rsp_crl.h"

#include "lib/base/tlv.h"
#include "lib/base/bytes.h"
#include "lib/rsp/issue.h"

#define OID_AKI	   "0603551d23"
#define OID_NUMBER "0603551d14"
#define OID_DP	   "0603551d1c"
#define OID_PARTS                                                                                  \
	"0607678112010200"                                                                         \
	"02"
#define OID_PART                                                                                   \
	"0607678112010200"                                                                         \
	"03"

static void put_extension(struct wbuf *w, const char *oid, bool critical, struct slice value)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	wbuf_put(w, test_unhex(oid));
	if (critical)
		tlv_put_bool(w, ASN1_BOOLEAN, true);
	tlv_put(w, ASN1_OCTET_STRING, value);
	tlv_close(w, mark);
}

static void put_number(struct wbuf *w, const char *oid, uint64_t v)
{
	uint8_t mem[16];
	struct wbuf n = wbuf_init(mem, sizeof(mem));

	tlv_put_uint(&n, ASN1_INTEGER, v);
	put_extension(w, oid, false, wbuf_slice(&n));
}

static void put_extensions(struct slice key_id, const struct bench_crl *l, struct wbuf *w)
{
	size_t outer = tlv_open(w, ASN1_CONTEXTC(0)), list = tlv_open(w, ASN1_SEQUENCE);
	uint8_t mem[32];
	struct wbuf id = wbuf_init(mem, sizeof(mem));
	size_t mark = tlv_open(&id, ASN1_SEQUENCE);

	tlv_put(&id, ASN1_CONTEXT(0), key_id);
	tlv_close(&id, mark);
	if (!l->no_key_id)
		put_extension(w, OID_AKI, false, wbuf_slice(&id));
	if (!l->no_number)
		put_number(w, OID_NUMBER, l->number);
	if (l->parts)
		put_number(w, OID_PARTS, l->parts);
	if (l->part)
		put_number(w, OID_PART, l->part);
	if (l->known_critical)
		put_extension(w, OID_DP, true, test_unhex("3000"));
	if (l->unknown_critical)
		put_extension(w, "06032a0304", true, test_unhex("0500"));
	tlv_close(w, list);
	tlv_close(w, outer);
}

static void put_entry(struct wbuf *w, struct slice number)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE), in = tlv_open(w, ASN1_INTEGER);

	if (slice_at(number, 0) & 0x80)
		wbuf_u8(w, 0);
	wbuf_put(w, number);
	tlv_close(w, in);
	tlv_put_str(w, 0x17, "260101000000Z");
	tlv_close(w, mark);
}

/* The name of the CI that issued the certificate. */
static struct slice issuer_of(struct slice der)
{
	struct cursor c = cursor_of(der), whole = tlv_enter(&c, ASN1_SEQUENCE);
	struct cursor tbs = tlv_enter(&whole, ASN1_SEQUENCE);
	struct tlv t;

	for (int i = 0; i < 3; i++) /* version, serialNumber, algorithm */
		CU_ASSERT(tlv_next(&tbs, &t));
	return tlv_expect_raw(&tbs, ASN1_SEQUENCE);
}

void crl_make(const struct crl_issuer *ca, const struct bench_crl *l, struct wbuf *out)
{
	struct wbuf w = wbuf_grow(1 << 17);
	size_t tbs = tlv_open(&w, ASN1_SEQUENCE), mark;

	tlv_put_uint(&w, ASN1_INTEGER, 1);
	wbuf_put(&w, test_unhex("300a06082a8648ce3d040302"));
	wbuf_put(&w, issuer_of(ca->issued));
	tlv_put_str(&w, 0x17, l->this_update ? l->this_update : "260101000000Z");
	tlv_put_str(&w, 0x17, l->next_update ? l->next_update : "360101000000Z");
	mark = tlv_open(&w, ASN1_SEQUENCE);
	for (size_t i = 0; i < ARRAY_LEN(l->revoked) && l->revoked[i].len; i++)
		put_entry(&w, l->revoked[i]);
	for (unsigned i = 0; i < l->filler; i++) {
		uint8_t number[] = {0x7F, 1, 2, 3, 4, 5, 6, 7, (uint8_t)(i >> 8), (uint8_t)i};

		put_entry(&w, SLICE_OF(number));
	}
	tlv_close(&w, mark);
	put_extensions(ca->key_id, l, &w);
	tlv_close(&w, tbs);
	ASSERT_ERR(issue_signed(wbuf_slice(&w), ca->key, out), ERR_OK);
	wbuf_free(&w);
}

unsigned bench_load_crl(struct bench *b, const struct bench_crl *l, size_t *missing)
{
	struct wbuf crl = wbuf_grow(1 << 17), w = wbuf_grow(1 << 17);
	const struct crl_issuer ca = {b->ci_key_id, b->dpauth, b->ci_key};
	struct es10b_load_crl_response r = {0};
	struct cursor c;
	uint32_t part;

	crl_make(&ca, l, &crl);
	es10b_put_load_crl(&w, wbuf_slice(&crl));
	CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&w)), SW_OK);
	ASSERT_ERR(es10b_parse_load_crl_response(wbuf_slice(&b->answer), &r), ERR_OK);
	c = cursor_of(r.missing);
	if (missing) {
		*missing = 0;
		while (es10b_next_missing(&c, &part))
			++*missing;
		ASSERT_ERR(c.err, ERR_OK);
	}
	wbuf_free(&crl);
	wbuf_free(&w);
	return r.ok ? 0 : r.error;
}
