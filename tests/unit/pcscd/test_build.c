/* build: what a pcscd says of itself */
#include "tests/unit/test.h"

#include <limits.h>

#include "card-emu/pcscd/build.h"

#define HEAD                                                                                       \
	"Copyright (C) 1999-2002 by David Corcoran <corcoran@musclecard.com>.\nEnabled features:"
#define TAIL "\nMAX_READERNAME: 128, PCSCLITE_MAX_READERS_CONTEXTS: "

static const struct {
	const char *text;
	struct pcscd_build build;
} good[] = {
	/* Debian 12 */
	{"pcsc-lite version 1.9.9.\n" HEAD
	 " Linux x86_64-pc-linux-gnu libsystemd serial usb libudev "
	 "usbdropdir=/usr/lib/pcsc/drivers ipcdir=/run/pcscd filter" TAIL "16\n",
	 {.readers_max = 16, .takes_socket = true, .reads_config = true}},
	/* it asks polkit, and cannot be told not to */
	{"pcsc-lite version 1.9.5.\n" HEAD " Linux libsystemd serial usb polkit filter" TAIL "32\n",
	 {.readers_max = 32, .takes_socket = true, .reads_config = true}},
	{"pcsc-lite version 2.0.3.\n" HEAD " Linux serial usb libsystemd polkit" TAIL "16\n",
	 {.readers_max = 16, .takes_socket = true, .reads_config = true, .polkit_switch = true}},
	/* meson's builds: Debian 13, and one without a limit */
	{"pcsc-lite version 2.3.3\n" HEAD
	 " USB serial filter_names libudev polkit systemd Linux x86_64 ipcdir=/run/pcscd" TAIL
	 "16\n",
	 {.readers_max = 16, .takes_socket = true, .reads_config = true, .polkit_switch = true}},
	{"pcsc-lite version 2.5.1\n" HEAD
	 " USB serial filter_names libudev systemd Linux x86_64\nMAX_READERNAME: 128\n",
	 {.readers_max = UINT_MAX, .takes_socket = true, .reads_config = true}},
	/* words within words, and after the line */
	{"pcsc-lite version 1.9.9.\n" HEAD " Linux nolibsystemd serialx" TAIL
	 "1 libsystemd serial\n",
	 {.readers_max = 1}},
};

static const char *const bad[] = {
	"",
	"pcscd version 3\n" HEAD " serial" TAIL "16\n",
	"pcsc-lite version 1.9.9." TAIL "16\n",
	"pcsc-lite version 1.9.9.\n" HEAD " serial" TAIL "0\n",
	"pcsc-lite version 1.9.9.\n" HEAD " serial" TAIL "many\n",
};

static void test_versions(void)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct pcscd_build b = {0};

		ASSERT_ERR(pcscd_build_parse(good[i].text, &b), ERR_OK);
		CU_ASSERT_EQUAL(b.readers_max, good[i].build.readers_max);
		CU_ASSERT_EQUAL(b.takes_socket, good[i].build.takes_socket);
		CU_ASSERT_EQUAL(b.reads_config, good[i].build.reads_config);
		CU_ASSERT_EQUAL(b.polkit_switch, good[i].build.polkit_switch);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct pcscd_build b = {0};

		ASSERT_ERR(pcscd_build_parse(bad[i], &b), ERR_VALUE);
	}
}

TEST_SUITE(pcscd, {"what a pcscd says of itself", test_versions})
