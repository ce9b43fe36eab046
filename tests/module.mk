# tests: every tests/unit/test_*.c holds one CUnit suite; tests/unit/main.c runs them all
UNIT_SRC := $(wildcard tests/unit/*.c)
UNIT := $(B)/tests/unit-tests
TEST_LIBS := $(OPERATOR_LIB) $(HOST_LIB) $(CARD_LIB) $(TOOL_LIB) $(LIB)
TEST_LDLIBS := $(OPERATOR_LDLIBS) $(HOST_LDLIBS) $(TOOL_LDLIBS) $(LIB_LDLIBS)
CFLAGS-tests := $(CFLAGS-host)
$(UNIT): $(UNIT_SRC:%.c=$(B)/%.o) $(TEST_LIBS)
	$(call link,$(TEST_LDLIBS) $(call pkg,--libs,cunit))

.PHONY: unit
unit: $(UNIT) ## Run the unit tests only
	$(Q)$(UNIT)
