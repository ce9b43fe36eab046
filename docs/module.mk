# docs: the manual pages, and where everything is installed
MAN := $(wildcard docs/*.1)
DESTDIR ?=
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man/man1
DOCDIR  ?= $(PREFIX)/share/doc/twinkey
# where twinkey-card looks for what pcscd loads: beside its bin
MODDIR  ?= $(PREFIX)/lib/twinkey
# for who uses it; docs/architecture.md is for who changes it
DOCS    := README.md CHANGELOG.md SECURITY.md LICENSE $(filter-out docs/architecture.md,$(wildcard docs/*.md))

# Where shells look for completions. zsh's own folder is site-functions; Debian's packages use vendor-completions.
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
NAMES    = $(notdir $(PROGRAMS))
# Debian's tshark and Wireshark look in /usr/lib/TRIPLET/wireshark/plugins, where LIBDIR of the packages points
LUADIR  ?= $(LIBDIR)/wireshark/plugins

.PHONY: install uninstall
install: programs install-lib install-udev install-units ## Install programs, manuals, completions, documents below PREFIX (DESTDIR in front)
	$(Q)install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR) $(DESTDIR)$(DOCDIR)
	$(Q)install -m 755 $(PROGRAMS) $(DESTDIR)$(BINDIR)
	$(Q)install -d $(DESTDIR)$(MODDIR)
	$(Q)install -m 644 $(MODULES) $(DESTDIR)$(MODDIR)
	$(Q)install -d $(DESTDIR)$(LUADIR)
	$(Q)install -m 644 $(GENERATED) $(DESTDIR)$(LUADIR)
	$(Q)install -m 755 scripts/virtual-reader $(DESTDIR)$(BINDIR)/twinkey-virtual-reader
	$(Q)install -m 644 $(MAN) $(DESTDIR)$(MANDIR)
	$(Q)install -m 644 $(DOCS) $(DESTDIR)$(DOCDIR)
	$(Q)install -d $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	$(Q)set -e; umask 022; for p in $(NAMES); do \
		$(B)/$$p --completion bash >$(DESTDIR)$(BASHDIR)/$$p; \
		$(B)/$$p --completion zsh >$(DESTDIR)$(ZSHDIR)/_$$p; \
		$(B)/$$p --completion fish >$(DESTDIR)$(FISHDIR)/$$p.fish; \
	done
uninstall: uninstall-lib uninstall-udev uninstall-units ## Remove what install put there
	$(Q)rm -f $(PROGRAMS:$(B)/%=$(DESTDIR)$(BINDIR)/%) $(DESTDIR)$(BINDIR)/twinkey-virtual-reader
	$(Q)rm -f $(MAN:docs/%=$(DESTDIR)$(MANDIR)/%)
	$(Q)rm -f $(NAMES:%=$(DESTDIR)$(BASHDIR)/%) $(NAMES:%=$(DESTDIR)$(ZSHDIR)/_%) $(NAMES:%=$(DESTDIR)$(FISHDIR)/%.fish)
	$(Q)rm -f $(GENERATED:$(B)/%=$(DESTDIR)$(LUADIR)/%)
	$(Q)rm -rf $(DESTDIR)$(DOCDIR) $(DESTDIR)$(MODDIR)
