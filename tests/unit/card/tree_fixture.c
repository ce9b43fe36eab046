#include "tests/unit/card/tree_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

#include "card-emu/core/app.h"
#include "card-emu/fs/fs.h"
#include "card-emu/fs/pins.h"
#include "card-emu/profile/record.h"
#include "card-emu/profile/subscription.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/bytes.h"

#define PROFILE 1
#define STATUS_PINS                                                                                \
	"900180"                                                                                   \
	"830101"                                                                                   \
	"830181"                                                                                   \
	"83010a"                                                                                   \
	"950100"                                                                                   \
	"830111"
#define MF_STATUS_PINS                                                                             \
	"900180"                                                                                   \
	"830101"                                                                                   \
	"830111"
#define DF_STATUS_PINS                                                                             \
	"900180"                                                                                   \
	"830182"

/* Access rules, TS 102 221 9.2.7: AM, SC; AM 01 read, 02 update, 04 increase, 08 deactivate, 10
 * activate */
#define ALL_OPEN                                                                                   \
	"ab05"                                                                                     \
	"80011f"                                                                                   \
	"9000"
#define PIN_ALL                                                                                    \
	"ab10"                                                                                     \
	"800107"                                                                                   \
	"a406830101950108"                                                                         \
	"800118"                                                                                   \
	"9000"
#define READ_OPEN                                                                                  \
	"ab10"                                                                                     \
	"800101"                                                                                   \
	"9000"                                                                                     \
	"80011e"                                                                                   \
	"a40683010a950108"
#define READ_PIN                                                                                   \
	"ab16"                                                                                     \
	"800101"                                                                                   \
	"a406830101950108"                                                                         \
	"80011e"                                                                                   \
	"a40683010a950108"
#define UPDATE_PIN2                                                                                \
	"ab16"                                                                                     \
	"800101"                                                                                   \
	"a406830101950108"                                                                         \
	"80011e"                                                                                   \
	"a406830181950108"
#define READ_ONLY                                                                                  \
	"ab0a"                                                                                     \
	"800101"                                                                                   \
	"9000"                                                                                     \
	"80011e"                                                                                   \
	"9700"
#define UPDATE_LOCAL                                                                               \
	"ab10"                                                                                     \
	"800101"                                                                                   \
	"9000"                                                                                     \
	"80011e"                                                                                   \
	"a406830182950108"
#define BY_ARR_1    "8b032f0601" /* read PIN, the rest ADM */
#define BY_ARR_2    "8b032f0602" /* read always, increase by its instruction, the rest never */
#define BY_ARR_NONE "8b032f0609"
#define COMPACT	    "8c030300ff" /* update always, read never: from the top bit down */

const struct tree_node tree_nodes[] = {
	{"3F00", UICC_DF, ALL_OPEN, 0, 0, 0, 0, "", 0},
	{"3F002F00", UICC_LINEAR, READ_OPEN, 16, 2, 30, 0,
	 "610e4f09a0000000871002ff01500155"
	 "610e4f09a0000000871004ff01500149",
	 0},
	{"3F002FE2", UICC_TRANSPARENT, READ_ONLY, 0, 0, 2, 0, "e2001032547698103214", 10},
	{"3F002F05", UICC_TRANSPARENT, ALL_OPEN, 0, 0, 5, 0, "05656e", 3},
	{"3F002F06", UICC_LINEAR, READ_OPEN, 24, 2, 6, 0,
	 "800101a40683010195010880011ea40683010a950108ffff"
	 "8001019000"
	 "840132"
	 "9000"
	 "80011a"
	 "9700"
	 "ffffffffffffffffff",
	 0},
	{"3F007F10", UICC_DF, ALL_OPEN, 0, 0, 0, 0, "", 0},
	{"3F007F106F3A", UICC_LINEAR, ALL_OPEN, 4, 3, 1, 0,
	 "3a010203"
	 "3a020203"
	 "3a030205",
	 0},
	{"3F007F105F50", UICC_DF, ALL_OPEN, 0, 0, 0, 0, "", 0},
	{"3F007F105F504F20", UICC_TRANSPARENT, ALL_OPEN, 0, 0, 0, 0, "50aabb", 3},
	{"3F007F20", UICC_DF, ALL_OPEN, 0, 0, 0, 0, "", 0},
	{"3F007F206F38", UICC_TRANSPARENT, ALL_OPEN, 0, 0, 0, 0, "383f", 2},
	{"3F007F206F39", UICC_CYCLIC, PIN_ALL, 4, 3, 0, 0,
	 "39000001"
	 "39000002"
	 "39000003",
	 0},
	{"3F007F206FAE", UICC_TRANSPARENT, READ_OPEN, 0, 0, 0, 0, "03", 1},
	{"3F007F30", UICC_DF, ALL_OPEN, 0, 0, 0, 0, "", 0},
	{"3F007F306F01", UICC_TRANSPARENT, UPDATE_LOCAL, 0, 0, 1, 0, "f1", 2},
	{"7FF0", UICC_DF, ALL_OPEN, 0, 0, 0, 0, "a0000000871002ff01", 0},
	{"7FF06F07", UICC_TRANSPARENT, READ_PIN, 0, 0, 7, 0, "070910101032547698", 9},
	{"7FF06F38", UICC_TRANSPARENT, READ_OPEN, 0, 0, 4, 0, "0000000420", 5},
	{"7FF06F3C", UICC_LINEAR, UPDATE_PIN2, 4, 2, 0, 0,
	 "3c01"
	 "ffff"
	 "3c02",
	 0},
	{"7FF06F3D", UICC_LINEAR, ALL_OPEN, 6, 4, 13, 0,
	 "3d01aabbccdd"
	 "3d02aaccbbdd"
	 "3d03ccaabbdd"
	 "3d04eeeeeeee",
	 0},
	{"7FF06F80", UICC_CYCLIC, ALL_OPEN, 4, 3, 20, 0,
	 "80000003"
	 "80000002"
	 "80000001",
	 0},
	{"7FF06F82", UICC_CYCLIC, BY_ARR_2, 3, 2, 0, 0,
	 "fffffe"
	 "820000",
	 0},
	{"7FF06F83", UICC_CYCLIC, ALL_OPEN, 3, 2, 0, UICC_SPECIAL_READABLE, "830002830001", 0},
	{"7FF06F90", UICC_BER_TLV, ALL_OPEN, 0, 0, 10, 0,
	 "8003909192"
	 "a105a003010203",
	 700},
	{"7FF06F91", UICC_BER_TLV, READ_PIN, 0, 0, 0, 0, "800191", 64},
	{"7FF06FA0", UICC_TRANSPARENT, ALL_OPEN, 0, 0, 0, 0, "a0010203040506070809", 300},
	{"7FF06FA1", UICC_TRANSPARENT, PIN_ALL, 0, 0, 11, 0, "a1b1", 2},
	{"7FF06FA2", UICC_TRANSPARENT, ALL_OPEN, 0, 0, 0, UICC_SPECIAL_READABLE, "a2b2", 2},
	{"7FF06FA3", UICC_TRANSPARENT, BY_ARR_1, 0, 0, 0, 0, "a3", 1},
	{"7FF06FA4", UICC_TRANSPARENT, BY_ARR_NONE, 0, 0, 0, 0, "a4", 1},
	{"7FF06FA5", UICC_TRANSPARENT, COMPACT, 0, 0, 0, 0, "a5", 1},
	{"7FF05F3B", UICC_DF, ALL_OPEN, 0, 0, 0, 0, "", 0},
	{"7FF05F3B4F20", UICC_TRANSPARENT, ALL_OPEN, 0, 0, 1, 0, "3bcc", 2},
	{"7FF1", UICC_DF, ALL_OPEN, 0, 0, 0, 0, "a0000000871004ff01", 0},
	{"7FF16F02", UICC_TRANSPARENT, ALL_OPEN, 0, 0, 2, 0, "1502", 2},
	{"7FF2", UICC_DF, ALL_OPEN, 0, 0, 0, 0, "a0000000871002ff02", 0},
	{"7FF26F07", UICC_TRANSPARENT, ALL_OPEN, 0, 0, 7, 0, "2707", 2},
};
const size_t tree_node_count = ARRAY_LEN(tree_nodes);

static const struct {
	const char *df;
	uint8_t ref;
	const char *value, *puk; /* eight characters with '-' for FF */
	bool disabled, fixed;
} pins[] = {
	{"", 0x01, "1234----", "12345678", false, false},
	{"", 0x02, "1111----", "11111111", true, false},
	{"", 0x03, "3333----", NULL, false, true},
	{"", 0x11, "9999----", "99999999", false, false},
	{"", 0x0A, "ADM-KEY1", NULL, false, false},
	{"7FF0", 0x81, "5678----", "87654321", false, false},
	{"3F007F30", 0x82, "2222----", "22222222", false, false},
};

static void put_secret(uint8_t out[static 8], const char *text, bool adm)
{
	for (size_t i = 0; i < 8; i++)
		out[i] = text[i] == '-' && !adm ? 0xFF : (uint8_t)text[i];
}

static void put_pins(struct store_txn *t)
{
	for (size_t i = 0; i < ARRAY_LEN(pins); i++) {
		struct pin_record r = {.tries = 3,
				       .tries_max = 3,
				       .enabled = !pins[i].disabled,
				       .no_change = pins[i].fixed,
				       .no_disable = pins[i].fixed,
				       .has_puk = pins[i].puk != NULL,
				       .puk_tries = 10,
				       .puk_tries_max = 10};

		put_secret(r.value, pins[i].value, pins[i].ref == 0x0A);
		if (pins[i].puk)
			put_secret(r.puk, pins[i].puk, false);
		ASSERT_ERR(pin_put_in(t, PROFILE, pins[i].df, pins[i].ref, &r), ERR_OK);
	}
}

static uint8_t descriptor_of(enum uicc_structure kind)
{
	return kind == UICC_BER_TLV ? 0x79 : (uint8_t)(0x40 | kind);
}

/* The rest of a file is FF, that of an object file is nothing. */
static void put_content(const struct tree_node *n, struct wbuf *w)
{
	size_t size = n->records ? (size_t)n->records * n->record_len : n->size;

	ASSERT_ERR(hex_decode(n->content, w), ERR_OK);
	if (n->kind != UICC_BER_TLV && w->len < size)
		wbuf_fill(w, 0xFF, size - w->len);
}

static void put_file(struct store_txn *t, const struct tree_node *n)
{
	uint8_t security[64], status[32], content[512];
	struct wbuf rules = wbuf_init(security, sizeof(security));
	struct wbuf pin_status = wbuf_init(status, sizeof(status));
	struct wbuf body = wbuf_init(content, sizeof(content));
	struct fs_file f = {
		.fid = (uint16_t)strtoul(n->path + strlen(n->path) - 4, NULL, 16),
		.kind = n->kind,
		.descriptor = descriptor_of(n->kind),
		.lcsi = UICC_LCSI_ACTIVATED,
		.sfi = n->sfi,
		.record_len = n->record_len,
		.records = n->records,
		.special = n->special,
		.max_size = n->kind == UICC_BER_TLV ? n->size : 0,
	};
	bool df = n->kind == UICC_DF;
	const char *pins_of = strcmp(n->path, "7FF0") == 0	 ? STATUS_PINS
			      : strcmp(n->path, "3F00") == 0	 ? MF_STATUS_PINS
			      : strcmp(n->path, "3F007F30") == 0 ? DF_STATUS_PINS
								 : "";

	ASSERT_ERR(hex_decode(n->security, &rules), ERR_OK);
	ASSERT_ERR(hex_decode(pins_of, &pin_status), ERR_OK);
	put_content(n, &body);
	f.security = wbuf_slice(&rules);
	f.pin_status = wbuf_slice(&pin_status);
	if (df)
		f.aid = wbuf_slice(&body);
	else
		f.content = wbuf_slice(&body);
	ASSERT_ERR(fs_put(t, PROFILE, n->path, &f), ERR_OK);
}

/* TS 35.208 test set 1; the SQN just below the one of its AUTN */
static void put_subscription(struct store_txn *t)
{
	struct aka_parameters key = {.algorithm = AKA_MILENAGE,
				     .k = test_unhex("465b5ce8b199b49faa5f0a2ee238a6bc"),
				     .opc = test_unhex("cd63cb71954a9f4e48a5994e37a02baf")};
	struct sqn_array sqn = {0};

	sqn_accept(&sqn, 0xff9bb4d0b5e7);
	ASSERT_ERR(subscription_put(t, PROFILE, SUBSCRIPTION_FIRST, &key, &sqn), ERR_OK);
	subscription_put_adf(t, PROFILE, "7FF0", SUBSCRIPTION_FIRST);
	subscription_put_adf(t, PROFILE, "7FF1", SUBSCRIPTION_FIRST);
}

struct card *tree_card(void)
{
	return tree_card_without(NULL);
}

struct card *tree_card_without(const char *path)
{
	struct card_options o = {.memory = true};
	struct profile_record profile = {.state = PROFILE_ENABLED, .iccid = {0x98}};
	struct card *card = NULL;
	struct store_txn *t;

	ASSERT_ERR(card_open(&o, &card), ERR_OK);
	if (!card)
		abort();
	t = store_begin(card_store(card));
	for (size_t i = 0; i < tree_node_count; i++) {
		if (!path || strncmp(tree_nodes[i].path, path, strlen(path)) != 0)
			put_file(t, &tree_nodes[i]);
	}
	put_pins(t);
	put_subscription(t);
	profile_make_aid(PROFILE, profile.isdp_aid);
	profile_put(t, PROFILE, &profile);
	ASSERT_ERR(store_commit(t), ERR_OK);
	CU_ASSERT(card_reset(card).len > 2);
	return card;
}
