/*
 * hold_card: another program that has a card, by the PC/SC library and nothing of ours.
 *
 *   hold-card READER exclusive|shared < COMMANDS
 *
 * Prints "held" once it has the card, then does what each line says and prints what came of it: HEX
 * (a command, under T=0 as it stands), begin, end, reset, quit. It leaves the card as it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winscard.h>

#define LINE_MAX_LEN 600

static SCARDHANDLE card;
static DWORD protocol;

static LONG send_hex(const char *hex)
{
	unsigned char sent[LINE_MAX_LEN], got[258];
	DWORD n = 0, got_len = sizeof(got);
	LONG r;

	for (; hex[0] && hex[1]; hex += 2) {
		char two[3] = {hex[0], hex[1], 0};

		sent[n++] = (unsigned char)strtoul(two, NULL, 16);
	}
	r = SCardTransmit(card, protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1, sent,
			  n, NULL, got, &got_len);
	for (DWORD i = 0; r == SCARD_S_SUCCESS && i < got_len; i++)
		printf("%02x", got[i]);
	return r;
}

static LONG do_line(const char *line, DWORD mode)
{
	if (strcmp(line, "begin") == 0)
		return SCardBeginTransaction(card);
	if (strcmp(line, "end") == 0)
		return SCardEndTransaction(card, SCARD_LEAVE_CARD);
	if (strcmp(line, "reset") == 0)
		return SCardReconnect(card, mode, SCARD_PROTOCOL_ANY, SCARD_RESET_CARD, &protocol);
	return send_hex(line);
}

int main(int argc, char **argv)
{
	char line[LINE_MAX_LEN];
	SCARDCONTEXT context;
	DWORD mode;
	LONG r;

	if (argc != 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	mode = strcmp(argv[2], "shared") == 0 ? SCARD_SHARE_SHARED : SCARD_SHARE_EXCLUSIVE;
	r = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
	if (r == SCARD_S_SUCCESS)
		r = SCardConnect(context, argv[1], mode, SCARD_PROTOCOL_ANY, &card, &protocol);
	puts(r == SCARD_S_SUCCESS ? "held" : pcsc_stringify_error(r));
	while (r == SCARD_S_SUCCESS && fgets(line, sizeof(line), stdin)) {
		LONG done;

		line[strcspn(line, "\n")] = 0;
		if (strcmp(line, "quit") == 0)
			break;
		done = do_line(line, mode);
		printf(" %s\n", done == SCARD_S_SUCCESS ? "done" : pcsc_stringify_error(done));
	}
	if (r == SCARD_S_SUCCESS)
		SCardDisconnect(card, SCARD_LEAVE_CARD);
	return r != SCARD_S_SUCCESS;
}
