#include "lib/trace/search/hashed.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/secret.h"

#define CODE_PAD 0xFF

enum err hashed_add(struct hashed *h, const struct search_hash *v)
{
	size_t least = v->digits ? SEARCH_CODE_MIN : SEARCH_OCTETS_MIN;
	struct hashed_value *to = &h->values[h->count];

	if (v->len < least || v->len > SEARCH_HASHED_LEN || v->salt.len > SEARCH_SALT_MAX)
		return ERR_LENGTH;
	if (h->count == SEARCH_HASHED_MAX)
		return ERR_FULL;
	*to = (struct hashed_value){
		.needle = v->needle, .digits = v->digits, .len = v->len, .salt_len = v->salt.len};
	if (v->salt.len)
		memcpy(to->salt, v->salt.ptr, v->salt.len);
	memcpy(to->hash, v->hash, sizeof(to->hash));
	h->count++;
	return ERR_OK;
}

bool hashed_is_spent(const struct hashed *h)
{
	return h->tried >= SEARCH_HASHES_MAX;
}

/* One window that is tried as one value. */
struct attempt {
	struct hashed *h;
	const struct hashed_value *v;
	const struct hashed_sink *sink;
	struct slice window;
};

static bool is_all_one(struct slice s)
{
	return s.len > 1 && memcmp(s.ptr, s.ptr + 1, s.len - 1) == 0;
}

static void try_value(const struct attempt *a, enum search_as as, enum search_in in,
		      struct slice value)
{
	const struct hashed_match match = {
		.needle = a->v->needle, .form = {.as = as, .in = in}, .octets = a->window.len};
	const struct slice parts[] = {slice_make(a->v->salt, a->v->salt_len), value};
	uint8_t hash[SHA256_LEN];

	if (hashed_is_spent(a->h) || (!a->v->digits && is_all_one(value)))
		return;
	a->h->tried++;
	if (!sha256(parts, ARRAY_LEN(parts), hash) &&
	    secret_equal(SLICE_OF(hash), SLICE_OF(a->v->hash)))
		a->sink->take(a->sink->ctx, &match);
}

static void try_swapped(const struct attempt *a, enum search_in in, struct slice octets)
{
	uint8_t swapped[SEARCH_HASHED_LEN] = {0};

	for (size_t i = 0; i < octets.len; i++)
		swapped[i] = (uint8_t)(slice_at(octets, i) << 4 | slice_at(octets, i) >> 4);
	if (memcmp(swapped, octets.ptr, octets.len) != 0)
		try_value(a, SEARCH_AS_SWAPPED, in, slice_make(swapped, octets.len));
	secret_wipe(swapped, sizeof(swapped));
}

static unsigned hex_value(uint8_t c)
{
	return (unsigned)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
}

static void try_hex(struct attempt *a)
{
	uint8_t octets[SEARCH_HASHED_LEN];

	for (size_t i = 0; i < a->window.len; i++) {
		if (!isxdigit(slice_at(a->window, i)))
			return;
	}
	for (size_t i = 0; i < a->window.len / 2; i++)
		octets[i] = (uint8_t)(hex_value(slice_at(a->window, 2 * i)) << 4 |
				      hex_value(slice_at(a->window, 2 * i + 1)));
	try_value(a, SEARCH_AS_IT_IS, SEARCH_IN_HEX, slice_make(octets, a->v->len));
	try_swapped(a, SEARCH_IN_HEX, slice_make(octets, a->v->len));
	secret_wipe(octets, sizeof(octets));
}

/* Digits in half octets, the first in the lower one or not; an F may fill the last. */
static void try_halves(struct attempt *a, bool lower_first)
{
	uint8_t digits[SEARCH_HASHED_LEN + 1];

	for (size_t i = 0; i < 2 * a->window.len; i++) {
		uint8_t octet = slice_at(a->window, i / 2);
		unsigned half = (i % 2 == 0) == lower_first ? octet & 0xFu : octet >> 4;

		if (half > 9 && (i < a->v->len || half != 0xF))
			return;
		digits[i] = (uint8_t)('0' + half);
	}
	try_value(a, lower_first ? SEARCH_AS_SEMI_OCTETS : SEARCH_AS_BCD, SEARCH_IN_OCTETS,
		  slice_make(digits, a->v->len));
	secret_wipe(digits, sizeof(digits));
}

/* The digits, and FF behind them in a code's window. */
static void try_digits(struct attempt *a)
{
	bool code = a->window.len > a->v->len;

	for (size_t i = 0; i < a->window.len; i++) {
		if (i < a->v->len ? !isdigit(slice_at(a->window, i))
				  : slice_at(a->window, i) != CODE_PAD)
			return;
	}
	try_value(a, code ? SEARCH_AS_PADDED_CODE : SEARCH_AS_TEXT, SEARCH_IN_OCTETS,
		  slice_sub(a->window, 0, a->v->len));
}

/* The last n octets, once there are as many. */
static bool cut_window(struct attempt *a, const struct hashed_window *w, size_t n)
{
	if (w->len < n)
		return false;
	a->window = slice_make(w->octets + w->len - n, n);
	return true;
}

static void try_all(struct attempt *a, const struct hashed_window *w)
{
	size_t n = a->v->len;

	if (a->v->digits) {
		if (cut_window(a, w, n < SEARCH_CODE_MAX ? SEARCH_CODE_MAX : n))
			try_digits(a);
		if (n >= SEARCH_DIGITS_MIN && cut_window(a, w, (n + 1) / 2)) {
			try_halves(a, false);
			try_halves(a, true);
		}
		return;
	}
	if (cut_window(a, w, n)) {
		try_value(a, SEARCH_AS_IT_IS, SEARCH_IN_OCTETS, a->window);
		try_swapped(a, SEARCH_IN_OCTETS, a->window);
	}
	if (cut_window(a, w, 2 * n))
		try_hex(a);
}

void hashed_step(struct hashed *h, struct hashed_window *w, uint8_t octet,
		 const struct hashed_sink *sink)
{
	if (w->len == sizeof(w->octets)) {
		memmove(w->octets, w->octets + w->len - HASHED_WINDOW, HASHED_WINDOW);
		w->len = HASHED_WINDOW;
	}
	w->octets[w->len++] = octet;
	for (unsigned i = 0; i < h->count; i++) {
		struct attempt a = {h, &h->values[i], sink, SLICE_EMPTY};

		try_all(&a, w);
	}
}
