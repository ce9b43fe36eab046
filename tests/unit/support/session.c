#include "tests/unit/support/session.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/uicc/command.h"
#include "host/terminal/uicc.h"
#include "lib/uicc/apdu.h"
#include "lib/crypto/symmetric.h"
#include "lib/rsp/es8p.h"
#include "tests/unit/test.h"
#include "tool/cli/json.h"

#define LINE_CAP   4096
#define NAME_CAP   32
#define VALUES_MAX 48
#define OCTETS_CAP (256u * 1024)
#define BLOCK_LEN  120 /* lpac's default segment size */
#define NESTING	   8
#define CHANNEL	   0x81

struct value {
	char name[NAME_CAP];
	struct wbuf octets;
};

struct player {
	const struct session_peer *peer;
	const char *file;
	unsigned line;
	bool differed;
	unsigned block_len, fetch_class;
	struct value values[VALUES_MAX];
	size_t count, given;  /* the first of them are given, and never forgotten */
	struct wbuf response; /* the card's last */
	json_t *answer;	      /* the server's last */
};

static void differ(struct player *p, const char *what, const char *text)
{
	char message[LINE_CAP + 128];

	snprintf(message, sizeof(message), "%s:%u: %s: %s", p->file, p->line, what, text);
	fprintf(stderr, "\n%s\n", message);
	CU_FAIL("the session differs");
	p->differed = true;
}

static void differ_octets(struct player *p, const char *what, struct slice got)
{
	char text[LINE_CAP] = "(too long to show)";

	(void)hex_encode(got, text, sizeof(text));
	differ(p, what, text);
}

static struct value *find(struct player *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++) {
		if (strcmp(p->values[i].name, name) == 0)
			return &p->values[i];
	}
	return NULL;
}

static void set(struct player *p, const char *name, struct slice octets)
{
	struct value *v = find(p, name);

	if (!v) {
		if (p->count == VALUES_MAX)
			abort();
		v = &p->values[p->count++];
		snprintf(v->name, sizeof(v->name), "%s", name);
		v->octets = wbuf_grow(OCTETS_CAP);
	}
	wbuf_reset(&v->octets);
	wbuf_put(&v->octets, octets);
}

static struct slice get(struct player *p, const char *name)
{
	struct value *v = find(p, name);

	if (!v)
		differ(p, "a value that nothing has set", name);
	return v ? wbuf_slice(&v->octets) : SLICE_EMPTY;
}

/* Takes "NAME" off the text. */
static void take_name(const char **text, char name[static NAME_CAP])
{
	size_t n = 0;

	while (isalnum((unsigned char)**text) && n + 1 < NAME_CAP)
		name[n++] = *(*text)++;
	name[n] = 0;
}

/* Takes two hex digits off the text. */
static bool take_octet(const char **text, uint8_t *octet)
{
	char pair[3] = {0};

	memcpy(pair, *text, strnlen(*text, 2));
	if (hex_decode_exact(pair, octet, 1))
		return false;
	*text += 2;
	return true;
}

/* Ends a "(": the length, in as many octets as it needs, goes before what was written since. */
static void put_length(struct wbuf *w, size_t mark)
{
	size_t n = w->len - mark, octets = n < 0x80 ? 0 : n < 0x100 ? 1 : 2;
	uint8_t *gap = wbuf_insert(w, mark, 1 + octets);
	struct wbuf length = wbuf_init(gap, gap ? 1 + octets : 0);

	if (octets)
		wbuf_u8(&length, (uint8_t)(0x80 | octets));
	wbuf_uint(&length, n, octets ? octets : 1);
}

static void expand(struct player *p, const char *text, struct wbuf *out)
{
	size_t marks[NESTING], depth = 0;
	char name[NAME_CAP];
	uint8_t octet;

	while (*text && !p->differed) {
		if (*text == ' ') {
			text++;
		} else if (*text == '(' && depth < NESTING) {
			marks[depth++] = out->len;
			text++;
		} else if (*text == ')' && depth) {
			put_length(out, marks[--depth]);
			text++;
		} else if (*text == '$') {
			text++;
			take_name(&text, name);
			wbuf_put(out, get(p, name));
		} else if (take_octet(&text, &octet)) {
			wbuf_u8(out, octet);
		} else {
			differ(p, "not a template", text);
		}
	}
	if (wbuf_done(out))
		differ(p, "too long", "template");
}

/* How many octets the rest of a pattern stands for; it has no {NAME} any more. */
static size_t pattern_len(struct player *p, const char *text)
{
	char name[NAME_CAP];
	size_t n = 0;

	while (*text) {
		if (*text == ' ') {
			text++;
		} else if (*text == '$') {
			text++;
			take_name(&text, name);
			n += get(p, name).len;
		} else if (*text == '{') {
			const char *colon = strchr(text, ':'), *end = strchr(text, '}');

			n += strtoul(colon && colon < end ? colon + 1 : text + 1, NULL, 10);
			text = end ? end + 1 : "";
		} else {
			n++;
			text += text[1] ? 2 : 1;
		}
	}
	return n;
}

/* "{N}", "{NAME:N}", "{NAME}": takes the octets off the response. */
static bool match_any(struct player *p, const char **text, struct cursor *c)
{
	const char *end = strchr(*text, '}');
	char name[NAME_CAP] = "";
	struct slice octets;
	size_t n;

	(*text)++;
	if (!isdigit((unsigned char)**text))
		take_name(text, name);
	if (!end || (**text != ':' && **text != '}' && *name)) {
		differ(p, "not a pattern", *text);
		return false;
	}
	if (*name && **text == '}') {
		size_t after = pattern_len(p, end + 1);

		n = cursor_left(c) > after ? cursor_left(c) - after : 1;
	} else {
		n = strtoul(*text + (**text == ':'), NULL, 10);
	}
	*text = end + 1;
	octets = cursor_take(c, n);
	if (c->err)
		return false;
	if (*name)
		set(p, name, octets);
	return true;
}

static bool matches(struct player *p, const char *text, struct slice response)
{
	struct cursor c = cursor_of(response);
	char name[NAME_CAP];
	uint8_t octet;

	while (*text && !p->differed) {
		if (*text == ' ') {
			text++;
		} else if (*text == '{') {
			if (!match_any(p, &text, &c))
				return false;
		} else if (*text == '$') {
			struct slice v;

			text++;
			take_name(&text, name);
			v = get(p, name);
			if (!slice_equal(cursor_take(&c, v.len), v))
				return false;
		} else if (!take_octet(&text, &octet)) {
			differ(p, "not a pattern", text);
		} else if (cursor_u8(&c) != octet) {
			return false;
		}
	}
	return !p->differed && cursor_done(&c) == ERR_OK;
}

static void compare(struct player *p, const char *pattern)
{
	struct slice got = wbuf_slice(&p->response);

	if (!matches(p, pattern, got) && !p->differed && !p->peer->recording) {
		fprintf(stderr, "\nthe session says %s", pattern);
		differ_octets(p, "the card answers", got);
	}
}

/* One TPDU; the data goes behind what is there, the status word is returned. */
static uint16_t transmit(struct player *p, struct slice command, struct wbuf *data)
{
	uint8_t mem[APDU_RESPONSE_MAX];
	struct wbuf r = wbuf_init(mem, sizeof(mem));
	struct cursor c;

	if (p->peer->transmit(p->peer->ctx, command, &r) || r.len < 2) {
		differ_octets(p, "no answer to", command);
		return 0;
	}
	c = cursor_of(wbuf_slice(&r));
	wbuf_put(data, cursor_take(&c, r.len - 2));
	return cursor_u16(&c);
}

static uint16_t store_data(struct player *p, struct slice request, struct wbuf *data)
{
	struct cursor c = cursor_of(request);
	uint8_t block = 0, mem[APDU_COMMAND_MAX];
	uint16_t sw;

	do {
		struct wbuf w = wbuf_init(mem, sizeof(mem));
		struct slice part = cursor_take(&c, cursor_left(&c) < p->block_len ? cursor_left(&c)
										   : p->block_len);

		apdu_put(&w, &(struct apdu){.cla = CHANNEL,
					    .ins = INS_STORE_DATA,
					    .p1 = cursor_left(&c) ? 0x11 : 0x91,
					    .p2 = block++,
					    .data = part});
		sw = transmit(p, wbuf_slice(&w), data);
	} while (cursor_left(&c) && sw == SW_OK);
	while (sw >> 8 == SW_RESPONSE >> 8) {
		const uint8_t fetch[] = {(uint8_t)p->fetch_class, INS_GET_RESPONSE, 0, 0,
					 (uint8_t)sw};

		sw = transmit(p, SLICE_OF(fetch), data);
	}
	return sw;
}

static void play_function(struct player *p, struct slice request)
{
	uint16_t sw;

	wbuf_reset(&p->response);
	sw = store_data(p, request, &p->response);
	wbuf_u16(&p->response, sw);
}

static void play_command(struct player *p, const char *text, bool function)
{
	struct wbuf command = wbuf_grow(OCTETS_CAP);

	expand(p, text, &command);
	if (!p->differed && function) {
		play_function(p, wbuf_slice(&command));
	} else if (!p->differed) {
		uint16_t sw;

		wbuf_reset(&p->response);
		sw = transmit(p, wbuf_slice(&command), &p->response);
		wbuf_u16(&p->response, sw);
		set(p, "le", slice_make(&(uint8_t){(uint8_t)sw}, 1));
	}
	wbuf_free(&command);
}

/* SGP.22 2.5.5: piece by piece; the answer to the last one is the result. */
static void play_package(struct player *p, const char *name)
{
	struct es8p_segmenter s;
	struct slice piece;

	if (es8p_segmenter_init(&s, get(p, name))) {
		differ(p, "no bound profile package", name);
		return;
	}
	while (!p->differed && es8p_segmenter_next(&s, &piece)) {
		play_function(p, piece);
		if (p->response.len > 2)
			return;
		if (!matches(p, "9000", wbuf_slice(&p->response)))
			differ_octets(p, "a piece is answered", wbuf_slice(&p->response));
	}
	if (!p->differed)
		differ(p, "the package ends without a result", name);
}

/* "$$name": hex digits in upper case, "$name": base64, anything else: itself. */
static json_t *fill_string(struct player *p, const char *text)
{
	char hex[LINE_CAP];

	if (*text != '$')
		return json_string(text);
	if (text[1] != '$')
		return json_base64(get(p, text + 1));
	if (hex_encode(get(p, text + 2), hex, sizeof(hex)))
		differ(p, "too long", text);
	for (char *c = hex; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return json_string(hex);
}

static json_t *fill(struct player *p, const char *text)
{
	json_t *body = json_loads(text, 0, NULL), *v;
	const char *key;

	if (!json_is_object(body)) {
		differ(p, "not a JSON object", text);
		return body;
	}
	json_object_foreach(body, key, v)
	{
		if (json_is_string(v))
			json_object_set_new(body, key, fill_string(p, json_string_value(v)));
	}
	return body;
}

static void play_post(struct player *p, char *text)
{
	char *body = strchr(text, ' ');
	json_t *request;

	if (!body) {
		differ(p, "no body", text);
		return;
	}
	*body++ = 0;
	request = fill(p, body);
	json_decref(p->answer);
	p->answer = NULL;
	if (!p->differed && p->peer->post(p->peer->ctx, text, request, &p->answer))
		differ(p, "the server does not answer", text);
	json_decref(request);
}

/* One string of an answer: a known value must be the same, an unknown one is taken. */
static bool take_string(struct player *p, const json_t *answer, const char *key, const char *want)
{
	const char *got = json_string_value(json_object_get(answer, key));
	struct wbuf octets = wbuf_grow(OCTETS_CAP);
	bool hex = strncmp(want, "$$", 2) == 0, same;
	const char *name = want + (hex ? 2 : 1);
	enum err e;

	if (!got || *want != '$') {
		wbuf_free(&octets);
		return got && strcmp(got, want) == 0;
	}
	e = hex ? hex_decode(got, &octets) : json_base64_field(answer, key, &octets);
	same = !e && (!find(p, name) || slice_equal(get(p, name), wbuf_slice(&octets)));
	if (same)
		set(p, name, wbuf_slice(&octets));
	wbuf_free(&octets);
	return same;
}

static void compare_answer(struct player *p, const char *text)
{
	json_t *want = json_loads(text, 0, NULL), *v;
	const char *key;

	if (!json_is_object(want))
		differ(p, "not a JSON object", text);
	if (json_object_size(want) != json_object_size(p->answer))
		differ(p, "the server's answer has other fields than", text);
	json_object_foreach(want, key, v)
	{
		bool same = json_is_string(v) ? take_string(p, p->answer, key, json_string_value(v))
					      : json_equal(v, json_object_get(p->answer, key));

		if (!same)
			differ(p, "the server's answer differs", key);
	}
	json_decref(want);
}

/* "$NAME PATTERN" */
static void compare_value(struct player *p, const char *text)
{
	char name[NAME_CAP];
	struct slice octets;

	text += *text == '$';
	take_name(&text, name);
	octets = get(p, name);
	if (!p->differed && !matches(p, text, octets) && !p->differed)
		differ_octets(p, name, octets);
}

/* "NAME TEMPLATE" */
static void play_digest(struct player *p, const char *text)
{
	struct wbuf octets = wbuf_grow(OCTETS_CAP);
	uint8_t digest[SHA256_LEN];
	char name[NAME_CAP];

	take_name(&text, name);
	expand(p, text, &octets);
	if (!p->differed && sha256(&(struct slice){octets.ptr, octets.len}, 1, digest))
		differ(p, "no digest", name);
	if (!p->differed)
		set(p, name, SLICE_OF(digest));
	wbuf_free(&octets);
}

static void forget(struct player *p, size_t but)
{
	while (p->count > but)
		wbuf_free(&p->values[--p->count].octets);
}

static void set_store(struct player *p, const char *text)
{
	if (sscanf(text, "%u %x", &p->block_len, &p->fetch_class) != 2 || p->block_len < 1 ||
	    p->block_len > 255)
		differ(p, "not a length and a class", text);
}

static void play_line(struct player *p, char *line)
{
	if (strncmp(line, ">> ", 3) == 0)
		play_command(p, line + 3, true);
	else if (strncmp(line, "> ", 2) == 0)
		play_command(p, line + 2, false);
	else if (strncmp(line, "<< ", 3) == 0)
		compare(p, line + 3);
	else if (strncmp(line, "< ", 2) == 0)
		compare(p, line + 2);
	else if (strncmp(line, "BPP $", 5) == 0)
		play_package(p, line + 5);
	else if (strncmp(line, "POST ", 5) == 0)
		play_post(p, line + 5);
	else if (strncmp(line, "200 ", 4) == 0)
		compare_answer(p, line + 4);
	else if (strcmp(line, "204") == 0 && p->answer)
		differ(p, "a body that nobody expects", line);
	else if (strncmp(line, "= ", 2) == 0)
		compare_value(p, line + 2);
	else if (strncmp(line, "SHA256 ", 7) == 0)
		play_digest(p, line + 7);
	else if (strcmp(line, "! forget") == 0)
		forget(p, p->given);
	else if (strcmp(line, "! reset") == 0)
		p->peer->reset(p->peer->ctx);
	else if (strncmp(line, "! store ", 8) == 0)
		set_store(p, line + 8);
	else if (*line && *line != '#' && strcmp(line, "204") != 0)
		differ(p, "not a line of a session", line);
}

void session_play(const char *name, const struct session_peer *peer,
		  const struct session_value *given)
{
	static char line[LINE_CAP];
	char path[128];
	struct player p = {.peer = peer,
			   .file = name,
			   .block_len = BLOCK_LEN,
			   .fetch_class = CHANNEL,
			   .response = wbuf_grow(OCTETS_CAP)};
	FILE *f;

	snprintf(path, sizeof(path), "tests/transcripts/%s.session", name);
	f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	for (; given && given->name; given++)
		set(&p, given->name, given->octets);
	p.given = p.count;
	while (!p.differed && fgets(line, sizeof(line), f)) {
		p.line++;
		line[strcspn(line, "\n")] = 0;
		play_line(&p, line);
	}
	CU_ASSERT(p.line > 1);
	fclose(f);
	forget(&p, 0);
	wbuf_free(&p.response);
	json_decref(p.answer);
}
