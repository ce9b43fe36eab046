/* bertlv: the data objects of BER-TLV files, TS 102 221 11.3 */
#include "card-emu/uicc/internal.h"

#include <stdio.h>
#include <string.h>

#include "lib/tlv.h"

#define FIRST_BLOCK	 0x80 /* P2 */
#define P2_RFU		 0x60
#define SFI_MASK	 0x1F
#define BLOCK_MAX	 255u
#define LCSI_DEACTIVATED 0x04
#define OBJECT_MAX	 UINT16_MAX

void transfer_end(struct card *card)
{
	wbuf_free(&card->transfer.data);
	card->transfer = (struct transfer){0};
}

static uint16_t open_tlv_file(struct app_call *call, enum fs_access access,
			      char path[static FS_PATH_MAX], struct fs_file *f)
{
	uint16_t sw = file_addressed(call, call->apdu.p2 & SFI_MASK, path, f);

	if (sw != SW_OK)
		return sw;
	if (f->kind != FS_BER_TLV)
		return SW_COMMAND_INCOMPATIBLE;
	if (!access_allowed(call->card, path, f, access))
		return SW_SECURITY_STATUS;
	if (f->lcsi == LCSI_DEACTIVATED && !(f->special & FS_SPECIAL_READABLE))
		return SW_REFERENCED_DATA;
	return SW_OK;
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
	struct transfer *x = &call->card->transfer;

	transfer_end(call->card);
	x->ins = call->apdu.ins;
	x->channel = call->channel->number;
	x->tag = tag;
	x->data = wbuf_grow(OBJECT_MAX);
	memcpy(x->path, path, strlen(path) + 1);
}

static bool goes_on(const struct app_call *call)
{
	const struct transfer *x = &call->card->transfer;

	return x->ins == call->apdu.ins && x->channel == call->channel->number &&
	       (call->apdu.p2 & SFI_MASK) == 0;
}

/* What is left, as much of it as one response takes; 62F1 when there is more. */
static uint16_t send_block(struct app_call *call, struct slice object)
{
	struct transfer *x = &call->card->transfer;
	bool direct = call->apdu.has_le && !call->apdu.data.len;
	size_t left = object.len - x->at;
	size_t n = direct && call->apdu.le < left ? call->apdu.le
		   : left < BLOCK_MAX		  ? left
						  : BLOCK_MAX;

	wbuf_put(call->out, slice_sub(object, x->at, n));
	if (direct && n != call->apdu.le) /* 6Cxx: it is asked for again */
		return SW_OK;
	x->at += n;
	if (n < left)
		return SW_MORE_DATA;
	transfer_end(call->card);
	return SW_OK;
}

/* 11.3.1 */
uint16_t retrieve_data(struct app_call *call)
{
	struct card *card = call->card;
	struct slice object;
	struct fs_file f;
	char path[FS_PATH_MAX];
	uint32_t tag;
	uint16_t sw;

	if (call->apdu.p1 || call->apdu.p2 & P2_RFU)
		return SW_WRONG_P1P2;
	if (call->apdu.p2 & FIRST_BLOCK) {
		if (!only_tag(call->apdu.data, &tag))
			return call->apdu.data.len ? SW_WRONG_DATA : SW_WRONG_LENGTH;
		sw = open_tlv_file(call, ACCESS_READ, path, &f);
		if (sw != SW_OK)
			return sw;
		if (!find_object(f.content, tag, &object))
			return SW_NOT_FOUND;
		begin(call, path, tag);
		return send_block(call, object);
	}
	if (call->apdu.data.len || !call->apdu.has_le)
		return SW_WRONG_LENGTH;
	if (!goes_on(call))
		return SW_CONDITIONS;
	if (fs_load(card->store, card->profile, card->transfer.path, &f) ||
	    !find_object(f.content, card->transfer.tag, &object) || card->transfer.at > object.len)
		return SW_TECHNICAL;
	return send_block(call, object);
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

/* Takes what has come; writes when the object is whole. */
static uint16_t take_block(struct app_call *call, const char *path, const struct fs_file *f)
{
	struct transfer *x = &call->card->transfer;
	struct cursor c;
	size_t len;
	uint16_t sw;

	wbuf_put(&x->data, call->apdu.data);
	if (wbuf_done(&x->data))
		return SW_NO_MEMORY;
	c = cursor_of(wbuf_slice(&x->data));
	if (!tlv_header(&c, &x->tag, &len) || cursor_left(&c) > len)
		return SW_WRONG_DATA;
	if (x->data.len - cursor_left(&c) + len > f->max_size)
		return SW_NO_MEMORY;
	if (cursor_left(&c) < len)
		return SW_MORE_EXPECTED;
	sw = replace_object(call, path, f, x->tag, wbuf_slice(&x->data));
	transfer_end(call->card);
	return sw;
}

/* 11.3.2 */
uint16_t set_data(struct app_call *call)
{
	struct card *card = call->card;
	struct slice object;
	struct fs_file f;
	char path[FS_PATH_MAX];
	uint32_t tag;
	uint16_t sw;

	if (call->apdu.p1 || call->apdu.p2 & P2_RFU)
		return SW_WRONG_P1P2;
	if (call->apdu.p2 & FIRST_BLOCK) {
		sw = open_tlv_file(call, ACCESS_UPDATE, path, &f);
		if (sw != SW_OK)
			return sw;
		if (only_tag(call->apdu.data, &tag)) /* it is deleted */
			return find_object(f.content, tag, &object)
				       ? replace_object(call, path, &f, tag, SLICE_EMPTY)
				       : SW_NOT_FOUND;
		begin(call, path, 0);
	} else if (!goes_on(call)) {
		return SW_CONDITIONS;
	} else {
		memcpy(path, card->transfer.path, sizeof(path));
		if (fs_load(card->store, card->profile, path, &f))
			return SW_TECHNICAL;
	}
	sw = take_block(call, path, &f);
	if (sw != SW_MORE_EXPECTED)
		transfer_end(card);
	return sw;
}
