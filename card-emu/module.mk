# card-emu: the virtual eUICC
CARD_CMD := $(wildcard card-emu/cmd/*.c)
CARD_SRC := $(filter-out $(CARD_CMD),$(wildcard card-emu/*/*.c card-emu/*/*/*.c))
CARD_LIB := $(B)/libtwinkey-card.a
$(CARD_LIB): $(CARD_SRC:%.c=$(B)/%.o)

PROGRAMS += $(B)/twinkey-card
$(B)/twinkey-card: $(CARD_CMD:%.c=$(B)/%.o) $(CARD_LIB) $(TOOL_LIB) $(SYS_LIB) $(LIB)
	$(call link,$(TOOL_LDLIBS) $(LIB_LDLIBS))
