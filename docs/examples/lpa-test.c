/*
 * lpa-test: a unit test of an LPA, against an eUICC that lives in this process.
 *
 *	cc lpa-test.c $(pkg-config --cflags --libs twinkey) -o lpa-test && ./lpa-test
 *
 * The LPA of this example can do two things of ES10 (SGP.22 5.7): ask for the EID and for the
 *version of SGP.22. The test makes an eUICC with an EID of its choice and looks whether the LPA
 *finds it. No reader, no PC/SC service, no file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <twinkey/card.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

/* ---- the LPA: what would be in files of its own, with a reader where the card is here ---- */

struct lpa {
	struct twinkey_card *card;
	uint8_t channel;
	uint8_t data[2048]; /* of the last answer */
	size_t len;
};

/* One command of T=0, and GET RESPONSE as long as there is more (TS 102 221 7.3.1.1). */
static unsigned lpa_send(struct lpa *lpa, const uint8_t *command, size_t command_len)
{
	uint8_t answer[TWINKEY_ANSWER_SHORT], get_response[5] = {lpa->channel, 0xC0};
	size_t n = sizeof(answer);

	CHECK(!twinkey_card_transmit(lpa->card, command, command_len, answer, &n));
	for (lpa->len = 0;;) {
		CHECK(lpa->len + n - 2 <= sizeof(lpa->data));
		memcpy(lpa->data + lpa->len, answer, n - 2);
		lpa->len += n - 2;
		if (answer[n - 2] != 0x61)
			return answer[n - 2] * 256u + answer[n - 1];
		get_response[4] = answer[n - 1];
		n = sizeof(answer);
		CHECK(!twinkey_card_transmit(lpa->card, get_response, 5, answer, &n));
	}
}

/* A logical channel, and on it the ISD-R (SGP.22 5.7.2). */
static unsigned lpa_open(struct lpa *lpa)
{
	static const uint8_t manage_channel[] = {0x00, 0x70, 0x00, 0x00, 0x01};
	uint8_t select[] = {0x00, 0xA4, 0x04, 0x00, 0x10, 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10,
			    0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00};
	unsigned sw = lpa_send(lpa, manage_channel, sizeof(manage_channel));

	if (sw != 0x9000 || lpa->len != 1)
		return sw;
	lpa->channel = select[0] = lpa->data[0];
	return lpa_send(lpa, select, sizeof(select));
}

/* STORE DATA with one block (SGP.22 5.7.2) */
static unsigned lpa_store_data(struct lpa *lpa, const uint8_t *request, uint8_t len)
{
	uint8_t command[5 + 255] = {0x80 | lpa->channel, 0xE2, 0x91, 0x00, len};

	memcpy(command + 5, request, len);
	return lpa_send(lpa, command, 5u + len);
}

/* ES10c.GetEID (SGP.22 5.7.20) */
static unsigned lpa_get_eid(struct lpa *lpa, char eid[33])
{
	static const uint8_t request[] = {0xBF, 0x3E, 0x03, 0x5C, 0x01, 0x5A};
	unsigned sw = lpa_store_data(lpa, request, sizeof(request));

	eid[0] = 0;
	if (sw == 0x9000 && lpa->len == 21 && !memcmp(lpa->data, "\xBF\x3E\x12\x5A\x10", 5))
		for (int i = 0; i < 16; i++)
			snprintf(eid + 2 * i, 3, "%02X", lpa->data[5 + i]);
	return sw;
}

/* ES10b.GetEUICCInfo1 (SGP.22 5.7.8): its first object is the version, 82 03 */
static unsigned lpa_get_version(struct lpa *lpa, uint8_t version[3])
{
	static const uint8_t request[] = {0xBF, 0x20, 0x00};
	unsigned sw = lpa_store_data(lpa, request, sizeof(request));
	size_t at = lpa->len > 2 && lpa->data[2] > 0x80 ? 3u + (lpa->data[2] & 0x7F) : 3;

	memset(version, 0, 3);
	if (sw == 0x9000 && lpa->len >= at + 5 && !memcmp(lpa->data + at, "\x82\x03", 2))
		memcpy(version, lpa->data + at + 2, 3);
	return sw;
}

/* ---- the test ---- */

int main(void)
{
	static const char eid[] = "89049032123451234512345678901235";
	const struct twinkey_identity who = {.size = sizeof(who), .eid = eid, .sgp22 = "2.3"};
	struct twinkey_error error;
	struct lpa lpa = {0};
	uint8_t version[3];
	char found[33];

	if (twinkey_card_create(&who, NULL, &lpa.card, &error)) {
		fprintf(stderr, "lpa-test: %s\n", error.text);
		return 1;
	}
	CHECK(!twinkey_card_reset(lpa.card, NULL, NULL));
	CHECK(lpa_open(&lpa) == 0x9000);
	CHECK(lpa.channel == 1);
	CHECK(lpa_get_eid(&lpa, found) == 0x9000);
	CHECK(!strcmp(found, eid));
	CHECK(lpa_get_version(&lpa, version) == 0x9000);
	CHECK(!memcmp(version, "\x02\x03\x00", 3));

	/* a card that is pulled out and put in again has forgotten the channel */
	CHECK(!twinkey_card_reset(lpa.card, NULL, NULL));
	CHECK(lpa_get_eid(&lpa, found) == 0x6881);
	twinkey_card_close(&lpa.card);
	printf("lpa-test: EID %s, SGP.22 %d.%d.%d: ok\n", eid, version[0], version[1], version[2]);
	return 0;
}
