#include "tests/pn532/chip.h"

#include <string.h>

#define TFI_HOST    0xD4
#define TFI_CHIP    0xD5
#define FRAME_HEAD  8
#define BODY_MAX    255 /* of a normal frame */
#define PIECE_MAX   262 /* of a card's answer in one frame; more has MI set */
#define MI	    0x40
#define SEL_14443_4 0x20
#define OVERLONG    300

enum status { STATUS_GOOD = 0x00, STATUS_TIMEOUT = 0x01, STATUS_CONTEXT = 0x27 };

enum command {
	DIAGNOSE = 0x00,
	FIRMWARE = 0x02,
	GENERAL_STATUS = 0x04,
	READ_REGISTER = 0x06,
	WRITE_REGISTER = 0x08,
	SET_PARAMETERS = 0x12,
	SAM_CONFIGURATION = 0x14,
	POWER_DOWN = 0x16,
	RF_CONFIGURATION = 0x32,
	DATA_EXCHANGE = 0x40,
	COMMUNICATE_THRU = 0x42,
	DESELECT = 0x44,
	LIST = 0x4A,
	PSL = 0x4E,
	RELEASE = 0x52,
	SELECT = 0x54
};

static const uint8_t ack[] = {0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
static const uint8_t nack[] = {0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00};
static const uint8_t error_frame[] = {0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00};

struct reply {
	uint8_t data[CHIP_DATA_MAX];
	size_t len;
};

static void put(struct reply *r, const uint8_t *p, size_t n)
{
	if (n > sizeof(r->data) - r->len)
		n = sizeof(r->data) - r->len;
	memcpy(r->data + r->len, p, n);
	r->len += n;
}

static void put_octet(struct reply *r, unsigned octet)
{
	uint8_t o = (uint8_t)octet;

	put(r, &o, 1);
}

/* The head of a frame of body octets; its length. */
static size_t put_head(uint8_t *f, size_t body)
{
	static const uint8_t start[] = {0x00, 0x00, 0xFF};
	size_t n = sizeof(start);

	memcpy(f, start, n);
	if (body <= BODY_MAX) {
		f[n++] = (uint8_t)body;
		f[n++] = (uint8_t)(0x100 - body);
		return n;
	}
	f[n++] = 0xFF;
	f[n++] = 0xFF;
	f[n++] = (uint8_t)(body >> 8);
	f[n++] = (uint8_t)body;
	f[n] = (uint8_t)(0x100 - ((f[n - 2] + f[n - 1]) & 0xFF));
	return n + 1;
}

static void send_reply(struct chip *c, unsigned code, const struct reply *r, enum chip_fault fault)
{
	static const uint8_t noise[] = {0x12, 0x34, 0x00, 0x56, 0xFF};
	uint8_t f[sizeof(noise) + FRAME_HEAD + 2 + CHIP_DATA_MAX + 2];
	size_t at = fault == CHIP_GARBAGE ? sizeof(noise) : 0, n;
	uint8_t sum = TFI_CHIP;

	memcpy(f, noise, at);
	n = at + put_head(f + at, r->len + 2);
	if (fault == CHIP_LENGTH)
		f[n - 1] ^= 0x55;
	f[n++] = TFI_CHIP;
	f[n++] = (uint8_t)(code + 1);
	memcpy(f + n, r->data, r->len);
	sum = (uint8_t)(sum + code + 1);
	for (size_t i = 0; i < r->len; i++)
		sum = (uint8_t)(sum + f[n + i]);
	n += r->len;
	f[n++] = (uint8_t)(0x100 - sum + (fault == CHIP_CHECKSUM ? 1 : 0));
	f[n++] = 0x00;
	c->ops.send(c->ops.ctx, f, fault == CHIP_TRUNCATED ? n / 2 : n);
}

/* The card has no power any more. */
static void cut_card(struct chip *c)
{
	if (c->powered)
		c->ops.reset(c->ops.ctx);
	c->powered = c->selected = false;
	c->listed = 0;
	c->chained_len = c->left_len = c->left_at = 0;
}

static void list_cards(struct chip *c, const uint8_t *d, size_t len, struct reply *r)
{
	const struct chip_card *card = &c->card;
	bool type_a = len > 1 && d[1] == 0x00;

	c->selected = false;
	if (!type_a || c->listed >= card->count) {
		put_octet(r, 0);
		return;
	}
	put_octet(r, 1);
	put_octet(r, 1);
	put(r, card->sens_res, sizeof(card->sens_res));
	put_octet(r, card->sel_res);
	put_octet(r, card->uid_len);
	put(r, card->uid, card->uid_len);
	r->data[r->len - 1] = (uint8_t)(r->data[r->len - 1] + c->listed);
	if (card->sel_res & SEL_14443_4)
		put(r, card->ats, card->ats_len);
	c->selected = c->powered = true;
}

/* The next piece of the answer that is left. */
static void put_piece(struct chip *c, struct reply *r)
{
	size_t n = c->left_len - c->left_at;
	bool more = n > PIECE_MAX;

	if (more)
		n = PIECE_MAX;
	put_octet(r, more ? MI : STATUS_GOOD);
	put(r, c->left + c->left_at, n);
	c->left_at += n;
}

static void ask_card(struct chip *c, struct reply *r)
{
	c->left_at = 0;
	c->left_len = c->ops.answer(c->ops.ctx, c->chained, c->chained_len, c->left);
	c->chained_len = 0;
	if (!c->left_len) {
		put_octet(r, STATUS_TIMEOUT);
		return;
	}
	c->exchanges++;
	put_piece(c, r);
}

static void exchange_data(struct chip *c, const uint8_t *d, size_t len, struct reply *r)
{
	if (!c->selected || !c->card.count || len < 1) {
		put_octet(r, c->card.count && !c->selected ? STATUS_CONTEXT : STATUS_TIMEOUT);
		return;
	}
	if (len - 1 > sizeof(c->chained) - c->chained_len)
		len = 1;
	memcpy(c->chained + c->chained_len, d + 1, len - 1);
	c->chained_len += len - 1;
	if (len == 1 && !c->chained_len)
		put_piece(c, r); /* MI of the answer before: the rest of it */
	else if (d[0] & MI)
		put_octet(r, STATUS_GOOD);
	else
		ask_card(c, r);
}

/* Octets of the card's answer are put in the place of what it said. */
static void spoil_reply(struct chip *c, struct reply *r, enum chip_fault fault)
{
	size_t want = fault == CHIP_OVERLONG ? OVERLONG : fault == CHIP_265 ? 1 + 265 : 0;

	if (fault == CHIP_STATUS) {
		r->data[0] = (uint8_t)c->argument;
		r->len = 1;
	} else if (fault == CHIP_EMPTY) {
		r->len = 1;
	} else if (want) {
		memset(r->data + 1, 0xA5, want);
		r->data[0] = STATUS_GOOD;
		r->len = want;
	}
}

static void release_card(struct chip *c, struct reply *r)
{
	if (c->selected)
		c->listed++;
	c->selected = false;
	c->chained_len = c->left_len = c->left_at = 0;
	put_octet(r, STATUS_GOOD);
}

static void check_presence(struct chip *c, struct reply *r)
{
	put_octet(r, c->selected && c->card.count ? STATUS_GOOD : STATUS_TIMEOUT);
	if (r->data[0] == STATUS_GOOD)
		put_octet(r, 0xA3);
}

static void put_version(const struct chip *c, struct reply *r)
{
	static const uint8_t versions[][4] = {
		[CHIP_PN532] = {0x32, 0x01, 0x06, 0x07}, [CHIP_PN533] = {0x33, 0x02, 0x07, 0x07}};

	put(r, versions[c->kind], sizeof(versions[c->kind]));
}

static void put_registers(const struct chip *c, unsigned count, struct reply *r)
{
	if (c->kind == CHIP_PN533)
		put_octet(r, STATUS_GOOD);
	while (count--)
		put_octet(r, 0);
}

/* False: it is no command of the chip's. */
static bool run_command(struct chip *c, unsigned code, const uint8_t *d, size_t len,
			struct reply *r)
{
	switch (code) {
	case DIAGNOSE:
		if (len == 1 && d[0] == 0x06)
			put_octet(r, c->selected ? STATUS_GOOD : STATUS_TIMEOUT);
		else
			put(r, d, len);
		return true;
	case FIRMWARE: put_version(c, r); return true;
	case GENERAL_STATUS: put_registers(c, 4, r); return true;
	case READ_REGISTER: put_registers(c, (unsigned)(len / 2), r); return true;
	case WRITE_REGISTER: put_registers(c, 0, r); return true;
	case SET_PARAMETERS:
	case SAM_CONFIGURATION: return true;
	case RF_CONFIGURATION:
		if (len > 1 && d[0] == 0x01 && !(d[1] & 1))
			cut_card(c);
		return true;
	case POWER_DOWN:
		cut_card(c);
		put_octet(r, STATUS_GOOD);
		return true;
	case PSL: put_octet(r, STATUS_GOOD); return true;
	case LIST: list_cards(c, d, len, r); return true;
	case DATA_EXCHANGE: exchange_data(c, d, len, r); return true;
	case COMMUNICATE_THRU: check_presence(c, r); return true;
	case DESELECT:
	case RELEASE: release_card(c, r); return true;
	case SELECT:
		c->selected = c->card.count != 0;
		put_octet(r, c->selected ? STATUS_GOOD : STATUS_TIMEOUT);
		return true;
	default: return false;
	}
}

/* Before the reply is known. True: there is none. */
static bool fail_command(struct chip *c, enum chip_fault fault)
{
	if (fault == CHIP_NO_ACK)
		return true;
	if (fault == CHIP_NACK)
		c->ops.send(c->ops.ctx, nack, sizeof(nack));
	else
		c->ops.send(c->ops.ctx, ack, sizeof(ack));
	if (fault == CHIP_ERROR)
		c->ops.send(c->ops.ctx, error_frame, sizeof(error_frame));
	if (fault == CHIP_REMOVED)
		c->card.count = 0;
	if (fault == CHIP_REMOVED || fault == CHIP_FIELD_LOST)
		cut_card(c);
	if (fault == CHIP_SLOW)
		c->ops.pause(c->ops.ctx, c->argument);
	return fault == CHIP_NACK || fault == CHIP_ERROR || fault == CHIP_MUTE;
}

static void take_command(struct chip *c, const uint8_t *body, size_t len)
{
	unsigned code = len > 1 ? body[1] : 0xFF;
	enum chip_fault fault = code == DATA_EXCHANGE ? c->fault : CHIP_GOOD;
	struct reply r = {.len = 0};

	if (code == DATA_EXCHANGE)
		c->fault = CHIP_GOOD;
	if (fail_command(c, fault))
		return;
	if (len < 2 || body[0] != TFI_HOST || !run_command(c, code, body + 2, len - 2, &r)) {
		c->ops.send(c->ops.ctx, error_frame, sizeof(error_frame));
		return;
	}
	spoil_reply(c, &r, fault);
	send_reply(c, code, &r, fault);
}

static uint8_t sum_of(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	while (n--)
		sum = (uint8_t)(sum + *p++);
	return sum;
}

/* The frame that begins at p. 0: its rest is still to come; else the octets that it takes. */
static size_t take_frame(struct chip *c, const uint8_t *p, size_t n)
{
	bool extended;
	size_t head, body;

	if (n < 6)
		return 0;
	if ((p[3] == 0x00 && p[4] == 0xFF) || (p[3] == 0xFF && p[4] == 0x00))
		return 6; /* ACK: the command is given up; it has ended already. NACK: the same */
	extended = p[3] == 0xFF && p[4] == 0xFF;
	head = extended ? FRAME_HEAD : 5;
	if (n < head)
		return 0;
	body = extended ? (size_t)(p[5] << 8 | p[6]) : p[3];
	if (sum_of(p + (extended ? 5 : 3), extended ? 3 : 2) || body > CHIP_DATA_MAX)
		return 3; /* no frame: LCS is wrong */
	if (n < head + body + 2)
		return 0;
	if (!sum_of(p + head, body + 1))
		take_command(c, p + head, body);
	return head + body + 2;
}

/* Whole frames off the front; what is no frame goes, too. */
static bool take_front(struct chip *c)
{
	size_t at = 0, n;

	while (at + 3 <= c->in_len && (c->in[at] || c->in[at + 1] || c->in[at + 2] != 0xFF))
		at++;
	n = at + 3 <= c->in_len ? take_frame(c, c->in + at, c->in_len - at) : 0;
	c->in_len -= at + n;
	memmove(c->in, c->in + at + n, c->in_len);
	return n != 0;
}

void chip_take(struct chip *c, const uint8_t *octets, size_t len)
{
	while (len) {
		size_t n = sizeof(c->in) - c->in_len;

		if (n > len)
			n = len;
		memcpy(c->in + c->in_len, octets, n);
		c->in_len += n;
		octets += n;
		len -= n;
		while (take_front(c))
			;
		if (c->in_len == sizeof(c->in))
			c->in_len = 0; /* it was no frame */
	}
}

bool chip_fault_named(const char *name, enum chip_fault *out)
{
	static const char *const names[] = {
		[CHIP_GOOD] = "good",		[CHIP_NO_ACK] = "no-ack",
		[CHIP_NACK] = "nack",		[CHIP_CHECKSUM] = "checksum",
		[CHIP_LENGTH] = "length",	[CHIP_STATUS] = "status",
		[CHIP_OVERLONG] = "overlong",	[CHIP_265] = "265",
		[CHIP_TRUNCATED] = "truncated", [CHIP_MUTE] = "mute",
		[CHIP_SLOW] = "slow",		[CHIP_GARBAGE] = "garbage",
		[CHIP_ERROR] = "error",		[CHIP_EMPTY] = "empty",
		[CHIP_REMOVED] = "removed",	[CHIP_FIELD_LOST] = "field-lost"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum chip_fault)i;
			return true;
		}
	}
	return false;
}

void chip_init(struct chip *c, enum chip_kind kind, const struct chip_ops *ops)
{
	static const struct chip_card card = {.count = 1,
					      .sens_res = {0x00, 0x44},
					      .sel_res = SEL_14443_4,
					      .uid = {0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66},
					      .uid_len = 7,
					      .ats = {0x05, 0x75, 0x77, 0x81, 0x02},
					      .ats_len = 5};

	*c = (struct chip){.ops = *ops, .kind = kind, .card = card};
}
