#include "host/transport/pcsc/choice.h"

#include <string.h>

#define INDEX_DIGITS_MAX 4
#define ICCID_MIN	 18 /* ITU-T E.118: 19 with the check digit; TS 102 221 13.2 has room for 20 */
#define ICCID_MAX	 20
#define EID_DIGITS	 32 /* SGP.22 4.3.1 */

/* How well a name fits: the best rank that any reader has counts. */
enum rank { RANK_NONE, RANK_WITHIN, RANK_PREFIX, RANK_WHOLE };

static bool is_digits(const char *s, size_t min, size_t max)
{
	size_t n = strspn(s, "0123456789");

	return !s[n] && n >= min && n <= max;
}

static enum err parse_name(const char *text, struct choice *c)
{
	c->text = text;
	return *text ? ERR_OK : ERR_USAGE;
}

static enum err parse_atr(const char *text, struct choice *c)
{
	struct wbuf w = wbuf_init(c->atr, sizeof(c->atr));
	enum err e = hex_decode(text, &w);

	c->atr_len = w.len;
	return e || !w.len ? ERR_USAGE : ERR_OK;
}

static enum err parse_iccid(const char *text, struct choice *c)
{
	c->text = text;
	return is_digits(text, ICCID_MIN, ICCID_MAX) ? ERR_OK : ERR_USAGE;
}

static enum err parse_eid(const char *text, struct choice *c)
{
	c->text = text;
	return is_digits(text, EID_DIGITS, EID_DIGITS) ? ERR_OK : ERR_USAGE;
}

static unsigned index_of(const char *digits)
{
	unsigned n = 0;

	while (*digits)
		n = 10 * n + (unsigned)(*digits++ - '0');
	return n;
}

enum err choice_parse(const char *text, struct choice *out)
{
	static const struct {
		const char *prefix;
		enum choice_kind kind;
		enum err (*parse)(const char *text, struct choice *c);
	} forms[] = {
		{"name=", CHOICE_NAME, parse_name},
		{"atr=", CHOICE_ATR, parse_atr},
		{"iccid=", CHOICE_ICCID, parse_iccid},
		{"eid=", CHOICE_EID, parse_eid},
	};

	*out = (struct choice){.kind = CHOICE_NAME, .text = text};
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t n = strlen(forms[i].prefix);

		if (strncasecmp(text, forms[i].prefix, n) == 0) {
			out->kind = forms[i].kind;
			return forms[i].parse(text + n, out);
		}
	}
	if (!*text) {
		out->kind = CHOICE_FIRST;
	} else if (is_digits(text, 1, INDEX_DIGITS_MAX)) {
		out->kind = CHOICE_INDEX;
		out->index = index_of(text);
	}
	return ERR_OK;
}

bool choice_asks_card(const struct choice *c)
{
	return c->kind == CHOICE_ICCID || c->kind == CHOICE_EID;
}

bool choice_is_number(const struct choice *c, const char *number)
{
	size_t n = strlen(c->text);

	if (c->kind == CHOICE_ICCID && strlen(number) == n + 1)
		return strncmp(c->text, number, n) == 0; /* the check digit was left out */
	return strcmp(c->text, number) == 0;
}

static enum rank rank_name(const char *name, const char *text)
{
	size_t n = strlen(text);

	if (strcasecmp(name, text) == 0)
		return RANK_WHOLE;
	if (strncasecmp(name, text, n) == 0)
		return RANK_PREFIX;
	return strcasestr(name, text) ? RANK_WITHIN : RANK_NONE;
}

static enum rank rank_of(const struct choice *c, const struct reader *r)
{
	switch (c->kind) {
	case CHOICE_FIRST: return RANK_WHOLE;
	case CHOICE_INDEX: return r->index == c->index ? RANK_WHOLE : RANK_NONE;
	case CHOICE_NAME: return rank_name(r->name, c->text);
	case CHOICE_ATR:
		return slice_starts(reader_atr(r), slice_make(c->atr, c->atr_len)) ? RANK_WHOLE
										   : RANK_NONE;
	case CHOICE_ICCID:
	case CHOICE_EID: break;
	}
	return RANK_NONE;
}

static enum rank best_rank(const struct choice *c, const struct reader_list *l)
{
	enum rank best = RANK_NONE;

	for (size_t i = 0; i < l->count; i++) {
		enum rank r = rank_of(c, &l->items[i]);

		best = r > best ? r : best;
	}
	return best;
}

enum err choice_pick(const struct choice *c, const struct reader_list *l, size_t *picked,
		     size_t *rivals)
{
	enum rank best = best_rank(c, l);
	enum err e = best ? ERR_NO_CARD : ERR_NO_READER;
	size_t cards = 0, mute = 0;

	for (size_t i = 0; i < l->count && best; i++) {
		const struct reader *r = &l->items[i];

		if (rank_of(c, r) != best)
			continue;
		if (r->state == READER_CARD && !cards++)
			*picked = i;
		if (r->state == READER_MUTE && e != ERR_MUTE) {
			e = ERR_MUTE;
			mute = i;
		}
	}
	if (!cards && e == ERR_MUTE)
		*picked = mute;
	if (!cards)
		return e;
	*rivals = cards - 1;
	return ERR_OK;
}
