# docs: the manual pages, and where everything is installed
MAN := $(wildcard docs/*.1)
DESTDIR ?=
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man/man1
DOCDIR  ?= $(PREFIX)/share/doc/twinkey

.PHONY: install uninstall deb
install: programs install-lib install-udev ## Install programs, manuals and documents below PREFIX (DESTDIR in front)
	$(Q)install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR) $(DESTDIR)$(DOCDIR)
	$(Q)install -m 755 $(PROGRAMS) $(DESTDIR)$(BINDIR)
	$(Q)install -m 644 $(MAN) $(DESTDIR)$(MANDIR)
	$(Q)install -m 644 README.md LICENSE docs/protocol.md $(DESTDIR)$(DOCDIR)
uninstall: uninstall-lib uninstall-udev ## Remove what install put there
	$(Q)rm -f $(PROGRAMS:$(B)/%=$(DESTDIR)$(BINDIR)/%) $(MAN:docs/%=$(DESTDIR)$(MANDIR)/%)
	$(Q)rm -rf $(DESTDIR)$(DOCDIR)
deb: all ## Build a Debian package of the programs: build/twinkey_VERSION_ARCH.deb
	$(Q)scripts/deb
