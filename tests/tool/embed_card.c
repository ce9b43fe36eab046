/*
 * embed_card: a program that embeds the card, and needs nothing of ours for it but card-emu/card.h,
 * headers of lib/ and the archives libtwinkey-card.a, libtwinkey-sys.a and libtwinkey.a. It makes a
 * card with a SIM in a folder that is not there yet, attaches as a terminal does, and ends with 0
 * when RES is right: TS 35.208, test set 1.
 *
 *   embed-card FOLDER
 */
#include <stdio.h>
#include <string.h>

#include "card-emu/card.h"
#include "lib/base/bytes.h"
#include "lib/profile/simfile.h"

#define ANSWER_MAX 260

/* Published test key */
static const char sim_text[] = "imsi = 001010123456789\n"
			       "iccid = 89000123456789012341\n"
			       "k = 465b5ce8b199b49faa5f0a2ee238a6bc\n"
			       "opc = cd63cb71954a9f4e48a5994e37a02baf\n"
			       "sqn = ff9bb4d0b5e7\n"
			       "pin = 1234\n";

/* What is sent, and how the answer begins and ends; "" for what may be anything. */
static const struct {
	const char *what, *command, *begins, *ends;
} exchanges[] = {
	{"SELECT MF", "00a40004023f00", "", "61"},
	{"SELECT the USIM", "00a40404 07a0000000871002", "", "61"},
	{"AUTHENTICATE without PIN",
	 "008800812210 23553cbe9637a89d218ae64dae47bf35 10 55f328b43577b9b94a9ffac354dfafb3",
	 "6982", ""},
	{"VERIFY PIN", "0020000108 31323334ffffffff", "9000", ""},
	{"AUTHENTICATE",
	 "008800812210 23553cbe9637a89d218ae64dae47bf35 10 55f328b43577b9b94a9ffac354dfafb3",
	 "6135", ""},
	{"GET RESPONSE", "00c0000035", "db08a54211d5e3ba50bf", "9000"},
	{"the same AUTN again",
	 "008800812210 23553cbe9637a89d218ae64dae47bf35 10 55f328b43577b9b94a9ffac354dfafb3",
	 "6110", ""},
	{"its AUTS", "00c0000010", "dc0e", "9000"},
};

static int fail(const char *what, enum err e)
{
	fprintf(stderr, "%s: %s\n", what, err_text(e));
	return 1;
}

static enum err make_card(const struct card_options *o)
{
	const struct card_identity id = {.eid = {0x89, 0x04, 0x90, 0x32, 0x12, 0x34, 0x51, 0x23,
						 0x45, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x35}};
	struct simfile_error error;
	struct simfile *sim = NULL;
	enum err e = simfile_parse(slice_str(sim_text), &sim, &error);

	if (!e)
		e = card_create(o, &id);
	if (!e)
		e = card_install_sim(o, sim);
	simfile_free(&sim);
	return e;
}

static bool matches(const char *text, const char *begins, const char *ends)
{
	size_t len = strlen(text), n = strlen(begins);

	/* a status word that ends with a length is told by its first octet */
	return strncmp(text, begins, n) == 0 && len >= 4 &&
	       strncmp(text + len - 4, ends, strlen(ends)) == 0;
}

static int exchange(struct card *card, size_t i)
{
	uint8_t sent[ANSWER_MAX], received[ANSWER_MAX];
	struct wbuf command = wbuf_init(sent, sizeof(sent)),
		    answer = wbuf_init(received, sizeof(received));
	char text[2 * ANSWER_MAX + 1];
	enum err e = hex_decode(exchanges[i].command, &command);

	if (!e)
		e = card_transmit(card, wbuf_slice(&command), &answer);
	if (!e)
		e = hex_encode(wbuf_slice(&answer), text, sizeof(text));
	if (e)
		return fail(exchanges[i].what, e);
	if (!matches(text, exchanges[i].begins, exchanges[i].ends)) {
		fprintf(stderr, "%s: %s\n", exchanges[i].what, text);
		return 1;
	}
	card_settle(card);
	printf("%s: ok\n", exchanges[i].what);
	return 0;
}

int main(int argc, char **argv)
{
	struct card_options o = {.dir = argc == 2 ? argv[1] : ""};
	struct card *card = NULL;
	int code = 0;
	enum err e;

	if (argc != 2) {
		fprintf(stderr, "usage: embed-card FOLDER\n");
		return 2;
	}
	e = make_card(&o);
	if (!e)
		e = card_open(&o, &card);
	if (e)
		return fail(o.dir, e);
	if (!card_reset(card).len)
		code = fail("reset", ERR_VALUE);
	for (size_t i = 0; !code && i < ARRAY_LEN(exchanges); i++)
		code = exchange(card, i);
	card_power_off(card);
	card_close(&card);
	return code;
}
