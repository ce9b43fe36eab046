/*
 * A bound profile package as a subscription manager's peer may send it: rightly signed, encrypted
 * and with right MACs, around any plaintext; or with one octet changed behind the MAC.
 *
 * Input: an octet, the size of the STORE DATA blocks; then records: an octet (low half: the kind
 * below; bit 7: change an octet of the protected form), and for most kinds a plaintext: a length of
 * two octets and that many; or, with bit 6, the genuine one with that many changes of three octets.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/base/bytes.h"
#include "card-emu/core/app.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/keys.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"
#include "tests/support/euicc.h"
#include "tests/support/must.h"
#include "tests/support/snapshot.h"

#define PLAIN_MAX    (64u * 1024)
#define CHANGES_MAX  16
#define MESSAGES_MAX 128
#define BREAK	     0x80
#define GENUINE	     0x40

enum kind {
	KIND_REQUEST,	/* as it is, unprotected */
	KIND_CHANNEL,	/* BF36 and BF23; an octet: by how much the length of BF36 is wrong */
	KIND_CONFIGURE, /* A0 { 87 } */
	KIND_METADATA,	/* A1 and its 88s */
	KIND_KEYS,	/* A2 { 87 }: both sides go on with them */
	KIND_ELEMENTS,	/* A3 and its 86s */
	KIND_ONE_88,
	KIND_ONE_86,
	KIND_AGAIN, /* the session anew */
	KINDS
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct euicc euicc;
static struct snapshot *at_first;
static struct bsp *peer;
static uint8_t block;
static size_t installed;
static bool asked; /* something else was asked for, which may change the profiles */
static struct {
	bool on;
	uint16_t at;
	uint8_t flip;
} breaking;

/* What LoadBoundProfilePackage answers is nothing, or a result in its form. */
static void check_answer(struct slice answer)
{
	struct es10b_installation_result r;
	struct cursor c = cursor_of(answer);

	if (tlv_peek(&c) != SGP22_TAG_PROFILE_INSTALLATION_RESULT)
		return;
	MUST(es10b_parse_installation_result(answer, &r) == ERR_OK);
	installed += r.success;
}

/* A command; it is sent when the length of the package around it is known. */
static struct message {
	struct wbuf request;
	bool in_package, channel;
	size_t off; /* of the announced length of the package */
} messages[MESSAGES_MAX];
static size_t message_count;

static void keep(struct slice request, bool in_package)
{
	struct message *m = &messages[message_count];

	if (message_count == MESSAGES_MAX)
		return;
	message_count++;
	*m = (struct message){.request = wbuf_grow(2 * PLAIN_MAX), .in_package = in_package};
	wbuf_put(&m->request, request);
	if (breaking.on && m->request.len)
		m->request.ptr[breaking.at % m->request.len] ^= breaking.flip;
}

static size_t package_len(const struct message *first)
{
	size_t len = first->request.len;

	for (const struct message *m = first + 1; m < &messages[message_count] && !m->channel; m++)
		len += m->in_package ? m->request.len : 0;
	return len + first->off;
}

static void send(const struct message *m)
{
	struct wbuf out = wbuf_grow(CARD_RESPONSE_MAX), whole = wbuf_grow(3 * PLAIN_MAX);

	if (m->channel)
		tlv_put_header(&whole, SGP22_TAG_BOUND_PROFILE_PACKAGE, package_len(m));
	wbuf_put(&whole, wbuf_slice(&m->request));
	euicc_store_data(&euicc, wbuf_slice(&whole), block, &out);
	check_answer(wbuf_slice(&out));
	wbuf_free(&whole);
	wbuf_free(&out);
}

static void send_all(void)
{
	for (size_t i = 0; i < message_count; i++)
		send(&messages[i]);
	for (size_t i = 0; i < message_count; i++)
		wbuf_free(&messages[i].request);
	message_count = 0;
}

static void genuine(enum kind kind, struct wbuf *w)
{
	static const uint8_t k[3][BSP_KEY_LEN] = {{1}, {2}, {3}};
	struct es8p_session_keys keys = {SLICE_OF(k[0]), SLICE_OF(k[1]), SLICE_OF(k[2])};

	switch (kind) {
	case KIND_CONFIGURE: es8p_put_configure_isdp(w, SLICE_EMPTY); break;
	case KIND_METADATA: euicc_put_metadata(w); break;
	case KIND_KEYS: es8p_put_session_keys(w, &keys); break;
	case KIND_ELEMENTS: euicc_put_package(w); break;
	default: break;
	}
}

static void take_plain(struct cursor *c, uint8_t record, struct wbuf *w)
{
	size_t n;

	if (record & GENUINE) {
		unsigned changes = cursor_u8(c) % (CHANGES_MAX + 1u);

		genuine((enum kind)(record & 0x0F), w);
		while (changes-- && w->len) {
			uint16_t at = cursor_u16(c);

			w->ptr[at % w->len] ^= cursor_u8(c);
		}
		return;
	}
	n = cursor_u16(c);
	wbuf_put(w, cursor_take(c, n < cursor_left(c) ? n : cursor_left(c)));
}

/* A sequence: its header, then each segment by itself, or all in one when it comes whole. */
static void send_sequence(uint32_t tag, struct slice segments, bool whole)
{
	struct wbuf w = wbuf_grow(2 * PLAIN_MAX);
	struct cursor c = cursor_of(segments);
	struct tlv t;

	tlv_put_header(&w, tag, segments.len);
	if (whole)
		wbuf_put(&w, segments);
	keep(wbuf_slice(&w), true);
	breaking.on = false;
	while (!whole && tlv_next(&c, &t))
		keep(t.raw, true);
	wbuf_free(&w);
}

static void replace(struct slice plain)
{
	struct es8p_session_keys m;

	if (es8p_parse_session_keys(plain, &m) == ERR_OK)
		MUST(bsp_replace_keys(peer, m.ppk_enc, m.ppk_cmac, m.mac_chain) == ERR_OK);
}

static void protect(enum kind kind, struct slice plain)
{
	struct wbuf w = wbuf_grow(2 * PLAIN_MAX);
	bool encrypt = kind != KIND_METADATA && kind != KIND_ONE_88;
	uint8_t tag = kind == KIND_CONFIGURE || kind == KIND_KEYS ? ES8P_TAG_ENCRYPTED
		      : encrypt					  ? ES8P_TAG_PROFILE
								  : ES8P_TAG_METADATA;

	MUST(bsp_protect_all(peer, &(struct bsp_cut){tag, encrypt, ES8P_SEGMENT_MAX}, plain, &w) ==
	     ERR_OK);
	switch (kind) {
	case KIND_CONFIGURE: send_sequence(ASN1_CONTEXTC(0), wbuf_slice(&w), true); break;
	case KIND_METADATA: send_sequence(ASN1_CONTEXTC(1), wbuf_slice(&w), false); break;
	case KIND_KEYS:
		send_sequence(ASN1_CONTEXTC(2), wbuf_slice(&w), true);
		replace(plain);
		break;
	case KIND_ELEMENTS: send_sequence(ASN1_CONTEXTC(3), wbuf_slice(&w), false); break;
	default: keep(wbuf_slice(&w), true); break;
	}
	wbuf_free(&w);
}

static void begin(void)
{
	send_all();
	bsp_free(&peer);
	euicc_prepare_download(&euicc);
}

static void open_channel(size_t off)
{
	struct wbuf w = wbuf_grow(2048);

	begin();
	peer = euicc_put_channel(&euicc, &w);
	keep(wbuf_slice(&w), true);
	messages[0].channel = true;
	messages[0].off = off;
	wbuf_free(&w);
}

static void run(struct cursor *c)
{
	uint8_t record = cursor_u8(c);
	enum kind kind = (enum kind)((record & 0x0F) % KINDS);
	struct wbuf plain = wbuf_grow(PLAIN_MAX);

	breaking.on = record & BREAK;
	if (breaking.on) {
		breaking.at = cursor_u16(c);
		breaking.flip = cursor_u8(c);
	}
	if (kind == KIND_AGAIN) {
		begin();
	} else if (kind == KIND_CHANNEL) {
		open_channel(record & GENUINE ? 0 : cursor_u8(c));
	} else {
		take_plain(c, (uint8_t)((record & ~0x0F) | (int)kind), &plain);
		asked |= kind == KIND_REQUEST;
		if (kind == KIND_REQUEST)
			keep(wbuf_slice(&plain), false);
		else if (peer)
			protect(kind, wbuf_slice(&plain));
	}
	wbuf_free(&plain);
}

static bool count(void *ctx, unsigned n, const struct profile_record *r)
{
	size_t *profiles = ctx;

	(void)n, (void)r;
	++*profiles;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_make(data, size));
	static struct snapshot *profiles_at_first;
	struct store *store;
	size_t profiles = 0;

	if (!at_first) {
		euicc_open(&euicc, NULL);
		at_first = snapshot_take(card_store(euicc.card), "");
		profiles_at_first = snapshot_take(card_store(euicc.card), STORE_PREFIX_ALL);
	}
	store = card_store(euicc.card);
	block = cursor_u8(&c);
	if (!block)
		block = UINT8_MAX;
	installed = 0;
	asked = false;
	begin();
	while (!c.err && cursor_left(&c))
		run(&c);
	send_all();
	bsp_free(&peer);
	/* Only what was told to be installed is there. */
	profile_each(store, count, &profiles);
	if (!installed && !asked)
		MUST(snapshot_difference(profiles_at_first, store) == NULL);
	MUST(profiles <= 1 + installed && (asked || profiles == 1 + installed));
	snapshot_restore(at_first, store);
	return 0;
}
