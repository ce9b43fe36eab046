#include "lib/rsp/es10b.h"

#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/secret.h"

#define TAG_OK	  ASN1_CONTEXTC(0) /* the CHOICE of most answers */
#define TAG_ERROR ASN1_CONTEXTC(1)

enum err es10b_parse_euicc_info1(struct slice der, struct es10b_euicc_info1 *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_EUICC_INFO1);
	struct es10b_euicc_info1 m;
	enum err e;

	m.svn = rsp_expect_range(&in, ASN1_CONTEXT(2), RSP_VERSION_LEN, RSP_VERSION_LEN);
	m.ci_verify = tlv_expect(&in, ASN1_CONTEXTC(9));
	m.ci_sign = tlv_expect(&in, ASN1_CONTEXTC(10));
	rsp_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_euicc_info1(struct wbuf *w, const struct es10b_euicc_info1 *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_EUICC_INFO1);

	tlv_put(w, ASN1_CONTEXT(2), m->svn);
	tlv_put(w, ASN1_CONTEXTC(9), m->ci_verify);
	tlv_put(w, ASN1_CONTEXTC(10), m->ci_sign);
	tlv_close(w, mark);
}

static struct slice expect_version(struct cursor *c, uint32_t tag)
{
	return rsp_expect_range(c, tag, RSP_VERSION_LEN, RSP_VERSION_LEN);
}

enum err es10b_parse_euicc_info2(struct slice der, struct es10b_euicc_info2 *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_EUICC_INFO2);
	struct es10b_euicc_info2 m = {0};
	struct slice tre;
	enum err e;

	m.profile_version = expect_version(&in, ASN1_CONTEXT(1));
	m.svn = expect_version(&in, ASN1_CONTEXT(2));
	m.firmware = expect_version(&in, ASN1_CONTEXT(3));
	m.ext_resource = tlv_expect(&in, ASN1_CONTEXT(4));
	m.uicc_capability = rsp_expect_bits(&in, ASN1_CONTEXT(5));
	rsp_optional_range(&in, ASN1_CONTEXT(6), RSP_VERSION_LEN, RSP_VERSION_LEN, &m.javacard);
	rsp_optional_range(&in, ASN1_CONTEXT(7), RSP_VERSION_LEN, RSP_VERSION_LEN,
			   &m.globalplatform);
	m.rsp_capability = rsp_expect_bits(&in, ASN1_CONTEXT(8));
	m.ci_verify = tlv_expect(&in, ASN1_CONTEXTC(9));
	m.ci_sign = tlv_expect(&in, ASN1_CONTEXTC(10));
	m.has_category = !in.err && tlv_peek(&in) == ASN1_CONTEXT(11);
	if (m.has_category)
		m.category = (uint32_t)tlv_expect_uint(&in, ASN1_CONTEXT(11));
	m.has_forbidden = !in.err && tlv_peek(&in) == SGP22_TAG_PPR;
	if (m.has_forbidden)
		m.forbidden = rsp_expect_bits(&in, SGP22_TAG_PPR);
	m.pp_version = expect_version(&in, ASN1_OCTET_STRING);
	m.sas = rsp_expect_range(&in, ASN1_UTF8_STRING, 0, 64);
	rsp_optional_range(&in, ASN1_CONTEXTC(12), 0, SIZE_MAX, &m.certification);
	rsp_optional_range(&in, ASN1_CONTEXT(13), 0, SIZE_MAX, &tre); /* treProperties */
	rsp_optional_range(&in, ASN1_CONTEXT(14), 0, SIZE_MAX, &tre); /* treProductReference */
	rsp_optional_range(&in, ASN1_CONTEXTC(15), 0, SIZE_MAX, &m.more_profile_versions);
	cursor_take_rest(&in); /* EXTENSIBILITY IMPLIED: later versions append */
	rsp_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_euicc_info2(struct wbuf *w, const struct es10b_euicc_info2 *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_EUICC_INFO2);

	tlv_put(w, ASN1_CONTEXT(1), m->profile_version);
	tlv_put(w, ASN1_CONTEXT(2), m->svn);
	tlv_put(w, ASN1_CONTEXT(3), m->firmware);
	tlv_put(w, ASN1_CONTEXT(4), m->ext_resource);
	tlv_put_bits(w, ASN1_CONTEXT(5), m->uicc_capability);
	rsp_put_optional(w, ASN1_CONTEXT(6), m->javacard);
	rsp_put_optional(w, ASN1_CONTEXT(7), m->globalplatform);
	tlv_put_bits(w, ASN1_CONTEXT(8), m->rsp_capability);
	tlv_put(w, ASN1_CONTEXTC(9), m->ci_verify);
	tlv_put(w, ASN1_CONTEXTC(10), m->ci_sign);
	if (m->has_category)
		tlv_put_uint(w, ASN1_CONTEXT(11), m->category);
	if (m->has_forbidden)
		tlv_put_bits(w, SGP22_TAG_PPR, m->forbidden);
	tlv_put(w, ASN1_OCTET_STRING, m->pp_version);
	tlv_put(w, ASN1_UTF8_STRING, m->sas);
	rsp_put_optional(w, ASN1_CONTEXTC(12), m->certification);
	rsp_put_optional(w, ASN1_CONTEXTC(15), m->more_profile_versions);
	tlv_close(w, mark);
}

enum err es10b_parse_challenge(struct slice der, struct slice *challenge)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_EUICC_CHALLENGE);
	struct slice s =
		rsp_expect_range(&in, ASN1_CONTEXT(0), RSP_CHALLENGE_LEN, RSP_CHALLENGE_LEN);
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*challenge = s;
	return e;
}

void es10b_put_challenge(struct wbuf *w, struct slice challenge)
{
	size_t mark = tlv_open(w, SGP22_TAG_EUICC_CHALLENGE);

	tlv_put(w, ASN1_CONTEXT(0), challenge);
	tlv_close(w, mark);
}

static struct slice expect_transaction(struct cursor *c)
{
	return rsp_expect_range(c, ASN1_CONTEXT(0), 1, RSP_TRANSACTION_ID_MAX);
}

static struct slice expect_signature(struct cursor *c)
{
	return rsp_expect_range(c, SGP22_TAG_SIGNATURE, EC_SIGNATURE_LEN, EC_SIGNATURE_LEN);
}

enum err es10b_parse_server_signed1(struct slice der, struct es10b_server_signed1 *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, ASN1_SEQUENCE);
	struct es10b_server_signed1 m;
	enum err e;

	m.transaction_id = expect_transaction(&in);
	m.euicc_challenge =
		rsp_expect_range(&in, ASN1_CONTEXT(1), RSP_CHALLENGE_LEN, RSP_CHALLENGE_LEN);
	m.server_address = rsp_expect_range(&in, ASN1_CONTEXT(3), 0, RSP_ADDRESS_MAX);
	m.server_challenge =
		rsp_expect_range(&in, ASN1_CONTEXT(4), RSP_CHALLENGE_LEN, RSP_CHALLENGE_LEN);
	rsp_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_server_signed1(struct wbuf *w, const struct es10b_server_signed1 *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, ASN1_CONTEXT(0), m->transaction_id);
	tlv_put(w, ASN1_CONTEXT(1), m->euicc_challenge);
	tlv_put(w, ASN1_CONTEXT(3), m->server_address);
	tlv_put(w, ASN1_CONTEXT(4), m->server_challenge);
	tlv_close(w, mark);
}

enum err es10b_parse_ctx(struct slice der, struct es10b_ctx *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, ASN1_CONTEXTC(0)), dev;
	struct es10b_ctx m = {0};
	enum err e;

	rsp_optional_range(&in, ASN1_CONTEXT(0), 0, 255, &m.matching_id);
	dev = tlv_enter(&in, ASN1_CONTEXTC(1));
	m.tac = rsp_expect_range(&dev, ASN1_CONTEXT(0), 1, 8);
	m.capabilities = tlv_expect(&dev, ASN1_CONTEXTC(1));
	rsp_optional_range(&dev, ASN1_CONTEXT(2), 1, 8, &m.imei);
	rsp_leave(&in, &dev);
	rsp_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_ctx(struct wbuf *w, const struct es10b_ctx *m)
{
	size_t mark = tlv_open(w, ASN1_CONTEXTC(0)), dev;

	rsp_put_optional(w, ASN1_CONTEXT(0), m->matching_id);
	dev = tlv_open(w, ASN1_CONTEXTC(1));
	tlv_put(w, ASN1_CONTEXT(0), m->tac);
	tlv_put(w, ASN1_CONTEXTC(1), m->capabilities);
	rsp_put_optional(w, ASN1_CONTEXT(2), m->imei);
	tlv_close(w, dev);
	tlv_close(w, mark);
}

enum err es10b_parse_authenticate_server_request(struct slice der,
						 struct es10b_authenticate_server_request *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_AUTHENTICATE_SERVER);
	struct es10b_authenticate_server_request m = {0};
	enum err e;

	m.signed1_raw = tlv_expect_raw(&in, ASN1_SEQUENCE);
	m.signature = expect_signature(&in);
	m.ci_key_id = rsp_expect_range(&in, ASN1_OCTET_STRING, 1, 32);
	m.certificate = tlv_expect_raw(&in, ASN1_SEQUENCE);
	m.ctx_raw = tlv_expect_raw(&in, ASN1_CONTEXTC(0));
	rsp_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		e = es10b_parse_server_signed1(m.signed1_raw, &m.signed1);
	if (!e)
		e = es10b_parse_ctx(m.ctx_raw, &m.ctx);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_authenticate_server_request(struct wbuf *w,
					   const struct es10b_authenticate_server_request *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_AUTHENTICATE_SERVER);

	wbuf_put(w, m->signed1_raw);
	tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
	tlv_put(w, ASN1_OCTET_STRING, m->ci_key_id);
	wbuf_put(w, m->certificate);
	if (m->ctx_raw.len)
		wbuf_put(w, m->ctx_raw);
	else
		es10b_put_ctx(w, &m->ctx);
	tlv_close(w, mark);
}

enum err es10b_parse_euicc_signed1(struct slice der, struct es10b_euicc_signed1 *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, ASN1_SEQUENCE);
	struct es10b_euicc_signed1 m;
	enum err e;

	m.transaction_id = expect_transaction(&in);
	m.server_address = rsp_expect_range(&in, ASN1_CONTEXT(3), 0, RSP_ADDRESS_MAX);
	m.server_challenge =
		rsp_expect_range(&in, ASN1_CONTEXT(4), RSP_CHALLENGE_LEN, RSP_CHALLENGE_LEN);
	m.info2_raw = tlv_expect_raw(&in, SGP22_TAG_EUICC_INFO2);
	m.ctx_raw = tlv_expect_raw(&in, ASN1_CONTEXTC(0));
	rsp_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_euicc_signed1(struct wbuf *w, const struct es10b_euicc_signed1 *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, ASN1_CONTEXT(0), m->transaction_id);
	tlv_put(w, ASN1_CONTEXT(3), m->server_address);
	tlv_put(w, ASN1_CONTEXT(4), m->server_challenge);
	wbuf_put(w, m->info2_raw);
	wbuf_put(w, m->ctx_raw);
	tlv_close(w, mark);
}

/* { [0] TransactionId, INTEGER }: how the two error answers look. */
static void read_error(struct cursor *c, struct slice *transaction_id, uint32_t *code)
{
	struct cursor in = tlv_enter(c, TAG_ERROR);
	uint64_t v;

	*transaction_id = expect_transaction(&in);
	v = tlv_expect_uint(&in, ASN1_INTEGER);
	if (v > UINT8_MAX)
		cursor_fail(&in, ERR_VALUE);
	*code = (uint32_t)v;
	rsp_leave(c, &in);
}

static void put_error(struct wbuf *w, struct slice transaction_id, uint32_t code)
{
	size_t mark = tlv_open(w, TAG_ERROR);

	tlv_put(w, ASN1_CONTEXT(0), transaction_id);
	tlv_put_uint(w, ASN1_INTEGER, code);
	tlv_close(w, mark);
}

enum err es10b_parse_authenticate_server_response(struct slice der,
						  struct es10b_authenticate_server_response *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_AUTHENTICATE_SERVER);
	struct es10b_authenticate_server_response m = {0};
	uint32_t code = 0;
	enum err e;

	m.ok = tlv_peek(&in) == TAG_OK;
	if (m.ok) {
		struct cursor ok = tlv_enter(&in, TAG_OK);

		m.signed1_raw = tlv_expect_raw(&ok, ASN1_SEQUENCE);
		m.signature = expect_signature(&ok);
		m.euicc_certificate = tlv_expect_raw(&ok, ASN1_SEQUENCE);
		m.eum_certificate = tlv_expect_raw(&ok, ASN1_SEQUENCE);
		tlv_leave(&in, &ok);
	} else {
		read_error(&in, &m.transaction_id, &code);
		m.error = (enum es10b_authenticate_error)code;
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e && m.ok)
		e = es10b_parse_euicc_signed1(m.signed1_raw, &m.signed1);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_authenticate_server_response(struct wbuf *w,
					    const struct es10b_authenticate_server_response *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_AUTHENTICATE_SERVER);

	if (m->ok) {
		size_t ok = tlv_open(w, TAG_OK);

		wbuf_put(w, m->signed1_raw);
		tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
		wbuf_put(w, m->euicc_certificate);
		wbuf_put(w, m->eum_certificate);
		tlv_close(w, ok);
	} else {
		put_error(w, m->transaction_id, m->error);
	}
	tlv_close(w, mark);
}

enum err es10b_parse_smdp_signed2(struct slice der, struct es10b_smdp_signed2 *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, ASN1_SEQUENCE);
	struct es10b_smdp_signed2 m;
	enum err e;

	m.transaction_id = expect_transaction(&in);
	m.cc_required = tlv_expect_bool(&in, ASN1_BOOLEAN);
	rsp_optional_range(&in, SGP22_TAG_OTPK, EC_POINT_LEN, EC_POINT_LEN, &m.euicc_otpk);
	rsp_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_smdp_signed2(struct wbuf *w, const struct es10b_smdp_signed2 *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, ASN1_CONTEXT(0), m->transaction_id);
	tlv_put_bool(w, ASN1_BOOLEAN, m->cc_required);
	rsp_put_optional(w, SGP22_TAG_OTPK, m->euicc_otpk);
	tlv_close(w, mark);
}

enum err es10b_parse_prepare_download_request(struct slice der,
					      struct es10b_prepare_download_request *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_PREPARE_DOWNLOAD);
	struct es10b_prepare_download_request m = {0};
	enum err e;

	m.signed2_raw = tlv_expect_raw(&in, ASN1_SEQUENCE);
	m.signature = expect_signature(&in);
	rsp_optional_range(&in, ASN1_OCTET_STRING, RSP_HASH_LEN, RSP_HASH_LEN, &m.hash_cc);
	m.certificate = tlv_expect_raw(&in, ASN1_SEQUENCE);
	rsp_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		e = es10b_parse_smdp_signed2(m.signed2_raw, &m.signed2);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_prepare_download_request(struct wbuf *w,
					const struct es10b_prepare_download_request *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_PREPARE_DOWNLOAD);

	wbuf_put(w, m->signed2_raw);
	tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
	rsp_put_optional(w, ASN1_OCTET_STRING, m->hash_cc);
	wbuf_put(w, m->certificate);
	tlv_close(w, mark);
}

enum err es10b_hash_cc(struct slice code, struct slice transaction_id,
		       uint8_t hash[static RSP_HASH_LEN])
{
	uint8_t inner[SHA256_LEN];
	struct slice parts[] = {SLICE_OF(inner), transaction_id};
	enum err e = sha256(&code, 1, inner);

	if (!e)
		e = sha256(parts, ARRAY_LEN(parts), hash);
	secret_wipe(inner, sizeof(inner));
	return e;
}

enum err es10b_parse_euicc_signed2(struct slice der, struct es10b_euicc_signed2 *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, ASN1_SEQUENCE);
	struct es10b_euicc_signed2 m;
	enum err e;

	m.transaction_id = expect_transaction(&in);
	m.euicc_otpk = rsp_expect_range(&in, SGP22_TAG_OTPK, EC_POINT_LEN, EC_POINT_LEN);
	rsp_optional_range(&in, ASN1_OCTET_STRING, RSP_HASH_LEN, RSP_HASH_LEN, &m.hash_cc);
	rsp_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_euicc_signed2(struct wbuf *w, const struct es10b_euicc_signed2 *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, ASN1_CONTEXT(0), m->transaction_id);
	tlv_put(w, SGP22_TAG_OTPK, m->euicc_otpk);
	rsp_put_optional(w, ASN1_OCTET_STRING, m->hash_cc);
	tlv_close(w, mark);
}

enum err es10b_parse_prepare_download_response(struct slice der,
					       struct es10b_prepare_download_response *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_PREPARE_DOWNLOAD);
	struct es10b_prepare_download_response m = {0};
	uint32_t code = 0;
	enum err e;

	m.ok = tlv_peek(&in) == TAG_OK;
	if (m.ok) {
		struct cursor ok = tlv_enter(&in, TAG_OK);

		m.signed2_raw = tlv_expect_raw(&ok, ASN1_SEQUENCE);
		m.signature = expect_signature(&ok);
		tlv_leave(&in, &ok);
	} else {
		read_error(&in, &m.transaction_id, &code);
		m.error = (enum es10b_download_error)code;
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e && m.ok)
		e = es10b_parse_euicc_signed2(m.signed2_raw, &m.signed2);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_prepare_download_response(struct wbuf *w,
					 const struct es10b_prepare_download_response *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_PREPARE_DOWNLOAD);

	if (m->ok) {
		size_t ok = tlv_open(w, TAG_OK);

		wbuf_put(w, m->signed2_raw);
		tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
		tlv_close(w, ok);
	} else {
		put_error(w, m->transaction_id, m->error);
	}
	tlv_close(w, mark);
}

struct slice es10b_signature_object(struct slice signature, uint8_t out[static 3 + 64])
{
	struct wbuf w = wbuf_init(out, 3 + EC_SIGNATURE_LEN);

	tlv_put(&w, SGP22_TAG_SIGNATURE, signature);
	return wbuf_slice(&w);
}
