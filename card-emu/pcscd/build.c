#include "card-emu/pcscd/build.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define VERSION_MAX   4096
#define POLKIT_SWITCH 2 /* --disable-polkit came with pcsc-lite 2.0 */

/* A word of a line of words parted by blanks. */
static bool has_word(const char *line, const char *word)
{
	size_t n = strlen(word), end = strcspn(line, "\n");

	for (const char *p = line; (p = strstr(p, word)) && (size_t)(p - line) < end; p += n) {
		if (p > line && p[-1] == ' ' && strchr(" \n", p[n]))
			return true;
	}
	return false;
}

enum err pcscd_build_parse(const char *text, struct pcscd_build *out)
{
	const char *features = strstr(text, "Enabled features:");
	const char *max = strstr(text, "PCSCLITE_MAX_READERS_CONTEXTS: ");
	unsigned major, minor;

	if (sscanf(text, "pcsc-lite version %u.%u", &major, &minor) != 2 || !features)
		return ERR_VALUE;
	out->readers_max = UINT_MAX; /* of those since 2.5, which have no limit to tell */
	if (max && (sscanf(strchr(max, ' '), "%u", &out->readers_max) != 1 || !out->readers_max))
		return ERR_VALUE;
	/* as autoconf's and as meson's build call it, by which it has been built since 2.2 */
	out->takes_socket = has_word(features, "libsystemd") || has_word(features, "systemd");
	out->reads_config = has_word(features, "serial");
	out->polkit_switch = has_word(features, "polkit") && major >= POLKIT_SWITCH;
	return ERR_OK;
}

/* What `path --version` prints; "" when it cannot be run. */
static void ask_version(const char *path, struct wbuf *out)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return;
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		execl(path, "pcscd", "--version", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	if (pid > 0) {
		(void)!file_read_fd(fds[0], out);
		waitpid(pid, NULL, 0);
	}
	close(fds[0]);
}

static bool find_in(const char *folders, char path[static PATH_CAP])
{
	for (const char *p = folders; *p;) {
		size_t n = strcspn(p, ":");
		int len = snprintf(path, PATH_CAP, "%.*s/pcscd", (int)n, p);

		if (n && len < PATH_CAP && access(path, X_OK) == 0)
			return true;
		p += n + (p[n] == ':');
	}
	return false;
}

enum err pcscd_build_find(struct pcscd_build *out)
{
	uint8_t octets[VERSION_MAX];
	struct wbuf version = wbuf_init(octets, sizeof(octets) - 1);
	const char *own = getenv("PATH");

	memset(out, 0, sizeof(*out));
	if (!(own && find_in(own, out->path)) &&
	    !find_in("/usr/sbin:/usr/local/sbin:/sbin:/usr/libexec", out->path))
		return trouble_set(ERR_NO_SERVICE, "pcscd is not installed: install it (Debian: "
						   "apt-get install pcscd), or use one that runs "
						   "elsewhere by --port");
	ask_version(out->path, &version);
	octets[version.len] = 0;
	if (pcscd_build_parse((const char *)octets, out))
		return trouble_set(ERR_NO_SERVICE,
				   "'%s --version' does not say what it is: is it "
				   "pcsc-lite's?",
				   out->path);
	if (!out->takes_socket || !out->reads_config)
		return trouble_set(
			ERR_NO_SERVICE,
			"%s was built without %s, and cannot be a service of one's own: use "
			"twinkey-virtual-reader, or one that runs by --port",
			out->path, out->takes_socket ? "serial readers" : "libsystemd");
	return ERR_OK;
}
