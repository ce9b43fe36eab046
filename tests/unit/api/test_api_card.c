/* include/twinkey/card.h: a card's life, and what bad use of it gives */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "include/twinkey/card.h"
#include "tests/unit/support/fault.h"
#include "tests/unit/support/freed.h"
#include "tool/sys/path.h"

/* 3GPP's published test key: TS 35.208, test set 1 */
#define K   "465b5ce8b199b49faa5f0a2ee238a6bc"
#define OPC "cd63cb71954a9f4e48a5994e37a02baf"

static const char sim[] = "imsi = 001010123456789\niccid = 89000123456789012341\nk = " K
			  "\nopc = " OPC "\nsqn = ff9bb4d0b5e7\npin = 1234\n";

#define AUTHENTICATE                                                                               \
	"00880081221023553cbe9637a89d218ae64dae47bf351055f328b43577b9b94a9ffac354dfafb3"

static struct twinkey_error error;

static struct twinkey_card *make(const struct twinkey_identity *who,
				 const struct twinkey_options *how)
{
	struct twinkey_card *card = NULL;

	CU_ASSERT_EQUAL(twinkey_card_create(who, how, &card, &error), TWINKEY_OK);
	CU_ASSERT_STRING_EQUAL(error.text, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(card);
	CU_ASSERT_EQUAL(twinkey_card_reset(card, NULL, NULL), TWINKEY_OK);
	return card;
}

static struct twinkey_card *make_sim(const struct twinkey_options *how)
{
	const struct twinkey_identity who = {
		.size = sizeof(who), .pki = TWINKEY_PKI_NONE, .sim = sim};

	return make(&who, how);
}

/* The answer to a command in hex, in hex. */
static const char *ask(struct twinkey_card *card, const char *command)
{
	static char text[2 * TWINKEY_ANSWER_SHORT + 1];
	uint8_t answer[TWINKEY_ANSWER_SHORT];
	size_t len = sizeof(answer);
	struct slice sent = test_unhex(command);

	CU_ASSERT_EQUAL(twinkey_card_transmit(card, sent.ptr, sent.len, answer, &len), TWINKEY_OK);
	ASSERT_ERR(hex_encode(slice_make(answer, len), text, sizeof(text)), ERR_OK);
	return text;
}

#define ASSERT_ASK(card, command, answer) CU_ASSERT_STRING_EQUAL(ask(card, command), answer)

/* Attaches as a terminal does. */
static void assert_attaches(struct twinkey_card *card)
{
	ASSERT_ASK(card, "00a4040c07a0000000871002", "9000");
	ASSERT_ASK(card, "002000010831323334ffffffff", "9000");
	ASSERT_ASK(card, AUTHENTICATE, "6135");
	CU_ASSERT_EQUAL(strncmp(ask(card, "00c0000035"), "db08a54211d5e3ba50bf", 20), 0);
}

static void test_defaults(void)
{
	struct twinkey_card *a = make(NULL, NULL), *b = make(NULL, NULL);
	char eid[64];

	ASSERT_ASK(a, "00a4040010a0000005591010ffffffff8900000100", "6121");
	ASSERT_ASK(b, "00a4040010a0000005591010ffffffff8900000100", "6121");
	ASSERT_ASK(a, "80e2910006bf3e035c015a", "6115");
	ASSERT_ASK(b, "80e2910006bf3e035c015a", "6115");
	snprintf(eid, sizeof(eid), "%s", ask(a, "00c0000015"));
	CU_ASSERT_EQUAL(strncmp(eid, "bf3e125a1089049032", 18), 0);
	CU_ASSERT_STRING_NOT_EQUAL(ask(b, "00c0000015"), eid);
	twinkey_card_close(&a);
	CU_ASSERT_PTR_NULL(a);
	twinkey_card_close(&a);
	twinkey_card_close(NULL);
	twinkey_card_close(&b);
}

static void test_sim(void)
{
	struct twinkey_card *card = make_sim(NULL);

	assert_attaches(card);
	CU_ASSERT_EQUAL(twinkey_card_reset(card, NULL, NULL), TWINKEY_OK);
	ASSERT_ASK(card, "00a4040c07a0000000871002", "9000");
	ASSERT_ASK(card, AUTHENTICATE, "6982"); /* the PIN is forgotten */
	twinkey_card_close(&card);
}

/* ES10b.GetRAT (SGP.22 5.7.22): the rules are the card's. */
static void test_rules(void)
{
	const struct twinkey_identity who = {.size = sizeof(who),
					     .rules = "ppr1=00101\nppr2=*:consent\n"};
	struct twinkey_card *card = make(&who, NULL);
	const char *rat;

	ASSERT_ASK(card, "00a4040c10a0000005591010ffffffff8900000100", "9000");
	ASSERT_ASK(card, "80e2910003bf4300", "612e");
	rat = ask(card, "00c000002e");
	CU_ASSERT_EQUAL(strncmp(rat, "bf43", 4), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(rat, "8003"
					   "00f110"));
	CU_ASSERT_PTR_NOT_NULL(strstr(rat, "8003"
					   "eeeeee"));
	twinkey_card_close(&card);
}

static void test_protocols(void)
{
	const struct twinkey_options t1 = {.size = sizeof(t1), .protocol = TWINKEY_T1};
	uint8_t atr[2][TWINKEY_ATR_MAX];
	size_t len[2];
	struct twinkey_card *a = make_sim(NULL), *b = make_sim(&t1);

	CU_ASSERT_EQUAL(twinkey_card_reset(a, atr[0], &len[0]), TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_card_reset(b, atr[1], &len[1]), TWINKEY_OK);
	CU_ASSERT_EQUAL(atr[0][0], 0x3B);
	CU_ASSERT(len[0] != len[1] || memcmp(atr[0], atr[1], len[0]) != 0);
	ASSERT_ASK(a, "00a40004022fe2", "6119");
	CU_ASSERT_EQUAL(strlen(ask(b, "00a40004022fe200")), 2 * (0x19 + 2)); /* at once */
	ASSERT_ASK(b, "00b000000000 0a",
		   "98001032547698103214"
		   "9000"); /* extended */
	twinkey_card_close(&a);
	twinkey_card_close(&b);
}

static void test_power(void)
{
	const struct twinkey_identity who = {.size = sizeof(who), .pki = TWINKEY_PKI_NONE};
	struct twinkey_card *card = NULL;
	uint8_t answer[2];
	size_t len = sizeof(answer);

	CU_ASSERT_EQUAL(twinkey_card_create(&who, NULL, &card, NULL), TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_card_transmit(card, answer, 0, answer, &len), TWINKEY_ERR_STATE);
	CU_ASSERT_EQUAL(twinkey_card_answer(card, answer, &len), TWINKEY_ERR_STATE);
	CU_ASSERT_EQUAL(twinkey_card_reset(card, NULL, NULL), TWINKEY_OK);
	ASSERT_ASK(card, "00a4000c023f00", "9000");
	twinkey_card_power_off(card);
	CU_ASSERT_EQUAL(twinkey_card_transmit(card, answer, 0, answer, &len), TWINKEY_ERR_STATE);
	CU_ASSERT_EQUAL(len, sizeof(answer));
	twinkey_card_power_off(NULL);
	twinkey_card_close(&card);
}

/* Nothing of an answer is written that has no room, and nothing of it is lost. */
static void test_short_buffer(void)
{
	static const uint8_t read[] = {0x00, 0xB0, 0x00, 0x00, 0x0A}, untouched[2] = {0xAA, 0xAA};
	struct twinkey_card *card = make_sim(NULL);
	uint8_t whole[TWINKEY_ANSWER_SHORT], again[TWINKEY_ANSWER_SHORT], answer[2] = {0xAA, 0xAA};
	size_t len = sizeof(answer), whole_len = sizeof(whole);

	ASSERT_ASK(card, "00a4000c022fe2", "9000");
	CU_ASSERT_EQUAL(twinkey_card_transmit(card, read, sizeof(read), answer, &len),
			TWINKEY_ERR_SPACE);
	ASSERT_OCTETS(SLICE_OF(answer), SLICE_OF(untouched), "nothing of it");
	CU_ASSERT_EQUAL(len, 12);
	CU_ASSERT_EQUAL(twinkey_card_answer(card, whole, &whole_len), TWINKEY_OK);
	CU_ASSERT_EQUAL(whole_len, len);
	CU_ASSERT_EQUAL(whole[whole_len - 2], 0x90);
	len = 0;
	CU_ASSERT_EQUAL(twinkey_card_transmit(card, read, sizeof(read), NULL, &len),
			TWINKEY_ERR_SPACE);
	CU_ASSERT_EQUAL(len, whole_len);
	CU_ASSERT_EQUAL(twinkey_card_answer(card, again, &len), TWINKEY_OK); /* just enough */
	ASSERT_OCTETS(slice_make(again, len), slice_make(whole, whole_len), "the same");
	CU_ASSERT_EQUAL(twinkey_card_reset(card, NULL, NULL), TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_card_answer(card, again, &len), TWINKEY_ERR_STATE);
	twinkey_card_close(&card);
}

static void test_odd_commands(void)
{
	struct twinkey_card *card = make_sim(NULL);
	size_t huge = 200000, len = TWINKEY_ANSWER_SHORT;
	uint8_t answer[TWINKEY_ANSWER_SHORT], *command = calloc(1, huge);

	ASSERT_ASK(card, "", "6700");
	ASSERT_ASK(card, "00", "6700");
	CU_ASSERT_EQUAL(twinkey_card_transmit(card, NULL, 0, answer, &len), TWINKEY_OK);
	CU_ASSERT_EQUAL(len, 2);
	len = sizeof(answer);
	CU_ASSERT_EQUAL(twinkey_card_transmit(card, command, huge, answer, &len), TWINKEY_OK);
	CU_ASSERT_EQUAL(len, 2);
	CU_ASSERT_EQUAL(answer[0], 0x67);
	ASSERT_ASK(card, "00a4000c023f00", "9000");
	free(command);
	twinkey_card_close(&card);
}

static void test_nulls(void)
{
	struct twinkey_card *card = make_sim(NULL);
	uint8_t octet[TWINKEY_ANSWER_SHORT] = {0};
	size_t len = sizeof(octet);

	CU_ASSERT_EQUAL(twinkey_card_create(NULL, NULL, NULL, &error), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(error.code, TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_card_open(NULL, NULL, NULL), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_card_reset(NULL, octet, &len), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_card_transmit(NULL, octet, 5, octet, &len), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_card_transmit(card, NULL, 5, octet, &len), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_card_transmit(card, octet, 5, NULL, &len), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_card_transmit(card, octet, 5, octet, NULL), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_card_answer(NULL, octet, &len), TWINKEY_ERR_USAGE);
	CU_ASSERT_EQUAL(twinkey_card_answer(card, octet, NULL), TWINKEY_ERR_USAGE);
	twinkey_card_close(&card);
	CU_ASSERT_EQUAL(twinkey_card_open(NULL, &card, &error), TWINKEY_ERR_USAGE);
	CU_ASSERT_PTR_NULL(card);
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "folder is missing"));
}

/* "dir/name", until the next call */
static const char *below(const char *dir, const char *name)
{
	static char path[PATH_CAP];

	ASSERT_ERR(path_join(dir, name, path, sizeof(path)), ERR_OK);
	return path;
}

static void new_place(char dir[static PATH_CAP])
{
	ASSERT_ERR(path_join(test_dir(), "card", dir, PATH_CAP), ERR_OK);
}

static void test_folder(void)
{
	char dir[PATH_CAP];
	const struct twinkey_options how = {
		.size = sizeof(how), .folder = dir, .flags = TWINKEY_SYNC};
	struct twinkey_card *card = NULL, *other = NULL;
	struct stat st;

	new_place(dir);
	CU_ASSERT_EQUAL(twinkey_card_open(&how, &card, &error), TWINKEY_ERR_NOT_FOUND);
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, dir));
	card = make_sim(&how);
	CU_ASSERT_EQUAL(stat(below(dir, "pki"), &st), -1);
	assert_attaches(card);
	CU_ASSERT_EQUAL(twinkey_card_open(&how, &other, &error), TWINKEY_ERR_LOCKED);
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "open already"));
	CU_ASSERT_EQUAL(twinkey_card_create(NULL, &how, &other, &error), TWINKEY_ERR_EXISTS);
	CU_ASSERT_PTR_NULL(other);
	twinkey_card_close(&card);
	CU_ASSERT_EQUAL(twinkey_card_open(&how, &card, &error), TWINKEY_OK);
	CU_ASSERT_EQUAL(twinkey_card_reset(card, NULL, NULL), TWINKEY_OK);
	ASSERT_ASK(card, "00a4040c07a0000000871002", "9000");
	ASSERT_ASK(card, "002000010831323334ffffffff", "9000");
	ASSERT_ASK(card, /* the number was used: AUTS */
		   AUTHENTICATE, "6110");
	twinkey_card_close(&card);
	CU_ASSERT_EQUAL(chmod(dir, 0755), 0);
	CU_ASSERT_EQUAL(twinkey_card_open(&how, &card, &error), TWINKEY_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "others can look into"));
	twinkey_card_close(&card);
	CU_ASSERT_EQUAL(chmod(dir, 0777), 0);
	CU_ASSERT_EQUAL(twinkey_card_open(&how, &card, &error), TWINKEY_ERR_PERMISSION);
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "chmod"));
}

static void test_damage(void)
{
	char dir[PATH_CAP];
	struct twinkey_options how = {.size = sizeof(how), .folder = dir};
	struct twinkey_card *card;
	struct stat st;
	int fd;

	new_place(dir);
	card = make_sim(&how);
	assert_attaches(card);
	twinkey_card_close(&card);
	fd = open(below(dir, "journal"), O_RDWR);
	CU_ASSERT_EQUAL(fstat(fd, &st), 0);
	CU_ASSERT_EQUAL(pwrite(fd, "\xFF\xFF\xFF\xFF", 4, st.st_size - 20), 4);
	close(fd);
	CU_ASSERT_EQUAL(twinkey_card_open(&how, &card, &error), TWINKEY_ERR_CORRUPT);
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, dir));
	how.flags = TWINKEY_RECOVER;
	CU_ASSERT_EQUAL(twinkey_card_open(&how, &card, &error), TWINKEY_OK);
	CU_ASSERT_EQUAL(error.code, TWINKEY_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, dir)); /* what it cost */
	twinkey_card_close(&card);
	CU_ASSERT_EQUAL(truncate(below(dir, "storage.key"), 3), 0);
	how.flags = 0;
	CU_ASSERT_EQUAL(twinkey_card_open(&how, &card, &error), TWINKEY_ERR_CORRUPT);
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "storage.key"));
}

/* In the child: the exit code says which step went wrong. */
static int use_in_child(struct twinkey_card *card, bool in_folder)
{
	uint8_t answer[TWINKEY_ANSWER_SHORT];
	static const uint8_t select[] = {0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00};
	size_t len = sizeof(answer);
	enum twinkey_code want = in_folder ? TWINKEY_ERR_STATE : TWINKEY_OK;

	if (twinkey_card_transmit(card, select, sizeof(select), answer, &len) != want)
		return 1;
	if (twinkey_card_reset(card, NULL, NULL) != want)
		return 2;
	twinkey_card_power_off(card);
	twinkey_card_close(&card);
	return card ? 3 : 0;
}

static void test_fork(void)
{
	char dir[PATH_CAP];
	const struct twinkey_options how = {.size = sizeof(how), .folder = dir};
	struct twinkey_card *card, *other = NULL;
	int status;

	new_place(dir);
	for (int in_folder = 0; in_folder < 2; in_folder++) {
		pid_t child;

		card = make_sim(in_folder ? &how : NULL);
		ASSERT_ASK(card, "00a4040c07a0000000871002", "9000");
		child = fork();
		if (child == 0)
			_exit(use_in_child(card, in_folder));
		CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
		CU_ASSERT(WIFEXITED(status));
		CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
		assert_attaches(card); /* as if there had been no child */
		if (in_folder)	       /* and the lock is still there */
			CU_ASSERT_EQUAL(twinkey_card_open(&how, &other, NULL), TWINKEY_ERR_LOCKED);
		twinkey_card_close(&card);
	}
	CU_ASSERT_EQUAL(twinkey_card_open(&how, &card, &error), TWINKEY_OK);
	twinkey_card_close(&card);
}

/* Keys are wiped from whatever memory they were in. */
static void test_wiped(void)
{
	struct twinkey_card *card;
	static const uint8_t ck[] = {0xb4, 0x0b, 0xa9, 0xa3, 0xc5, 0x8b, 0x2a, 0x05,
				     0xbb, 0xf0, 0xd9, 0x87, 0xb2, 0x1b, 0xf8, 0xcb};

	if (!freed_can_see())
		return;
	freed_watch("K", test_unhex(K));
	freed_watch("OPc", test_unhex(OPC));
	freed_watch("CK", SLICE_OF(ck)); /* in the last answer */
	card = make_sim(NULL);
	assert_attaches(card);
	twinkey_card_close(&card);
	CU_ASSERT_EQUAL(freed_found(), 0);
}

/* Whichever allocation fails: a code, no card, no crash. */
static void test_no_memory(void)
{
	const struct twinkey_identity who = {.size = sizeof(who), .sim = sim};
	struct twinkey_card *card = NULL;
	unsigned n = 0, failed = 0;

	for (int i = 0; i < 2; i++) { /* the first run also fills what OpenSSL keeps */
		fault_arm(FAULT_MEMORY, UINT32_MAX, 0);
		CU_ASSERT_EQUAL(twinkey_card_create(&who, NULL, &card, &error), TWINKEY_OK);
		n = fault_calls();
		fault_disarm();
		twinkey_card_close(&card);
	}
	for (unsigned i = 1; i <= n; i += 1 + n / 400) {
		enum twinkey_code code;

		fault_arm(FAULT_MEMORY, i, 0);
		code = twinkey_card_create(&who, NULL, &card, &error);
		fault_disarm();
		failed += code != TWINKEY_OK;
		CU_ASSERT_EQUAL(code, error.code);
		CU_ASSERT((code == TWINKEY_OK) == (card != NULL));
		CU_ASSERT(code == TWINKEY_OK || *error.text);
		twinkey_card_close(&card);
	}
	CU_ASSERT(failed > 0);
}

TEST_SUITE(api_card, {"a card of no wishes", test_defaults}, {"a SIM attaches", test_sim},
	   {"policy rules", test_rules}, {"T=0 and T=1", test_protocols}, {"power", test_power},
	   {"a short buffer", test_short_buffer}, {"commands of any length", test_odd_commands},
	   {"NULL", test_nulls}, {"a folder", test_folder}, {"a damaged folder", test_damage},
	   {"fork", test_fork}, {"what is freed is wiped", test_wiped},
	   {"no memory", test_no_memory})
