#include "tool/cli/prompt.h"

#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "tool/cli/say.h"
#include "tool/sys/cancel.h"

enum err tool_prompt(const char *prompt, bool secret, int timeout_ms, struct wbuf *line)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
			      {.fd = cancel_fd(tool_cancel()), .events = POLLIN}};
	struct termios old, silent;
	enum err e = ERR_OK;
	uint8_t octet = 0;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &old))
		return ERR_NOT_FOUND;
	silent = old;
	if (secret)
		silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	fputs(prompt, stderr);
	while (!e) {
		int n = poll(p, 2, timeout_ms);

		if (n == 0)
			e = ERR_TIMEOUT;
		else if (n < 0 || cancel_is_wished(tool_cancel()) ||
			 read(STDIN_FILENO, &octet, 1) != 1)
			e = ERR_CANCELLED;
		else if (octet == '\n')
			break;
		else
			wbuf_u8(line, octet);
	}
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	if (secret || e)
		fputc('\n', stderr);
	secret_wipe(&octet, sizeof(octet));
	return e ? e : wbuf_done(line);
}
