/*
 * generate: writes the Lua tables of Wireshark's dissector, out of those that card, terminal and
 * decoder have: names of commands, functions of STORE DATA, status words. Run by make; what stands
 * behind the tables is twinkey.lua.in.
 */
#include <stdio.h>
#include <string.h>

#include "lib/trace/decode/rsp/es10.h"
#include "lib/trace/gsmtap.h"
#include "lib/trace/remark.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"

#define OCTETS	  256
#define TAG_MAX	  0xFFFF
#define SW1_FIRST 0x60
#define SW1_LAST  0x9F
#define AID_TEXT  33

static bool has_class(const struct command *c, unsigned cla)
{
	return apdu_channel((uint8_t)cla) >= 0 && command_has_class(c, (uint8_t)cla);
}

/* The classes that a row has, once for all rows with the same */
static void put_class_set(size_t row)
{
	const struct command *c = &command_table[row];

	for (size_t i = 0; i < row; i++) {
		if (command_table[i].cla == c->cla && command_table[i].cla_mask == c->cla_mask)
			return;
	}
	printf("local of_%02x_%02x = {", c->cla, c->cla_mask);
	for (unsigned cla = 0; cla < OCTETS; cla++) {
		if (has_class(c, cla))
			printf(" 0x%02x,", cla);
	}
	puts(" }");
}

static void put_commands(void)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		put_class_set(i);
	puts("local commands = {");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct command *c = &command_table[i];

		printf("\t{ ins = 0x%02x, least_p1 = 0x%02x, classes = of_%02x_%02x, name = \"%s\" "
		       "}, "
		       "-- %s\n",
		       c->ins, c->least_p1, c->cla, c->cla_mask, c->name, c->clause);
	}
	puts("}");
}

static void put_classes(void)
{
	puts("local channels = {");
	for (unsigned cla = 0; cla < OCTETS; cla++) {
		int channel = apdu_channel((uint8_t)cla);

		if (channel >= 0)
			printf("\t[0x%02x] = { channel = %d, secured = %s },\n", cla, channel,
			       apdu_is_secured((uint8_t)cla) ? "true" : "false");
	}
	puts("}");
}

static void put_functions(void)
{
	puts("local functions = {");
	for (uint32_t tag = 1; tag <= TAG_MAX; tag++) {
		const char *name = es10_function(tag);

		if (name)
			printf("\t[0x%x] = \"%s\",\n", tag, name);
	}
	puts("}");
}

/* What most status words with this first octet mean */
static const char *usual_text(unsigned sw1)
{
	const char *best = "";
	unsigned most = 0;

	for (unsigned i = 0; i < OCTETS; i++) {
		const char *text = sw_text((uint16_t)(sw1 << 8 | i));
		unsigned n = 0;

		for (unsigned j = 0; j < OCTETS; j++)
			n += strcmp(text, sw_text((uint16_t)(sw1 << 8 | j))) == 0;
		if (n > most) {
			most = n;
			best = text;
		}
	}
	return best;
}

static void put_status(void)
{
	puts("local usual_status = {");
	for (unsigned sw1 = SW1_FIRST; sw1 <= SW1_LAST; sw1++)
		printf("\t[0x%02x] = \"%s\",\n", sw1, usual_text(sw1));
	puts("}\nlocal status = {");
	for (unsigned sw1 = SW1_FIRST; sw1 <= SW1_LAST; sw1++) {
		const char *usual = usual_text(sw1);

		for (unsigned sw2 = 0; sw2 < OCTETS; sw2++) {
			const char *text = sw_text((uint16_t)(sw1 << 8 | sw2));

			if (strcmp(text, usual) != 0)
				printf("\t[0x%02x%02x] = \"%s\",\n", sw1, sw2, text);
		}
	}
	puts("}");
}

static void put_constants(void)
{
	char isdr[AID_TEXT] = "";

	hex_encode(aid_of(AID_ISDR), isdr, sizeof(isdr));
	printf("local isdr_aid = \"%s\"\n", isdr);
	printf("local remark_silent = \"%s\"\nlocal remark_off = \"%s\"\n", TRACE_REMARK_SILENT,
	       TRACE_REMARK_OFF);
	printf("local gsmtap_port, gsmtap_version, gsmtap_sim, gsmtap_word = %d, %d, %d, %d\n",
	       GSMTAP_PORT, GSMTAP_VERSION, GSMTAP_TYPE_SIM, GSMTAP_WORD);
	printf("local gsmtap_words_at, gsmtap_type_at, gsmtap_sub_type_at = %d, %d, %d\n",
	       GSMTAP_WORDS_AT, GSMTAP_TYPE_AT, GSMTAP_SUB_TYPE_AT);
	printf("local sub_apdu, sub_atr = %d, %d\n", GSMTAP_SIM_APDU, GSMTAP_SIM_ATR);
	printf("local ins_select, ins_store_data = 0x%02x, 0x%02x\n", INS_SELECT, INS_STORE_DATA);
	printf("local ins_authenticate, ins_authenticate_odd = 0x%02x, 0x%02x\n", INS_AUTHENTICATE,
	       INS_AUTHENTICATE_ODD);
	printf("local select_aid, store_data_last = 0x%02x, 0x%02x\n", SELECT_AID, STORE_DATA_LAST);
	printf("local cla_gsm, context_modulus = 0x%02x, %d\n", CLA_GSM,
	       AUTHENTICATE_CONTEXT_MASK + 1);
	/* of a USIM; what an ISIM has instead stands behind */
	printf("local contexts = { [0x%02x] = \"GSM\", [0x%02x] = \"3G (ISIM: IMS AKA)\", "
	       "[0x%02x] = \"VGCS/VBS (ISIM: HTTP digest)\", [0x%02x] = \"GBA\" }\n",
	       AUTHENTICATE_GSM & AUTHENTICATE_CONTEXT_MASK,
	       AUTHENTICATE_3G & AUTHENTICATE_CONTEXT_MASK,
	       AUTHENTICATE_VGCS & AUTHENTICATE_CONTEXT_MASK,
	       AUTHENTICATE_GBA & AUTHENTICATE_CONTEXT_MASK);
}

int main(void)
{
	puts("-- twinkey.lua: cards' commands by their names, beside what Wireshark has itself.");
	puts("-- Made by tool/wireshark/generate.c out of the tables of Twinkey: do not edit.");
	put_constants();
	put_commands();
	put_classes();
	put_functions();
	put_status();
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
