/* Faults of the answer to reset. */
#include "tests/tool/faulty/fault.h"

/* Where octets stand in the card's ATR: 3B 9F 96 80 1F C7, fifteen historical octets, TCK. */
enum { AT_TS = 0, AT_TD1 = 3, AT_TA3 = 5, AT_CAPABILITIES = 10 };

/* TCK once more, over what stands there now. */
static void check_again(struct wbuf *atr)
{
	uint8_t sum = 0;

	for (size_t i = 1; i + 1 < atr->len; i++)
		sum ^= atr->ptr[i];
	atr->ptr[atr->len - 1] = sum;
}

static void wrong_tck(struct faulty *f, struct wbuf *atr)
{
	(void)f;
	fault_flip(atr, -1);
}

static void wrong_ts(struct faulty *f, struct wbuf *atr)
{
	(void)f;
	atr->ptr[AT_TS] = 0x3A;
}

static void no_t15(struct faulty *f, struct wbuf *atr)
{
	(void)f;
	fault_replace(atr, AT_TD1, 3, SLICE_OF(((uint8_t[]){0x00})));
	wbuf_cut(atr, atr->len - 1); /* T=0 alone: no TCK */
}

static void no_class(struct faulty *f, struct wbuf *atr)
{
	(void)f;
	atr->ptr[AT_TA3] &= 0xC0;
	check_again(atr);
}

static void extra(struct faulty *f, struct wbuf *atr)
{
	(void)f;
	wbuf_u8(atr, 0x00);
}

static void cut(struct faulty *f, struct wbuf *atr)
{
	(void)f;
	wbuf_cut(atr, atr->len - 2);
}

static void changes(struct faulty *f, struct wbuf *atr)
{
	if (f->resets % 2)
		return;
	atr->ptr[atr->len - 2] ^= 0x20;
	check_again(atr);
}

static void promise_channels(struct faulty *f, struct wbuf *atr)
{
	(void)f;
	atr->ptr[AT_CAPABILITIES + 2] |= 0x07;
	check_again(atr);
}

static const struct fault rows[] = {
	{.name = "atr-tck",
	 .what = "the check octet of the ATR is wrong",
	 .clause = "ISO 7816-3 8.2.5",
	 .finds = "atr.tck",
	 .card = "sim",
	 .reset = wrong_tck},
	{.name = "atr-ts",
	 .what = "the ATR begins with 3A",
	 .clause = "ISO 7816-3 8.1",
	 .finds = "atr.form",
	 .card = "sim",
	 .reset = wrong_ts},
	{.name = "atr-no-t15",
	 .what = "the ATR has no global interface octets: no word of voltage classes",
	 .clause = "TS 102 221 6.3.3",
	 .finds = "atr.supply-class",
	 .card = "sim",
	 .reset = no_t15},
	{.name = "atr-no-class",
	 .what = "the global interface octet of the ATR names no voltage class",
	 .clause = "TS 102 221 6.3.3",
	 .finds = "atr.supply-class",
	 .card = "sim",
	 .reset = no_class},
	{.name = "atr-extra",
	 .what = "one octet stands behind the ATR",
	 .clause = "ISO 7816-3 8.2",
	 .finds = "atr.form",
	 .card = "sim",
	 .reset = extra},
	{.name = "atr-cut",
	 .what = "the ATR is two octets shorter than it says",
	 .clause = "ISO 7816-3 8.2",
	 .finds = "atr.form",
	 .card = "sim",
	 .reset = cut},
	{.name = "atr-changes",
	 .what = "the ATR after every second reset is another one",
	 .clause = "ISO 7816-3 8.1",
	 .finds = "atr.stable",
	 .card = "sim",
	 .reset = changes},
	{.name = "atr-channels",
	 .what = "the ATR promises eight logical channels, the card has four",
	 .clause = "ISO 7816-4 12.1.1.9",
	 .finds = "channel.all",
	 .card = "sim",
	 .reset = promise_channels},
};

FAULT_TABLE(faults_of_atr, rows);
