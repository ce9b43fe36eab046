# udev: the rules for readers, and what keeps the kernel's NFC driver off them
UDEV_RULES  := $(wildcard udev/*.rules)
UDEV_CONF   := $(wildcard udev/*.conf)
UDEVDIR     ?= $(PREFIX)/lib/udev/rules.d
MODPROBEDIR ?= $(PREFIX)/lib/modprobe.d

.PHONY: install-udev uninstall-udev
install-udev: ## Install the udev rules and the modprobe file (UDEVDIR, MODPROBEDIR)
	$(Q)install -d $(DESTDIR)$(UDEVDIR) $(DESTDIR)$(MODPROBEDIR)
	$(Q)install -m 644 $(UDEV_RULES) $(DESTDIR)$(UDEVDIR)
	$(Q)install -m 644 $(UDEV_CONF) $(DESTDIR)$(MODPROBEDIR)
uninstall-udev:
	$(Q)rm -f $(UDEV_RULES:udev/%=$(DESTDIR)$(UDEVDIR)/%) $(UDEV_CONF:udev/%=$(DESTDIR)$(MODPROBEDIR)/%)
