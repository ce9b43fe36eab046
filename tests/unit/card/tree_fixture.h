/*
 * tree_fixture: a card in memory with a small file system that has every kind of file, access rule
 * and PIN, for the tests of the UICC's commands. Keys are published 3GPP test keys.
 *
 * MF          2F00 2FE2 2F05 2F06, 7F10, 7F20, 7F30 (a local PIN 82)
 * 7F10        6F3A linear, 5F50 (4F20)
 * 7F20        6F38 transparent, 6F39 cyclic, 6FAE
 * ADF.USIM    A0000000871002FF01, PIN 01 and local 81; ADF.ISIM A0000000871004FF01;
 *             a second USIM A0000000871002FF02
 *
 * The content of every EF begins with an octet of its own: tree_nodes[] says which.
 * PINs: 01 1234 (PUK 12345678), 02 1111 disabled, 03 3333 may be neither changed nor disabled and
 * has no PUK, 11 9999 (PUK 99999999), 81 of the USIM 5678 (PUK 87654321), 82 of 7F30 2222,
 * 0A 41444D2D4B455931.
 */
#ifndef TWINKEY_TESTS_TREE_FIXTURE_H
#define TWINKEY_TESTS_TREE_FIXTURE_H

#include "card-emu/card.h"
#include "card-emu/fs/fs.h"

struct tree_node {
	const char *path; /* as fs.h has it; the parent of an ADF is the MF */
	enum uicc_structure kind;
	const char *security; /* hex, a TLV as in the FCP */
	uint16_t record_len;
	uint8_t records, sfi, special;
	const char *content; /* hex: its beginning, the rest is FF; or, of an ADF, its AID */
	uint16_t size;	     /* octets of a transparent EF, or the most that an object EF takes */
};

extern const struct tree_node tree_nodes[];
extern const size_t tree_node_count;

/* The card, reset. */
struct card *tree_card(void);
/* The same without the directory at this path. */
struct card *tree_card_without(const char *path);

#endif
