/*
 * Certificate revocation lists and rules authorisation tables: any bytes. The first octet chooses:
 * even, a list; odd, a table.
 */
#include "lib/crypto/cert.h"
#include "lib/crypto/crl.h"
#include "lib/rsp/rat.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_list(struct slice der)
{
	struct cursor c;
	struct slice number;
	struct crl m;

	if (crl_parse(der, &m))
		return;
	MUST(m.authority_id.len && m.part >= 1 && m.part <= m.parts);
	c = cursor_of(m.entries);
	while (crl_next(&c, &number))
		MUST(number.len >= 1 && number.len <= CERT_NUMBER_MAX);
	MUST(c.err == ERR_OK); /* crl_parse() went through them */
}

/* A table that names no rule allows none; one that allows a rule names it. */
static void read_table(struct slice table)
{
	static const uint8_t owner[] = {0x80, 3, 0x00, 0xF1, 0x10};
	static const uint32_t pprs[] = {RSP_PPR1, RSP_PPR2, RSP_PPR3};
	struct cursor c = cursor_of(table);
	struct rat_rule rule;
	bool consent;

	while (rat_next(&c, &rule))
		MUST(rule.operators.len <= table.len);
	for (size_t i = 0; i < ARRAY_LEN(pprs); i++) {
		if (rat_allows(table, pprs[i], SLICE_OF(owner), &consent))
			MUST(rat_named(table) & pprs[i]);
		MUST(!rat_allows(table, pprs[i], SLICE_EMPTY, NULL));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_make(data, size));
	uint8_t kind = cursor_u8(&c);

	if (kind & 1)
		read_table(cursor_take_rest(&c));
	else
		read_list(cursor_take_rest(&c));
	return 0;
}
