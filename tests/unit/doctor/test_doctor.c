/* the doctor names each kind of trouble, and what mends it */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/doctor/usb.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10b.h"
#include "tests/unit/doctor/machine.h"

static const struct machine_device scl3711 = {
	.port = "7", .vendor = "04e6", .product = "5591", .class = "ff"};
static const struct machine_device ch340 = {
	.port = "9", .vendor = "1a86", .product = "7523", .class = "ff"};

static void test_good(void)
{
	struct machine m;

	machine_open(&m);
	machine_plug_ccid(&m);
	machine_put(&m, "/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "");
	machine_put(&m, "/etc/reader.conf.d/vpcd",
		    "# LIBPATH /none\nFRIENDLYNAME \"Virtual PCD\"\n"
		    "LIBPATH      /usr/lib/pcsc/drivers/serial/libifdvpcd.so\n");
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 0);
	machine_expect(&m, "usb", DOCTOR_GOOD, "Maker Thing 08e6:3438", NULL);
	machine_expect(&m, "kernel", DOCTOR_GOOD, NULL, NULL);
	machine_expect(&m, "udev", DOCTOR_GOOD, NULL, NULL);
	machine_expect(&m, "node", DOCTOR_GOOD, "pcscd opens them", NULL);
	machine_expect(&m, "pcscd", DOCTOR_GOOD, "version 1.9.9-2, started by systemd", NULL);
	machine_expect(&m, "polkit", DOCTOR_GOOD, NULL, NULL);
	machine_expect(&m, "driver", DOCTOR_GOOD, "ifd-ccid.bundle 1.5.2 lists", NULL);
	machine_expect(&m, "reader.conf", DOCTOR_GOOD, "libifdvpcd.so", NULL);
	machine_expect(&m, "reader", DOCTOR_GOOD, "A reader 00 00 (a card)", NULL);
	machine_expect(&m, "card", DOCTOR_GOOD, "A reader 00 00", NULL);
	machine_expect(&m, "atr", DOCTOR_GOOD, "for 5, 3 and 1.8 V", NULL);
	machine_expect(&m, "t0", DOCTOR_GOOD, "6Cxx", NULL);
	machine_expect(&m, "kind", DOCTOR_GOOD, "UICC", NULL);
	machine_expect(&m, "issuer", DOCTOR_ABSENT, NULL, NULL);
	machine_expect(&m, "clock", DOCTOR_GOOD, "2026-11-29", NULL);
	machine_expect(&m, "server", DOCTOR_ABSENT, NULL, NULL);
}

/* Nothing at all: no /sys, no pcscd. What hangs on it is skipped. */
static void test_bare(void)
{
	struct machine m;

	machine_open(&m);
	m.root = test_dir();
	m.listed = ERR_NO_SERVICE;
	m.readers = 0;
	machine_trouble(&m, "pcscd", "not installed", "apt-get install pcscd libccid");
	machine_expect(&m, "usb", DOCTOR_ABSENT, "no USB here", NULL);
	machine_expect(&m, "driver", DOCTOR_ABSENT, NULL, NULL);
	machine_expect(&m, "polkit", DOCTOR_SKIPPED, "pcscd", NULL);
	machine_expect(&m, "card", DOCTOR_SKIPPED, "reader", NULL);
	machine_expect(&m, "issuer", DOCTOR_SKIPPED, "kind", NULL);
	m.plan.reader = "card:somewhere"; /* needs none of it */
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 0);
	machine_expect(&m, "pcscd", DOCTOR_ABSENT, NULL, NULL);
	machine_expect(&m, "kind", DOCTOR_GOOD, NULL, NULL);
}

static void test_usb(void)
{
	struct machine m;

	machine_open(&m);
	machine_plug_ccid(&m);
	machine_put(&m, "/sys/bus/usb/devices/1-1/authorized", "0\n");
	machine_trouble(&m, "usb", "locked out at port 1-1",
			"echo 1 | sudo tee /sys/bus/usb/devices/1-1/authorized");
	machine_expect(&m, "node", DOCTOR_SKIPPED, "usb", NULL);

	machine_open(&m); /* a stick without interfaces */
	machine_put(&m, "/sys/bus/usb/devices/1-2/idVendor", "04e6\n");
	machine_put(&m, "/sys/bus/usb/devices/1-2/idProduct", "5591\n");
	machine_trouble(&m, "usb", "no configuration", "another port");

	machine_open(&m); /* a keyboard and a hub are no readers */
	machine_plug(&m, &(struct machine_device){"3", "046d", "c31c", "03", "usbhid", true});
	machine_plug(&m, &(struct machine_device){"4", "05e3", "0608", "09", "hub", true});
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 0);
	machine_expect(&m, "usb", DOCTOR_ABSENT, "no reader on the USB", NULL);
}

/* A security key: the keyboard's driver holds another interface than the reader's. */
static void test_composite(void)
{
	struct machine m;

	machine_open(&m);
	machine_plug(&m, &(struct machine_device){"4", "08e6", "3438", "03", "usbhid", false});
	machine_put(&m, "/sys/bus/usb/devices/1-4:1.1/bInterfaceClass", "0b\n");
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 0);
	machine_expect(&m, "kernel", DOCTOR_GOOD, NULL, NULL);
	machine_expect(&m, "driver", DOCTOR_GOOD, "lists", NULL);
}

static void test_kernel(void)
{
	struct machine_device held = scl3711;
	struct machine m;

	held.driver = "pn533_usb";
	machine_open(&m);
	machine_plug(&m, &held);
	machine_trouble(&m, "kernel", "pn533_usb holds", "modprobe -r pn533_usb");
	machine_open(&m);
	machine_plug(&m, &(struct machine_device){"5", "072f", "2200", "0b", "pn533_usb", false});
	machine_trouble(&m, "kernel", "072f:2200", "twinkey-pn533.conf");
	machine_open(&m);
	machine_plug(&m, &(struct machine_device){"1", "08e6", "3438", "0b", "visor", false});
	machine_trouble(&m, "kernel", "driver visor",
			"echo 1-1:1.0 | sudo tee /sys/bus/usb/drivers/visor/unbind");
	held.driver = "usbfs"; /* a program of ours has claimed it */
	machine_open(&m);
	machine_plug(&m, &held);
	machine_run(&m);
	machine_expect(&m, "kernel", DOCTOR_GOOD, NULL, NULL);
	machine_open(&m);
	machine_plug(&m, &ch340);
	machine_run(&m);
	machine_expect(&m, "kernel", DOCTOR_TROUBLE, "no serial line", "modprobe usbserial");
}

static void test_rules(void)
{
	struct machine_device asleep = scl3711;
	struct machine m;

	machine_open(&m);
	machine_plug(&m, &scl3711);
	machine_remove(&m, "/usr/lib/udev/rules.d/94-twinkey.rules");
	machine_trouble(&m, "udev", "94-twinkey.rules", "make install-udev");
	machine_remove(&m, "/usr/lib/udev/rules.d/70-twinkey.rules");
	machine_trouble(&m, "udev", "an NFC reader needs them", "udevadm control --reload");
	machine_put(&m, "/etc/udev/rules.d/70-twinkey.rules", "");
	machine_put(&m, "/usr/lib/udev/rules.d/70-twinkey.rules", "# rules\n");
	machine_put(&m, "/usr/lib/udev/rules.d/94-twinkey.rules", "# rules\n");
	machine_run(&m);
	machine_expect(&m, "udev", DOCTOR_ABSENT, "turned off", NULL);

	asleep.sleeps = true;
	machine_open(&m);
	machine_plug(&m, &asleep);
	machine_trouble(&m, "udev", "power/control is auto", "udevadm trigger");

	machine_open(&m); /* pcscd's readers do without */
	machine_plug_ccid(&m);
	machine_remove(&m, "/usr/lib/udev/rules.d/70-twinkey.rules");
	machine_remove(&m, "/usr/lib/udev/rules.d/94-twinkey.rules");
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 0);
	machine_expect(&m, "udev", DOCTOR_ABSENT, "pcscd needs none", NULL);
}

static void test_node(void)
{
	struct machine m;
	char path[1024];

	machine_open(&m);
	machine_plug(&m, &scl3711);
	m.is_closed = true;
	machine_trouble(&m, "node", "may not open /dev/bus/usb/001/007",
			"adduser \"$USER\" plugdev");
	m.is_closed = false;
	snprintf(path, sizeof(path), "%s/dev/bus/usb/001/007", m.root);
	chmod(path, 0666);
	machine_trouble(&m, "node", "any user may write", "MODE=\"0666\"");
	machine_remove(&m, "/dev/bus/usb/001/007");
	machine_trouble(&m, "node", "has no node /dev/bus/usb/001/007", "--device=/dev/bus/usb");

	machine_open(&m);
	machine_plug(&m, &ch340);
	machine_put(&m, "/sys/bus/usb/devices/1-9:1.0/ttyUSB0/x", "");
	machine_put(&m, "/dev/ttyUSB0", "");
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 0);
	m.is_closed = true;
	machine_trouble(&m, "node", "/dev/ttyUSB0", "dialout");

	machine_open(&m); /* pcscd, not this user, opens a CCID reader */
	machine_plug_ccid(&m);
	m.is_closed = true;
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 0);
}

static void test_pcscd(void)
{
	struct machine m;

	machine_open(&m);
	m.listed = ERR_NO_SERVICE;
	m.readers = 0;
	machine_trouble(&m, "pcscd", "nobody answers", "systemctl restart pcscd.socket");
	m.is_closed = true;
	machine_trouble(&m, "pcscd", "may not open pcscd's socket", "chmod a+rw");
	m.is_closed = false;
	machine_remove(&m, "/run/pcscd/pcscd.comm");
	machine_trouble(&m, "pcscd", "not enabled", "systemctl enable --now pcscd.socket");
	machine_remove(&m, "/usr/lib/systemd/system/pcscd.socket");
	machine_trouble(&m, "pcscd", "systemd has no pcscd.socket", "--reinstall pcscd");
	machine_put(&m, "/.dockerenv", "");
	machine_trouble(&m, "pcscd", "in this container", "--volume /run/pcscd:/run/pcscd");
	machine_remove(&m, "/usr/sbin/pcscd");
	machine_trouble(&m, "pcscd", "not installed", "apt-get install pcscd");
	m.plan.socket = "/tmp/mine";
	machine_trouble(&m, "pcscd", "/tmp/mine, which PCSCLITE_CSOCK_NAME names",
			"unset PCSCLITE_CSOCK_NAME");
	m.plan.socket = NULL;
	m.listed = ERR_IO;
	machine_trouble(&m, "pcscd", err_text(ERR_IO), "systemctl restart pcscd");

	machine_open(&m);
	m.listed = ERR_NO_SERVICE;
	m.root = test_dir();
	machine_put(&m, "/usr/sbin/pcscd", "");
	machine_trouble(&m, "pcscd", "does not run", "sudo pcscd");
	machine_put(&m, "/run/pcscd/pcscd.comm", "");
	machine_trouble(&m, "pcscd", "nobody answers", "rm /run/pcscd/pcscd.comm");
}

static void test_polkit(void)
{
	struct machine m;

	machine_open(&m);
	m.listed = ERR_POLKIT;
	m.readers = 0;
	machine_trouble(&m, "polkit", "does not let this user in", "polkit.addRule");
	machine_expect(&m, "pcscd", DOCTOR_GOOD, NULL, NULL);
	machine_expect(&m, "reader", DOCTOR_SKIPPED, "polkit", NULL);
	m.plan.in_session = false;
	machine_trouble(&m, "polkit", "no session at the machine", "log in at the machine");
	machine_put(&m, "/run/systemd/container", "docker\n");
	machine_trouble(&m, "polkit", "a container", "polkit.addRule");
	machine_put(&m, "/etc/polkit-1/rules.d/10-x.rules", "// nothing\n");
	machine_put(&m, "/etc/polkit-1/rules.d/20-cards.rules",
		    "polkit.addRule(function(action, subject) {\n"
		    "  if (action.id == \"org.debian.pcsc-lite.access_pcsc\")\n"
		    "    return polkit.Result.NO; });\n");
	machine_trouble(&m, "polkit", "/etc/polkit-1/rules.d/20-cards.rules has a rule",
			"polkit.Result.YES");
}

static void test_driver(void)
{
	static const char plist[] = "/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist";
	struct machine m;

	machine_open(&m);
	machine_plug(&m, &(struct machine_device){"1", "08e6", "9999", "0b", NULL, false});
	machine_trouble(&m, "driver", "no driver lists Maker Thing 08e6:9999", "--only-upgrade");
	/* the vendor of one row and the product of another are no match */
	machine_open(&m);
	machine_plug(&m, &(struct machine_device){"1", "08e6", "2200", "0b", NULL, false});
	machine_trouble(&m, "driver", "no driver lists", NULL);
	machine_put(&m, plist,
		    "<key>CFBundleName</key>\n<string>CCIDCLASSDRIVER</string>\n"
		    "<key>CFBundleExecutable</key>\n<string>libccid.so</string>\n");
	machine_run(&m);
	machine_expect(&m, "driver", DOCTOR_GOOD, "takes by its class", NULL);
	machine_remove(&m, "/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Linux/libccid.so");
	machine_trouble(&m, "driver", "lacks its library libccid.so", "--reinstall libccid");
	machine_put(&m, plist,
		    "<key>CFBundleExecutable</key>\n<string>libccid.so</string>\n"
		    "<key>ifdVendorID</key>\n<string>0x08E6</string>\n<key>ifdProductID</key>\n");
	machine_trouble(&m, "driver", "is damaged", "--reinstall libccid");
	machine_remove(&m, plist);
	machine_trouble(&m, "driver", "no driver for readers on the USB", "install libccid");
	machine_open(&m);
	machine_put(&m, "/etc/reader.conf.d/vpcd", "LIBPATH \"/usr/lib/none.so\"\n");
	machine_trouble(&m, "reader.conf",
			"vpcd names a driver that is not there: /usr/lib/none.so",
			"rm /etc/reader.conf.d/vpcd");
}

static void test_reader(void)
{
	struct machine m;

	machine_open(&m);
	m.readers = 0;
	machine_trouble(&m, "reader", "lists no reader", "plug one in");
	machine_plug(&m, &scl3711);
	machine_trouble(&m, "reader", "not PC/SC's", "--reader nfc");
	machine_plug_ccid(&m);
	machine_trouble(&m, "reader", "pcscd does not list it", "restart pcscd");
	machine_put(&m, "/etc/reader.conf.d/vpcd", "LIBPATH /none\n");
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 2);
	machine_expect(&m, "reader", DOCTOR_TROUBLE, "lists no reader", "trouble above");
}

static void test_card(void)
{
	static const struct {
		enum err e;
		const char *text, *mend;
	} rows[] = {
		{ERR_NO_CARD, "no card", "contacts"},
		{ERR_MUTE, "upside down, or need a voltage", "turn it over"},
		{ERR_ATR, "no ATR", "clean"},
		{ERR_CARD_PROTOCOL, "no protocol", "clean"},
		{ERR_READER_BUSY, "another program", "fuser"},
		{ERR_NO_READER, "no reader has the name", "twinkey readers"},
		{ERR_NOT_FOUND, "no virtual card", "twinkey-card create"},
		{ERR_DISCONNECTED, "taken out", "again"},
		{ERR_USAGE, "names no way", "twinkey readers"},
		{ERR_IO, "reading or writing failed", "plug the reader out"},
	};
	struct machine m;

	machine_open(&m);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		m.opened = rows[i].e;
		machine_trouble(&m, "card", rows[i].text, rows[i].mend);
		machine_expect(&m, "atr", DOCTOR_SKIPPED, "card", NULL);
	}
}

static void test_atr(void)
{
	struct machine m;

	machine_open(&m);
	m.atr = "3b9f96801fc78031e073fe2113575457494e4b4559bc";
	machine_trouble(&m, "atr", "TCK", "clean");
	m.atr = "3b810e800f"; /* T=14 alone */
	machine_trouble(&m, "atr", "neither T=0 nor T=1", "maker");
	m.atr = "3b021450"; /* a SIM of 2G */
	machine_trouble(&m, "atr", "do not begin with 80", "2G");
	m.atr = "3b9f96801f4780"; /* cut */
	machine_trouble(&m, "atr", "shorter", NULL);
	m.atr = "3b81018000"; /* T=1 alone */
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 0);
	m.atr = "3b0180";
	machine_run(&m);
	CU_ASSERT_EQUAL(m.troubles, 0);
	m.atr = "3b81801f4480da"; /* T=15 says class C alone */
	machine_run(&m);
	machine_expect(&m, "atr", DOCTOR_GOOD, "for 1.8 V alone", NULL);
}

static void test_t0(void)
{
	static const char *const shorter[] = {"00a40004023f00=6110", "00c0000010=62009000", NULL};
	static const char *const wrong_le[] = {"00a40004023f00=6102", "00c0000002=62009000",
					       "00c0000003=6f00", NULL};
	static const char *const wrong_6c[] = {"00a40004023f00=6102", "00c0000002=62009000",
					       "00c0000003=6c05", NULL};
	static const char *const silent[] = {"00a40004023f00=9000", NULL};
	static const char *const fetched[] = {"00a40004023f00=62009000", NULL};
	static const char *const bank[] = {"00a40004023f00=6a82", NULL};
	struct machine m;

	machine_open(&m);
	m.rules = shorter;
	machine_run(&m);
	machine_expect(&m, "t0", DOCTOR_TROUBLE, "announced 16 octets, and gave 2", "test-card");
	m.rules = wrong_le;
	machine_run(&m);
	machine_expect(&m, "t0", DOCTOR_TROUBLE, "a wrong Le by 6F00", "test-card");
	m.rules = wrong_6c;
	machine_run(&m);
	machine_expect(&m, "t0", DOCTOR_TROUBLE, "not by 6C02", NULL);
	m.rules = silent;
	machine_run(&m);
	machine_expect(&m, "t0", DOCTOR_TROUBLE, "not followed by 61xx", NULL);
	m.rules = fetched;
	machine_run(&m);
	machine_expect(&m, "t0", DOCTOR_GOOD, "the reader fetches", NULL);
	m.rules = bank;
	machine_trouble(&m, "kind", "neither a UICC nor an eUICC", "put a SIM");
	machine_expect(&m, "t0", DOCTOR_ABSENT, "no MF", NULL);
	machine_expect(&m, "issuer", DOCTOR_SKIPPED, "kind", NULL);
	m.protocol = TRANSPORT_T1;
	machine_run(&m);
	machine_expect(&m, "t0", DOCTOR_ABSENT, "T=1", NULL);
}

#define EID "89049032123451234512345678901235"

/* An eUICC whose EUICCInfo2 has this list of issuers (hex). */
static void look_at_issuers(struct machine *m, const char *list)
{
	static char get_info[400], announced[32];
	static const char *rules[] = {"00a40004023f00=6110",
				      "00c0000010=620e82027821830200008a01058b00009000",
				      "00c0000011=6c10",
				      "0070000001=019000",
				      "00708001=9000",
				      "01a4040010a0000005591010ffffffff8900000100=9000",
				      "81e2910006bf3e035c015a=6115",
				      "01c0000015=bf3e125a10" EID "9000",
				      "81e2910003bf56=6a88",
				      announced,
				      get_info,
				      NULL};
	static const uint8_t version[] = {2, 2, 2};
	struct es10b_euicc_info2 info = {.profile_version = SLICE_OF(version),
					 .svn = SLICE_OF(version),
					 .firmware = SLICE_OF(version),
					 .pp_version = SLICE_OF(version),
					 .sas = slice_str("S")};
	uint8_t octets[256];
	struct wbuf der = wbuf_init(octets, sizeof(octets));
	int n;

	info.ci_verify = info.ci_sign = test_unhex(list);
	es10b_put_euicc_info2(&der, &info);
	snprintf(announced, sizeof(announced), "81e2910003bf22=61%02zx", der.len);
	n = snprintf(get_info, sizeof(get_info), "01c00000%02zx=", der.len);
	ASSERT_ERR(hex_encode(wbuf_slice(&der), get_info + n, sizeof(get_info) - (size_t)n),
		   ERR_OK);
	strcat(get_info, "9000");
	m->rules = rules;
	machine_run(m);
}

static void test_issuer(void)
{
	struct machine m;

	machine_open(&m);
	look_at_issuers(&m, "0414F54172BDF98A95D65CBEB88A38A1C11D800A85C3");
	machine_expect(&m, "kind", DOCTOR_GOOD, "SGP.22), EID " EID, NULL);
	machine_expect(&m, "issuer", DOCTOR_GOOD, "SGP.26's test issuer (NIST P-256)", NULL);
	look_at_issuers(&m, "041481370F5125D0B1D408D4C3B232E6D25E795BEBFB");
	machine_expect(&m, "issuer", DOCTOR_GOOD, "the GSMA's issuer: managers in the field", NULL);
	look_at_issuers(&m, "0414000102030405060708090A0B0C0D0E0F10111213");
	machine_expect(&m, "issuer", DOCTOR_GOOD, "0001020304", NULL);
	machine_expect(&m, "issuer", DOCTOR_GOOD, "--ca FILE tells", NULL);
	look_at_issuers(&m, "");
	machine_expect(&m, "issuer", DOCTOR_TROUBLE, "trusts no issuer", "another eUICC");
}

/* With the issuer that is ours: SGP.26's of the test-data folder. */
static void test_our_issuer(void)
{
	struct slice ci = test_shared("rsp/sgp26/CI/CERT_CI_ECDSA_NIST.der");
	struct machine m;

	if (!ci.len)
		return;
	machine_open(&m);
	m.plan.ci = ci;
	look_at_issuers(&m, "0414F54172BDF98A95D65CBEB88A38A1C11D800A85C3");
	machine_expect(&m, "issuer", DOCTOR_GOOD, "the issuer of --ca", NULL);
	look_at_issuers(&m, "041481370F5125D0B1D408D4C3B232E6D25E795BEBFB");
	machine_expect(&m, "issuer", DOCTOR_TROUBLE, "not trust the issuer of --ca",
		       "a manager of one of these issuers");
	m.plan.now = 4000000000; /* 2096: its certificate has run out */
	machine_run(&m);
	machine_expect(&m, "clock", DOCTOR_TROUBLE, "--ca is good from 2020-04-01", "timedatectl");
}

static void test_clock(void)
{
	struct machine m;

	machine_open(&m);
	m.plan.now = 0;
	machine_trouble(&m, "clock", "1970-01-01", "timedatectl set-ntp true");
	m.plan.now = 5000000000;
	machine_trouble(&m, "clock", "2128", "timedatectl");
}

static void test_server(void)
{
	struct activation code;
	struct machine m;

	machine_open(&m);
	ASSERT_ERR(activation_parse("LPA:1$127.0.0.1:9$M", &code, NULL), ERR_OK);
	m.plan.code = &code;
	m.network.patience_ms = 500;
	machine_trouble(&m, "server", "nobody answers there", "curl -v https://127.0.0.1:9/");
}

/* libnfc's list and the udev rules name the same sticks. */
static void test_same_sticks(void)
{
	uint16_t vendor, product;
	char rules[8192], line[32];
	FILE *f = fopen("udev/70-twinkey.rules", "r");
	size_t n = f ? fread(rules, 1, sizeof(rules) - 1, f) : 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fclose(f);
	rules[n] = 0;
	for (size_t i = 0; usb_pn53x_row(i, &vendor, &product); i++) {
		const char *at = rules;
		bool named = false;

		snprintf(line, sizeof(line), "ATTR{idVendor}==\"%04x\"", vendor);
		while (!named && (at = strstr(at, line)) != NULL) {
			char id[8], *end = strchr(at, '\n');
			const char *found;

			snprintf(id, sizeof(id), "%04x", product);
			found = strstr(at + strlen(line), id);
			named = found && end && found < end;
			at += strlen(line);
		}
		CU_ASSERT_TRUE(named);
	}
}

TEST_SUITE(doctor, {"a machine that nothing is wrong with", test_good},
	   {"no /sys, no pcscd, no reader", test_bare}, {"devices on the USB", test_usb},
	   {"a keyboard beside the reader", test_composite}, {"drivers of the kernel", test_kernel},
	   {"udev's rules", test_rules}, {"nodes, and who may open them", test_node},
	   {"pcscd", test_pcscd}, {"polkit", test_polkit}, {"drivers of pcscd", test_driver},
	   {"readers", test_reader}, {"cards that do not open", test_card}, {"ATRs", test_atr},
	   {"T=0", test_t0}, {"issuers", test_issuer}, {"our issuer", test_our_issuer},
	   {"clocks", test_clock}, {"a server that is not there", test_server},
	   {"the sticks of the udev rules", test_same_sticks})
