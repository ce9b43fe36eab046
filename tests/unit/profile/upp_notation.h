/*
 * upp_notation: profile packages written as text, for tests: "A2(A1(83:7FD0 C6:0A)) 83:00FF".
 * A tag in hex, then its value: hex after a colon, or the objects inside parentheses. Lengths are
 * worked out.
 */
#ifndef TWINKEY_TESTS_UPP_NOTATION_H
#define TWINKEY_TESTS_UPP_NOTATION_H

#include "lib/base/bytes.h"

/* Appends; a text that is not written so fails the test. */
void notation_put(struct wbuf *w, const char *text);

/* Header without services, MF by file management (ADM1 and ADM2), a USIM with AID
 * ...871002FF49FF0589 in 7FD0, an ISIM ...871004... in 7FB0, and the end: what most packages of the
 * tests share. */
#define UPP_ICCID		  "89000123456789012341"
#define UPP_HEADER_WITH(services) "A0(80:02 81:03 83:" UPP_ICCID " A5(" services ") A6()) "
#define UPP_MF                                                                                     \
	"A1(A0(80: 81:01) A1(30(62(82:7821 83:3F00 8B:01 C6:0A0B) "                                \
	"62(82:42210020 83:2F06 8B:01 80:20) 81:80015FA40683010A950108))) "
#define UPP_ARR "(A1(82:42210010 80:10) 83:80015F9000) "
#define UPP_USIM_WITH(pins)                                                                        \
	"B3(A0(80: 81:02) 81:67810F010204 A2(A1(83:7FD0 84:A0000000871002FF49FF0589 C6:" pins "))" \
	" A3(83:080910101032547698) A4" UPP_ARR "A8(83:0000000004200000000000000000)"              \
	" AD(83:00) AE(83:00) B2(83:0001) B6(A1(82:42210004 80:04))) "
#define UPP_USIM UPP_USIM_WITH("0A0B")
#define UPP_ISIM                                                                                   \
	"B5(A0(80: 81:03) 81:67810F010208 A2(A1(83:7FB0 84:A0000000871004FF49FF0589 C6:0A0B))"     \
	" A3(A1(80:08)) A4(A1(82:42210010)) A5(A1(80:08)) A6(83:00) A8" UPP_ARR ") "
#define UPP_END "AA(A0(80: 81:63))"

#endif
