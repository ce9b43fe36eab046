#include "host/operator/keysource/uri.h"

#include <string.h>

#define SCHEME "pkcs11:"

struct parse {
	struct pkcs11_uri *uri;
	const char *why;
	unsigned seen; /* a bit a row of attributes */
	bool in_query;
};

static enum err refuse_uri(struct parse *p, const char *why)
{
	p->why = why;
	return ERR_USAGE;
}

static int hex_digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 2.1. What is no printable ASCII stands there as %XX alone. */
static enum err decode_percent(struct parse *p, struct slice text, struct wbuf *out)
{
	struct cursor c = cursor_of(text);

	while (cursor_left(&c)) {
		uint8_t octet = cursor_u8(&c);

		if (octet <= ' ' || octet > '~')
			return refuse_uri(p, "a character has to stand there as %XX");
		if (octet == '%') {
			struct slice two = cursor_take(&c, 2);
			int high = hex_digit_of(slice_at(two, 0)),
			    low = hex_digit_of(slice_at(two, 1));

			if (two.len != 2 || high < 0 || low < 0)
				return refuse_uri(p, "a % stands before two hex digits");
			octet = (uint8_t)(high << 4 | low);
		}
		wbuf_u8(out, octet);
	}
	return out->err ? refuse_uri(p, "a value is too long") : ERR_OK;
}

static enum err take_text(struct parse *p, struct slice value, char *to, size_t cap)
{
	uint8_t octets[URI_TEXT_CAP];
	struct wbuf w = wbuf_init(octets, cap - 1);
	enum err e = decode_percent(p, value, &w);

	if (!e && (!w.len || slice_text(wbuf_slice(&w), to, cap)))
		e = refuse_uri(p, "a value is empty, or has a NUL in it");
	return e;
}

static enum err take_id(struct parse *p, struct slice value)
{
	struct wbuf w = wbuf_init(p->uri->id, URI_ID_MAX);
	enum err e = decode_percent(p, value, &w);

	p->uri->id_len = w.len;
	return !e && !w.len ? refuse_uri(p, "the id is empty") : e;
}

static enum err take_type(struct parse *p, struct slice value)
{
	return slice_is(value, "secret-key") ? ERR_OK
					     : refuse_uri(p, "type: it has to be secret-key");
}

static enum err take_module(struct parse *p, struct slice value)
{
	enum err e = take_text(p, value, p->uri->module, sizeof(p->uri->module));

	return !e && p->uri->module[0] != '/' ? refuse_uri(p, "module-path wants a whole path") : e;
}

/* "/x", "file:/x" (RFC 8089) and "file:///x" are one path. */
static enum err take_pin_source(struct parse *p, struct slice value)
{
	static const char file[] = "file:", credential[] = "credential:";
	char *source = p->uri->pin_source, *path = source;
	enum err e = take_text(p, value, source, sizeof(p->uri->pin_source));

	if (e)
		return e;
	if (strncmp(source, credential, strlen(credential)) == 0) {
		path += strlen(credential);
		p->uri->pin = URI_PIN_CREDENTIAL;
	} else {
		if (strncmp(source, file, strlen(file)) == 0)
			path += strlen(file);
		if (strncmp(path, "///", 3) == 0)
			path += 2;
		if (*path != '/')
			return refuse_uri(p, "pin-source wants a whole path, or credential:NAME");
		p->uri->pin = URI_PIN_FILE;
	}
	memmove(source, path, strlen(path) + 1);
	if (p->uri->pin == URI_PIN_CREDENTIAL &&
	    (!*source || strchr(source, '/') || *source == '.'))
		return refuse_uri(p, "pin-source: this is no credential's name");
	return ERR_OK;
}

static enum err refuse_value(struct parse *p, struct slice value)
{
	(void)value;
	return refuse_uri(p, "a PIN in the URI can be read by all users: use "
			     "pin-source=file:PATH, or nothing, to be asked");
}

#define FIELD(field) offsetof(struct pkcs11_uri, field), sizeof(((struct pkcs11_uri *)0)->field)
static const struct attribute {
	const char *name;
	bool in_query;
	size_t at, cap; /* of its field; cap 0: take has it */
	enum err (*take)(struct parse *p, struct slice value);
} attributes[] = {
	{"token", false, FIELD(token), NULL},
	{"manufacturer", false, FIELD(manufacturer), NULL},
	{"serial", false, FIELD(serial), NULL},
	{"model", false, FIELD(model), NULL},
	{"object", false, FIELD(object), NULL},
	{"id", false, 0, 0, take_id},
	{"type", false, 0, 0, take_type},
	{"module-path", true, 0, 0, take_module},
	{"pin-source", true, 0, 0, take_pin_source},
	{"pin-value", true, 0, 0, refuse_value},
};

static enum err take_attribute(struct parse *p, struct slice name, struct slice value)
{
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		const struct attribute *a = &attributes[i];

		if (a->in_query != p->in_query || !slice_is(name, a->name))
			continue;
		if (p->seen & 1u << i)
			return refuse_uri(p, "an attribute stands there twice");
		p->seen |= 1u << i;
		return a->take ? a->take(p, value)
			       : take_text(p, value, (char *)p->uri + a->at, a->cap);
	}
	if (p->in_query && slice_starts(name, slice_str("x-")))
		return ERR_OK;
	return refuse_uri(p, "it may have token, manufacturer, serial, model, object, id, type; "
			     "module-path, pin-source");
}

/* What stands before the octet, which goes too; all, where it is not there. */
static struct slice take_until(struct cursor *c, char end)
{
	const uint8_t *at = c->rest.len ? memchr(c->rest.ptr, end, c->rest.len) : NULL;
	struct slice part = at ? cursor_take(c, (size_t)(at - c->rest.ptr)) : cursor_take_rest(c);

	if (at)
		(void)cursor_u8(c);
	return part;
}

static enum err take_attributes(struct parse *p, struct slice list, char between)
{
	struct cursor c = cursor_of(list);
	enum err e = ERR_OK;

	while (!e && cursor_left(&c)) {
		struct cursor part = cursor_of(take_until(&c, between));
		struct slice name = take_until(&part, '=');

		e = take_attribute(p, name, part.rest);
	}
	return e;
}

enum err pkcs11_uri_parse(struct slice text, struct pkcs11_uri *out, const char **why)
{
	struct pkcs11_uri uri = {.id_len = 0};
	struct parse p = {.uri = &uri};
	struct cursor c = cursor_of(text);
	enum err e = slice_starts(text, slice_str(SCHEME))
			     ? ERR_OK
			     : refuse_uri(&p, "it begins with " SCHEME);

	(void)cursor_take(&c, strlen(SCHEME));
	if (!e)
		e = take_attributes(&p, take_until(&c, '?'), ';');
	p.in_query = true;
	if (!e)
		e = take_attributes(&p, c.rest, '&');
	if (!e && !uri.token[0] && !uri.serial[0])
		e = refuse_uri(&p, "it has to name the token, by token=LABEL or serial=NUMBER");
	if (!e && !uri.object[0] && !uri.id_len)
		e = refuse_uri(&p, "it has to name the key, by object=LABEL or id=%XX");
	if (e)
		*why = p.why;
	else
		*out = uri;
	return e;
}
