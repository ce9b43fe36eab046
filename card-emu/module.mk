# card-emu: the virtual eUICC
# what is of the program and not of the archive: the command line, and the link that needs libnfc
CARD_CMD := $(wildcard card-emu/cmd/*.c) card-emu/link/nfc.c
CARD_SRC := $(filter-out $(CARD_CMD),$(wildcard card-emu/*/*.c card-emu/*/*/*.c))
CARD_LIB := $(B)/libtwinkey-card.a
$(CARD_LIB): $(CARD_SRC:%.c=$(B)/%.o)

PROGRAMS += $(B)/twinkey-card
$(B)/twinkey-card: $(CARD_CMD:%.c=$(B)/%.o) $(CARD_LIB) $(TOOL_LIB) $(SYS_LIB) $(LIB)
	$(call link,$(NFC_LDLIBS) $(TOOL_LDLIBS) $(LIB_LDLIBS))
