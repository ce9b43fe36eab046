#include "lib/trace/decode/show/opened.h"

#include "lib/base/tlv.h"
#include "lib/rsp/es8p.h"
#include "lib/rsp/rsp.h"
#include "lib/trace/decode/field/field.h"
#include "lib/trace/decode/rsp/es10.h"
#include "lib/trace/decode/show/element.h"
#include "lib/trace/decode/sms/packet.h"

#define NOT_OF_KEYS "not of these keys"

/* GlobalPlatform E.5.2.3, amendment D 7.1.2.1 */
WORDS(levels, {0x00, "no secure messaging"}, {0x01, "C-MAC"}, {0x03, "C-MAC and encryption"},
      {0x10, "R-MAC"}, {0x11, "C-MAC and R-MAC"}, {0x13, "C-MAC, encryption and R-MAC"},
      {0x33, "C-MAC, R-MAC, both encrypted"});

static void tell_check(const char *key, const char *name, enum opened_check check,
		       const struct tree *t)
{
	struct tree_node node = {.key = key, .name = name};

	if (check == OPENED_NOT_CHECKED)
		return;
	node.fault = check == OPENED_WRONG ? NOT_OF_KEYS : NULL;
	tree_leaf(t, &node, "%s", check == OPENED_RIGHT ? "right" : "wrong");
}

static void tell_fault(const char *fault, const struct tree *t)
{
	const struct tree_node node = {.key = "not-opened", .name = "Not opened", .fault = fault};

	if (!fault)
		return;
	t->open(t->ctx, &node);
	t->close(t->ctx);
}

static void tell_channel(const struct opened *o, const struct tree *t)
{
	const char *level = words_find(&levels, o->level);

	tree_open(t, "secure-channel",
		  o->by == OPENED_SCP03 ? "Secure channel, SCP03" : "Secure channel, SCP02",
		  SLICE_EMPTY);
	tell_check("card-cryptogram", "Card cryptogram", o->card_cryptogram, t);
	tell_check("host-cryptogram", "Host cryptogram", o->host_cryptogram, t);
	if (o->command_mac != OPENED_NOT_CHECKED)
		tree_leaf(t,
			  &(struct tree_node){.key = "level",
					      .name = "Security level",
					      .raw = slice_make(&o->level, 1)},
			  "%s", level ? level : "unknown");
	tell_check("command-mac", "MAC of the command", o->command_mac, t);
	tell_check("answer-mac", "MAC of the answer", o->answer_mac, t);
	tell_fault(o->fault, t);
	tree_close(t);
}

static void tell_length(struct slice v, const char *why, const struct tree *t)
{
	tree_leaf(t, &(struct tree_node){.key = "plain", .name = "Content"}, "%zu octets, %s",
		  v.len, why);
}

/* What a segment holds; new session keys are keys. Metadata are told where they are whole. */
static void tell_plain(const struct opened_segment *s, const struct tree *t)
{
	if (s->tag == ES8P_TAG_PROFILE)
		tell_length(s->plain, "of the elements", t);
	else if (es10_tag(s->plain) == RSP_ReplaceSessionKeysRequest)
		tell_length(s->plain, "not shown", t);
	else if (s->tag != ES8P_TAG_METADATA || s->metadata.len)
		es10_tell(s->metadata.len ? s->metadata : s->plain, true, t);
	else
		tell_length(s->plain, "which go on", t);
}

static void tell_elements(const struct opened *o, const struct tree *t)
{
	for (unsigned i = 0; i < o->element_count; i++)
		element_tell(&o->elements[i], t);
	if (o->elements_more)
		tree_leaf(t, &(struct tree_node){.key = "more", .name = "Profile elements"},
			  "%u more, not told", o->elements_more);
}

static void tell_package(const struct opened *o, const struct tree *t)
{
	if (!o->segment_count && !o->fault)
		return;
	tree_open(t, "package", "Bound profile package, opened", SLICE_EMPTY);
	for (unsigned i = 0; i < o->segment_count; i++) {
		const struct opened_segment *s = &o->segments[i];

		if (s->mac == OPENED_NOT_CHECKED)
			continue;
		tree_open(t, "segment-opened", "Segment", SLICE_EMPTY);
		tell_check("mac", "MAC", s->mac, t);
		if (s->mac == OPENED_RIGHT)
			tell_plain(s, t);
		tree_close(t);
	}
	tell_elements(o, t);
	tell_fault(o->fault, t);
	tree_close(t);
}

void opened_tell(const struct opened *o, const struct tree *t)
{
	switch (o->by) {
	case OPENED_SCP02:
	case OPENED_SCP03: tell_channel(o, t); break;
	case OPENED_PACKAGE: tell_package(o, t); break;
	case OPENED_NOT: tell_fault(o->fault, t); break;
	}
}

/* RC, CC or DS */
static void tell_integrity(const struct opened_packet *p, const struct tree *t)
{
	static const struct tree_node nodes[] = {
		[INTEGRITY_RC] = {.key = "rc", .name = "Redundancy check (RC)"},
		[INTEGRITY_CC] = {.key = "cc", .name = "Cryptographic checksum (CC)"},
		[INTEGRITY_DS] = {.key = "ds", .name = "Digital signature (DS)"},
	};
	const struct tree_node *n = &nodes[p->integrity];

	if (p->check != OPENED_NOT_CHECKED)
		tell_check(n->key, n->name, p->check, t);
	else if (p->unchecked)
		tree_leaf(t, n, "not checked: %s", p->unchecked);
}

static void tell_packet(const struct opened_packet *p, const struct tree *t)
{
	tree_open(t, "packet-opened", "Opened", SLICE_EMPTY);
	tell_integrity(p, t);
	if (p->has_plain) {
		tree_leaf(t, &(struct tree_node){.key = "counter", .name = "Counter (CNTR)"},
			  "%llu", (unsigned long long)p->counter);
		if (p->is_response)
			tree_leaf(t, &(struct tree_node){.key = "status", .name = "Status"}, "%02X",
				  p->status);
		field_octets(&(struct field){.key = "plain", .name = "Secured data"}, p->plain,
			     NULL, t);
	}
	tell_fault(p->fault, t);
	tree_close(t);
}

static void pass_open(void *ctx, const struct tree_node *n)
{
	struct opened_tree *f = ctx;

	f->depth++;
	if (!f->packet_depth && packet_is(n))
		f->packet_depth = f->depth;
	f->to->open(f->to->ctx, n);
}

static void close_packet(void *ctx)
{
	struct opened_tree *f = ctx;

	if (f->depth-- == f->packet_depth) {
		f->packet_depth = 0;
		if (f->packet < f->opened->packet_count)
			tell_packet(&f->opened->packets[f->packet], f->to);
		f->packet++;
	}
	f->to->close(f->to->ctx);
}

struct tree opened_tree(struct opened_tree *mem, const struct opened *o, const struct tree *to)
{
	*mem = (struct opened_tree){.to = to, .opened = o};
	return (struct tree){
		.open = pass_open, .close = close_packet, .ctx = mem, .wordless = to->wordless};
}
