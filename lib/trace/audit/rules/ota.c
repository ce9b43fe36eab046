/* ota: OTA, remote management by short messages: secured packets (ETSI TS 102 225, TS 102 226, 3GPP
 * TS 31.115) */
#include <string.h>

#include "lib/trace/audit/card.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/cat/cat.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/sms/packet.h"

#define COUNTERS 16 /* of key sets and TARs, that are remembered */
#define TARS	 32
#define SCANNED	 12 /* TARs that one trace addresses */
#define UNKNOWN	 4  /* of them those that the card does not know */
#define GUESSES	 3  /* packets one after the other whose check failed */
#define TAR_LEN	 3
#define NEAR_END 0xFF00000000 /* of a counter of five octets, which ends at its highest value */

/* TS 102 225 5.1.1: the first octet of the SPI, then the second one */
#define SPI_CHECK      0x03
#define SPI_CC	       0x02 /* CC or DS */
#define SPI_CIPHER     0x04
#define SPI_COUNTER    0x18
#define SPI_HIGHER     0x10 /* it must be higher than the last */
#define SPI_POR	       0x03
#define SPI_POR_CC     0x08
#define SPI_POR_CIPHER 0x10
/* 5.1.2, 5.1.3: of KIc and KID */
#define KEY_ALGORITHM 0x0F
#define KEY_DES	      0x01
#define KEY_DES_ECB   0x0D
#define KEY_3DES_TWO  0x05

enum ota_status { /* 5.2, table 5 */
		  OTA_OK = 0x00,
		  OTA_CHECK_FAILED = 0x01,
		  OTA_COUNTER_LOW = 0x02,
		  OTA_TAR_UNKNOWN = 0x09,
		  OTA_FOLLOWS = 0x0B, /* the response comes by another way, as with 0C */
		  OTA_FOLLOWS_OTHERWISE = 0x0C,
};

enum {
	OTA_NO_CHECK,
	OTA_NO_CIPHER,
	OTA_NO_COUNTER,
	OTA_REPLAYED,
	OTA_REPLAY_TRIED,
	OTA_AGAIN,
	OTA_SINGLE_DES,
	OTA_TWO_KEYS,
	OTA_OPEN,
	OTA_FAULT,
	OTA_GUESSED,
	OTA_RESPONSE_BARE,
	OTA_NO_KEY_SET,
	OTA_REFUSED,
	OTA_SCAN,
	OTA_EXHAUSTED
};

static const struct finding_rule rules[] = {
	[OTA_NO_CHECK] = RULE(
		"OTA-01", WARNING, "ETSI TS 102 225 5.1.1",
		"a packet has a cryptographic checksum or a signature",
		"The SPI asks for no checksum, or for a redundancy check that anybody can make: "
		"who sends the card a short message can send it this.",
		"Use CC (AES CMAC) for every packet, and let the card's applications demand it."),
	[OTA_NO_CIPHER] = RULE("OTA-02", WARNING, "ETSI TS 102 225 5.1.1", "a packet is enciphered",
			       "The SPI asks for no ciphering: everybody on the way reads what is "
			       "changed on the card.",
			       "Cipher every packet (AES)."),
	[OTA_NO_COUNTER] = RULE(
		"OTA-03", WARNING, "ETSI TS 102 225 5.1.1, 5.1.4",
		"a packet has a counter that must be higher than the last",
		"The SPI asks for no counter, or for none that is checked: the packet can be "
		"recorded and sent again at any time.",
		"Ask for 'process if and only if the counter is higher' (SPI bits 5, 4 = 10)."),
	[OTA_REPLAYED] = RULE(
		"OTA-04", ERROR, "ETSI TS 102 225 5.1.4",
		"a card takes no packet whose counter is not higher than the last",
		"A packet with a counter that had been used already was taken: a recorded packet "
		"was played back with success.",
		"Report the card; change its OTA keys."),
	[OTA_REPLAY_TRIED] = RULE(
		"OTA-05", WARNING, "ETSI TS 102 225 5.1.4",
		"the counter of packets to an application rises",
		"A packet had a counter that was not higher than one before, and the card refused "
		"it, or nobody saw what it did: a repetition on the way, or a replay.",
		"See whether the short message centre repeated it, or somebody else."),
	[OTA_AGAIN] =
		RULE("OTA-06", WARNING, "ETSI TS 102 225 5.1.4", "no enciphered packet comes twice",
		     "The same packet came again, octet for octet: a repetition on the way, or a "
		     "replay.",
		     "See whether the short message centre repeated it, or somebody else."),
	[OTA_SINGLE_DES] = RULE(
		"OTA-07", WARNING, "ETSI TS 102 225 5.1.2, 5.1.3",
		"packets are not protected by single DES",
		"KIc or KID name DES with one key of 56 bits, which is found in hours; with it the "
		"card is its finder's (as was shown in 2013).",
		"Use AES; take the key set with single DES out of the card."),
	[OTA_TWO_KEYS] =
		RULE("OTA-08", INFO, "ETSI TS 102 225 5.1.2, 5.1.3", "packets are protected by AES",
		     "KIc or KID name triple DES with two keys, which is good for few packets and "
		     "deprecated.",
		     "Use AES where the card has it."),
	[OTA_OPEN] = RULE(
		"OTA-09", ERROR, "ETSI TS 102 225 5.1.1, TS 102 226 (MSL)",
		"an application takes no packet without a checksum",
		"The card carried out a packet that nobody had to have a key for: its files or "
		"applications are open to everybody who sends a short message.",
		"Raise the minimum security level (MSL) of this TAR; report the card."),
	[OTA_FAULT] = RULE("OTA-10", WARNING, "ETSI TS 102 225 5.2",
			   "the card carries out the packets that it gets",
			   "The card refused the packet, and its response says why.",
			   "The status tells: key, counter, TAR or security level."),
	[OTA_GUESSED] = RULE("OTA-11", ERROR, "ETSI TS 102 225 5.2",
			     "keys of packets are not tried one after the other",
			     "Several packets in a row had a checksum that did not fit: somebody "
			     "tries keys, and each answer tells him more.",
			     "See who sends them; have the card answer nothing in such a case."),
	[OTA_RESPONSE_BARE] = RULE(
		"OTA-12", INFO, "ETSI TS 102 225 5.1.1", "the response to a packet is protected",
		"The SPI asks for a response without checksum and ciphering: whoever sends such a "
		"packet learns from the answer what the card has.",
		"Ask for CC and ciphering of the response too."),
	[OTA_NO_KEY_SET] =
		RULE("OTA-13", WARNING, "ETSI TS 102 225 5.1.2, 5.1.3",
		     "a key set is named where the SPI asks for protection (KIc, KID)",
		     "The key set is 0, which no card has keys in: the packet is protected by keys "
		     "that both sides only assume.",
		     "Name the key set (1 to 15)."),
	[OTA_REFUSED] = RULE("OTA-14", WARNING, "3GPP TS 31.111 7.1.1.1",
			     "the card takes the short message",
			     "ENVELOPE (SMS-PP download) was refused: the packet did not reach the "
			     "application.",
			     "The status word tells why; send it again when the card is not busy."),
	[OTA_SCAN] = RULE(
		"OTA-15", ERROR, "ETSI TS 101 220 D",
		"packets go to few applications, which the card has",
		"Packets went to many TARs, or to several that the card does not know: somebody "
		"looks for applications that answer.",
		"See who sends them; have the card answer nothing in such a case."),
	[OTA_EXHAUSTED] = RULE(
		"OTA-16", WARNING, "ETSI TS 102 225 5.1.4",
		"the counter keeps far from its highest value",
		"With the highest value the counter ends, and the key set is of no use any more: "
		"a mistake of the sender, or somebody locks the operator out.",
		"See who set it; put in new keys, which sets the counter back."),
};

/* Fields of a packet, as the decoder tells them; empty where they are not there. */
struct ota_packet {
	bool is_there, is_response;
	struct slice whole, spi1, spi2, kic, kid, tar, counter, status;
};

struct ota_counter { /* the highest, of an application and a key set */
	bool is_there;
	uint8_t tar[TAR_LEN], keys;
	uint64_t value;
	struct audit_spot at;
};

struct ota {
	struct ota_counter counters[COUNTERS];
	unsigned next;
	uint8_t tars[TARS][TAR_LEN];
	unsigned tar_count, unknown;
	struct audit_spot first_tar;
	bool told_scan;
	unsigned failed; /* checksums, one after the other */
	struct audit_spot first_failed;
	bool sent, hidden; /* a packet was seen; its response is enciphered */
};

static void ota_take_node(void *ctx, const struct tree_node *node)
{
	static const struct {
		const char *key;
		size_t at;
	} fields[] = {
		{"spi-1", offsetof(struct ota_packet, spi1)},
		{"spi-2", offsetof(struct ota_packet, spi2)},
		{"kic", offsetof(struct ota_packet, kic)},
		{"kid", offsetof(struct ota_packet, kid)},
		{"tar", offsetof(struct ota_packet, tar)},
		{"counter", offsetof(struct ota_packet, counter)},
		{"status", offsetof(struct ota_packet, status)},
	};
	struct ota_packet *p = ctx;
	bool response = strcmp(node->key, "response-packet") == 0;

	/* the element of the header that announces a response is empty */
	if ((response && node->raw.len) || strcmp(node->key, "command-packet") == 0) {
		p->is_there = true;
		p->is_response = response;
		p->whole = node->raw;
	}
	for (size_t i = 0; p->is_there && i < ARRAY_LEN(fields); i++) {
		struct slice *field = (struct slice *)(void *)((char *)p + fields[i].at);

		if (!field->len && strcmp(node->key, fields[i].key) == 0)
			*field = node->raw;
	}
}

static void ota_leave_node(void *ctx)
{
	(void)ctx;
}

/* What stands in an envelope or a proactive command. */
static bool ota_find_packet(struct slice object, struct ota_packet *out)
{
	const struct tree t = {
		.open = ota_take_node, .close = ota_leave_node, .ctx = out, .wordless = true};

	*out = (struct ota_packet){.is_there = false};
	cat_tell(object, &t);
	return out->is_there;
}

/* What the card answers at once: a header of one element, then the packet (TS 31.115 4.4) */
static bool ota_find_response(struct slice answer, struct ota_packet *out)
{
	static const uint8_t header[] = {2, PACKET_RESPONSE, 0};
	const struct tree t = {
		.open = ota_take_node, .close = ota_leave_node, .ctx = out, .wordless = true};

	*out = (struct ota_packet){.is_there = false};
	if (slice_starts(answer, SLICE_OF(header)))
		packet_tell(PACKET_RESPONSE, slice_sub(answer, sizeof(header), answer.len), &t);
	return out->is_there;
}

static void ota_find(struct audit_run *r, unsigned rule, const struct audit_step *s,
		     const struct ota_packet *p)
{
	audit_find(r, &rules[rule], &s->spot, "TAR %02X%02X%02X, SPI %02X%02X", slice_at(p->tar, 0),
		   slice_at(p->tar, 1), slice_at(p->tar, 2), slice_at(p->spi1, 0),
		   slice_at(p->spi2, 0));
}

static bool ota_is_protected(const struct ota_packet *p)
{
	return slice_at(p->spi1, 0) & (SPI_CC | SPI_CIPHER);
}

static void ota_judge_security(struct audit_run *r, const struct audit_step *s,
			       const struct ota_packet *p)
{
	uint8_t spi1 = slice_at(p->spi1, 0), spi2 = slice_at(p->spi2, 0);

	if (!(spi1 & SPI_CC))
		ota_find(r, OTA_NO_CHECK, s, p);
	if (!(spi1 & SPI_CIPHER))
		ota_find(r, OTA_NO_CIPHER, s, p);
	if (!(spi1 & SPI_COUNTER & SPI_HIGHER))
		ota_find(r, OTA_NO_COUNTER, s, p);
	if (spi2 & SPI_POR && !(spi2 & (SPI_POR_CC | SPI_POR_CIPHER)))
		ota_find(r, OTA_RESPONSE_BARE, s, p);
}

/* The octet says which cipher; where the SPI asks for none, it says nothing. */
static void ota_judge_key(struct audit_run *r, const struct audit_step *s,
			  const struct ota_packet *p, bool checks)
{
	uint8_t key = slice_at(checks ? p->kid : p->kic, 0), algorithm = key & KEY_ALGORITHM;
	const char *name = checks ? "KID" : "KIc";
	bool used = checks ? (slice_at(p->spi1, 0) & SPI_CHECK) == SPI_CC
			   : slice_at(p->spi1, 0) & SPI_CIPHER;

	if (!used)
		return;
	if (algorithm == KEY_DES || algorithm == KEY_DES_ECB)
		audit_find(r, &rules[OTA_SINGLE_DES], &s->spot, "%s %02X", name, key);
	else if (algorithm == KEY_3DES_TWO)
		audit_find(r, &rules[OTA_TWO_KEYS], &s->spot, "%s %02X", name, key);
	if (!(key >> 4))
		audit_find(r, &rules[OTA_NO_KEY_SET], &s->spot, "%s %02X", name, key);
}

static struct ota_counter *ota_counter_of(struct ota *st, const struct ota_packet *p)
{
	uint8_t keys = (uint8_t)((slice_at(p->kic, 0) & 0xF0) | slice_at(p->kid, 0) >> 4);
	struct ota_counter *c;

	for (unsigned i = 0; i < COUNTERS; i++) {
		c = &st->counters[i];
		if (c->is_there && c->keys == keys && slice_equal(SLICE_OF(c->tar), p->tar))
			return c;
	}
	c = &st->counters[st->next++ % COUNTERS];
	*c = (struct ota_counter){.keys = keys};
	memcpy(c->tar, p->tar.ptr, TAR_LEN);
	return c;
}

/* What the card's response says of a packet. */
enum ota_fate { OTA_UNTOLD, OTA_TAKEN, OTA_TURNED_DOWN };

/* Under ciphering the counter is enciphered too: only the same packet can be told. */
static void ota_judge_counter(struct audit_run *r, struct ota *st, const struct audit_step *s,
			      const struct ota_packet *p, enum ota_fate fate)
{
	uint64_t value = slice_uint(p->counter, 8);
	struct ota_counter *c;

	if (slice_at(p->spi1, 0) & SPI_CIPHER) {
		if (audit_was_processed(s))
			audit_once(r, &rules[OTA_AGAIN], &s->spot, p->whole);
		return;
	}
	if (!(slice_at(p->spi1, 0) & SPI_COUNTER))
		return;
	c = ota_counter_of(st, p);
	if (c->is_there && value <= c->value) {
		const struct audit_spot pair[2] = {c->at, s->spot};

		audit_find_pair(r, &rules[fate == OTA_TAKEN ? OTA_REPLAYED : OTA_REPLAY_TRIED],
				pair, "%010llX, after %010llX", (unsigned long long)value,
				(unsigned long long)c->value);
		return;
	}
	if (value >= NEAR_END)
		audit_find(r, &rules[OTA_EXHAUSTED], &s->spot, "%010llX",
			   (unsigned long long)value);
	/* 5.1.4: a packet that was refused does not set it, or whoever forges one would; and a
	 * reader repeats what got no answer, or one for which the card was busy */
	if (fate == OTA_TURNED_DOWN || !audit_was_processed(s))
		return;
	c->is_there = true;
	c->value = value;
	c->at = s->spot;
}

static void ota_judge_scan(struct audit_run *r, struct ota *st, const struct audit_step *s,
			   const struct ota_packet *p, bool unknown)
{
	bool is_new = true;

	for (unsigned i = 0; i < st->tar_count; i++)
		is_new = is_new && !slice_equal(SLICE_OF(st->tars[i]), p->tar);
	if (!is_new || st->tar_count == TARS)
		return;
	if (!st->tar_count)
		st->first_tar = s->spot;
	memcpy(st->tars[st->tar_count++], p->tar.ptr, TAR_LEN);
	st->unknown += unknown;
	if ((st->unknown >= UNKNOWN || st->tar_count >= SCANNED) && !st->told_scan) {
		const struct audit_spot pair[2] = {st->first_tar, s->spot};

		audit_find_pair(r, &rules[OTA_SCAN], pair, "%u TARs, %u of them unknown",
				st->tar_count, st->unknown);
		st->told_scan = true;
	}
}

static void ota_judge_status(struct audit_run *r, struct ota *st, const struct audit_step *s,
			     uint8_t status)
{
	const struct audit_spot pair[2] = {st->first_failed, s->spot};

	if (status == OTA_OK || status == OTA_FOLLOWS || status == OTA_FOLLOWS_OTHERWISE) {
		st->failed = 0;
		return;
	}
	audit_find(r, &rules[OTA_FAULT], &s->spot, "%s", packet_status(status));
	if (status != OTA_CHECK_FAILED)
		return;
	if (!st->failed++)
		st->first_failed = s->spot;
	if (st->failed == GUESSES)
		audit_find_pair(r, &rules[OTA_GUESSED], pair,
				"the third checksum in a row that failed");
}

/* The card's response says how it went, unless that is enciphered. */
static bool ota_read_status(const struct audit_step *s, const struct ota_packet *p, uint8_t *status)
{
	struct ota_packet response;

	if (slice_at(p->spi2, 0) & SPI_POR_CIPHER || !ota_find_response(s->x->answer, &response) ||
	    !response.status.len)
		return false;
	*status = slice_at(response.status, 0);
	return true;
}

static void ota_take_packet(struct audit_run *r, struct ota *st, const struct audit_step *s,
			    const struct ota_packet *p)
{
	uint8_t status = OTA_OK;
	bool has_status = ota_read_status(s, p, &status);
	bool taken = status == OTA_OK || status == OTA_FOLLOWS || status == OTA_FOLLOWS_OTHERWISE;

	audit_tell(r, s, (struct audit_way){AUDIT_OPERATOR, AUDIT_CARD},
		   "OTA packet, TAR %02X%02X%02X", slice_at(p->tar, 0), slice_at(p->tar, 1),
		   slice_at(p->tar, 2));
	st->sent = true;
	st->hidden = slice_at(p->spi2, 0) & SPI_POR_CIPHER;
	ota_judge_security(r, s, p);
	ota_judge_key(r, s, p, false);
	ota_judge_key(r, s, p, true);
	ota_judge_counter(r, st, s, p,
			  !has_status ? OTA_UNTOLD
			  : taken     ? OTA_TAKEN
				      : OTA_TURNED_DOWN);
	ota_judge_scan(r, st, s, p, has_status && status == OTA_TAR_UNKNOWN);
	if (has_status)
		ota_judge_status(r, st, s, status);
	if (has_status && status == OTA_OK && !ota_is_protected(p))
		ota_find(r, OTA_OPEN, s, p);
}

/* A response that the card sends by a short message of its own. */
static void ota_take_fetched(struct audit_run *r, struct ota *st, const struct audit_step *s)
{
	struct ota_packet p;

	if (s->good && st->sent && !st->hidden && ota_find_packet(s->x->answer, &p) &&
	    p.is_response && p.status.len)
		ota_judge_status(r, st, s, slice_at(p.status, 0));
}

static void ota_take_envelope(struct audit_run *r, struct ota *st, const struct audit_step *s)
{
	struct ota_packet p;

	if (!ota_find_packet(s->x->apdu.data, &p) || p.is_response || p.tar.len != TAR_LEN)
		return;
	if (s->x->has_sw && !s->good)
		audit_find(r, &rules[OTA_REFUSED], &s->spot, "%s", sw_text(s->x->sw));
	ota_take_packet(r, st, s, &p);
}

static void ota_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	switch (s->id) {
	case COMMAND_ENVELOPE:
	case COMMAND_GSM_ENVELOPE: ota_take_envelope(r, state, s); return;
	case COMMAND_FETCH:
	case COMMAND_GSM_FETCH: ota_take_fetched(r, state, s); return;
	default: return;
	}
}

static void ota_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct ota *st = state;

	(void)r;
	if (e->kind == TRACE_REMOVED)
		*st = (struct ota){.failed = 0};
}

static const enum command_id ota_takes[] = {COMMAND_ENVELOPE, COMMAND_GSM_ENVELOPE, COMMAND_FETCH,
					    COMMAND_GSM_FETCH};

const struct audit_family audit_ota = {
	.about = "Remote management by short messages",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct ota),
	.takes = ota_takes,
	.take_count = ARRAY_LEN(ota_takes),
	.step = ota_step,
	.event = ota_event,
};
