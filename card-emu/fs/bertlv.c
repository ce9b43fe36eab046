#include "card-emu/fs/bertlv.h"

#include <string.h>

#include "card-emu/core/app.h"
#include "card-emu/fs/ef.h"
#include "card-emu/fs/session.h"
#include "card-emu/store/store.h"
#include "lib/base/tlv.h"

/* TS 102 221 table 11.35: P2 */
enum block { BLOCK_NEXT = 0x00, BLOCK_AGAIN = 0x40, BLOCK_FIRST = 0x80, BLOCK_MASK = 0xE0 };

#define SFI_MASK     0x1F
#define BLOCK_MAX    255u
#define OBJECT_MAX   UINT16_MAX
#define TAG_TAG_LIST 0x5C /* TS 102 221 11.3.0: the tags of the file; none of its objects */

/* The object with this tag, whole. */
static bool find_object(struct slice content, uint32_t tag, struct slice *raw)
{
	struct cursor c = cursor_of(content);
	struct tlv t;

	while (tlv_next(&c, &t)) {
		if (t.tag == tag) {
			*raw = t.raw;
			return true;
		}
	}
	return false;
}

/* data is one tag and nothing else. */
static bool only_tag(struct slice data, uint32_t *tag)
{
	uint8_t mem[8];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct cursor c;
	size_t len;

	wbuf_put(&w, data);
	wbuf_u8(&w, 0); /* a length, so that it can be read as an object */
	c = cursor_of(wbuf_slice(&w));
	return data.len && !w.err && tlv_header(&c, tag, &len) && !cursor_left(&c);
}

static void begin_transfer(struct app_call *call, const char *path, uint32_t tag)
{
	struct fs_transfer *x = &call->at->transfer;

	position_end_transfer(call->at);
	x->ins = call->apdu.ins;
	x->tag = tag;
	x->data = wbuf_grow(OBJECT_MAX);
	memcpy(x->path, path, strlen(path) + 1);
}

/*
 * The file of the command: that of the first block, which P2 names, or the one that the transfer
 * began with. Commands in between do no harm unless they change the current EF (11.3.0).
 */
static uint16_t open_objects(struct app_call *call, enum fs_access access, struct ef *out)
{
	const struct fs_session *fs = call->fs;
	const struct fs_transfer *x = &call->at->transfer;
	uint8_t block = call->apdu.p2 & BLOCK_MASK, sfi = call->apdu.p2 & SFI_MASK;

	if (call->apdu.p1 || (block != BLOCK_FIRST && block != BLOCK_NEXT && block != BLOCK_AGAIN))
		return SW_WRONG_P1P2;
	if (block == BLOCK_FIRST)
		return ef_open(call, sfi, EF_OBJECTS, access, out);
	if (x->ins != call->apdu.ins || sfi)
		return SW_CONDITIONS;
	memcpy(out->path, x->path, sizeof(out->path));
	if (fs_load(fs->store, fs->profile, out->path, &out->file))
		return SW_TECHNICAL;
	return ef_check(fs, out, EF_OBJECTS, access);
}

static bool parameters_fit(const struct apdu *a)
{
	uint8_t block = a->p2 & BLOCK_MASK;

	return !a->p1 && (block == BLOCK_FIRST || block == BLOCK_NEXT || block == BLOCK_AGAIN);
}

/* Tag 5C with the tags of all objects. */
static void put_tag_list(struct slice content, struct wbuf *out)
{
	struct cursor c = cursor_of(content);
	struct tlv t;
	size_t mark = tlv_open(out, TAG_TAG_LIST);

	while (tlv_next(&c, &t)) {
		for (int shift = 16; shift >= 0; shift -= 8) {
			if (t.tag >> shift)
				wbuf_u8(out, (uint8_t)(t.tag >> shift));
		}
	}
	tlv_close(out, mark);
}

/* What is left, as much of it as one response takes; 62F1 when there is more. */
static uint16_t send_block(struct app_call *call, struct slice object)
{
	struct fs_transfer *x = &call->at->transfer;
	bool direct = call->apdu.has_le && !call->apdu.data.len;
	size_t from = (call->apdu.p2 & BLOCK_MASK) == BLOCK_AGAIN ? x->previous : x->at;
	size_t left = object.len - from;
	size_t n = direct && call->apdu.le < left ? call->apdu.le
		   : left < BLOCK_MAX		  ? left
						  : BLOCK_MAX;

	if (!left)
		return SW_CONDITIONS;
	wbuf_put(call->out, slice_sub(object, from, n));
	if (direct && !card_le_is(call, n)) /* 6Cxx: it is asked for again */
		return SW_OK;
	x->previous = from;
	x->at = from + n;
	return n < left ? SW_MORE_DATA : SW_OK;
}

/* 11.3.1 */
uint16_t retrieve_data(struct app_call *call)
{
	struct fs_transfer *x = &call->at->transfer;
	bool first = (call->apdu.p2 & BLOCK_MASK) == BLOCK_FIRST;
	struct wbuf list = wbuf_grow(OBJECT_MAX);
	struct slice object = SLICE_EMPTY;
	struct ef ef;
	uint32_t tag = 0;
	uint16_t sw;

	if (!parameters_fit(&call->apdu))
		return SW_WRONG_P1P2;
	if (first ? !call->apdu.data.len : call->apdu.data.len || !call->apdu.has_le)
		return SW_WRONG_LENGTH;
	sw = open_objects(call, ACCESS_READ, &ef);
	if (sw != SW_OK)
		return sw;
	if (first && !only_tag(call->apdu.data, &tag))
		return SW_WRONG_DATA;
	if (!first)
		tag = x->tag;
	if (tag == TAG_TAG_LIST) {
		put_tag_list(ef.file.content, &list);
		object = wbuf_slice(&list);
	} else if (!find_object(ef.file.content, tag, &object)) {
		return SW_NOT_FOUND;
	}
	if (first)
		begin_transfer(call, ef.path, tag);
	sw = wbuf_done(&list) || x->at > object.len ? SW_TECHNICAL : send_block(call, object);
	wbuf_free(&list);
	return sw;
}

/* The content with this object in place of the one with its tag; empty: without it. */
static uint16_t replace_object(struct app_call *call, const struct ef *ef, uint32_t tag,
			       struct slice object)
{
	struct wbuf content = wbuf_grow(STORE_VALUE_MAX);
	struct cursor c = cursor_of(ef->file.content);
	struct tlv other;
	uint16_t sw;

	while (tlv_next(&c, &other)) {
		if (other.tag != tag)
			wbuf_put(&content, other.raw);
	}
	wbuf_put(&content, object);
	if (content.len > ef->file.max_size)
		sw = SW_NO_MEMORY;
	else if (wbuf_done(&content))
		sw = SW_MEMORY_PROBLEM;
	else
		sw = ef_commit_content(call, ef, wbuf_slice(&content));
	wbuf_free(&content);
	return sw;
}

static size_t size_without(struct slice content, uint32_t tag)
{
	struct slice raw = SLICE_EMPTY;

	return content.len - (find_object(content, tag, &raw) ? raw.len : 0);
}

/*
 * Takes what has come; writes when the object is whole. One that it takes the place of is gone with
 * the first of several blocks: an interrupted object is not in the file (annex L.1).
 */
static uint16_t take_block(struct app_call *call, const struct ef *ef)
{
	struct fs_transfer *x = &call->at->transfer;
	bool again = (call->apdu.p2 & BLOCK_MASK) == BLOCK_AGAIN;
	struct slice old;
	struct cursor c;
	size_t len, header;
	uint16_t sw = SW_OK;

	wbuf_cut(&x->data, again ? x->previous : x->at);
	x->previous = x->data.len;
	wbuf_put(&x->data, call->apdu.data);
	if (wbuf_done(&x->data))
		return SW_NO_MEMORY;
	x->at = x->data.len;
	c = cursor_of(wbuf_slice(&x->data));
	if (!tlv_header(&c, &x->tag, &len) || cursor_left(&c) > len || x->tag == TAG_TAG_LIST)
		return SW_WRONG_DATA;
	header = x->data.len - cursor_left(&c);
	if (size_without(ef->file.content, x->tag) + header + len > ef->file.max_size)
		return SW_NO_MEMORY;
	if (cursor_left(&c) == len)
		return replace_object(call, ef, x->tag, wbuf_slice(&x->data));
	if (find_object(ef->file.content, x->tag, &old))
		sw = replace_object(call, ef, x->tag, SLICE_EMPTY);
	return sw == SW_OK ? SW_MORE_EXPECTED : sw;
}

/* 11.3.2 */
uint16_t set_data(struct app_call *call)
{
	bool first = (call->apdu.p2 & BLOCK_MASK) == BLOCK_FIRST;
	struct slice object;
	struct ef ef;
	uint32_t tag;
	uint16_t sw;

	if (!parameters_fit(&call->apdu))
		return SW_WRONG_P1P2;
	sw = open_objects(call, ACCESS_UPDATE, &ef);
	if (sw != SW_OK)
		return sw;
	if (first && only_tag(call->apdu.data, &tag)) { /* it is deleted */
		position_end_transfer(call->at);
		return find_object(ef.file.content, tag, &object)
			       ? replace_object(call, &ef, tag, SLICE_EMPTY)
			       : SW_NOT_FOUND;
	}
	if (first)
		begin_transfer(call, ef.path, 0);
	sw = take_block(call, &ef);
	if (sw != SW_MORE_EXPECTED)
		position_end_transfer(call->at);
	return sw;
}
