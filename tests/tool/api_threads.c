/*
 * api_threads: many cards in many threads at once, by the public interface: each thread makes cards
 * in memory and in folders, lets them authenticate with numbers of its own, asks eUICCs for the EID
 * that it gave them, and makes mistakes whose words must be its own. `make threads` runs it; under
 * ThreadSanitizer with PROFILE=tsan.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "include/twinkey/card.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "tests/support/must.h"
#include "tests/support/scratch.h"
#include "tool/sys/file.h"

#define THREADS	  8
#define ROUNDS	  6
#define EXCHANGES 40

/* 3GPP's published test key: TS 35.208, test set 1 */
static const uint8_t k[16] = {0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f,
			      0xaa, 0x5f, 0x0a, 0x2e, 0xe2, 0x38, 0xa6, 0xbc};
static const uint8_t opc[16] = {0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e,
				0x48, 0xa5, 0x99, 0x4e, 0x37, 0xa0, 0x2b, 0xaf};

struct worker {
	pthread_t thread;
	unsigned number;
	char place[64];
};

/* The answer's length, SW included. */
static size_t ask(struct twinkey_card *card, const void *command, size_t len,
		  uint8_t answer[static TWINKEY_ANSWER_SHORT])
{
	size_t n = TWINKEY_ANSWER_SHORT;

	MUST(twinkey_card_transmit(card, command, len, answer, &n) == TWINKEY_OK);
	return n;
}

static void authenticate(struct twinkey_card *card, unsigned number)
{
	static const uint8_t amf[AKA_AMF_LEN] = {0x80, 0};
	static const uint8_t select[] = {0, 0xA4, 4, 0x0C, 7, 0xA0, 0, 0, 0, 0x87, 0x10, 2};
	uint8_t command[5 + 34] = {0x00, 0x88, 0x00, 0x81, 34, 16}, answer[TWINKEY_ANSWER_SHORT];
	uint8_t rand[AKA_RAND_LEN] = {(uint8_t)number};
	struct aka_key *key = NULL;
	struct aka_vector v;
	uint64_t sqn = 0;

	MUST(aka_key_new(AKA_MILENAGE, SLICE_OF(k), SLICE_OF(opc), &key) == ERR_OK);
	MUST(ask(card, select, sizeof(select), answer) == 2 && answer[0] == 0x90);
	for (unsigned i = 0; i < EXCHANGES; i++) {
		rand[1] = (uint8_t)i;
		MUST(sqn_next(sqn, SQN_IND_BITS, &sqn) == ERR_OK);
		MUST(aka_auc_vector(key, rand, sqn, amf, &v) == ERR_OK);
		memcpy(command + 6, v.rand, 16);
		command[22] = 16;
		memcpy(command + 23, v.autn, 16);
		MUST(ask(card, command, sizeof(command), answer) == 2 && answer[0] == 0x61);
		MUST(ask(card, (uint8_t[]){0, 0xC0, 0, 0, answer[1]}, 5, answer) > 10);
		MUST(answer[0] == 0xDB && memcmp(answer + 2, v.expected.res, answer[1]) == 0);
	}
	aka_key_free(&key);
}

static void attach(const struct worker *w, const char *folder)
{
	const struct twinkey_options how = {.size = sizeof(how), .folder = folder};
	struct twinkey_identity who = {.size = sizeof(who), .pki = TWINKEY_PKI_NONE};
	struct twinkey_card *card;
	struct twinkey_error error;
	char sim[256];

	snprintf(sim, sizeof(sim),
		 "imsi = 00101012345%04u\niccid = 89000123456789012341\n"
		 "k = 465b5ce8b199b49faa5f0a2ee238a6bc\nopc = "
		 "cd63cb71954a9f4e48a5994e37a02baf\n",
		 w->number);
	who.sim = sim;
	MUST(twinkey_card_create(&who, &how, &card, &error) == TWINKEY_OK);
	if (folder) { /* as the next process would */
		twinkey_card_close(&card);
		MUST(twinkey_card_open(&how, &card, &error) == TWINKEY_OK);
	}
	MUST(twinkey_card_reset(card, NULL, NULL) == TWINKEY_OK);
	authenticate(card, w->number);
	twinkey_card_close(&card);
}

static void ask_eid(const struct worker *w)
{
	static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x0C, 0x10, 0xA0, 0x00,
					 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF,
					 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00};
	static const uint8_t get_eid[] = {0x80, 0xE2, 0x91, 0, 6, 0xBF, 0x3E, 3, 0x5C, 1, 0x5A};
	struct twinkey_identity who = {.size = sizeof(who)};
	struct twinkey_card *card;
	uint8_t answer[TWINKEY_ANSWER_SHORT];
	char eid[33];

	snprintf(eid, sizeof(eid), "8904903212345123451234567890%04u", w->number);
	who.eid = eid;
	MUST(twinkey_card_create(&who, NULL, &card, NULL) == TWINKEY_OK);
	MUST(twinkey_card_reset(card, NULL, NULL) == TWINKEY_OK);
	MUST(ask(card, select, sizeof(select), answer) == 2 && answer[0] == 0x90);
	MUST(ask(card, get_eid, sizeof(get_eid), answer) == 2 && answer[0] == 0x61);
	MUST(ask(card, (uint8_t[]){0, 0xC0, 0, 0, answer[1]}, 5, answer) == 23);
	MUST(answer[20] == w->number); /* two digits of BCD, of numbers below 10 */
	twinkey_card_close(&card);
}

static void make_mistakes(const struct worker *w)
{
	struct twinkey_options how = {.size = sizeof(how)};
	struct twinkey_card *card = NULL;
	struct twinkey_error error;
	char folder[128];

	snprintf(folder, sizeof(folder), "%s/none-%u", w->place, w->number);
	how.folder = folder;
	for (unsigned i = 0; i < EXCHANGES; i++) {
		MUST(twinkey_card_open(&how, &card, &error) == TWINKEY_ERR_NOT_FOUND);
		MUST(strncmp(error.text, folder, strlen(folder)) == 0);
	}
}

static void *work(void *of)
{
	const struct worker *w = of;
	char folder[128];

	for (unsigned i = 0; i < ROUNDS; i++) {
		snprintf(folder, sizeof(folder), "%s/card-%u-%u", w->place, w->number, i);
		attach(w, NULL);
		attach(w, folder);
		ask_eid(w);
		make_mistakes(w);
	}
	return NULL;
}

int main(void)
{
	struct worker workers[THREADS];
	char place[64];

	scratch_make(NULL, "threads", place, sizeof(place));
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].number = i;
		memcpy(workers[i].place, place, sizeof(place));
		MUST(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		MUST(pthread_join(workers[i].thread, NULL) == 0);
	file_remove_tree(place);
	printf("%d threads, %d cards, %d authentications: each got its own answers\n", THREADS,
	       THREADS * ROUNDS * 3, THREADS * ROUNDS * 2 * EXCHANGES);
	return 0;
}
