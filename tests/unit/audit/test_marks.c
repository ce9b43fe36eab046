/* events of weight: who does what to whom, told in one place */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/audit/audit.h"
#include "lib/trace/read/reader.h"

struct judging {
	struct audit *audit;
	struct wbuf told;
};

static void take_event(void *ctx, const struct trace_event *e)
{
	struct judging *j = ctx;

	audit_event(j->audit, e);
}

static void take_finding(void *ctx, const struct audit_finding *f)
{
	(void)ctx, (void)f;
}

/* "12 host>card text", "!" in front of what failed */
static void take_mark(void *ctx, const struct audit_mark *m)
{
	static const char *const parties[] = {[AUDIT_CARD] = "card",
					      [AUDIT_HOST] = "host",
					      [AUDIT_OPERATOR] = "operator",
					      [AUDIT_MANAGER] = "manager"};
	struct judging *j = ctx;
	char line[512];

	snprintf(line, sizeof(line), "%s%llu %s>%s %s\n", m->failed ? "!" : "",
		 (unsigned long long)m->at.place.number, parties[m->from], parties[m->to], m->text);
	wbuf_put(&j->told, slice_str(line));
}

static void tells(const char *trace, const char *want)
{
	struct judging j = {.told = wbuf_grow(1 << 16)};
	const struct audit_sink sink = {.finding = take_finding, .mark = take_mark, .ctx = &j};
	const struct trace_sink events = {.take = take_event, .ctx = &j};
	struct trace_reader *r = NULL;

	ASSERT_ERR(audit_open(NULL, &sink, &j.audit), ERR_OK);
	ASSERT_ERR(trace_reader_open(NULL, &events, &r), ERR_OK);
	ASSERT_ERR(trace_reader_feed(r, slice_str(trace)), ERR_OK);
	ASSERT_ERR(trace_reader_end(r), ERR_OK);
	ASSERT_ERR(audit_end(j.audit), ERR_OK);
	wbuf_u8(&j.told, 0);
	CU_ASSERT_STRING_EQUAL((const char *)j.told.ptr, want);
	if (strcmp((const char *)j.told.ptr, want) != 0)
		fprintf(stderr, "%s", (const char *)j.told.ptr);
	wbuf_free(&j.told);
	trace_reader_close(&r);
	audit_close(&j.audit);
}

static void test_sim(void)
{
	tells("# reset 3B00\n"
	      "> 00A4040007A0000000871002\n< 9000\n"
	      "> 00A4040007A0000000871004\n< 6A82\n"
	      "> 00A40004026F07\n< 9000\n"
	      "> 0020000100\n< 63C3\n"
	      "> 0020000108FFFFFFFFFFFFFFFF\n< 63C2\n"
	      "> 0020000108FFFFFFFFFFFFFFFF\n< 9000\n"
	      "> 0088008101AA\n< 9862\n"
	      "> 0088008101AA\n< DC0E00112233445566778899AABBCCDD9000\n"
	      "> 0088008101AA\n< DB0401020304109000\n"
	      "# removed\n",
	      "1 card>card reset\n"
	      "2 host>card SELECT ADF.USIM\n"
	      "!4 host>card SELECT ADF.ISIM: there is no such file or application\n"
	      "!10 host>card VERIFY PIN: wrong: 2 attempts are left\n"
	      "12 host>card VERIFY PIN: ok\n"
	      "!14 operator>card AUTHENTICATE: the network's MAC is wrong: the challenge is not "
	      "of a network that has this card's key\n"
	      "!16 card>operator AUTHENTICATE: synchronisation failure, AUTS\n"
	      "18 operator>card AUTHENTICATE: ok\n"
	      "20 card>card power removed\n");
}

static void test_euicc(void)
{
	tells("> 00A4040010A0000005591010FFFFFFFF8900000100\n< 9000\n"
	      "> 80E2910003BF2E00\n< BF2E128010000102030405060708090A0B0C0D0E0F9000\n"
	      "> 80E2910003BF3800\n< BF3808A1068001018001029000\n"
	      "> 80E2910014BF3111A00C5A0A989001234567890123F48101FF\n< BF31038001009000\n"
	      "> 80E291000FBF330C5A0A989001234567890123F4\n< BF33038001029000\n"
	      "> 80E2910003BF2B00\n< BF2B02A0009000\n"
	      "> 80E2910006BF3003800101\n< 6985\n",
	      "1 host>card SELECT ISD-R\n"
	      "3 card>manager ES10b.GetEUICCChallenge\n"
	      "!5 manager>card ES10b.AuthenticateServer: no answer\n"
	      "7 host>card ES10c.EnableProfile: done\n"
	      "!9 host>card ES10c.DeleteProfile: refused, result 2\n"
	      "11 card>manager ES10b.RetrieveNotificationsList\n"
	      "!13 host>card ES10b.RemoveNotificationFromList: not now: the session does not allow "
	      "it\n");
}

TEST_SUITE(audit_marks, {"of a SIM", test_sim}, {"of an eUICC", test_euicc})
