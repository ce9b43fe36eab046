#include "lib/trace/decode/sms/packet.h"

#include <string.h>

#include "lib/trace/decode/field/field.h"

#define COMMAND_KEY    "command-packet"
#define RESPONSE_KEY   "response-packet"
#define FIXED_COMMAND  13 /* octets of the header in front of RC, CC or DS: SPI to PCNTR */
#define FIXED_RESPONSE 10 /* TAR to status */
#define CLEAR_COMMAND  7  /* SPI to TAR */
#define CLEAR_ROWS     5  /* up to TAR */
#define LENGTHS	       3  /* of the packet, and of its header */
#define SPI_CIPHERED   0x04

WORDS(integrity, {0, "none"}, {1, "redundancy check"}, {2, "cryptographic checksum"},
      {3, "digital signature"});
WORDS(counters, {0, "none"}, {1, "there, not checked"}, {2, "higher than the last"},
      {3, "the last and one"});
WORDS(proofs, {0, "none"}, {1, "required"}, {2, "required on an error"});
WORDS(ways, {0, "SMS-DELIVER-REPORT"}, {1, "SMS-SUBMIT"});
BITS(spi_first, {0, 2, "integrity", "Integrity", &integrity},
     {2, 1, "ciphering", "Ciphering", NULL}, {3, 2, "counter", "Counter", &counters});
BITS(spi_second, {0, 2, "proof", "Proof of receipt", &proofs},
     {2, 2, "proof-integrity", "Integrity of it", &integrity},
     {4, 1, "proof-ciphering", "Ciphering of it", NULL}, {5, 1, "proof-way", "Way of it", &ways});

WORDS(ciphers, {0, "known to both"}, {1, "DES"}, {2, "AES"}, {3, "proprietary"});
WORDS(checks, {0, "known to both"}, {1, "CRC or DES MAC"}, {2, "AES CMAC"}, {3, "proprietary"});
BITS(kic, {0, 2, "algorithm", "Algorithm", &ciphers}, {2, 2, "mode", "Mode", NULL},
     {4, 4, "key-set", "Key set", NULL});
BITS(kid, {0, 2, "algorithm", "Algorithm", &checks}, {2, 2, "mode", "Mode", NULL},
     {4, 4, "key-set", "Key set", NULL});

/* TS 102 225 5.1.2 */
WORDS(statuses, {0x00, "ok"}, {0x01, "RC, CC or DS failed"}, {0x02, "counter low"},
      {0x03, "counter high"}, {0x04, "counter blocked"}, {0x05, "ciphering error"},
      {0x06, "unidentified security error"}, {0x07, "insufficient memory"},
      {0x08, "more time is needed"}, {0x09, "TAR unknown"}, {0x0A, "insufficient security level"},
      {0x0B, "the response follows by SMS-SUBMIT"}, {0x0C, "the response follows otherwise"});

const char *packet_status(uint8_t status)
{
	const char *text = words_find(&statuses, status);

	return text ? text : "unknown status";
}

/* ETSI TS 101 220 annex D */
static void show_tar(const struct field *f, struct slice v, const struct tree *t)
{
	const char *name = slice_is_zero(v)	    ? "issuer security domain"
			   : slice_at(v, 0) == 0xB0 ? "remote file management"
			   : slice_at(v, 0) == 0xBF ? "proprietary"
						    : "an application";

	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v},
		  "%02X%02X%02X, %s", slice_at(v, 0), slice_at(v, 1), slice_at(v, 2), name);
}

FIELDS(command,
       {.key = "spi-1", .name = "SPI, first octet", .len = 1, .show = field_bits, .of = &spi_first},
       {.key = "spi-2",
	.name = "SPI, second octet",
	.len = 1,
	.show = field_bits,
	.of = &spi_second},
       {.key = "kic", .name = "KIc", .len = 1, .show = field_bits, .of = &kic},
       {.key = "kid", .name = "KID", .len = 1, .show = field_bits, .of = &kid},
       {.key = "tar", .name = "TAR", .len = 3, .show = show_tar},
       {.key = "counter", .name = "Counter (CNTR)", .len = 5, .show = field_number},
       {.key = "padding", .name = "Padding octets (PCNTR)", .len = 1, .show = field_number});
/* Of a ciphered packet no more is clear. */
static const struct fields clear = {command_rows, CLEAR_ROWS, false};
FIELDS(response, {.key = "tar", .name = "TAR", .len = 3, .show = show_tar},
       {.key = "counter", .name = "Counter (CNTR)", .len = 5, .show = field_number},
       {.key = "padding", .name = "Padding octets (PCNTR)", .len = 1, .show = field_number},
       {.key = "status", .name = "Status", .len = 1, .show = field_words, .of = &statuses});

static void tell_if_any(const char *key, const char *name, struct slice v, const struct tree *t)
{
	if (v.len)
		field_octets(&(struct field){.key = key, .name = name}, v, NULL, t);
}

bool packet_is(const struct tree_node *n)
{
	/* the element of the header that announces one has its key, too */
	return n->raw.len && (strcmp(n->key, COMMAND_KEY) == 0 || packet_is_response(n));
}

bool packet_is_response(const struct tree_node *n)
{
	return n->raw.len && strcmp(n->key, RESPONSE_KEY) == 0;
}

void packet_tell(enum packet_kind kind, struct slice packet, const struct tree *t)
{
	bool is_command = kind == PACKET_COMMAND;
	size_t fixed = is_command ? FIXED_COMMAND : FIXED_RESPONSE, header;
	struct cursor c = cursor_of(packet);
	size_t length = cursor_u16(&c);
	struct slice inner, rest;

	header = cursor_u8(&c);
	inner = cursor_take(&c, header < cursor_left(&c) ? header : cursor_left(&c));
	rest = c.rest;
	tree_open(t, is_command ? COMMAND_KEY : RESPONSE_KEY,
		  is_command ? "Command packet" : "Response packet", packet);
	if (length + 2 != packet.len || header < fixed || inner.len != header)
		field_octets(&(struct field){.key = "lengths", .name = "Lengths"},
			     slice_sub(packet, 0, 3), "not those of the packet", t);
	if (is_command && slice_at(inner, 0) & SPI_CIPHERED) {
		fields_tell(&clear, slice_sub(inner, 0, CLEAR_COMMAND), t);
		tell_if_any("secured", "Ciphered: counter, checksum, data",
			    slice_sub(packet, LENGTHS + CLEAR_COMMAND, packet.len), t);
	} else {
		fields_tell(is_command ? &command : &response, slice_sub(inner, 0, fixed), t);
		tell_if_any("check", "RC, CC or DS", slice_sub(inner, fixed, inner.len), t);
		tell_if_any("secured", "Secured data", rest, t);
	}
	tree_close(t);
}
