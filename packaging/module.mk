# packaging: units for systemd, and the Debian packages. packaging/debian says what is in each, packaging/deb builds them.
UNITS      := $(wildcard packaging/systemd/*.service packaging/systemd/*.socket)
UNIT_CONF  := $(wildcard packaging/sysusers.d/*.conf packaging/tmpfiles.d/*.conf)
DEFAULTS   := $(wildcard packaging/default/*)
SYSTEMDDIR ?= $(PREFIX)/lib
SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)

.PHONY: install-units uninstall-units deb
install-units: ## Install the units of systemd (SYSTEMDDIR, SYSCONFDIR)
	$(Q)install -d $(DESTDIR)$(SYSTEMDDIR)/systemd/system $(DESTDIR)$(SYSTEMDDIR)/sysusers.d \
		$(DESTDIR)$(SYSTEMDDIR)/tmpfiles.d $(DESTDIR)$(SYSCONFDIR)/default
	$(Q)install -m 644 $(UNITS) $(DESTDIR)$(SYSTEMDDIR)/systemd/system
	$(Q)sed -i 's|/usr/bin/twinkey|$(BINDIR)/twinkey|; s|/etc/default|$(SYSCONFDIR)/default|' \
		$(UNITS:packaging/systemd/%=$(DESTDIR)$(SYSTEMDDIR)/systemd/system/%)
	$(Q)for f in $(UNIT_CONF:packaging/%=%); do install -m 644 packaging/$$f $(DESTDIR)$(SYSTEMDDIR)/$$f || exit 1; done
	@# what somebody has changed stays
	$(Q)for f in $(DEFAULTS:packaging/%=%); do [ -e $(DESTDIR)$(SYSCONFDIR)/$$f ] || \
		install -m 644 packaging/$$f $(DESTDIR)$(SYSCONFDIR)/$$f || exit 1; done
uninstall-units:
	$(Q)rm -f $(UNITS:packaging/systemd/%=$(DESTDIR)$(SYSTEMDDIR)/systemd/system/%) \
		$(UNIT_CONF:packaging/%=$(DESTDIR)$(SYSTEMDDIR)/%)
	$(Q)for f in $(DEFAULTS:packaging/%=%); do ! cmp -s packaging/$$f $(DESTDIR)$(SYSCONFDIR)/$$f || \
		rm $(DESTDIR)$(SYSCONFDIR)/$$f; done
deb: all ## Build the Debian packages: build/deb
	$(Q)packaging/deb
