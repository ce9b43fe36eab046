#include "lib/profile/interpret.h"

#include "lib/profile/file.h"
#include "lib/tlv.h"

#define PROFILE_MAJOR_MIN      2
#define PROFILE_MAJOR_MAX      3
#define PIN_LEN		       8
#define PIN_ENTRIES_MAX	       26
#define PIN_TRIES_DEFAULT      0x33
#define PUK_TRIES_DEFAULT      0xAA
#define PIN_ATTRIBUTES_DEFAULT 7

struct walk {
	const struct profile_sink *sink;
	bool patch;
	bool seen_header, seen_end;
};

/* [0] PEHeader; false when it is malformed */
static bool take_header(struct cursor *c, bool *mandated, uint64_t *id)
{
	struct cursor h = tlv_enter(c, PE_TAG_HEADER);
	struct slice null;

	*mandated = tlv_optional(&h, PE_TAG_MANDATED, &null);
	*id = tlv_expect_uint(&h, PE_TAG_IDENTIFICATION);
	tlv_leave(c, &h);
	return !c->err;
}

/* ServicesList members that this card offers; any other mandatory one is refused. */
static bool services_offered(struct slice services)
{
	static const uint32_t offered[] = {0x81 /* usim */, 0x84 /* milenage */};
	struct cursor c = cursor_of(services);
	struct tlv t;

	while (tlv_next(&c, &t)) {
		bool known = false;

		for (size_t i = 0; i < ARRAY_LEN(offered); i++)
			known = known || t.tag == offered[i];
		if (!known)
			return false;
	}
	return !c.err;
}

static enum pe_status do_profile_header(struct walk *w, struct slice value)
{
	struct cursor c = cursor_of(value);
	uint64_t major = tlv_expect_uint(&c, 0x80);
	struct slice services = SLICE_EMPTY, ignored;
	uint8_t iccid[10];

	tlv_expect_uint(&c, 0x81); /* minor version: any */
	tlv_optional(&c, 0x82, &ignored);
	if (slice_copy(tlv_expect(&c, 0x83), iccid, sizeof(iccid)))
		return PE_INVALID_FORMAT;
	tlv_optional(&c, 0x84, &ignored);
	services = tlv_expect(&c, 0xA5);
	if (c.err)
		return PE_INVALID_FORMAT;
	if (major < PROFILE_MAJOR_MIN || major > PROFILE_MAJOR_MAX)
		return PE_VERSION_NOT_SUPPORTED;
	if (!services_offered(services))
		return PE_FEATURE_NOT_SUPPORTED;
	w->seen_header = true;
	return w->sink->header(w->sink->ctx, iccid);
}

static enum pe_status do_puk(struct walk *w, struct cursor *c)
{
	struct cursor list = tlv_enter(c, 0xA1);
	enum pe_status s = PE_OK;

	while (s == PE_OK && cursor_left(&list)) {
		struct cursor e = tlv_enter(&list, ASN1_SEQUENCE);
		struct profile_puk p = {.ref = (uint8_t)tlv_expect_uint(&e, 0x80)};
		uint64_t tries = PUK_TRIES_DEFAULT;

		p.value = tlv_expect(&e, 0x81);
		if (tlv_peek(&e) == 0x82)
			tries = tlv_expect_uint(&e, 0x82);
		tlv_leave(&list, &e);
		if (list.err || p.value.len != PIN_LEN)
			return PE_INVALID_FORMAT;
		p.tries = tries & 15;
		p.tries_max = tries >> 4 & 15;
		s = w->sink->puk(w->sink->ctx, &p);
	}
	tlv_leave(c, &list);
	return s;
}

static enum pe_status do_pin_entry(struct walk *w, struct cursor *list)
{
	struct cursor e = tlv_enter(list, ASN1_SEQUENCE);
	struct profile_pin p = {.ref = (uint8_t)tlv_expect_uint(&e, 0x80)};
	uint64_t attributes = PIN_ATTRIBUTES_DEFAULT, tries = PIN_TRIES_DEFAULT;

	p.value = tlv_expect(&e, 0x81);
	if (tlv_peek(&e) == 0x82)
		p.puk_ref = (uint8_t)tlv_expect_uint(&e, 0x82);
	if (tlv_peek(&e) == 0x83)
		attributes = tlv_expect_uint(&e, 0x83);
	if (tlv_peek(&e) == 0x84)
		tries = tlv_expect_uint(&e, 0x84);
	tlv_leave(list, &e);
	if (list->err || p.value.len != PIN_LEN || attributes > UINT8_MAX || tries > UINT8_MAX)
		return PE_INVALID_FORMAT;
	p.attributes = (uint8_t)attributes;
	p.tries = tries & 15;
	p.tries_max = tries >> 4 & 15;
	return w->sink->pin(w->sink->ctx, &p);
}

/* pinCodes is a CHOICE: a list, or the path of a DF whose PINs are shared (nothing to do then). */
static enum pe_status do_pin(struct walk *w, struct cursor *c)
{
	struct cursor choice = tlv_enter(c, 0xA1), list;
	enum pe_status s = PE_OK;
	size_t n = 0;

	if (tlv_peek(&choice) == 0x81) {
		tlv_expect(&choice, 0x81);
		tlv_leave(c, &choice);
		return PE_OK;
	}
	list = tlv_enter(&choice, 0xA0);
	while (s == PE_OK && cursor_left(&list))
		s = ++n > PIN_ENTRIES_MAX ? PE_INVALID_FORMAT : do_pin_entry(w, &list);
	tlv_leave(&choice, &list);
	tlv_leave(c, &choice);
	return s;
}

/* xoringConstants c1..c5 of TS 35.206 4.1: 0, 1, 2, 4, 8 */
static bool standard_constants(struct slice c)
{
	static const uint8_t last[] = {0, 1, 2, 4, 8};
	bool same = c.len == ARRAY_LEN(last) * 16;

	for (size_t i = 0; i < c.len; i++)
		same = same && slice_at(c, i) == (i % 16 == 15 ? last[i / 16 % 5] : 0);
	return same;
}

static enum pe_status do_aka(struct walk *w, struct cursor *c)
{
	struct cursor choice = tlv_enter(c, 0xA1), p;
	struct profile_aka a = {0};
	struct slice rotation = SLICE_EMPTY, constants = SLICE_EMPTY;
	static const uint8_t rotation_default[] = {0x40, 0x00, 0x20, 0x40, 0x60};

	if (tlv_peek(&choice) == 0xA0) /* mappingParameter: the key of another application */
		return PE_FEATURE_NOT_SUPPORTED;
	p = tlv_enter(&choice, 0xA1);
	a.algorithm = (uint8_t)tlv_expect_uint(&p, 0x80);
	tlv_expect(&p, 0x81);
	a.k = tlv_expect(&p, 0x82);
	a.opc = tlv_expect(&p, 0x83);
	if (tlv_optional(&p, 0x84, &rotation) && !slice_equal(rotation, SLICE_OF(rotation_default)))
		return PE_FEATURE_NOT_SUPPORTED;
	if (tlv_optional(&p, 0x85, &constants) && !standard_constants(constants))
		return PE_FEATURE_NOT_SUPPORTED;
	if (choice.err || p.err)
		return PE_INVALID_FORMAT;
	cursor_take_rest(&choice);
	cursor_take_rest(c); /* SQN options: the card's own rules hold */
	return w->sink->aka(w->sink->ctx, &a);
}

static enum pe_status do_non_standard(struct walk *w, struct cursor *c, bool mandated)
{
	struct slice issuer = tlv_expect(c, 0x81);
	struct slice content = tlv_expect(c, 0x82);

	if (c->err)
		return PE_INVALID_FORMAT;
	return w->sink->non_standard(w->sink->ctx, issuer, content, mandated);
}

static enum pe_status do_element(struct walk *w, const struct tlv *pe, uint64_t *id)
{
	struct cursor c = cursor_of(pe->value);
	enum pe_status s;
	bool mandated;

	if (pe->tag == PE_HEADER)
		return w->patch || w->seen_header ? PE_INVALID_FORMAT
						  : do_profile_header(w, pe->value);
	if (!w->patch && !w->seen_header)
		return PE_INVALID_FORMAT;
	if (!take_header(&c, &mandated, id))
		return PE_INVALID_FORMAT;
	switch (pe->tag) {
	case PE_MF:
	case PE_USIM:
		s = w->patch ? PE_INVALID_FORMAT : file_template_element(w->sink, pe->tag, &c);
		break;
	case PE_GENERIC_FILE_MANAGEMENT: s = file_generic_element(w->sink, &c, w->patch); break;
	case PE_PIN_CODES: s = do_pin(w, &c); break;
	case PE_PUK_CODES: s = w->patch ? PE_INVALID_FORMAT : do_puk(w, &c); break;
	case PE_AKA_PARAMETER: s = do_aka(w, &c); break;
	case PE_NON_STANDARD:
		s = w->patch ? PE_INVALID_FORMAT : do_non_standard(w, &c, mandated);
		break;
	case PE_END: w->seen_end = !w->patch; return w->patch ? PE_INVALID_FORMAT : PE_OK;
	default: return mandated || w->patch ? PE_NOT_SUPPORTED : PE_OK;
	}
	return s == PE_OK && cursor_done(&c) ? PE_INVALID_FORMAT : s;
}

static void report_status(struct wbuf *report, enum pe_status s, uint64_t id)
{
	size_t mark = tlv_open(report, ASN1_SEQUENCE);

	tlv_put_uint(report, 0x80, (uint64_t)s);
	tlv_put_uint(report, 0x81, id);
	tlv_close(report, mark);
}

/* PEStatus of the element that ended the walk (or of PE-End), then profileInstallationAborted */
static void write_report(struct wbuf *report, enum pe_status s, uint64_t id)
{
	size_t whole = tlv_open(report, ASN1_SEQUENCE), list = tlv_open(report, 0xA0);

	report_status(report, s, id);
	tlv_close(report, list);
	if (s != PE_OK)
		tlv_put(report, 0x81, SLICE_EMPTY);
	tlv_close(report, whole);
}

static enum pe_status walk_all(struct walk *w, struct slice elements, uint64_t *id)
{
	struct cursor c = cursor_of(elements);
	enum pe_status s = PE_OK;
	struct tlv pe;
	size_t n = 0;

	while (s == PE_OK && tlv_next(&c, &pe)) {
		if (++n > PROFILE_ELEMENTS_MAX || w->seen_end)
			return PE_INVALID_FORMAT;
		s = do_element(w, &pe, id);
	}
	if (s == PE_OK && (c.err || n == 0 || (!w->patch && !w->seen_end)))
		s = PE_INVALID_FORMAT;
	return s;
}

static enum err err_of(enum pe_status s)
{
	if (s == PE_OK)
		return ERR_OK;
	return s == PE_MEMORY_FAILURE ? ERR_MEMORY : ERR_REFUSED;
}

enum err profile_interpret(struct slice package, const struct profile_sink *sink,
			   struct wbuf *report, enum pe_status *status)
{
	struct walk w = {.sink = sink};
	uint64_t id = 0;
	enum pe_status s = walk_all(&w, package, &id);

	if (report)
		write_report(report, s, id);
	if (status)
		*status = s;
	return err_of(s);
}

enum err profile_interpret_patch(struct slice elements, const struct profile_sink *sink)
{
	struct walk w = {.sink = sink, .patch = true};
	uint64_t id = 0;

	return err_of(walk_all(&w, elements, &id));
}
