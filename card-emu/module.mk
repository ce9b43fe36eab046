# card-emu: the virtual eUICC
CARD_SRC := $(wildcard card-emu/*.c card-emu/*/*.c)
CARD_MAIN := $(wildcard card-emu/main.c card-emu/cmd_*.c)
CARD_LIB := $(B)/libtwinkey-card.a
$(CARD_LIB): $(patsubst %.c,$(B)/%.o,$(filter-out $(CARD_MAIN),$(CARD_SRC)))

PROGRAMS += $(if $(CARD_MAIN),$(B)/twinkey-card)
$(B)/twinkey-card: $(CARD_MAIN:%.c=$(B)/%.o) $(CARD_LIB) $(TOOL_LIB) $(LIB)
	$(call link,$(TOOL_LDLIBS) $(LIB_LDLIBS))

# The registry takes in what applets there are.
$(B)/card-emu/uicc/registry.o: $(wildcard card-emu/apps/isdr.c card-emu/apps/kra.c card-emu/uicc/install.c)
