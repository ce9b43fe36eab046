# include: the public C interface of Twinkey. api/ is what stands behind it; libtwinkey.so holds that, and of the
# archives what it needs. Its version is the interface's (include/twinkey/version.h), its symbols are in twinkey.map.
API_HEADERS := $(wildcard include/twinkey/*.h)
API_VERSION := $(shell sed -n 's/^\#define TWINKEY_API_[A-Z]* //p' include/twinkey/version.h | paste -sd .)
API_MAJOR   := $(firstword $(subst ., ,$(API_VERSION)))
SONAME      := libtwinkey.so.$(API_MAJOR)
API_SRC     := $(wildcard api/*.c)
API_LIB     := $(B)/libtwinkey-api.a
SHARED_LIB  := $(B)/libtwinkey.so.$(API_VERSION)
CFLAGS-api  := -Iinclude
CPPFLAGS    += -Iinclude
$(API_LIB): $(API_SRC:%.c=$(B)/%.o)
# what a program that is linked with the archives takes, in this order
API_LIBS := $(API_LIB) $(CARD_LIB) $(PKI_LIB) $(SYS_LIB) $(LIB)

$(SHARED_LIB): $(API_SRC:%.c=$(B)/%.o) $(CARD_LIB) $(PKI_LIB) $(SYS_LIB) $(LIB) include/twinkey.map
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -shared $(filter-out -pie,$(LDFLAGS)) -Wl,-soname,$(SONAME) -Wl,--version-script,include/twinkey.map \
		-Wl,-z,defs -Wl,--gc-sections -Wl,--as-needed -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIB_LDLIBS)
LIBRARIES += $(SHARED_LIB)

LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MAN3DIR    ?= $(PREFIX)/share/man/man3
EXAMPLES   := $(wildcard docs/examples/*)
MAN3       := $(wildcard docs/*.3)

.PHONY: library install-lib uninstall-lib
library: $(LIBRARIES)
	@:
# libtwinkey.so.1 is what programs load, libtwinkey.so what they are linked with
install-lib: library ## Install the library, its headers, manual and examples (LIBDIR, INCLUDEDIR)
	$(Q)install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/twinkey $(DESTDIR)$(MAN3DIR) \
		$(DESTDIR)$(DOCDIR)/examples
	$(Q)install -m 644 $(SHARED_LIB) $(DESTDIR)$(LIBDIR)
	$(Q)ln -sf $(notdir $(SHARED_LIB)) $(DESTDIR)$(LIBDIR)/$(SONAME)
	$(Q)ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libtwinkey.so
	$(Q)install -m 644 $(API_HEADERS) $(DESTDIR)$(INCLUDEDIR)/twinkey
	$(Q)sed 's|@prefix@|$(PREFIX)|; s|@libdir@|$(LIBDIR)|; s|@includedir@|$(INCLUDEDIR)|; s|@version@|$(API_VERSION)|' \
		include/twinkey.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/twinkey.pc
	$(Q)chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/twinkey.pc
	$(Q)$(if $(MAN3),install -m 644 $(MAN3) $(DESTDIR)$(MAN3DIR))
	$(Q)$(if $(EXAMPLES),install -m 644 $(EXAMPLES) $(DESTDIR)$(DOCDIR)/examples)
uninstall-lib:
	$(Q)rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,$(notdir $(SHARED_LIB)) $(SONAME) libtwinkey.so pkgconfig/twinkey.pc) \
		$(MAN3:docs/%=$(DESTDIR)$(MAN3DIR)/%)
	$(Q)rm -rf $(DESTDIR)$(INCLUDEDIR)/twinkey $(DESTDIR)$(DOCDIR)/examples
