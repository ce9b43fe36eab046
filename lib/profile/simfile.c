#include "lib/profile/simfile.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/auth/tuak.h"
#include "lib/base/simtext.h"

#define VALUE_MAX 80

struct parsing {
	struct simfile *f;
	struct secret *op; /* OP, or TOP */
	char *value;	   /* of the line, in the secure heap; NUL-terminated */
	bool key_only;
};

/* Each setter gives NULL, or the sentence that says what is wrong with the value. */
typedef const char *set_value(struct parsing *p);

static const char *set_text(char *dst, size_t cap, const char *value, const char *why)
{
	return slice_text(slice_str(value), dst, cap) ? why : NULL;
}

static const char *set_imsi(struct parsing *p)
{
	static const char why[] = "must be 6 to 15 decimal digits";
	uint8_t coded[9];

	if (profile_imsi(p->value, coded))
		return why;
	return set_text(p->f->spec.imsi, sizeof(p->f->spec.imsi), p->value, why);
}

static const char *set_iccid(struct parsing *p)
{
	static const char why[] = "must be 18 to 20 decimal digits";
	uint8_t coded[PROFILE_ICCID_LEN];

	if (profile_iccid(p->value, coded))
		return why;
	return set_text(p->f->spec.iccid, sizeof(p->f->spec.iccid), p->value, why);
}

static const struct {
	const char *name;
	enum aka_algorithm algorithm;
} algorithms[] = {{"milenage", AKA_MILENAGE}, {"tuak", AKA_TUAK}, {"xor", AKA_XOR}};

const char *simfile_algorithm(enum aka_algorithm algorithm)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
		if (algorithms[i].algorithm == algorithm)
			return algorithms[i].name;
	}
	return "";
}

static const char *set_algorithm(struct parsing *p)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
		if (strcasecmp(p->value, algorithms[i].name) == 0) {
			p->f->spec.algorithm = algorithms[i].algorithm;
			return NULL;
		}
	}
	return "must be milenage, tuak or xor";
}

static const char *set_key(struct parsing *p, struct secret **key, size_t octets, const char *why)
{
	*key = secret_new(octets);
	if (!*key)
		return "there is no memory for it";
	return hex_decode_exact(p->value, (*key)->bytes, octets) ? why : NULL;
}

static const char *set_k(struct parsing *p)
{
	return set_key(p, &p->f->k, strlen(p->value) == 64 ? 32 : 16,
		       "must be 16 octets in hex (32 digits), with tuak 16 or 32");
}

/* TOPc may be called OPc, and TOP OP: the algorithm decides, and check_key() checks the length */
static const char *set_opc(struct parsing *p)
{
	secret_free(&p->f->opc);
	return set_key(p, &p->f->opc, strlen(p->value) == 64 ? 32 : 16,
		       "must be 16 octets in hex (32 digits), with tuak 32");
}

static const char *set_op(struct parsing *p)
{
	secret_free(&p->op);
	return set_key(p, &p->op, strlen(p->value) == 64 ? 32 : 16,
		       "must be 16 octets in hex (32 digits), with tuak 32");
}

static const char *set_topc(struct parsing *p)
{
	secret_free(&p->f->opc); /* an opc stood there too: check_key() says so */
	return set_key(p, &p->f->opc, 32, "must be 32 octets in hex (64 digits)");
}

static const char *set_top(struct parsing *p)
{
	secret_free(&p->op);
	return set_key(p, &p->op, 32, "must be 32 octets in hex (64 digits)");
}

/* A decimal number from min to max. False: it is none. */
static bool decimal(const char *text, unsigned min, unsigned max, unsigned *out)
{
	size_t n = strspn(text, "0123456789");

	*out = n && n <= 4 && !text[n] ? (unsigned)strtoul(text, NULL, 10) : max + 1;
	return *out >= min && *out <= max;
}

static const char *set_ind_bits(struct parsing *p)
{
	p->f->spec.shape.has_ind_bits = true;
	return decimal(p->value, 0, SQN_IND_BITS_MAX, &p->f->spec.shape.ind_bits)
		       ? NULL
		       : "must be from 0 to 8";
}

static const char *set_iterations(struct parsing *p)
{
	return decimal(p->value, 1, TUAK_ITERATIONS_MAX, &p->f->spec.shape.iterations)
		       ? NULL
		       : "must be from 1 to 255";
}

static const char *set_res_bits(struct parsing *p)
{
	unsigned bits = 0;

	if (!decimal(p->value, 32, 128, &bits) || (bits != 32 && bits != 64 && bits != 128))
		return "must be 32, 64 or 128 (there is no room for 256 in the answer to "
		       "AUTHENTICATE)";
	p->f->spec.shape.res_len = bits / 8;
	return NULL;
}

static const char *set_mac_bits(struct parsing *p)
{
	return strcmp(p->value, "64") == 0 ? NULL : "must be 64: AUTN has no room for more";
}

static const char *set_key_bits(struct parsing *p)
{
	return strcmp(p->value, "128") == 0
		       ? NULL
		       : "must be 128: the answer to AUTHENTICATE has no room for more";
}

static const char *set_amf(struct parsing *p)
{
	return hex_decode_exact(p->value, p->f->amf, sizeof(p->f->amf))
		       ? "must be 2 octets in hex (4 digits)"
		       : NULL;
}

static const char *set_sqn(struct parsing *p)
{
	uint8_t octets[AKA_SQN_LEN];
	struct cursor c = cursor_of(SLICE_OF(octets));

	if (hex_decode_exact(p->value, octets, sizeof(octets)))
		return "must be 6 octets in hex (12 digits)";
	p->f->sqn = cursor_uint(&c, sizeof(octets));
	return NULL;
}

static const char *set_mnc_length(struct parsing *p)
{
	if (strcmp(p->value, "2") != 0 && strcmp(p->value, "3") != 0)
		return "must be 2 or 3";
	p->f->spec.mnc_length = (unsigned)(*p->value - '0');
	return NULL;
}

static const char *set_name(struct parsing *p)
{
	static const char too_long[] =
		"is longer than EF.SPN's 16 octets: 16 characters of the GSM alphabet, of which "
		"^ { } [ ] ~ \\ | and the euro sign count two; else 13 of one alphabet beside "
		"them, 12 of two, or 7 of any";
	uint8_t mem[PROFILE_SPN_MAX];
	struct wbuf spn = wbuf_init(mem, sizeof(mem));

	switch (simtext_encode(slice_str(p->value), sizeof(mem), &spn)) {
	case ERR_OK: break;
	case ERR_ENCODING: return "must be text in UTF-8";
	case ERR_VALUE:
		return "has a character that no alphabet of a SIM has: UCS2 ends at U+FFFD, and "
		       "control characters are none";
	default: return too_long;
	}
	return set_text(p->f->spec.name, sizeof(p->f->spec.name), p->value, too_long);
}

static const char *set_code(char *dst, const char *value, size_t min, const char *why)
{
	size_t n = strlen(value);

	if (n < min || n > PROFILE_CODE_MAX || strspn(value, "0123456789") != n)
		return why;
	return set_text(dst, PROFILE_CODE_MAX + 1, value, why);
}

static const char *set_pin(struct parsing *p)
{
	return set_code(p->f->spec.pin, p->value, 4, "must be 4 to 8 decimal digits");
}

static const char *set_puk(struct parsing *p)
{
	return set_code(p->f->spec.puk, p->value, PROFILE_CODE_MAX, "must be 8 decimal digits");
}

static const char *set_adm(struct parsing *p)
{
	return set_code(p->f->spec.adm, p->value, 4, "must be 4 to 8 decimal digits");
}

enum simfile_key {
	KEY_IMSI,
	KEY_ICCID,
	KEY_ALGORITHM,
	KEY_K,
	KEY_OPC,
	KEY_OP,
	KEY_TOPC,
	KEY_TOP,
	KEY_ITERATIONS,
	KEY_RES_BITS,
	KEY_MAC_BITS,
	KEY_CK_BITS,
	KEY_IK_BITS,
	KEY_IND_BITS,
	KEY_AMF,
	KEY_SQN,
	KEY_MNC_LENGTH,
	KEY_NAME,
	KEY_PIN,
	KEY_PUK,
	KEY_ADM,
	KEY_COUNT
};

static const struct {
	const char *name;
	set_value *set;
	bool needed, of_key;
} keys[KEY_COUNT] = {
	[KEY_IMSI] = {"imsi", set_imsi, true, false},
	[KEY_ICCID] = {"iccid", set_iccid, true, false},
	[KEY_ALGORITHM] = {"algorithm", set_algorithm, false, true},
	[KEY_K] = {"k", set_k, true, true},
	[KEY_OPC] = {"opc", set_opc, false, true},
	[KEY_OP] = {"op", set_op, false, true},
	[KEY_TOPC] = {"topc", set_topc, false, true},
	[KEY_TOP] = {"top", set_top, false, true},
	[KEY_ITERATIONS] = {"keccak_iterations", set_iterations, false, true},
	[KEY_RES_BITS] = {"res_bits", set_res_bits, false, true},
	[KEY_MAC_BITS] = {"mac_bits", set_mac_bits, false, true},
	[KEY_CK_BITS] = {"ck_bits", set_key_bits, false, true},
	[KEY_IK_BITS] = {"ik_bits", set_key_bits, false, true},
	[KEY_IND_BITS] = {"ind_bits", set_ind_bits, false, true},
	[KEY_AMF] = {"amf", set_amf, false, true},
	[KEY_SQN] = {"sqn", set_sqn, false, true},
	[KEY_MNC_LENGTH] = {"mnc_length", set_mnc_length, false, false},
	[KEY_NAME] = {"name", set_name, false, false},
	[KEY_PIN] = {"pin", set_pin, false, false},
	[KEY_PUK] = {"puk", set_puk, false, false},
	[KEY_ADM] = {"adm", set_adm, false, false},
};

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(struct slice s)
{
	while (s.len && blank(slice_at(s, 0)))
		s = slice_sub(s, 1, s.len - 1);
	while (s.len && blank(slice_at(s, s.len - 1)))
		s = slice_sub(s, 0, s.len - 1);
	return s;
}

static size_t find(struct slice s, uint8_t c)
{
	size_t i = 0;

	while (i < s.len && slice_at(s, i) != c)
		i++;
	return i;
}

/* Where the key ends: at "=", or at the first blank of a file that needs none. */
static size_t key_end(const struct parsing *p, struct slice line)
{
	size_t equals = find(line, '='), end = 0;

	if (!p->key_only || equals < line.len)
		return equals;
	while (end < line.len && !blank(slice_at(line, end)))
		end++;
	return end;
}

static const char *parse_line(struct parsing *p, struct slice line, bool seen[static KEY_COUNT],
			      struct simfile_error *error)
{
	size_t end = key_end(p, line), i = 0;
	struct slice key = trim(slice_sub(line, 0, end));
	struct slice value = trim(slice_sub(line, end + 1, line.len));

	if (end == line.len)
		return "is not of the form key = value";
	if (slice_text(key, error->key, sizeof(error->key))) {
		error->key[0] = 0;
		return p->key_only ? NULL : "has a key that is not known";
	}
	while (i < KEY_COUNT && !slice_is(key, keys[i].name))
		i++;
	if (i == KEY_COUNT || (p->key_only && !keys[i].of_key))
		return p->key_only ? NULL : "is not a known key";
	if (seen[i])
		return "stands there twice";
	seen[i] = true;
	if (value.len == 0)
		return "has no value";
	if (slice_text(value, p->value, VALUE_MAX))
		return "has a value that is too long";
	return keys[i].set(p);
}

static const char *of_key(struct simfile_error *error, enum simfile_key key, const char *why)
{
	strncpy(error->key, keys[key].name, sizeof(error->key) - 1);
	return why;
}

/* What goes with K, by the algorithm */
static const char *check_key(const struct parsing *p, const bool seen[static KEY_COUNT],
			     struct simfile_error *error)
{
	enum aka_algorithm algorithm = p->f->spec.algorithm;
	bool tuak = algorithm == AKA_TUAK;

	if (!tuak && p->f->k->len != 16)
		return of_key(error, KEY_K,
			      "must be 16 octets in hex (32 digits): only tuak has keys of 32");
	for (enum simfile_key i = KEY_TOPC; algorithm == AKA_MILENAGE && i <= KEY_ITERATIONS; i++) {
		if (seen[i])
			return of_key(error, i, "is for algorithm = tuak alone");
	}
	for (enum simfile_key i = KEY_OPC; algorithm != AKA_XOR && i <= KEY_OP; i++) {
		const struct secret *key = i == KEY_OPC ? p->f->opc : p->op;

		if (seen[i] && key->len != (tuak ? 32u : 16u))
			return of_key(error, i,
				      tuak ? "must be 32 octets in hex (64 digits)"
					   : "must be 16 octets in hex (32 digits)");
	}
	if (algorithm == AKA_MILENAGE && p->f->spec.shape.res_len &&
	    p->f->spec.shape.res_len != AKA_RES_DEFAULT)
		return of_key(error, KEY_RES_BITS, "must be 64: MILENAGE has no other");
	if (algorithm == AKA_MILENAGE && seen[KEY_OPC] == seen[KEY_OP])
		return "one of opc and op is needed, not both";
	if (tuak && seen[KEY_TOPC] + seen[KEY_TOP] + seen[KEY_OPC] + seen[KEY_OP] != 1)
		return "one of topc and top is needed, not both";
	return NULL;
}

static const char *check_whole(const struct parsing *p, const bool seen[static KEY_COUNT],
			       struct simfile_error *error)
{
	error->key[0] = 0;
	for (enum simfile_key i = 0; i < KEY_COUNT; i++) {
		if (keys[i].needed && !seen[i] && (keys[i].of_key || !p->key_only))
			return of_key(error, i, "is missing");
	}
	return check_key(p, seen, error);
}

static const char *parse_lines(struct parsing *p, struct slice text, struct simfile_error *error)
{
	bool seen[KEY_COUNT] = {false};
	const char *why = NULL;

	while (!why && text.len) {
		size_t end = find(text, '\n');
		struct slice line = trim(slice_sub(text, 0, end));

		error->line++;
		error->key[0] = 0;
		text = slice_sub(text, end + 1, text.len);
		if (p->key_only)
			line = trim(slice_sub(line, 0, find(line, '#')));
		if (line.len && slice_at(line, 0) != '#')
			why = parse_line(p, line, seen, error);
	}
	if (why)
		return why;
	error->line = 0;
	return check_whole(p, seen, error);
}

/* OPc from OP where the file gives OP (TS 35.206 4.1), TOPc from TOP (TS 35.231 6.1) */
static enum err derive_opc(struct parsing *p)
{
	if (!p->op)
		return ERR_OK;
	p->f->opc = secret_new(p->op->len);
	if (!p->f->opc)
		return ERR_MEMORY;
	if (p->f->spec.algorithm == AKA_TUAK)
		return aka_tuak_topc(secret_slice(p->f->k), secret_slice(p->op),
				     p->f->spec.shape.iterations, p->f->opc->bytes);
	return aka_milenage_opc(secret_slice(p->f->k), secret_slice(p->op), p->f->opc->bytes);
}

static enum err parse(struct slice text, bool key_only, struct simfile **out,
		      struct simfile_error *error)
{
	struct parsing p = {.f = secret_object_new(sizeof(*p.f)),
			    .value = secret_object_new(VALUE_MAX),
			    .key_only = key_only};
	enum err e = p.f && p.value ? ERR_OK : ERR_MEMORY;

	*error = (struct simfile_error){.why = err_text(ERR_MEMORY)};
	if (e)
		goto out;
	p.f->spec.algorithm = AKA_MILENAGE;
	p.f->spec.mnc_length = 2;
	p.f->amf[0] = 0x80;
	error->why = text.len > SIMFILE_MAX ? "the file is too long" : parse_lines(&p, text, error);
	e = error->why ? ERR_VALUE : derive_opc(&p);
	if (e)
		goto out;
	p.f->spec.k = secret_slice(p.f->k);
	p.f->spec.opc = p.f->opc ? secret_slice(p.f->opc) : SLICE_EMPTY;
	*out = p.f;
	p.f = NULL;
out:
	secret_free(&p.op);
	secret_object_free(p.value, VALUE_MAX);
	simfile_free(&p.f);
	return e;
}

enum err simfile_parse(struct slice text, struct simfile **out, struct simfile_error *error)
{
	return parse(text, false, out, error);
}

enum err simfile_parse_key(struct slice text, struct simfile **out, struct simfile_error *error)
{
	return parse(text, true, out, error);
}

void simfile_error_text(const struct simfile_error *error, char out[static SIMFILE_SENTENCE])
{
	char line[32] = "";
	const char *what = *error->key ? error->key : "it";

	if (error->line)
		snprintf(line, sizeof(line), "line %u: ", error->line);
	else if (!*error->key) /* a sentence of the whole file */
		what = "";
	snprintf(out, SIMFILE_SENTENCE, "%s%s%s%s", line, what, *what ? " " : "", error->why);
}

void simfile_free(struct simfile **f)
{
	if (!*f)
		return;
	secret_free(&(*f)->k);
	secret_free(&(*f)->opc);
	secret_object_free(*f, sizeof(**f));
	*f = NULL;
}
