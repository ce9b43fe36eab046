/* apps: security domains, RFM applications, load packages and instances, TCA 8.6 to 8.8 */
#include "lib/base/tlv.h"
#include "lib/profile/interpret/handlers.h"
#include "lib/profile/interpret/walk.h"

#define LIFE_CYCLE_DEFAULT 0x07
#define TAR_LEN		   3
#define AID_MIN		   5
#define AID_MAX		   16

static enum pe_status hand_over(struct walk *w, const struct profile_app *a)
{
	return w->sink->app ? w->sink->app(w->sink->ctx, a) : PE_NOT_SUPPORTED;
}

/* The card is not managed over the air: it keeps what serves that, and the report says so. */
static enum pe_status keep(struct walk *w, const struct profile_app *a)
{
	enum pe_status s = hand_over(w, a);

	if (s == PE_OK)
		walk_note(w, PE_FEATURE_NOT_SUPPORTED);
	return s;
}

static struct slice take_aid(struct cursor *c)
{
	struct slice aid = tlv_expect(c, PE_TAG_AID);

	if (!c->err && (aid.len < AID_MIN || aid.len > AID_MAX))
		cursor_fail(c, ERR_VALUE);
	return aid;
}

static enum pe_status failed(const struct cursor *c)
{
	return c->err == ERR_VALUE ? PE_INVALID_PARAMETER : PE_INVALID_FORMAT;
}

/* ApplicationInstance */
static bool take_instance(struct cursor *c, struct profile_app *a)
{
	struct slice v = SLICE_EMPTY;

	a->life_cycle = LIFE_CYCLE_DEFAULT;
	a->package = take_aid(c);
	a->class_id = take_aid(c);
	a->aid = take_aid(c);
	if (tlv_peek(c) == PE_TAG_AID)
		a->domain = take_aid(c);
	a->privileges = tlv_expect(c, INSTANCE_TAG_PRIVILEGES);
	if (tlv_optional(c, INSTANCE_TAG_LIFE_CYCLE, &v)) {
		a->life_cycle = slice_at(v, 0);
		if (v.len != 1)
			cursor_fail(c, ERR_LENGTH);
	}
	tlv_expect(c, INSTANCE_TAG_PARAMETERS);
	tlv_optional(c, INSTANCE_TAG_SYSTEM, &v);
	tlv_optional(c, INSTANCE_TAG_UICC, &v);
	tlv_optional(c, INSTANCE_TAG_PROCESS_DATA, &v);
	tlv_optional(c, INSTANCE_TAG_CONTROL_TEMPLATE, &v);
	return !c->err;
}

static void expect_range(struct cursor *c, uint32_t tag, size_t min, size_t max)
{
	size_t len = tlv_expect(c, tag).len;

	if (!c->err && (len < min || len > max))
		cursor_fail(c, ERR_LENGTH);
}

/* keyList: only its form is checked. The keys are for a secure channel that the card lacks. */
static bool check_keys(struct slice list)
{
	struct cursor c = cursor_of(list);

	while (cursor_left(&c)) {
		struct cursor key = tlv_enter(&c, ASN1_SEQUENCE), components;
		struct slice v;

		expect_range(&key, KEY_TAG_USAGE, 1, 2);
		if (tlv_peek(&key) == KEY_TAG_ACCESS)
			expect_range(&key, KEY_TAG_ACCESS, 1, 1);
		expect_range(&key, KEY_TAG_ID, 1, 1);
		expect_range(&key, KEY_TAG_VERSION, 1, 1);
		tlv_optional(&key, KEY_TAG_COUNTER, &v);
		components = tlv_enter(&key, KEY_TAG_COMPONENTS);
		while (cursor_left(&components)) {
			struct cursor one = tlv_enter(&components, ASN1_SEQUENCE);

			tlv_expect(&one, COMPONENT_TAG_TYPE);
			tlv_expect(&one, COMPONENT_TAG_DATA);
			tlv_optional(&one, COMPONENT_TAG_MAC_LENGTH, &v);
			tlv_leave(&components, &one);
		}
		tlv_leave(&key, &components);
		tlv_leave(&c, &key);
	}
	return list.len && !c.err;
}

enum pe_status walk_security_domain(struct walk *w, const struct element *e)
{
	struct cursor instance = tlv_enter(e->c, DOMAIN_TAG_INSTANCE);
	struct profile_app a = {.kind = PROFILE_SECURITY_DOMAIN, .raw = e->raw};
	struct slice v;

	if (!take_instance(&instance, &a))
		return failed(&instance);
	tlv_leave(e->c, &instance);
	if (tlv_optional(e->c, DOMAIN_TAG_KEYS, &v) && !check_keys(v))
		return PE_INVALID_FORMAT;
	tlv_optional(e->c, DOMAIN_TAG_PERSO_DATA, &v);
	tlv_optional(e->c, DOMAIN_TAG_OPEN_PERSO_DATA, &v);
	if (tlv_optional(e->c, DOMAIN_TAG_CAT_TP, &v) && !walk_has(w, SERVICE_CAT_TP))
		return service_at(SERVICE_CAT_TP)->status;
	return e->c->err ? PE_INVALID_FORMAT : keep(w, &a);
}

static bool check_tars(struct slice list)
{
	struct cursor c = cursor_of(list);

	while (cursor_left(&c)) {
		if (tlv_expect(&c, ASN1_OCTET_STRING).len != TAR_LEN)
			return false;
	}
	return list.len != 0;
}

enum pe_status walk_rfm(struct walk *w, const struct element *e)
{
	struct profile_app a = {.kind = PROFILE_RFM,
				.raw = e->raw,
				.life_cycle = LIFE_CYCLE_DEFAULT,
				.aid = take_aid(e->c)};

	if (tlv_peek(e->c) == PE_TAG_AID)
		a.domain = take_aid(e->c);
	if (tlv_optional(e->c, RFM_TAG_TARS, &a.tars) && !check_tars(a.tars))
		return PE_INVALID_FORMAT;
	if (tlv_expect(e->c, RFM_TAG_SECURITY).len != 1)
		return e->c->err ? failed(e->c) : PE_INVALID_FORMAT;
	tlv_expect(e->c, RFM_TAG_ACCESS); /* uiccAccessDomain, uiccAdminAccessDomain */
	tlv_expect(e->c, RFM_TAG_ACCESS);
	if (tlv_peek(e->c) == RFM_TAG_ADF_ACCESS) {
		struct cursor access = tlv_enter(e->c, RFM_TAG_ADF_ACCESS);

		expect_range(&access, RFM_TAG_ADF_AID, AID_MIN, AID_MAX);
		tlv_expect(&access, RFM_TAG_ADF_DOMAIN);
		tlv_expect(&access, RFM_TAG_ADF_ADMIN_DOMAIN);
		tlv_leave(e->c, &access);
	}
	return e->c->err ? failed(e->c) : keep(w, &a);
}

static enum pe_status take_load_package(struct walk *w, struct slice value)
{
	struct cursor c = cursor_of(value);
	struct profile_app a = {.kind = PROFILE_LOAD_PACKAGE, .raw = value, .aid = take_aid(&c)};
	struct slice v;

	if (tlv_peek(&c) == PE_TAG_AID)
		a.domain = take_aid(&c);
	tlv_optional(&c, LOAD_TAG_CODE_LIMIT, &v);
	tlv_optional(&c, LOAD_TAG_VOLATILE_LIMIT, &v);
	tlv_optional(&c, LOAD_TAG_DATA_LIMIT, &v);
	tlv_optional(&c, LOAD_TAG_HASH, &v);
	tlv_expect(&c, LOAD_TAG_BLOCK);
	if (c.err)
		return failed(&c);
	return cursor_done(&c) ? PE_INVALID_FORMAT : hand_over(w, &a);
}

static enum pe_status take_instances(struct walk *w, struct slice value)
{
	struct cursor list = cursor_of(value);
	enum pe_status s = value.len ? PE_OK : PE_INVALID_FORMAT;

	while (s == PE_OK && cursor_left(&list)) {
		struct profile_app a = {.kind = PROFILE_APP};
		struct tlv whole = {0};
		struct cursor c;

		if (!tlv_next(&list, &whole) || whole.tag != ASN1_SEQUENCE)
			return PE_INVALID_FORMAT;
		a.raw = whole.raw;
		c = cursor_of(whole.value);
		if (!take_instance(&c, &a))
			return failed(&c);
		s = cursor_done(&c) ? PE_INVALID_FORMAT : hand_over(w, &a);
	}
	return s;
}

/* The card stores and lists the application. It does not run bytecode, and the report says so. */
enum pe_status walk_application(struct walk *w, const struct element *e)
{
	struct slice v;
	enum pe_status s = PE_OK;

	if (tlv_optional(e->c, APP_TAG_LOAD, &v))
		s = take_load_package(w, v);
	if (s == PE_OK && tlv_optional(e->c, APP_TAG_INSTANCES, &v))
		s = take_instances(w, v);
	if (s == PE_OK && e->c->err)
		s = PE_INVALID_FORMAT;
	if (s == PE_OK)
		walk_note(w, PE_RUNTIME_NOT_SUPPORTED);
	return s;
}
