#include "lib/trace/open/package.h"

#include <stdlib.h>

#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/es8p.h"
#include "lib/rsp/rsp.h"
#include "lib/trace/open/gather.h"

#define PLAIN_MAX (1u << 20)

struct package {
	const struct trace_keys *keys;
	bool begun;
	struct bsp *bsp; /* NULL: no keys fit, or a MAC was wrong */
	const char *why; /* of that */
	bool replaces;	 /* the second sequence of 87: what it has are keys */
	struct wbuf plain;
	/* both are cut into segments anywhere */
	struct gather metadata, elements;
};

struct package *package_open(const struct trace_keys *keys)
{
	struct package *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->keys = keys;
	p->plain = wbuf_grow(PLAIN_MAX);
	p->metadata = gather_new();
	p->elements = gather_new();
	return p;
}

void package_close(struct package **p)
{
	struct package *mine = *p;

	*p = NULL;
	if (!mine)
		return;
	bsp_free(&mine->bsp);
	wbuf_free(&mine->plain);
	gather_free(&mine->metadata);
	gather_free(&mine->elements);
	free(mine);
}

/* Session keys out of the eUICC's one-time key and what InitialiseSecureChannel says. */
static enum err agree(struct package *p, const struct key_row *row, struct slice request)
{
	struct bsp_shared_info info = {.eid = secret_slice(row->parts[1])};
	struct slice control, value, otpk;
	struct ec_key *key = NULL;
	struct secret *shared = NULL;
	enum err e;

	if (!tlv_find(request, RSP_InitialiseSecureChannelRequest_controlRefTemplate, &control) ||
	    !tlv_find(request, SGP22_TAG_OTPK, &otpk) ||
	    !tlv_find(control, RSP_ControlRefTemplate_hostId, &info.host_id))
		return ERR_TAG;
	if (tlv_find(control, RSP_ControlRefTemplate_keyType, &value))
		info.key_type = slice_at(value, 0);
	if (tlv_find(control, RSP_ControlRefTemplate_keyLen, &value))
		info.key_len = slice_at(value, 0);
	e = ec_key_load(secret_slice(row->parts[0]), &key);
	if (!e)
		e = ec_agree(key, otpk, &shared);
	if (!e)
		e = bsp_derive(secret_slice(shared), &info, &p->bsp);
	secret_free(&shared);
	ec_key_free(&key);
	return e;
}

static void begin_package(struct package *p, struct slice request)
{
	const struct key_row *row;
	struct slice id;

	bsp_free(&p->bsp);
	p->begun = true;
	p->replaces = false;
	gather_restart(&p->metadata);
	gather_restart(&p->elements);
	p->why = "the keys file has no keys for its transaction";
	if (!tlv_find(request, RSP_InitialiseSecureChannelRequest_transactionId, &id))
		return;
	row = keys_next(p->keys, KEY_BSP, id, NULL);
	if (row && bsp_from_keys(secret_slice(row->parts[0]), secret_slice(row->parts[1]),
				 secret_slice(row->parts[2]), &p->bsp))
		p->why = "the session keys are none";
	row = p->bsp ? NULL : keys_next(p->keys, KEY_BSP_OTSK, id, NULL);
	if (row && agree(p, row, request))
		p->why = "no session keys come of the one-time key";
}

/* extra: for one that is not told, which counts all the same */
static struct opened_segment *add_segment(struct opened *out, uint8_t tag,
					  struct opened_segment *extra)
{
	struct opened_segment *s = out->segment_count < OPENED_SEGMENTS_MAX
					   ? &out->segments[out->segment_count++]
					   : extra;

	*s = (struct opened_segment){.tag = tag};
	return s;
}

/* SGP.22 2.5.4: what follows is under these keys */
static void use_new_keys(struct package *p, struct slice plain)
{
	struct slice request, chain, enc, mac;

	if (!tlv_find(plain, RSP_ReplaceSessionKeysRequest, &request) ||
	    !tlv_find(request, RSP_ReplaceSessionKeysRequest_initialMacChainingValue, &chain) ||
	    !tlv_find(request, RSP_ReplaceSessionKeysRequest_ppkEnc, &enc) ||
	    !tlv_find(request, RSP_ReplaceSessionKeysRequest_ppkCmac, &mac) ||
	    bsp_replace_keys(p->bsp, enc, mac, chain)) {
		bsp_free(&p->bsp);
		p->why = "the keys that replace the session's are none";
	}
}

static void add_element(struct opened *out, const struct gathered *g)
{
	if (out->element_count == OPENED_ELEMENTS_MAX)
		out->elements_more++;
	else
		out->elements[out->element_count++] =
			(struct opened_element){.tag = g->tag, .len = g->len, .whole = g->whole};
}

/* SGP.22 2.5.3: what is long has several segments */
static void take_plain(struct package *p, struct opened_segment *s, struct opened *out)
{
	struct gathered g;

	if (s->tag == ES8P_TAG_METADATA) {
		gather_put(&p->metadata, s->plain);
		if (gather_next(&p->metadata, &g))
			s->metadata = g.whole;
	} else if (s->tag == ES8P_TAG_PROFILE) {
		gather_put(&p->elements, s->plain);
		while (gather_next(&p->elements, &g))
			add_element(out, &g);
	}
}

static void open_segment(struct package *p, uint8_t tag, struct slice whole, struct opened *out)
{
	struct opened_segment extra, *s = add_segment(out, tag, &extra);
	size_t from = p->plain.len;
	enum err e;

	if (!p->bsp) {
		out->fault = p->why;
		return;
	}
	e = tag == ES8P_TAG_METADATA ? bsp_open_mac_only(p->bsp, tag, whole, &p->plain)
				     : bsp_open(p->bsp, tag, whole, &p->plain);
	if (e) {
		bsp_free(&p->bsp);
		p->why = "a MAC in front of it was wrong";
	}
	s->mac = e ? OPENED_WRONG : OPENED_RIGHT;
	if (e)
		return;
	s->plain = slice_sub(wbuf_slice(&p->plain), from, p->plain.len - from);
	take_plain(p, s, out);
	if (p->replaces)
		use_new_keys(p, s->plain);
}

/* A sequence's header stands in front of its segments, and may stand alone. */
static bool is_sequence(uint32_t tag)
{
	return tag == RSP_BoundProfilePackage_firstSequenceOf87 ||
	       tag == RSP_BoundProfilePackage_sequenceOf88 ||
	       tag == RSP_BoundProfilePackage_secondSequenceOf87 ||
	       tag == RSP_BoundProfilePackage_sequenceOf86;
}

static bool is_segment(uint32_t tag)
{
	return tag == ES8P_TAG_PROFILE || tag == ES8P_TAG_ENCRYPTED || tag == ES8P_TAG_METADATA;
}

static void take_pieces(struct package *p, struct slice message, struct opened *out)
{
	struct cursor c = cursor_of(message);

	while (cursor_left(&c)) {
		struct slice rest = c.rest;
		uint32_t tag;
		size_t len;

		if (!tlv_header(&c, &tag, &len))
			return;
		if (tag == SGP22_TAG_BOUND_PROFILE_PACKAGE)
			continue;
		if (tag == RSP_InitialiseSecureChannelRequest) {
			begin_package(p, cursor_take(&c, len));
		} else if (p->begun && is_sequence(tag)) {
			p->replaces = tag == RSP_BoundProfilePackage_secondSequenceOf87;
			continue;
		} else if (p->begun && is_segment(tag)) {
			(void)cursor_take(&c, len);
			open_segment(p, (uint8_t)tag,
				     slice_sub(rest, 0, rest.len - cursor_left(&c)), out);
		} else {
			return;
		}
		out->by = OPENED_PACKAGE;
	}
}

void package_take(struct package *p, struct slice message, struct opened *out)
{
	struct gathered g;

	/* no reallocation while segments borrow from it: message is longer than what it wraps */
	wbuf_reset(&p->plain);
	(void)wbuf_reserve(&p->plain, message.len);
	wbuf_cut(&p->plain, 0);
	gather_room(&p->metadata, message.len);
	gather_room(&p->elements, message.len);
	take_pieces(p, message, out);
	if (gather_begins(&p->elements, &g))
		add_element(out, &g);
}
