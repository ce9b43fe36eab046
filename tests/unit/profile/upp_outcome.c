#include "tests/unit/profile/upp_outcome.h"

#include "card-emu/profile/record.h"
#include "tests/unit/test.h"
#include "card-emu/profile/install.h"
#include "card-emu/store/store.h"
#include "lib/profile/interpret/interpret.h"
#include "lib/base/tlv.h"
#include "tests/unit/profile/upp_notation.h"

static void read_report(struct slice report, struct upp_outcome *o)
{
	struct slice whole = SLICE_EMPTY, list = SLICE_EMPTY;
	struct cursor c;
	bool first = true;

	ASSERT_ERR(tlv_only(report, ASN1_SEQUENCE, &whole), ERR_OK);
	CU_ASSERT_TRUE(tlv_find(whole, 0xA0, &list));
	c = cursor_of(list);
	while (cursor_left(&c)) {
		struct cursor s = tlv_enter(&c, ASN1_SEQUENCE);

		o->status = (unsigned)tlv_expect_uint(&s, 0x80);
		o->id = cursor_left(&s) ? tlv_expect_uint(&s, 0x81) : UINT64_MAX;
		tlv_leave(&c, &s);
		if (first && cursor_left(&c))
			o->note = o->status;
		o->notes += cursor_left(&c) != 0;
		first = false;
	}
	ASSERT_ERR(c.err, ERR_OK);
}

struct upp_outcome upp_install_octets(struct slice package, uint32_t without)
{
	struct upp_outcome o = {0};
	struct wbuf report = wbuf_grow(PROFILE_REPORT_MAX);
	struct store_txn *t;
	uint8_t iccid[ICCID_LEN];
	size_t empty;
	enum err e;

	CU_ASSERT_FATAL(store_open(NULL, STORE_CREATE | STORE_MEMORY, &o.store) == ERR_OK);
	empty = store_used(o.store);
	t = store_begin(o.store);
	e = install_profile(&(struct install_place){t, 1, without}, package, iccid, &report);
	if (e) {
		store_rollback(t);
		CU_ASSERT_EQUAL(store_used(o.store), empty);
	} else {
		ASSERT_ERR(store_commit(t), ERR_OK);
	}
	read_report(wbuf_slice(&report), &o);
	CU_ASSERT_EQUAL(e == ERR_OK, o.status == PE_OK);
	wbuf_free(&report);
	return o;
}

struct upp_outcome upp_install(const char *text, uint32_t without)
{
	struct wbuf w = wbuf_grow(UPP_PACKAGE_MAX);
	struct upp_outcome o;

	notation_put(&w, text);
	o = upp_install_octets(wbuf_slice(&w), without);
	wbuf_free(&w);
	return o;
}
