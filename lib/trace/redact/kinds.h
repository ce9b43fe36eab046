/*
 * kinds: what a trace is rid of before it is shared.
 */
#ifndef TWINKEY_TRACE_REDACT_KINDS_H
#define TWINKEY_TRACE_REDACT_KINDS_H

/* X(name, key for programs, words for people) */
#define REDACT_KINDS(X)                                                                            \
	X(IMSI, "imsi", "IMSI")                                                                    \
	X(ICCID, "iccid", "ICCID")                                                                 \
	X(EID, "eid", "EID")                                                                       \
	X(IMEI, "imei", "IMEI or IMEISV")                                                          \
	X(NUMBER, "number", "telephone number")                                                    \
	X(NETWORK, "network", "network code (MCC and MNC)")                                        \
	X(LOCATION, "location", "location or temporary identity")                                  \
	X(ADDRESS, "address", "address or account")                                                \
	X(NAME, "name", "name")                                                                    \
	X(MESSAGE, "message", "text of a message")                                                 \
	X(CODE, "code", "PIN, PUK or ADM")                                                         \
	X(KEY, "key", "key")                                                                       \
	X(CHALLENGE, "challenge", "challenge (RAND, AUTN, AUTS, nonce)")                           \
	X(RESPONSE, "response", "response (RES, SRES)")                                            \
	X(CERTIFICATE, "certificate", "certificate's serial number, key or signature")             \
	X(SIGNATURE, "signature", "signature")                                                     \
	X(TRANSACTION, "transaction", "transaction or matching identifier")

enum redact_kind {
#define REDACT_ENUM(name, key, words) REDACT_##name,
	REDACT_KINDS(REDACT_ENUM)
#undef REDACT_ENUM
		REDACT_KIND_COUNT
};

const char *redact_kind_key(enum redact_kind kind);
const char *redact_kind_words(enum redact_kind kind);

#endif
