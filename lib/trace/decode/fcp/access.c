#include "lib/trace/decode/fcp/access.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/tlv.h"
#include "lib/uicc/command.h"
#include "lib/uicc/fcp.h"

#define FILLER	  0xFF
#define WORDS_CAP 256
#define DEPTH_MAX 4
#define MODES	  7

/* What the bits of an access mode's tag 81 to 8F say */
enum mode_bit { MODE_CLA = 0x08, MODE_INS = 0x04, MODE_P1 = 0x02, MODE_P2 = 0x01 };

struct line {
	char text[WORDS_CAP];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void say(struct line *l, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(l->text + l->n, sizeof(l->text) - l->n, format, ap);
	va_end(ap);
	l->n += n < 0 ? 0 : (size_t)n;
	if (l->n >= sizeof(l->text))
		l->n = sizeof(l->text) - 1;
}

const char *access_key_name(uint8_t reference)
{
	/* table 9.3; bit 8: they belong to a directory */
	WORDS(keys, {0x01, "PIN1"}, {0x02, "PIN1 of application 2"},
	      {0x03, "PIN1 of application 3"}, {0x04, "PIN1 of application 4"},
	      {0x05, "PIN1 of application 5"}, {0x06, "PIN1 of application 6"},
	      {0x07, "PIN1 of application 7"}, {0x08, "PIN1 of application 8"}, {0x0A, "ADM1"},
	      {0x0B, "ADM2"}, {0x0C, "ADM3"}, {0x0D, "ADM4"}, {0x0E, "ADM5"},
	      {0x11, "universal PIN"}, {0x81, "PIN2"}, {0x82, "PIN2 of application 2"},
	      {0x83, "PIN2 of application 3"}, {0x84, "PIN2 of application 4"},
	      {0x85, "PIN2 of application 5"}, {0x86, "PIN2 of application 6"},
	      {0x87, "PIN2 of application 7"}, {0x88, "PIN2 of application 8"}, {0x8A, "ADM6"},
	      {0x8B, "ADM7"}, {0x8C, "ADM8"}, {0x8D, "ADM9"}, {0x8E, "ADM10"});
	const char *name = words_find(&keys, reference);

	return name ? name : "a key reference that is reserved";
}

void field_key_reference(const struct field *f, struct slice v, const struct tree *t)
{
	if (v.len != 1)
		field_octets(f, v, "no single octet", t);
	else
		tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%s",
			  access_key_name(slice_at(v, 0)));
}

/* From bit 7 to bit 1 */
static const char *const modes[][MODES] = {
	[ACCESS_OF_ANY] = {"delete", "terminate", "activate", "deactivate", "write or create DF",
			   "update or create EF", "read or delete child"},
	[ACCESS_OF_EF] = {"delete", "terminate", "activate", "deactivate", "write", "update",
			  "read"},
	[ACCESS_OF_DF] = {"delete", "terminate", "activate", "deactivate", "create DF", "create EF",
			  "delete child"},
};

static void say_modes(struct line *l, uint8_t bits, enum access_of of)
{
	if (bits & 0x80)
		say(l, "%sproprietary %02X", l->n ? ", " : "", bits);
	for (unsigned i = MODES; i-- > 0 && !(bits & 0x80);) {
		if (bits & 0x40 >> i)
			say(l, "%s%s", l->n ? ", " : "", modes[of][i]);
	}
}

/* Which instruction: the commands of the UICC first */
static const char *command_name(uint8_t ins)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (command_table[i].ins == ins)
			return command_table[i].name;
	}
	return NULL;
}

static void say_header(struct line *l, const struct tlv *mode)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} parts[] = {{MODE_CLA, "CLA"}, {MODE_INS, "INS"}, {MODE_P1, "P1"}, {MODE_P2, "P2"}};
	struct cursor c = cursor_of(mode->value);

	say(l, "%s", l->n ? ", " : "");
	for (size_t i = 0; i < ARRAY_LEN(parts) && cursor_left(&c); i++) {
		uint8_t octet;
		const char *name;

		if (!(mode->tag & parts[i].bit))
			continue;
		octet = cursor_u8(&c);
		name = parts[i].bit == MODE_INS ? command_name(octet) : NULL;
		if (name)
			say(l, "%s", name);
		else
			say(l, "%s %02X", parts[i].name, octet);
		if (cursor_left(&c))
			say(l, " ");
	}
}

/* ISO 7816-4 table 23 */
static void say_octet(struct line *l, uint8_t octet)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} needs[] = {{0x40, "secure messaging"},
		     {0x20, "external authentication"},
		     {0x10, "user authentication"}};
	const char *joint = octet & 0x80 ? " and " : " or ", *between = "";

	if (octet == 0 || octet == 0xFF) {
		say(l, octet ? "never" : "always");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		if (octet & needs[i].bit) {
			say(l, "%s%s", between, needs[i].name);
			between = joint;
		}
	}
	if (octet & 0x0F)
		say(l, "%ssecurity environment %u", between, octet & 0x0Fu);
}

/* A control reference template: which key, used how (95, 08: verified) */
static void say_key(struct line *l, struct slice template)
{
	struct slice key;

	if (tlv_find(template, UICC_PS_KEY_REFERENCE, &key) && key.len == 1)
		say(l, "%s", access_key_name(slice_at(key, 0)));
	else
		say(l, "a key without a reference");
}

static void say_conditions(struct line *l, struct slice conditions, const char *joint,
			   unsigned depth);

static void say_condition(struct line *l, const struct tlv *c, unsigned depth)
{
	bool nested = c->tag == UICC_SC_OR || c->tag == UICC_SC_AND || c->tag == UICC_SC_NOT;

	if (nested && depth == DEPTH_MAX) {
		say(l, "...");
	} else if (nested) {
		if (c->tag == UICC_SC_NOT)
			say(l, "not ");
		if (depth)
			say(l, "(");
		say_conditions(l, c->value, c->tag == UICC_SC_AND ? " and " : " or ", depth + 1);
		if (depth)
			say(l, ")");
	} else if (c->tag == UICC_SC_ALWAYS) {
		say(l, "always");
	} else if (c->tag == UICC_SC_NEVER) {
		say(l, "never");
	} else if (c->tag == UICC_SC_OCTET && c->value.len == 1) {
		say_octet(l, slice_at(c->value, 0));
	} else if (c->tag == UICC_SC_KEY) {
		say_key(l, c->value);
	} else {
		say(l, "condition %X that is not known", c->tag);
	}
}

static void say_conditions(struct line *l, struct slice conditions, const char *joint,
			   unsigned depth)
{
	struct cursor c = cursor_of(conditions);
	const char *between = "";
	struct tlv one;

	while (tlv_next(&c, &one)) {
		say(l, "%s", between);
		say_condition(l, &one, depth);
		between = joint;
	}
}

static bool is_mode(uint32_t tag)
{
	return tag >= UICC_AM_BITS && tag <= UICC_AM_LAST;
}

static void tell_rule(struct slice raw, const struct line *l, const char *fault,
		      const struct tree *t)
{
	tree_leaf(t,
		  &(struct tree_node){
			  .key = "rule", .name = "Access rule", .raw = raw, .fault = fault},
		  "%s", l->text);
}

/* One rule: its modes, then its conditions, any of which will do. False: there is no further one.
 */
static bool next_rule(struct cursor *c, enum access_of of, const struct tree *t)
{
	struct slice from = c->rest;
	struct line l = {.n = 0};
	const char *between = ": ", *fault = NULL;
	struct tlv one;

	while (is_mode(tlv_peek(c)) && tlv_next(c, &one)) {
		if (one.tag == UICC_AM_BITS)
			say_modes(&l, slice_at(one.value, 0), of);
		else
			say_header(&l, &one);
	}
	if (!l.n)
		fault = "no access mode";
	while (!fault && tlv_peek(c) && !is_mode(tlv_peek(c)) && slice_at(c->rest, 0) != FILLER &&
	       tlv_next(c, &one)) {
		say(&l, "%s", between);
		say_condition(&l, &one, 0);
		between = " or ";
	}
	if (c->err)
		fault = "no BER-TLV object";
	else if (!fault && between[0] == ':')
		fault = "an access mode without a condition";
	tell_rule(slice_sub(from, 0, fault ? from.len : from.len - c->rest.len), &l, fault, t);
	return !fault;
}

void access_tell(struct slice rules, enum access_of of, const struct tree *t)
{
	struct cursor c = cursor_of(rules);

	while (cursor_left(&c) && !field_is_blank(c.rest)) {
		if (!next_rule(&c, of, t))
			return;
	}
}

/* With bit 8 the bits 7 to 4 are the manufacturer's (ISO 7816-4 9.3.3). */
void access_tell_compact(struct slice rules, enum access_of of, const struct tree *t)
{
	struct cursor c = cursor_of(rules);

	while (cursor_left(&c)) {
		uint8_t bits = cursor_u8(&c);

		for (unsigned i = 0; i < MODES; i++) {
			struct slice octet;
			struct line l = {.n = 0};

			if (!(bits & 0x40 >> i))
				continue;
			octet = cursor_take(&c, 1);
			say(&l, "%s: ", bits & 0x80 && i < 4 ? "proprietary" : modes[of][i]);
			say_octet(&l, slice_at(octet, 0));
			tell_rule(octet, &l, octet.len ? NULL : "missing", t);
		}
	}
}

void field_access(const struct field *f, struct slice v, const struct tree *t)
{
	tree_open(t, f->key, f->name, v);
	access_tell(v, ACCESS_OF_ANY, t);
	tree_close(t);
}
