#include "card-emu/simfile.h"

#include <ctype.h>
#include <string.h>

#include "lib/auth/aka.h"

#define KEY_LEN	  16
#define LINE_CAP  256
#define PIN_TRIES 3
#define PUK_TRIES 10

enum field { F_IMSI, F_ICCID, F_ALGORITHM, F_K, F_OPC, F_OP, F_SQN, F_PIN, F_PUK, F_MNC, F_AMF };

static const char *const names[] = {
	[F_IMSI] = "imsi",
	[F_ICCID] = "iccid",
	[F_ALGORITHM] = "algorithm",
	[F_K] = "k",
	[F_OPC] = "opc",
	[F_OP] = "op",
	[F_SQN] = "sqn",
	[F_PIN] = "pin",
	[F_PUK] = "puk",
	[F_MNC] = "mnc-length",
	[F_AMF] = "amf",
};

static bool digits(const char *s, size_t min, size_t max)
{
	size_t n = strspn(s, "0123456789");

	return s[n] == 0 && n >= min && n <= max;
}

/* ITU-T E.118 number to EF.ICCID: nibbles swapped, the rest F */
static enum err read_iccid(const char *s, uint8_t out[static ICCID_LEN])
{
	size_t n = strlen(s);

	if (!digits(s, 18, 2 * ICCID_LEN))
		return ERR_VALUE;
	for (size_t i = 0; i < ICCID_LEN; i++) {
		unsigned low = 2 * i < n ? (unsigned)(s[2 * i] - '0') : 15;
		unsigned high = 2 * i + 1 < n ? (unsigned)(s[2 * i + 1] - '0') : 15;

		out[i] = (uint8_t)(high << 4 | low);
	}
	return ERR_OK;
}

static enum err read_pin(const char *s, uint8_t out[static 8])
{
	if (!digits(s, 4, 8))
		return ERR_VALUE;
	memset(out, 0xFF, 8);
	memcpy(out, s, strlen(s));
	return ERR_OK;
}

static enum err read_sqn(const char *s, struct sqn_array *a)
{
	uint8_t octets[6];
	enum err e = hex_decode_exact(s, octets, sizeof(octets));
	struct cursor c = cursor_of(SLICE_OF(octets));

	if (!e)
		sqn_accept(a, cursor_uint(&c, sizeof(octets)));
	return e;
}

static enum err take(struct simfile *f, enum field field, const char *v)
{
	struct base_sim *sim = &f->sim;
	uint8_t amf[2];

	switch (field) {
	case F_IMSI:
		if (!digits(v, 6, 15))
			return ERR_VALUE;
		memcpy(sim->imsi, v, strlen(v) + 1);
		return ERR_OK;
	case F_ICCID: return read_iccid(v, sim->iccid);
	case F_ALGORITHM: return strcmp(v, "milenage") ? ERR_UNSUPPORTED : ERR_OK;
	case F_K: return hex_decode_exact(v, f->secret->bytes, KEY_LEN);
	case F_OPC:
	case F_OP: return hex_decode_exact(v, f->secret->bytes + KEY_LEN, KEY_LEN);
	case F_SQN: return read_sqn(v, &sim->sqn);
	case F_PIN: sim->pin.enabled = true; return read_pin(v, sim->pin.value);
	case F_PUK: sim->pin.has_puk = true; return read_pin(v, sim->pin.puk);
	case F_MNC:
		if (strcmp(v, "2") && strcmp(v, "3"))
			return ERR_VALUE;
		sim->mnc_len = (uint8_t)(*v - '0');
		return ERR_OK;
	case F_AMF: return hex_decode_exact(v, amf, sizeof(amf));
	}
	return ERR_TAG;
}

static void trim(char **s)
{
	size_t n;

	while (isspace((unsigned char)**s))
		(*s)++;
	for (n = strlen(*s); n && isspace((unsigned char)(*s)[n - 1]); n--)
		(*s)[n - 1] = 0;
}

/* One line; *seen has a bit per field that stood there. */
static enum err read_line(struct simfile *f, char *line, unsigned *seen)
{
	char *value = strchr(line, '='), *name = line, *comment = strchr(line, '#');

	if (comment) {
		*comment = 0;
		value = strchr(line, '=');
	}
	trim(&name);
	if (!*name)
		return ERR_OK;
	if (!value)
		return ERR_ENCODING;
	*value++ = 0;
	trim(&name);
	trim(&value);
	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		if (*seen & 1u << i)
			return ERR_DUPLICATE;
		*seen |= 1u << i;
		return take(f, (enum field)i, value);
	}
	return ERR_UNSUPPORTED;
}

/* OP, where it stands in OPc's place, becomes OPc. */
static enum err finish(struct simfile *f, unsigned seen)
{
	const unsigned needed = 1u << F_IMSI | 1u << F_ICCID | 1u << F_K;
	unsigned op = seen & (1u << F_OP | 1u << F_OPC);
	struct slice all = secret_slice(f->secret);
	uint8_t opc[KEY_LEN];
	enum err e = ERR_OK;

	f->line = 0;
	if ((seen & needed) != needed || !op || (op & (op - 1)))
		return ERR_VALUE;
	if (op == 1u << F_OP) {
		e = aka_milenage_opc(slice_sub(all, 0, KEY_LEN), slice_sub(all, KEY_LEN, KEY_LEN),
				     opc);
		if (!e)
			memcpy(f->secret->bytes + KEY_LEN, opc, KEY_LEN);
		secret_wipe(opc, sizeof(opc));
	}
	f->sim.key = (struct subscription){.algorithm = AKA_MILENAGE,
					   .k = slice_sub(all, 0, KEY_LEN),
					   .opc = slice_sub(all, KEY_LEN, KEY_LEN),
					   .res_len = 8};
	return e;
}

enum err simfile_parse(struct slice text, struct simfile *out)
{
	struct cursor c = cursor_of(text);
	char line[LINE_CAP];
	unsigned seen = 0;
	enum err e = ERR_OK;

	*out = (struct simfile){.secret = secret_new(2 * (size_t)KEY_LEN)};
	if (!out->secret)
		return ERR_MEMORY;
	out->sim.mnc_len = 2;
	out->sim.pin = (struct pin_record){.tries = PIN_TRIES,
					   .tries_max = PIN_TRIES,
					   .puk_tries = PUK_TRIES,
					   .puk_tries_max = PUK_TRIES};
	memset(out->sim.pin.value, 0xFF, sizeof(out->sim.pin.value));
	memcpy(out->sim.pin.value, "0000", 4);
	while (!e && cursor_left(&c)) {
		size_t n = 0;

		while (n < cursor_left(&c) && slice_at(c.rest, n) != '\n')
			n++;
		out->line++;
		e = slice_text(cursor_take(&c, n), line, sizeof(line));
		if (cursor_left(&c))
			cursor_u8(&c); /* the end of the line */
		if (!e)
			e = read_line(out, line, &seen);
	}
	secret_wipe(line, sizeof(line));
	return e ? e : finish(out, seen);
}

void simfile_free(struct simfile *f)
{
	secret_free(&f->secret);
	secret_wipe(&f->sim.pin, sizeof(f->sim.pin));
}
