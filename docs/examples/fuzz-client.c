/*
 * fuzz-client: a libFuzzer harness of somebody else's client of cards: OpenSC's PKCS #11 module,
 * which looks at every card that comes into a reader. Any client of PC/SC can be tried so: this
 *file is the PC/SC service, and the card behind it is in this process.
 *
 *	clang -g -rdynamic -fsanitize=fuzzer,address fuzz-client.c -o fuzz-client \
 *	    $(pkg-config --cflags --libs twinkey) \
 *	    $(pkg-config --cflags libpcsclite p11-kit-1) -l:opensc-pkcs11.so
 *	./fuzz-client -runs=1000
 *
 * The card is a real one, and answers as it should; the fuzzer's input says what becomes of each
 * answer on its way to the client: nothing, another status word, another octet, more data, less, or
 * none. So the client gets deep into its work before something odd comes. A client that is built
 *with -fsanitize=fuzzer-no-link,address as well tells the fuzzer which inputs lead to new places in
 *it.
 */
#define _GNU_SOURCE /* memfd_create() */
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <twinkey/card.h>
#include <unistd.h>
#include <winscard.h>

static struct twinkey_card *card;

/* ---- what the fuzzer does to answers ---- */

static const uint8_t *plan;
static size_t plan_len;

static uint8_t plan_next(void)
{
	return plan_len ? plan_len--, *plan++ : 0;
}

/* answer has room for le octets and the status word: more a reader does not take under T=0. */
static size_t disturb(uint8_t *answer, size_t len, size_t le)
{
	size_t data = len - 2, at;

	switch (plan_next() & 7) {
	case 3: /* as much data as was asked for */
		memmove(answer + le, answer + data, 2);
		for (at = data; at < le; at++)
			answer[at] = plan_next();
		return le + 2;
	case 4: /* another status word */
		answer[data] = plan_next();
		answer[data + 1] = plan_next();
		return len;
	case 5: /* another octet */
		at = plan_next() % len;
		answer[at] = plan_next();
		return len;
	case 6: /* less data */
		at = data ? plan_next() % data : 0;
		memmove(answer + at, answer + data, 2);
		return at + 2;
	case 7: /* a line that breaks */ return plan_next() & 1;
	default: return len;
	}
}

/* ---- the PC/SC service: one reader, a card in it ---- */

#define READER "a reader"

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};

LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT context)
{
	(void)scope, (void)a, (void)b;
	*context = 1;
	return SCARD_S_SUCCESS;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
	(void)context;
	return SCARD_S_SUCCESS;
}

LONG SCardCancel(SCARDCONTEXT context)
{
	(void)context;
	return SCARD_S_SUCCESS;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR readers, LPDWORD len)
{
	(void)context, (void)groups;
	if (readers)
		memcpy(readers, READER "\0", sizeof(READER) + 1);
	*len = sizeof(READER) + 1;
	return SCARD_S_SUCCESS;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states, DWORD n)
{
	(void)context, (void)timeout;
	for (DWORD i = 0; i < n; i++) {
		size_t len = 0;

		twinkey_card_reset(card, states[i].rgbAtr, &len);
		states[i].cbAtr = len;
		states[i].dwEventState = SCARD_STATE_PRESENT | SCARD_STATE_CHANGED;
	}
	return SCARD_S_SUCCESS;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols,
		  LPSCARDHANDLE handle, LPDWORD protocol)
{
	(void)context, (void)reader, (void)share, (void)protocols;
	*handle = 1;
	*protocol = SCARD_PROTOCOL_T0;
	return twinkey_card_reset(card, NULL, NULL) ? SCARD_E_NO_SMARTCARD : SCARD_S_SUCCESS;
}

LONG SCardReconnect(SCARDHANDLE handle, DWORD share, DWORD protocols, DWORD how, LPDWORD protocol)
{
	(void)how;
	return SCardConnect(1, READER, share, protocols, &handle, protocol);
}

LONG SCardDisconnect(SCARDHANDLE handle, DWORD how)
{
	(void)handle, (void)how;
	return SCARD_S_SUCCESS;
}

LONG SCardBeginTransaction(SCARDHANDLE handle)
{
	(void)handle;
	return SCARD_S_SUCCESS;
}

LONG SCardEndTransaction(SCARDHANDLE handle, DWORD how)
{
	(void)handle, (void)how;
	return SCARD_S_SUCCESS;
}

LONG SCardStatus(SCARDHANDLE handle, LPSTR name, LPDWORD name_len, LPDWORD state, LPDWORD protocol,
		 LPBYTE atr, LPDWORD atr_len)
{
	(void)handle, (void)name, (void)name_len, (void)atr;
	*state = SCARD_PRESENT;
	*protocol = SCARD_PROTOCOL_T0;
	*atr_len = 0;
	return SCARD_S_SUCCESS;
}

LONG SCardControl(SCARDHANDLE handle, DWORD code, LPCVOID in, DWORD in_len, LPVOID out, DWORD room,
		  LPDWORD out_len)
{
	(void)handle, (void)code, (void)in, (void)in_len, (void)out, (void)room;
	*out_len = 0;
	return SCARD_E_UNSUPPORTED_FEATURE;
}

LONG SCardGetAttrib(SCARDHANDLE handle, DWORD attribute, LPBYTE value, LPDWORD len)
{
	(void)handle, (void)attribute, (void)value;
	*len = 0;
	return SCARD_E_UNSUPPORTED_FEATURE;
}

LONG SCardTransmit(SCARDHANDLE handle, const SCARD_IO_REQUEST *send, LPCBYTE command,
		   DWORD command_len, SCARD_IO_REQUEST *receive, LPBYTE answer, LPDWORD answer_len)
{
	size_t le = command_len != 5 ? 0 : command[4] ? command[4] : 256;
	uint8_t whole[TWINKEY_ANSWER_SHORT];
	size_t len = sizeof(whole);

	(void)handle, (void)send, (void)receive;
	if (twinkey_card_transmit(card, command, command_len, whole, &len))
		return SCARD_E_NOT_TRANSACTED;
	len = disturb(whole, len, le);
	if (len > *answer_len)
		return SCARD_E_INSUFFICIENT_BUFFER;
	memcpy(answer, whole, len);
	*answer_len = len;
	return SCARD_S_SUCCESS;
}

/* ---- the client at work ---- */

/* OpenSC loads the PC/SC library that its configuration names; this program has no name for it. */
static const char configuration[] =
	"app default { reader_driver pcsc { provider_library = \"\"; } }\n";

static void configure(void)
{
	char path[32];
	int file = memfd_create("opensc.conf", 0);

	if (file < 0 || write(file, configuration, sizeof(configuration) - 1) < 0)
		exit(1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	setenv("OPENSC_CONF", path, 1);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	/* 3GPP's published test key (TS 35.208, test set 1) */
	const struct twinkey_identity who = {.size = sizeof(who),
					     .pki = TWINKEY_PKI_NONE,
					     .sim = "imsi = 001010123456789\n"
						    "iccid = 89000123456789012341\n"
						    "k = 465b5ce8b199b49faa5f0a2ee238a6bc\n"
						    "opc = cd63cb71954a9f4e48a5994e37a02baf\n"};
	struct twinkey_error error;

	(void)argc, (void)argv;
	configure();
	if (twinkey_card_create(&who, NULL, &card, &error)) {
		fprintf(stderr, "fuzz-client: %s\n", error.text);
		exit(1);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	CK_SLOT_ID slots[16];
	CK_ULONG n = 16;

	plan = input;
	plan_len = len;
	if (C_Initialize(NULL) != CKR_OK)
		abort();
	if (C_GetSlotList(CK_TRUE, slots, &n) == CKR_OK) {
		for (CK_ULONG i = 0; i < n; i++) {
			CK_TOKEN_INFO info;
			CK_SESSION_HANDLE session;

			C_GetTokenInfo(slots[i], &info);
			if (C_OpenSession(slots[i], CKF_SERIAL_SESSION, NULL, NULL, &session) ==
			    CKR_OK)
				C_CloseSession(session);
		}
	}
	C_Finalize(NULL);
	return 0;
}
