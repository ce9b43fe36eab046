/* traces: blocks, GSMTAP, and what is masked */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/trace/mask.h"
#include "tool/trace/pcapng.h"
#include "tool/trace/trace.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

#define SECRET_HEX "5ec2e75ec2e75ec2" /* stands for every octet that must not be seen */
#define KEY_HEX	   SECRET_HEX SECRET_HEX

struct exchange {
	const char *command, *response;
	enum mask_kind kind; /* what mask_exchange() must say */
	size_t masked;
};

static const struct exchange exchanges[] = {
	{"00a40004023f00", "6102", MASK_NOTHING, 0},
	/* PINs, in both classes and on channels; unblocking has two */
	{"0020000108" SECRET_HEX, "9000", MASK_PIN, 8},
	{"a020000108" SECRET_HEX, "9000", MASK_PIN, 8},
	{"0124000110" KEY_HEX, "9000", MASK_PIN, 16},
	{"0026000108" SECRET_HEX, "63c2", MASK_PIN, 8},
	{"0028000108" SECRET_HEX, "9000", MASK_PIN, 8},
	{"a02c000010" KEY_HEX, "9000", MASK_PIN, 16},
	{"0020000100", "63c3", MASK_NOTHING, 0},
	{"002000", "6700", MASK_NOTHING, 0},
	{"002000010f" SECRET_HEX, "6700", MASK_PIN, 8}, /* Lc that lies */
	/* 3G: RES stays, CK, IK and Kc go; by GET RESPONSE after a wrong Le */
	{"0088008102aaaa", "6135", MASK_NOTHING, 0},
	{"00c0000000", "6c35", MASK_NOTHING, 0},
	{"00c0000035", "db08010203040506070810" KEY_HEX "10" KEY_HEX "08" SECRET_HEX "9000",
	 MASK_KEYS, 40},
	/* in pieces, with a command on another channel between them */
	{"0188008102aaaa", "612c", MASK_NOTHING, 0},
	{"01c0000005",
	 "db04010203"
	 "6127",
	 MASK_NOTHING, 0},
	{"00a40004023f00", "6102", MASK_NOTHING, 0},
	{"01c000000a", "0410" SECRET_HEX "611d", MASK_KEYS, 8},
	{"01c000001d", SECRET_HEX "10" KEY_HEX "9000", MASK_KEYS, 24},
	/* at once (T=1) */
	{"0088008102aaaa00", "db040102030410" KEY_HEX "10" KEY_HEX "9000", MASK_KEYS, 32},
	{"0088008102aaaa", "dc0e0102030405060708090a0b0c0d0e9000", MASK_NOTHING, 0},
	/* GSM context, class A0, GBA, and what nobody knows */
	{"0088008002aaaa", "610e", MASK_NOTHING, 0},
	{"00c000000e", "040102030408" SECRET_HEX "9000", MASK_KEYS, 8},
	{"a088000002aaaa", "9f0c", MASK_NOTHING, 0},
	{"a0c000000c", "01020304" SECRET_HEX "9000", MASK_KEYS, 8},
	{"0088008402aaaa", "db10" KEY_HEX "9000", MASK_KEYS, 18},
	{"0089008402aaaa", KEY_HEX "9000", MASK_KEYS, 16},
	{"0088008102aaaa", SECRET_HEX "9000", MASK_KEYS, 8},
	{"0088008102aaaa", "db5e" KEY_HEX "9000", MASK_KEYS, 17},
	{"00b0000000", "01029000", MASK_NOTHING, 0},
};

static void test_mask(void)
{
	struct mask m = {0};

	for (size_t i = 0; i < ARRAY_LEN(exchanges); i++) {
		const struct exchange *x = &exchanges[i];
		uint8_t octets[600];
		char hex[1201];
		struct wbuf w = wbuf_init(octets, sizeof(octets));
		size_t masked;

		CU_ASSERT_EQUAL(mask_exchange(&m, test_unhex(x->command), test_unhex(x->response),
					      &w, &masked),
				x->kind);
		CU_ASSERT_EQUAL(masked, x->masked);
		if (masked != x->masked)
			fprintf(stderr, "%s: %zu masked\n", x->command, masked);
		hex_encode(wbuf_slice(&w), hex, sizeof(hex));
		CU_ASSERT_PTR_NULL(strstr(hex, "5ec2e7"));
		CU_ASSERT_PTR_NOT_NULL(strstr(hex, x->response + strlen(x->response) - 4));
	}
}

static void record_all(const char *path)
{
	struct trace *t;

	ASSERT_ERR(trace_create(&(struct trace_target){.path = path}, "script", &t), ERR_OK);
	trace_reset(t, test_unhex("3b9f96801fc78031a073be21136743200718000001a5"));
	for (size_t i = 0; i < ARRAY_LEN(exchanges); i++)
		trace_exchange(t, test_unhex(exchanges[i].command),
			       test_unhex(exchanges[i].response));
	trace_exchange(t, test_unhex("00b0000000"), SLICE_EMPTY);
	ASSERT_ERR(trace_close(&t), ERR_OK);
}

static bool holds(struct slice all, struct slice part)
{
	for (size_t i = 0; i + part.len <= all.len; i++) {
		if (slice_equal(slice_sub(all, i, part.len), part))
			return true;
	}
	return false;
}

static void test_file(void)
{
	char path[128];
	struct wbuf w = wbuf_grow(1 << 20);
	struct stat st;
	size_t blocks = 0;
	struct cursor c;

	ASSERT_ERR(path_join(test_dir(), "t.pcapng", path, sizeof(path)), ERR_OK);
	record_all(path);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
	ASSERT_ERR(file_read(path, NULL, &w), ERR_OK);
	CU_ASSERT_FALSE(holds(wbuf_slice(&w), test_unhex("5ec2e7")));
	CU_ASSERT_TRUE(holds(wbuf_slice(&w), slice_str("masked: PIN or PUK, 8 octets")));
	c = cursor_of(wbuf_slice(&w));
	for (; cursor_left(&c) && !c.err; blocks++) {
		uint32_t total;

		cursor_u32(&c);
		total = cursor_u32(&c);
		CU_ASSERT_EQUAL(total % 4, 0);
		cursor_take(&c, total - 12);
		CU_ASSERT_EQUAL(cursor_u32(&c), total);
	}
	ASSERT_ERR(cursor_done(&c), ERR_OK);
	CU_ASSERT_EQUAL(blocks, 2 + 1 + ARRAY_LEN(exchanges) + 1);
	wbuf_free(&w);
}

/* Wireshark's own dissector reads every packet. */
static void test_tshark(void)
{
	char path[128], command[256], line[64] = "";
	FILE *p;

	if (system("command -v tshark >/dev/null 2>&1") != 0) {
		printf("(skipped: tshark is not installed) ");
		return;
	}
	ASSERT_ERR(path_join(test_dir(), "t.pcapng", path, sizeof(path)), ERR_OK);
	record_all(path);
	snprintf(command, sizeof(command), "tshark -r %s -Y gsm_sim 2>/dev/null | wc -l", path);
	p = popen(command, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_PTR_NOT_NULL(fgets(line, sizeof(line), p));
	pclose(p);
	CU_ASSERT_EQUAL(strtoul(line, NULL, 10), 1 + ARRAY_LEN(exchanges) + 1);
}

static void test_no_space(void)
{
	struct trace *t = NULL;

	ASSERT_ERR(trace_create(&(struct trace_target){.path = "/proc/no/such/file"}, "x", &t),
		   ERR_NOT_FOUND);
	if (access("/dev/full", W_OK) == 0)
		ASSERT_ERR(trace_create(&(struct trace_target){.path = "/dev/full"}, "x", &t),
			   ERR_FULL);
	ASSERT_ERR(trace_close(&t), ERR_OK);
}

static size_t packets_of(struct slice file, uint32_t interface)
{
	struct cursor c = cursor_of(file);
	size_t n = 0;

	while (cursor_left(&c) && !c.err) {
		uint32_t type = cursor_u32(&c), total = cursor_u32(&c);
		struct cursor block = cursor_of(cursor_take(&c, total - 8));

		n += type == 6 && cursor_u32(&block) == interface;
	}
	return n;
}

/* Two readers in one file: an interface each, and a state of masking each. */
static void test_two_readers(void)
{
	struct trace *first, *second;
	struct wbuf w = wbuf_grow(1 << 16);
	char path[128];

	ASSERT_ERR(path_join(test_dir(), "two.pcapng", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(trace_create(&(struct trace_target){.path = path}, "reader one", &first),
		   ERR_OK);
	ASSERT_ERR(trace_join(first, "reader two", &second), ERR_OK);
	trace_exchange(first, test_unhex("0088008002aaaa"), test_unhex("610e"));
	trace_exchange(second, test_unhex("00c000000e"), test_unhex("0102030405069000"));
	trace_exchange(first, test_unhex("00c000000e"),
		       test_unhex("040102030408" SECRET_HEX "9000"));
	ASSERT_ERR(trace_close(&first), ERR_OK);
	trace_exchange(second, test_unhex("00b0000000"), test_unhex("a1b2c3d49000"));
	ASSERT_ERR(trace_close(&second), ERR_OK);
	ASSERT_ERR(file_read(path, NULL, &w), ERR_OK);
	CU_ASSERT_TRUE(holds(wbuf_slice(&w), slice_str("reader one")));
	CU_ASSERT_TRUE(holds(wbuf_slice(&w), slice_str("reader two")));
	CU_ASSERT_TRUE(holds(wbuf_slice(&w), test_unhex("0102030405069000")));
	CU_ASSERT_TRUE(holds(wbuf_slice(&w), test_unhex("a1b2c3d49000")));
	CU_ASSERT_FALSE(holds(wbuf_slice(&w), test_unhex("5ec2e7")));
	CU_ASSERT_EQUAL(packets_of(wbuf_slice(&w), 0), 2);
	CU_ASSERT_EQUAL(packets_of(wbuf_slice(&w), 1), 2);
	wbuf_free(&w);
}

TEST_SUITE(trace, {"what is masked", test_mask}, {"the file", test_file},
	   {"two readers", test_two_readers}, {"tshark reads it", test_tshark},
	   {"a full disk", test_no_space})
