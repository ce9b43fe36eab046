/* bertlv: the data objects of BER-TLV files, TS 102 221 11.3 */
#include "card-emu/core/internal.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"

/* TS 102 221 table 11.35: P2 */
enum block { BLOCK_NEXT = 0x00, BLOCK_AGAIN = 0x40, BLOCK_FIRST = 0x80, BLOCK_MASK = 0xE0 };

#define SFI_MASK     0x1F
#define BLOCK_MAX    255u
#define OBJECT_MAX   UINT16_MAX
#define TAG_TAG_LIST 0x5C /* TS 102 221 11.3.0: the tags of the file; none of its objects */

void transfer_end(struct channel *ch)
{
	wbuf_free(&ch->transfer.data);
	ch->transfer = (struct transfer){0};
}

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

static void begin(struct app_call *call, const char *path, uint32_t tag)
{
	struct transfer *x = &call->channel->transfer;

	transfer_end(call->channel);
	x->ins = call->apdu.ins;
	x->tag = tag;
	x->data = wbuf_grow(OBJECT_MAX);
	memcpy(x->path, path, strlen(path) + 1);
}

/*
 * The file of the command: that of the first block, which P2 names, or the one that the transfer
 * began with. Commands in between do no harm unless they change the current EF (11.3.0).
 */
static uint16_t open_objects(struct app_call *call, enum fs_access access,
			     char path[static FS_PATH_MAX], struct fs_file *f)
{
	struct card *card = call->card;
	const struct transfer *x = &call->channel->transfer;
	uint8_t block = call->apdu.p2 & BLOCK_MASK, sfi = call->apdu.p2 & SFI_MASK;

	if (call->apdu.p1 || (block != BLOCK_FIRST && block != BLOCK_NEXT && block != BLOCK_AGAIN))
		return SW_WRONG_P1P2;
	if (block == BLOCK_FIRST)
		return file_open(call, sfi, FILE_OBJECTS, access, path, f);
	if (x->ins != call->apdu.ins || sfi)
		return SW_CONDITIONS;
	memcpy(path, x->path, FS_PATH_MAX);
	if (fs_load(card->store, card->profile, path, f))
		return SW_TECHNICAL;
	return file_check(card, path, f, FILE_OBJECTS, access);
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
	struct transfer *x = &call->channel->transfer;
	bool direct = call->apdu.has_le && !call->apdu.data.len;
	size_t from = (call->apdu.p2 & BLOCK_MASK) == BLOCK_AGAIN ? x->previous : x->at;
	size_t left = object.len - from;
	size_t n = direct && call->apdu.le < left ? call->apdu.le
		   : left < BLOCK_MAX		  ? left
						  : BLOCK_MAX;

	if (!left)
		return SW_CONDITIONS;
	wbuf_put(call->out, slice_sub(object, from, n));
	if (direct && n != call->apdu.le) /* 6Cxx: it is asked for again */
		return SW_OK;
	x->previous = from;
	x->at = from + n;
	return n < left ? SW_MORE_DATA : SW_OK;
}

/* 11.3.1 */
uint16_t retrieve_data(struct app_call *call)
{
	struct transfer *x = &call->channel->transfer;
	bool first = (call->apdu.p2 & BLOCK_MASK) == BLOCK_FIRST;
	struct wbuf list = wbuf_grow(OBJECT_MAX);
	struct slice object = SLICE_EMPTY;
	struct fs_file f;
	char path[FS_PATH_MAX];
	uint32_t tag = 0;
	uint16_t sw;

	if (!parameters_fit(&call->apdu))
		return SW_WRONG_P1P2;
	if (first ? !call->apdu.data.len : call->apdu.data.len || !call->apdu.has_le)
		return SW_WRONG_LENGTH;
	sw = open_objects(call, ACCESS_READ, path, &f);
	if (sw != SW_OK)
		return sw;
	if (first && !only_tag(call->apdu.data, &tag))
		return SW_WRONG_DATA;
	if (!first)
		tag = x->tag;
	if (tag == TAG_TAG_LIST) {
		put_tag_list(f.content, &list);
		object = wbuf_slice(&list);
	} else if (!find_object(f.content, tag, &object)) {
		return SW_NOT_FOUND;
	}
	if (first)
		begin(call, path, tag);
	sw = wbuf_done(&list) || x->at > object.len ? SW_TECHNICAL : send_block(call, object);
	wbuf_free(&list);
	return sw;
}

/* The content with this object in place of the one with its tag; empty: without it. */
static uint16_t replace_object(struct app_call *call, const char *path, const struct fs_file *f,
			       uint32_t tag, struct slice object)
{
	struct wbuf content = wbuf_grow(STORE_VALUE_MAX);
	struct cursor c = cursor_of(f->content);
	struct store_txn *t;
	struct tlv other;
	uint16_t sw = SW_OK;
	enum err e;

	while (tlv_next(&c, &other)) {
		if (other.tag != tag)
			wbuf_put(&content, other.raw);
	}
	wbuf_put(&content, object);
	if (content.len > f->max_size)
		sw = SW_NO_MEMORY;
	else if (wbuf_done(&content))
		sw = SW_MEMORY_PROBLEM;
	if (sw == SW_OK) {
		t = store_begin(call->card->store);
		e = fs_put_content(call->card->store, t, call->card->profile, path, f,
				   wbuf_slice(&content));
		sw = sw_of_store(e ? e : store_commit(t));
	}
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
static uint16_t take_block(struct app_call *call, const char *path, const struct fs_file *f)
{
	struct transfer *x = &call->channel->transfer;
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
	if (size_without(f->content, x->tag) + header + len > f->max_size)
		return SW_NO_MEMORY;
	if (cursor_left(&c) == len)
		return replace_object(call, path, f, x->tag, wbuf_slice(&x->data));
	if (find_object(f->content, x->tag, &old))
		sw = replace_object(call, path, f, x->tag, SLICE_EMPTY);
	return sw == SW_OK ? SW_MORE_EXPECTED : sw;
}

/* 11.3.2 */
uint16_t set_data(struct app_call *call)
{
	bool first = (call->apdu.p2 & BLOCK_MASK) == BLOCK_FIRST;
	struct slice object;
	struct fs_file f;
	char path[FS_PATH_MAX];
	uint32_t tag;
	uint16_t sw;

	if (!parameters_fit(&call->apdu))
		return SW_WRONG_P1P2;
	sw = open_objects(call, ACCESS_UPDATE, path, &f);
	if (sw != SW_OK)
		return sw;
	if (first && only_tag(call->apdu.data, &tag)) { /* it is deleted */
		transfer_end(call->channel);
		return find_object(f.content, tag, &object)
			       ? replace_object(call, path, &f, tag, SLICE_EMPTY)
			       : SW_NOT_FOUND;
	}
	if (first)
		begin(call, path, 0);
	sw = take_block(call, path, &f);
	if (sw != SW_MORE_EXPECTED)
		transfer_end(call->channel);
	return sw;
}
