/* service: the links of pcscd: whether it runs, and lets this user in. */
#include <stdio.h>
#include <string.h>

#include "host/doctor/link.h"
#include "host/doctor/package.h"
#include "host/doctor/tree.h"

#define SOCKET	    "/run/pcscd/pcscd.comm"
#define VERSION_CAP 64

static bool has_file(const struct doctor *d, const char *file)
{
	char path[PATH_CAP];

	tree_path(path, d->plan->root, "%s", file);
	return tree_has(path);
}

static bool has_systemd(const struct doctor *d)
{
	return has_file(d, "/run/systemd/system");
}

static bool is_in_container(const struct doctor *d)
{
	return has_file(d, "/.dockerenv") || has_file(d, "/run/.containerenv") ||
	       has_file(d, "/run/systemd/container");
}

static void tell_no_socket(const struct doctor *d, struct doctor_finding *f)
{
	if (is_in_container(d)) {
		finding_trouble(f, "the PC/SC service does not run in this container");
		finding_mend(f, "sudo pcscd; or give the container the host's: "
				"--volume /run/pcscd:/run/pcscd");
	} else if (!has_systemd(d)) {
		finding_trouble(f, "the PC/SC service does not run");
		finding_mend(f, "sudo pcscd");
	} else if (!has_file(d, "/usr/lib/systemd/system/pcscd.socket") &&
		   !has_file(d, "/lib/systemd/system/pcscd.socket")) {
		finding_trouble(f,
				"the PC/SC service does not run, and systemd has no pcscd.socket");
		finding_mend(f, "sudo apt-get install --reinstall pcscd");
	} else {
		finding_trouble(f, "the PC/SC service does not run, and its socket is not enabled");
		finding_mend(f, "sudo systemctl enable --now pcscd.socket");
	}
}

static void tell_no_service(const struct doctor *d, struct doctor_finding *f)
{
	const char *socket = d->plan->socket ? d->plan->socket : SOCKET;
	char path[PATH_CAP];

	tree_path(path, d->plan->root, "%s", socket);
	if (d->plan->socket) {
		finding_trouble(f, "nobody answers at %s, which PCSCLITE_CSOCK_NAME names", socket);
		finding_mend(f, "unset PCSCLITE_CSOCK_NAME, or start the pcscd that serves there");
	} else if (!has_file(d, "/usr/sbin/pcscd") && !tree_has(path)) {
		finding_trouble(f, "pcscd is not installed");
		finding_mend(f, "sudo apt-get install pcscd libccid");
	} else if (!tree_has(path)) {
		tell_no_socket(d, f);
	} else if (!d->plan->ways.may_open(path)) {
		finding_trouble(f, "this user may not open pcscd's socket %s", socket);
		finding_mend(f, "sudo chmod a+rw %s (or restart pcscd, which makes it so)", socket);
	} else {
		finding_trouble(f, "pcscd's socket is there, and nobody answers");
		finding_mend(f, "%s",
			     has_systemd(d) ? "sudo systemctl restart pcscd.socket pcscd.service"
					    : "sudo rm /run/pcscd/pcscd.comm; sudo pcscd");
	}
}

void link_pcscd(struct doctor *d, struct doctor_finding *f)
{
	char version[VERSION_CAP];

	if (!d->uses_pcsc) {
		finding_absent(f, "not in use: --reader %s needs none", d->plan->reader);
	} else if (d->listed == ERR_NO_SERVICE || d->listed == ERR_SERVICE_DEAD) {
		tell_no_service(d, f);
	} else if (d->listed == ERR_OK || d->listed == ERR_POLKIT || d->listed == ERR_NO_READER) {
		package_version(d->plan->root, "pcscd", version, sizeof(version));
		finding_good(f, "runs%s%s%s%s", *version ? ", version " : "", version,
			     has_systemd(d) ? ", started by systemd when it is asked" : "",
			     d->plan->socket ? ", at the socket of PCSCLITE_CSOCK_NAME" : "");
	} else {
		finding_trouble(f, "the PC/SC service: %s", err_text(d->listed));
		finding_mend(f, "%s",
			     has_systemd(d) ? "sudo systemctl restart pcscd"
					    : "end pcscd, and start it again: sudo pcscd");
	}
}

struct polkit_rules {
	const struct doctor *d;
	const char *folder;
	char name[128]; /* the file that speaks of PC/SC */
	bool speaks;
};

static bool look_for_pcsc(void *ctx, const char *line)
{
	struct polkit_rules *r = ctx;

	r->speaks = strstr(line, "org.debian.pcsc-lite") != NULL;
	return !r->speaks;
}

static void look_at_rule(void *ctx, const char *name)
{
	struct polkit_rules *r = ctx;
	char path[PATH_CAP];

	tree_path(path, r->d->plan->root, "%s/%s", r->folder, name);
	r->speaks = false;
	tree_lines(path, look_for_pcsc, r);
	if (r->speaks && !*r->name)
		snprintf(r->name, sizeof(r->name), "%s/%s", r->folder, name);
}

static struct polkit_rules find_polkit_rules(const struct doctor *d)
{
	static const char *const folders[] = {"/etc/polkit-1/rules.d",
					      "/usr/share/polkit-1/rules.d"};
	struct polkit_rules r = {.d = d};
	char path[PATH_CAP];

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		r.folder = folders[i];
		tree_path(path, d->plan->root, "%s", r.folder);
		tree_names(path, look_at_rule, &r);
	}
	return r;
}

void link_polkit(struct doctor *d, struct doctor_finding *f)
{
	struct polkit_rules r;

	if (!d->uses_pcsc) {
		finding_absent(f, "not in use");
		return;
	}
	if (d->listed != ERR_POLKIT) {
		finding_good(f, "pcscd lets this user in");
		return;
	}
	r = find_polkit_rules(d);
	if (*r.name) {
		finding_trouble(f, "pcscd does not let this user in, and %s has a rule on it",
				r.name);
		finding_mend(f, "let that rule return polkit.Result.YES for this user, or work as "
				"root");
		return;
	}
	finding_trouble(f, "pcscd does not let this user in%s",
			is_in_container(d)     ? ": a container has no session of a person"
			: !d->plan->in_session ? ": this is no session at the machine itself (ssh, "
						 "cron, a service)"
					       : "");
	finding_mend(f,
		     "log in at the machine, work as root, or: echo "
		     "'polkit.addRule(function(a,s){if(a.id.indexOf(\"org.debian.pcsc-lite.\")==0"
		     "&&s.user==\"NAME\")return polkit.Result.YES;});' | sudo tee "
		     "/etc/polkit-1/rules.d/50-pcsc.rules");
}
