/*
 * pty: a simulated PN532 on a pseudo-terminal, for libnfc's pn532_uart.
 *
 *   pn532-sim LINK [OPTION...]
 *
 * LINK: a symbolic link to the pseudo-terminal. The options, and what standard input may ask for:
 * tests/pn532/behind.h.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "tests/pn532/behind.h"

static struct {
	const char *link;
	int master, slave; /* the slave stays open: without it nobody's leaving would be an error */
	struct behind behind;
} sim;

static void open_terminal(void)
{
	struct termios t;
	char name[64];

	sim.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (sim.master < 0 || grantpt(sim.master) || unlockpt(sim.master) ||
	    ptsname_r(sim.master, name, sizeof(name)))
		behind_fail("pseudo-terminal");
	sim.slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (sim.slave < 0 || tcgetattr(sim.slave, &t))
		behind_fail(name);
	cfmakeraw(&t);
	tcsetattr(sim.slave, TCSANOW, &t);
	unlink(sim.link);
	if (symlink(name, sim.link))
		behind_fail(sim.link);
}

static void send_frame(void *ctx, const uint8_t *octets, size_t len)
{
	(void)ctx;
	behind_write(sim.master, octets, len);
}

static void serve(void)
{
	for (;;) {
		struct pollfd p[] = {{STDIN_FILENO, POLLIN, 0}, {sim.master, POLLIN, 0}};
		uint8_t octets[512];
		ssize_t n;

		poll(p, 2, -1);
		if (p[0].revents && !behind_obey(&sim.behind))
			return;
		if (!p[1].revents)
			continue;
		n = read(sim.master, octets, sizeof(octets));
		if (n > 0)
			chip_take(&sim.behind.chip, octets, (size_t)n);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: pn532-sim LINK [--pn533] [--vpcd PORT] [--delay MS] "
				"[PREFIX=ANSWER ...]\n");
		return 2;
	}
	sim.link = argv[1];
	behind_init(&sim.behind, argv + 2, send_frame);
	open_terminal();
	behind_ready(&sim.behind);
	serve();
	unlink(sim.link);
	return 0;
}
