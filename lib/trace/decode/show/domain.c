/* domain: GlobalPlatform: security domains, their applications and keys. Card Specification 11,
 * E.5 (SCP02), amendment D 7.1 (SCP03) */
#include "lib/base/tlv.h"
#include "lib/trace/decode/field/aid.h"
#include "lib/trace/decode/show/rows.h"
#include "lib/uicc/gp.h"

#define LAST_BLOCK	0x80 /* P1 of LOAD */
#define DIVERSIFICATION 10
#define CRYPTOGRAM	8

/* P1 of INSTALL, table 11-38: a bit for each step */
static const struct {
	uint8_t bit;
	const char *name;
} steps[] = {
	{0x02, "for load"},	   {0x04, "for install"},	  {0x08, "make selectable"},
	{0x10, "for extradition"}, {0x20, "for personalisation"}, {0x40, "for registry update"}};

static bool is_secured(const struct decode_item *item)
{
	return apdu_is_secured(item->exchange->apdu.cla);
}

static void say_secured(const struct decode_item *item, struct wbuf *words)
{
	if (is_secured(item))
		show_say(words, "%ssecure messaging", words->len ? ", " : "");
}

/* What secure messaging wraps is told as it is. */
static void tell_secured(const struct decode_item *item, const struct tree *t)
{
	static const struct field data = {.key = "secured",
					  .name = "Data and MAC, perhaps encrypted"},
				  answer = {.key = "answer", .name = "Answer"};

	if (item->data.len)
		field_tell(&data, item->data, t);
	if (item->answer.len)
		field_tell(&answer, item->answer, t);
}

static void what_install(const struct decode_item *item, struct wbuf *words)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (item->exchange->apdu.p1 & steps[i].bit)
			show_say(words, "%s%s", words->len ? ", " : "", steps[i].name);
	}
	say_secured(item, words);
}

/* 11.5.2.3: fields with their lengths in front, in an order that the step gives. */
static void tell_install(const struct decode_item *item, const struct tree *t)
{
	static const struct field load[] = {
		{.key = "load-file", .name = "AID of the load file", .show = field_aid},
		{.key = "domain", .name = "AID of the security domain", .show = field_aid},
		{.key = "hash", .name = "Hash of the load file"},
		{.key = "parameters", .name = "Parameters"},
		{.key = "token", .name = "Token"},
	};
	static const struct field install[] = {
		{.key = "load-file", .name = "AID of the load file", .show = field_aid},
		{.key = "module", .name = "AID of the module", .show = field_aid},
		{.key = "application", .name = "AID of the application", .show = field_aid},
		{.key = "privileges", .name = "Privileges"},
		{.key = "parameters", .name = "Parameters"},
		{.key = "token", .name = "Token"},
	};
	bool loads = item->exchange->apdu.p1 & steps[0].bit;
	const struct field *rows = loads ? load : install;
	struct cursor c = cursor_of(item->data);

	if (is_secured(item)) {
		tell_secured(item, t);
		return;
	}
	for (size_t i = 0; i < (loads ? ARRAY_LEN(load) : ARRAY_LEN(install)); i++) {
		size_t n = cursor_u8(&c);
		struct slice value = cursor_take(&c, n);

		if (c.err)
			break;
		if (value.len)
			field_tell(&rows[i], value, t);
	}
	if (cursor_left(&c))
		field_octets(&(struct field){.key = "octets", .name = "Octets"}, c.rest, NULL, t);
}

const struct show show_install = {what_install, tell_install};

static void what_load(const struct decode_item *item, struct wbuf *words)
{
	const struct apdu *a = &item->exchange->apdu;

	show_say(words, "block %u%s", a->p2, a->p1 & LAST_BLOCK ? ", the last" : "");
	say_secured(item, words);
}

const struct show show_load = {what_load, tell_secured};

FIELDS(deleted, {.tag = GP_TAG_AID, .key = "aid", .name = "AID", .show = field_aid},
       {.tag = 0xD0, .key = "key-id", .name = "Key identifier", .show = field_number},
       {.tag = 0xD2, .key = "key-version", .name = "Key version", .show = field_number});

static void what_delete(const struct decode_item *item, struct wbuf *words)
{
	struct slice aid;

	if (!is_secured(item) && tlv_find(item->data, GP_TAG_AID, &aid)) {
		show_say(words, "AID ");
		show_say_hex(words, aid);
	}
	if (item->exchange->apdu.p2 & 0x80) /* table 11-22 */
		show_say(words, "%swith what belongs to it", words->len ? ", " : "");
	say_secured(item, words);
}

static void tell_delete(const struct decode_item *item, const struct tree *t)
{
	if (is_secured(item))
		tell_secured(item, t);
	else
		objects_tell(&deleted, item->data, t);
}

const struct show show_delete = {what_delete, tell_delete};

/* P1, tables 11-33 and 11-86 */
WORDS(subsets, {0x80, "issuer security domain"}, {0x40, "applications and security domains"},
      {0x20, "load files"}, {0x10, "load files and modules"},
      {0x60, "security domain and its own"});
WORDS(lifecycles, {0x01, "loaded, or OP_READY"}, {0x03, "installed"},
      {0x07, "selectable, or initialized"}, {0x0F, "personalised, or secured"},
      {0x7F, "card locked"}, {0xFF, "terminated"});

FIELDS(registry, {.tag = GP_TAG_AID, .key = "aid", .name = "AID", .show = field_aid},
       {.tag = GP_TAG_LIFE_CYCLE,
	.key = "lifecycle",
	.name = "Life cycle state",
	.show = field_words,
	.of = &lifecycles},
       {.tag = 0xC5, .key = "privileges", .name = "Privileges"},
       {.tag = 0xCF, .key = "implicit", .name = "Implicit selection"},
       {.tag = 0xC4, .key = "load-file", .name = "AID of the load file", .show = field_aid},
       {.tag = 0xCE, .key = "version", .name = "Version of the load file"},
       {.tag = 0x84, .key = "module", .name = "AID of a module", .show = field_aid},
       {.tag = 0xCC, .key = "domain", .name = "AID of the security domain", .show = field_aid});
FIELDS(status, {.tag = GP_TAG_AID, .key = "aid", .name = "AID", .show = field_aid},
       {.tag = 0x5C, .key = "tags", .name = "Tag list"},
       {.tag = 0xE3, .key = "entry", .name = "Entry", .show = field_objects, .of = &registry});

static void what_subset(const struct decode_item *item, struct wbuf *words)
{
	const char *text = words_find(&subsets, item->exchange->apdu.p1);

	show_say(words, "%s", text ? text : "unknown subset");
	say_secured(item, words);
}

static void tell_registry(const struct decode_item *item, const struct tree *t)
{
	if (is_secured(item)) {
		tell_secured(item, t);
		return;
	}
	objects_tell(&status, item->data, t);
	objects_tell(&status, item->answer, t);
}

const struct show show_registry = {what_subset, tell_registry};

static void what_set_status(const struct decode_item *item, struct wbuf *words)
{
	const char *text = words_find(&lifecycles, item->exchange->apdu.p2);

	what_subset(item, words);
	show_say(words, ": %s", text ? text : "unknown state");
}

const struct show show_set_status = {what_set_status, NULL};

static void what_put_key(const struct decode_item *item, struct wbuf *words)
{
	const struct apdu *a = &item->exchange->apdu;

	show_say(words, "version %u, identifier %u", a->p1 & 0x7F, a->p2 & 0x7F);
	say_secured(item, words);
}

/* Encrypted or not, keys are not for a screen. */
static void tell_put_key(const struct decode_item *item, const struct tree *t)
{
	tree_leaf(t, &(struct tree_node){.key = "keys", .name = "Key data"},
		  "%zu octets, not shown", item->data.len);
	if (item->answer.len)
		field_tell(&(struct field){.key = "check", .name = "Key check values"},
			   item->answer, t);
}

const struct show show_put_key = {what_put_key, tell_put_key};

static void what_initialize(const struct decode_item *item, struct wbuf *words)
{
	uint8_t scp = slice_at(item->answer, DIVERSIFICATION + 1);

	show_say(words, "key version %u", item->exchange->apdu.p1);
	if (item->answer.len > DIVERSIFICATION + 1)
		show_say(words, ", SCP%02X", scp);
}

/* E.5.1.4; SCP03 has the way to make keys (i) as a third octet of the key information, and three
 * octets of a counter at the end where it is pseudo-random */
FIELDS(scp02,
       {.key = "diversification", .name = "Key diversification data", .len = DIVERSIFICATION},
       {.key = "key", .name = "Key information", .len = 2},
       {.key = "counter", .name = "Sequence counter", .len = 2, .show = field_number},
       {.key = "challenge", .name = "Card challenge", .len = 6},
       {.key = "cryptogram", .name = "Card cryptogram", .len = CRYPTOGRAM});
FIELDS(scp03,
       {.key = "diversification", .name = "Key diversification data", .len = DIVERSIFICATION},
       {.key = "key", .name = "Key information", .len = 3},
       {.key = "challenge", .name = "Card challenge", .len = 8},
       {.key = "cryptogram", .name = "Card cryptogram", .len = CRYPTOGRAM},
       {.key = "counter",
	.name = "Sequence counter",
	.len = 3,
	.optional = true,
	.show = field_number});

static void tell_initialize(const struct decode_item *item, const struct tree *t)
{
	field_tell(&(struct field){.key = "challenge", .name = "Host challenge"}, item->data, t);
	if (item->answer.len)
		fields_tell(slice_at(item->answer, DIVERSIFICATION + 1) == 3 ? &scp03 : &scp02,
			    item->answer, t);
}

const struct show show_initialize_update = {what_initialize, tell_initialize};

/* P1, E.5.2.3 */
WORDS(levels, {0x00, "no secure messaging"}, {0x01, "C-MAC"}, {0x03, "C-MAC and encryption"},
      {0x10, "R-MAC"}, {0x11, "C-MAC and R-MAC"}, {0x13, "C-MAC, encryption and R-MAC"},
      {0x33, "C-MAC, R-MAC, both encrypted"});
FIELDS(host, {.key = "cryptogram", .name = "Host cryptogram", .len = CRYPTOGRAM},
       {.key = "mac", .name = "MAC", .len = CRYPTOGRAM});

static void what_external(const struct decode_item *item, struct wbuf *words)
{
	const char *text = words_find(&levels, item->exchange->apdu.p1);

	show_say(words, "%s", text ? text : "unknown security level");
}

static void tell_external(const struct decode_item *item, const struct tree *t)
{
	fields_tell(&host, item->data, t);
}

const struct show show_external_authenticate = {what_external, tell_external};
