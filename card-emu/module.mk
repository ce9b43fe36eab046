# card-emu: the virtual eUICC
# what is of the program and not of the archive: the command line, the service beside it, and the link that needs libnfc
CARD_CMD := $(wildcard card-emu/cmd/*.c card-emu/pcscd/*.c) card-emu/link/nfc.c
# what pcscd loads
CARD_IFD := $(wildcard card-emu/ifd/*.c)
CARD_SRC := $(filter-out $(CARD_CMD) $(CARD_IFD),$(wildcard card-emu/*/*.c card-emu/*/*/*.c))
CARD_LIB := $(B)/libtwinkey-card.a
$(CARD_LIB): $(CARD_SRC:%.c=$(B)/%.o)

PROGRAMS += $(B)/twinkey-card
$(B)/twinkey-card: $(CARD_CMD:%.c=$(B)/%.o) $(CARD_LIB) $(TOOL_LIB) $(SYS_LIB) $(LIB)
	$(call link,$(NFC_LDLIBS) $(PCSC_LDLIBS) $(call pkg,--libs,libseccomp) $(TOOL_LDLIBS) $(LIB_LDLIBS))
MODULES += $(B)/twinkey-ifd.so
$(CARD_IFD:%.c=$(B)/%.o): CFLAGS += -fPIC -fvisibility=default
CFLAGS-card-emu := $(call pkg,--cflags,libpcsclite libseccomp)
$(B)/twinkey-ifd.so: $(CARD_IFD:%.c=$(B)/%.o)
	$(call module)
