/* what a card says of a selected file is told to the leaf */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/trace/decode/fcp/access.h"
#include "lib/trace/decode/fcp/ara.h"
#include "lib/trace/decode/fcp/fcp.h"
#include "tests/unit/support/spoken.h"

static const struct vector {
	const char *answer, *wanted;
} vectors[] = {
	/* an EF of a USIM */
	{"621A8205422100260A83026F068A01058B032F06018002017C8801B8",
	 "descriptor.type.structure=linear fixed EF;descriptor.type.shareable=yes;"
	 "descriptor.record-length=38 octets;descriptor.records=10;fid=;"
	 "lifecycle=operational, activated;access.record=1;size=380 octets;sfi=17"},
	/* an ADF: bits 8 to 6 of the status are its three keys' */
	{"623482027821840BA0000000871002FF33FF8983027FF08A01058B032F0604C60F90015083010183018195010"
	 "8830111810400010726",
	 "descriptor.type.structure=DF or ADF;aid=ADF.USIM;access.record=4;"
	 "pins.pin=PIN1, disabled;pins.pin=PIN2, enabled;pins.usage=;"
	 "pins.pin=universal PIN, disabled;total=67366 octets"},
	/* an MF */
	{"62208202782183023F00A50E8001718303012345C001808701018A0103AB03800101",
	 "proprietary.characteristics.clock-stop=yes;"
	 "proprietary.characteristics.class-a=yes;proprietary.characteristics.class-d=no;"
	 "proprietary.memory=74565 octets;proprietary.special.high-update=yes;"
	 "proprietary.commands.terminal-capability=yes;lifecycle=initialisation;"
	 "access.rule=delete child !an access mode without a condition"},
	{"620E820241218C087F00FF1020A1FF00",
	 "access.rule=delete: always;access.rule=terminate: never;"
	 "access.rule=activate: user authentication;"
	 "access.rule=deactivate: external authentication;"
	 "access.rule=write: external authentication and security environment 1;"
	 "access.rule=update: never;access.rule=read: always"},
	{"6208820241218C0203FF", "access.rule=update: never;access.rule=read: always !missing"},
	{"621482024121AB0E8001018401D4A40683010A950108", "access.rule=read, RESIZE FILE: ADM1"},
	{"620D820241218C07BB1A1A1A1A1000",
	 "access.rule=proprietary: user authentication or security environment 10;"
	 "access.rule=update: user authentication or security environment 10;"
	 "access.rule=read: user authentication"},
	{"6203880102", "sfi=00 !none of 1 to 30 in the five high bits"},
	{"62028800", "sfi=none"},
	{"62038A010C", "lifecycle=terminated"},
	{"620B8A01008B062F0601050002", "lifecycle=no information;access.rules.rule.environment=1;"
				       "access.rules.rule.record=5"},
	{"62049F7F0101", "unknown=tag 9F7F, 1 octets"},
	{"620A82024121",
	 "=;= !the template ends too early;descriptor.type.structure=transparent EF"},
	{"620483023F009000", "= !behind the template;fid="},
	/* an ISD-R */
	{"6F1C8410A0000005591010FFFFFFFF8900000100A5089F6E01009F650180",
	 "aid=ISD-R;proprietary.maximum=128 octets"},
	{"9000", "= !neither an FCP (62) nor an FCI (6F)"},
	{"", "= !neither an FCP (62) nor an FCI (6F)"},
};

static const struct vector gsm_vectors[] = {
	/* EF.ADN */
	{"000000FA6F3A040011F0220102011C",
	 "size=250 octets;fid=;type=EF;access.read=CHV1;access.update=CHV1;"
	 "access.increase=never;access.rehabilitate=CHV2;access.invalidate=CHV2;"
	 "state.valid=yes;structure=linear fixed;record-length=28 octets"},
	/* DF.GSM */
	{"000012347F20020000000000099100020400838A838A",
	 "free=4660 octets;type=DF;characteristics.clock-stop=yes;"
	 "characteristics.chv1=disabled;dfs=0;efs=2;chv1.tries=3;chv1.initialised=yes;"
	 "unblock-chv1.tries=10"},
	{"0000", "rfu=;free= !missing"},
};

typedef void shower(struct slice answer, const struct tree *t);

static void walk(const struct vector *v, size_t n, shower *show)
{
	static struct spoken told;

	for (; n--; v++) {
		struct slice answer = test_unhex(v->answer);
		struct tree tree = spoken_begin(&told);

		show(answer, &tree);
		CU_ASSERT_EQUAL(told.depth, 0);
		spoken_expect(&told, v->wanted, v->answer);
		for (size_t len = 0; len < answer.len; len++) {
			uint8_t *copy = malloc(len ? len : 1);

			CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
			memcpy(copy, answer.ptr, len);
			tree = spoken_begin(&told);
			show(slice_make(copy, len), &tree);
			CU_ASSERT(told.len > 0 && told.depth == 0);
			free(copy);
		}
	}
}

static void test_uicc(void)
{
	walk(vectors, ARRAY_LEN(vectors), fcp_show);
}

static void test_gsm(void)
{
	walk(gsm_vectors, ARRAY_LEN(gsm_vectors), fcp_show_gsm);
}

/* GlobalPlatform Secure Element Access Control 6: rules of an ARA-M, and orders to it */
static void test_ara(void)
{
	static struct spoken told;
	static const char all[] = "FF4059E243E12F4F10A0000005591010FFFFFFFF8900000100C1141111111111"
				  "111111111111111111111111111111CA056F72672E61E310D00101D10100DB08"
				  "0000000000000001E212E1044F00C100E30AD00800A40400FFFFFFFF",
			  order[] = "F008E206E104C1020102DF20080000000000000001";
	struct tree tree = spoken_begin(&told);

	tree_open(&tree, "root", "Root", SLICE_EMPTY);
	ara_show(test_unhex(all), &tree);
	tree_close(&tree);
	spoken_expect(&told,
		      "all.rule.reference.aid=ISD-R;all.rule.reference.application=SHA-1;"
		      "all.rule.reference.package=org.a;all.rule.access.apdu=always;"
		      "all.rule.access.nfc=never;all.rule.reference.aid=any;"
		      "all.rule.reference.application=any;all.rule.access.apdu.filter.mask=",
		      all);
	tree = spoken_begin(&told);
	tree_open(&tree, "root", "Root", SLICE_EMPTY);
	ara_show(test_unhex(order), &tree);
	tree_close(&tree);
	spoken_expect(&told,
		      "store.rule.reference.application= !neither 20 octets (SHA-1) nor 32 "
		      "(SHA-256);refresh=",
		      order);
}

static void test_keys(void)
{
	CU_ASSERT_STRING_EQUAL(access_key_name(0x01), "PIN1");
	CU_ASSERT_STRING_EQUAL(access_key_name(0x0A), "ADM1");
	CU_ASSERT_STRING_EQUAL(access_key_name(0x8A), "ADM6");
	CU_ASSERT_STRING_EQUAL(access_key_name(0x11), "universal PIN");
	CU_ASSERT_STRING_EQUAL(access_key_name(0x00), "a key reference that is reserved");
}

TEST_SUITE(trace_fcp, {"file control parameters, and all their beginnings", test_uicc},
	   {"answers of a 2G SIM", test_gsm}, {"rules of an ARA-M", test_ara},
	   {"key references have names", test_keys})
