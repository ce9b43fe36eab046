#include "lib/profile/simfile.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_MAX  80
#define KEY_OCTETS 16

struct parsing {
	struct simfile *f;
	struct secret *op;
	char *value; /* of the line, in the secure heap; NUL-terminated */
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

static const char *set_algorithm(struct parsing *p)
{
	return strcmp(p->value, "milenage") == 0 ? NULL : "must be milenage";
}

static const char *set_key(struct parsing *p, struct secret **key)
{
	*key = secret_new(KEY_OCTETS);
	if (!*key)
		return "there is no memory for it";
	return hex_decode_exact(p->value, (*key)->bytes, KEY_OCTETS)
		       ? "must be 16 octets in hex (32 digits)"
		       : NULL;
}

static const char *set_k(struct parsing *p)
{
	return set_key(p, &p->f->k);
}

static const char *set_opc(struct parsing *p)
{
	return set_key(p, &p->f->opc);
}

static const char *set_op(struct parsing *p)
{
	return set_key(p, &p->op);
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
	return set_text(p->f->spec.name, sizeof(p->f->spec.name), p->value,
			"must be at most 16 characters");
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
	bool needed;
} keys[KEY_COUNT] = {
	[KEY_IMSI] = {"imsi", set_imsi, true},
	[KEY_ICCID] = {"iccid", set_iccid, true},
	[KEY_ALGORITHM] = {"algorithm", set_algorithm, false},
	[KEY_K] = {"k", set_k, true},
	[KEY_OPC] = {"opc", set_opc, false},
	[KEY_OP] = {"op", set_op, false},
	[KEY_AMF] = {"amf", set_amf, false},
	[KEY_SQN] = {"sqn", set_sqn, false},
	[KEY_MNC_LENGTH] = {"mnc_length", set_mnc_length, false},
	[KEY_NAME] = {"name", set_name, false},
	[KEY_PIN] = {"pin", set_pin, false},
	[KEY_PUK] = {"puk", set_puk, false},
	[KEY_ADM] = {"adm", set_adm, false},
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

static const char *parse_line(struct parsing *p, struct slice line, bool seen[static KEY_COUNT],
			      struct simfile_error *error)
{
	size_t equals = find(line, '='), i = 0;
	struct slice key = trim(slice_sub(line, 0, equals));
	struct slice value = trim(slice_sub(line, equals + 1, line.len));

	if (equals == line.len)
		return "is not of the form key = value";
	if (slice_text(key, error->key, sizeof(error->key))) {
		error->key[0] = 0;
		return "has a key that is not known";
	}
	while (i < KEY_COUNT && !slice_is(key, keys[i].name))
		i++;
	if (i == KEY_COUNT)
		return "is not a known key";
	if (seen[i])
		return "stands there twice";
	seen[i] = true;
	if (value.len == 0)
		return "has no value";
	if (slice_text(value, p->value, VALUE_MAX))
		return "has a value that is too long";
	return keys[i].set(p);
}

static const char *check_whole(const bool seen[static KEY_COUNT], struct simfile_error *error)
{
	error->key[0] = 0;
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (keys[i].needed && !seen[i]) {
			strncpy(error->key, keys[i].name, sizeof(error->key) - 1);
			return "is missing";
		}
	}
	return seen[KEY_OPC] == seen[KEY_OP] ? "one of opc and op is needed, not both" : NULL;
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
		if (line.len && slice_at(line, 0) != '#')
			why = parse_line(p, line, seen, error);
	}
	if (why)
		return why;
	error->line = 0;
	return check_whole(seen, error);
}

/* OPc from OP where the file gives OP (TS 35.206 4.1) */
static enum err derive_opc(struct parsing *p)
{
	if (!p->op)
		return ERR_OK;
	p->f->opc = secret_new(KEY_OCTETS);
	if (!p->f->opc)
		return ERR_MEMORY;
	return aka_milenage_opc(secret_slice(p->f->k), secret_slice(p->op), p->f->opc->bytes);
}

enum err simfile_parse(struct slice text, struct simfile **out, struct simfile_error *error)
{
	struct parsing p = {.f = secret_object_new(sizeof(*p.f)),
			    .value = secret_object_new(VALUE_MAX)};
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
	p.f->spec.opc = secret_slice(p.f->opc);
	*out = p.f;
	p.f = NULL;
out:
	secret_free(&p.op);
	secret_object_free(p.value, VALUE_MAX);
	simfile_free(&p.f);
	return e;
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
