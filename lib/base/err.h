/*
 * err: why something failed.
 *
 * Every function that can fail returns enum err; ERR_OK is 0. Each cause has a value of its own,
 * a sentence and, where a person can do something about it, a hint: one table, ERR_TABLE.
 * Status words (uint16_t) and enum err never share an integer.
 */
#ifndef TWINKEY_ERR_H
#define TWINKEY_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))

/* X(name, sentence, hint or "") */
#define ERR_TABLE(X)                                                                               \
	X(ERR_OK, "no error", "")                                                                  \
	/* bytes that came from outside */                                                         \
	X(ERR_TRUNCATED, "the data ends too early", "")                                            \
	X(ERR_TRAILING, "there are bytes after the end of the data", "")                           \
	X(ERR_ENCODING, "the encoding is not valid DER or hex", "")                                \
	X(ERR_DEPTH, "the data is nested too deeply", "")                                          \
	X(ERR_TAG, "an expected data object is missing or another stands in its place", "")        \
	X(ERR_VALUE, "a value is out of its range", "")                                            \
	X(ERR_LENGTH, "a length is not the one that the standard demands", "")                     \
	X(ERR_DUPLICATE, "something stands there twice", "")                                       \
	X(ERR_UNSUPPORTED, "this is valid but not supported", "")                                  \
	X(ERR_PROTOCOL, "the other side broke the protocol", "")                                   \
	/* resources */                                                                            \
	X(ERR_SPACE, "the buffer is too small", "")                                                \
	X(ERR_MEMORY, "out of memory", "")                                                         \
	X(ERR_IO, "reading or writing failed", "")                                                 \
	X(ERR_FULL, "no space is left", "free some space on the disk and try again")               \
	X(ERR_PERMISSION, "permission denied", "check the owner and the mode of the file")         \
	X(ERR_NOT_FOUND, "not found", "")                                                          \
	X(ERR_EXISTS, "it exists already", "")                                                     \
	X(ERR_NO_FILE, "what stands there is no file",                                             \
	  "name a file, a FIFO or a character device")                                             \
	X(ERR_LONG_NAME, "the name of the file is too long", "choose a shorter one")               \
	X(ERR_OWNER, "it belongs to another user", "remove it, or choose another name")            \
	X(ERR_LOCKED, "another process uses it", "end the other process first")                    \
	X(ERR_DB_AWAY, "the database cannot be reached, or went away",                             \
	  "does PostgreSQL run, and does the address in the folder's file 'database' lead to it?") \
	X(ERR_DB_SLOW, "the database does not answer in time",                                     \
	  "see what keeps it: its log, its disk, other clients' transactions")                     \
	X(ERR_DB_LOGIN, "the database does not let this user in",                                  \
	  "check user and password (~/.pgpass, PGPASSFILE) and the server's pg_hba.conf")          \
	X(ERR_DB_ABSENT, "there is no such database on the server", "make it first: createdb")     \
	X(ERR_DB_RIGHTS, "the database's user may not do this",                                    \
	  "grant it the schema; a server that only reads (a standby) cannot be used")              \
	X(ERR_DB_TEXT, "a text is not UTF-8, and the database on a server takes no other",         \
	  "write it in UTF-8: see the terminal's locale")                                          \
	X(ERR_DB_LEAVING, "a move of the operator to files was cut off in its last step",          \
	  "end it: twinkey-operator migrate postgres: sqlite:")                                    \
	X(ERR_VERSION, "it was made by another version of Twinkey",                                \
	  "use the version that made it, or create it anew")                                       \
	X(ERR_CORRUPT, "the stored data is damaged", "restore it from a copy, or create it anew")  \
	X(ERR_TIMEOUT, "no answer in time", "")                                                    \
	X(ERR_DISCONNECTED, "the connection was closed", "")                                       \
	X(ERR_CANCELLED, "cancelled", "")                                                          \
	/* cryptography */                                                                         \
	X(ERR_CRYPTO, "the cryptographic library failed", "")                                      \
	X(ERR_KEY, "the key is not valid", "")                                                     \
	X(ERR_KEY_AWAY, "the key that the folder's keys are sealed with cannot be had",            \
	  "see where it should come from: twinkey-operator key show")                              \
	X(ERR_POINT, "the public key is not a point of the curve", "")                             \
	X(ERR_MAC, "the authentication code is wrong", "")                                         \
	X(ERR_SIGNATURE, "the signature is wrong", "")                                             \
	X(ERR_CERT, "the certificate is not valid for this use", "")                               \
	X(ERR_CERT_EXPIRED, "the certificate is expired or not valid yet",                         \
	  "check the clock, or issue a new certificate")                                           \
	X(ERR_CERT_UNTRUSTED, "the certificate was not issued by a trusted issuer", "")            \
	X(ERR_CERT_REVOKED, "the certificate was revoked by its issuer", "get a new one")          \
	X(ERR_SYNC, "the sequence number is not fresh (synchronisation failure)", "")              \
	/* state and permission */                                                                 \
	X(ERR_WRONG_STATE, "this is not allowed in the present state", "")                         \
	X(ERR_REFUSED, "refused", "")                                                              \
	X(ERR_REPLAY, "this was used before", "")                                                  \
	X(ERR_EXPIRED, "the time for this has run out", "")                                        \
	X(ERR_FACTOR, "the second factor is missing, wrong or too old", "")                        \
	X(ERR_TRIES, "too many wrong attempts", "wait, and try again")                             \
	X(ERR_UNBOUND, "nobody has told the operator which eUICC has the profile",                 \
	  "send the card's notifications, or: twinkey-operator subscriber bind")                   \
	/* reader and card */                                                                      \
	X(ERR_NO_SERVICE, "the PC/SC service (pcscd) does not run",                                \
	  "start it: systemctl start pcscd.socket, or pcscd as root")                              \
	X(ERR_SERVICE_DEAD, "the socket of the PC/SC service is there, but nobody answers at it",  \
	  "start it anew: systemctl restart pcscd.socket pcscd, or pcscd as root")                 \
	X(ERR_SERVICE_LOST, "the PC/SC service (pcscd) stopped in the middle",                     \
	  "see why by journalctl -u pcscd, and start again")                                       \
	X(ERR_NO_READER, "there is no such reader", "list them with: twinkey readers")             \
	X(ERR_NO_CARD, "there is no card in the reader", "put one in, or --wait longer")           \
	X(ERR_NO_SUCH_CARD, "no card that could be asked has this number",                         \
	  "put it in, or --wait longer")                                                           \
	X(ERR_MUTE, "the card in the reader does not answer its reset (it is mute)",               \
	  "turn it over, clean its contacts, or try another reader")                               \
	X(ERR_ATR, "the card's answer to reset (ATR) is none that ISO 7816-3 knows",               \
	  "clean its contacts, or try another reader; it may be no smart card")                    \
	X(ERR_POLKIT, "the PC/SC service does not let this user in",                               \
	  "polkit decides that: work in a session at the machine itself, as root, or let a rule "  \
	  "allow org.debian.pcsc-lite.access_pcsc and access_card")                                \
	X(ERR_NFC_ABSENT, "there is no such NFC reader", "plug it in, or name another one")        \
	X(ERR_NFC_MUTE, "the NFC reader does not answer",                                          \
	  "is it a PN53x, and does the connection string name it? Plug it out and in again")       \
	X(ERR_NFC_LOST, "the NFC reader is gone", "plug it in again")                              \
	X(ERR_NFC_KIND, "the card on the NFC reader is of another kind (no ISO/IEC 14443-4)",      \
	  "take a card that speaks APDUs, as bank cards and passports do")                         \
	X(ERR_NFC_CARDS, "more than one card is on the NFC reader", "leave one of them there")     \
	X(ERR_NFC_RADIO, "the radio between NFC reader and card is disturbed",                     \
	  "move the card closer, and keep it still")                                               \
	X(ERR_NFC_GARBLED, "what the NFC reader said cannot be understood",                        \
	  "check its cable and the speed in the connection string, and try again")                 \
	X(ERR_NFC_CHIP, "the NFC reader refuses the command", "try again, or another reader")      \
	X(ERR_NFC_CRASH, "libnfc could not bear what the NFC reader said, and gave up",            \
	  "plug the reader out and in again, and try once more")                                   \
	X(ERR_READER_LOST, "the reader was pulled out, or its driver lost it",                     \
	  "plug it in and start again; dmesg says what the kernel saw")                            \
	X(ERR_READER_BUSY, "another program has the reader for itself",                            \
	  "end that program, or --wait longer")                                                    \
	X(ERR_AMBIGUOUS, "more than one reader fits",                                              \
	  "name one by its index or its whole name: twinkey readers")                              \
	X(ERR_CARD_LOST, "the card was pulled out in the middle, or its contacts broke",           \
	  "put it back and start again")                                                           \
	X(ERR_CARD_RESET,                                                                          \
	  "another program reset the card, which has forgotten what was selected and verified",    \
	  "start again; without --shared no other program gets to the card")                       \
	X(ERR_RESET_MISSED,                                                                        \
	  "the reader says that it reset the card, and the card has seen no reset",                \
	  "take the card out, put it back in, and start again")                                    \
	X(ERR_CARD_SILENT, "the card broke off the command without an answer",                     \
	  "clean its contacts and start again; --trace FILE records what was sent")                \
	X(ERR_CARD_PROTOCOL, "card and reader agree on no protocol (T=0, T=1)",                    \
	  "end other programs that share the card, or try another reader")                         \
	X(ERR_KEYS_FAILED, "the reader says that it has keys for a PIN, and they do not work",     \
	  "give the PIN by --pin-file FILE or TWINKEY_PIN")                                        \
	X(ERR_KEYS_TIMEOUT, "no PIN was typed at the reader in time",                              \
	  "start again: nothing was sent to the card")                                             \
	X(ERR_KEYS_CANCELLED, "the PIN was cancelled at the reader",                               \
	  "start again: nothing was sent to the card")                                             \
	X(ERR_KEYS_DIFFER, "the PINs typed at the reader differ",                                  \
	  "start again: nothing was sent to the card")                                             \
	X(ERR_KEYS_LENGTH, "the PIN typed at the reader has too few or too many digits",           \
	  "start again: nothing was sent to the card")                                             \
	X(ERR_CARD, "the card answered with an error", "")                                         \
	X(ERR_USAGE, "wrong usage", "try --help")

#define ERR_ENUM(name, text, hint) name,
enum err { ERR_TABLE(ERR_ENUM) ERR_COUNT };
#undef ERR_ENUM

/* The name of the value ("ERR_MAC"), its sentence, its hint ("" where there is none). Never NULL.
 */
const char *err_name(enum err e);
const char *err_text(enum err e);
const char *err_hint(enum err e);

#endif
