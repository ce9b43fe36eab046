#include "lib/trace/decode/exchange.h"

static const struct odd {
	enum exchange_odd odd;
	const char *text;
} odds[] = {
	{EXCHANGE_NO_RESPONSE, "no response was recorded"},
	{EXCHANGE_HALF_STATUS, "half a status word"},
	{EXCHANGE_NOT_FETCHED, "the response that was announced was not fetched"},
	{EXCHANGE_NOT_REPEATED, "it was not repeated with the length that the card said"},
	{EXCHANGE_NOT_ENDED, "the chain of blocks was not ended"},
	{EXCHANGE_UNANNOUNCED, "no response was announced that it could fetch"},
	{EXCHANGE_BLOCK_TWICE, "a block came twice"},
	{EXCHANGE_BLOCK_MISSING, "the blocks are not in order, or one is missing"},
	{EXCHANGE_BETWEEN, "commands on other channels came in between"},
	{EXCHANGE_OTHER_LENGTH, "it was repeated with another length than the card said"},
	{EXCHANGE_TOO_MUCH, "the card answered more than it was asked for"},
	{EXCHANGE_CUT, "it is too long to be joined: the rest is left out"},
	{EXCHANGE_CUT_MEMORY, "out of memory: some of it is left out"},
};

static void put_remark(struct exchange *x, const char *text)
{
	if (x->remark_count < EXCHANGE_REMARKS_MAX)
		x->remarks[x->remark_count++] = text;
}

void exchange_mark(struct exchange *x, enum exchange_odd odd)
{
	if (x->odd & odd)
		return;
	x->odd |= odd;
	for (size_t i = 0; i < ARRAY_LEN(odds); i++) {
		if (odds[i].odd == odd)
			put_remark(x, odds[i].text);
	}
}

int64_t exchange_between(int64_t from, int64_t to)
{
	int64_t ns;

	if (__builtin_sub_overflow(to, from, &ns))
		return to > from ? INT64_MAX : INT64_MIN;
	return ns;
}
