# host: the module's side (twinkey) and the network's side (twinkey-operator)
HOST_CMD := $(wildcard host/cmd/*.c host/cmd/*/*.c)
HOST_SRC := $(filter-out $(HOST_CMD) host/operator/%,$(wildcard host/*/*.c host/*/*/*.c host/*/*/*/*.c))
HOST_LIB := $(B)/libtwinkey-host.a
HOST_LDLIBS := $(call pkg,--libs,libcurl libnfc) $(PCSC_LDLIBS) -lm
CFLAGS-host := $(call pkg,--cflags,libpcsclite libcurl libnfc libmicrohttpd gnutls sqlite3 libpq liboath libqrencode libnftables libnetfilter_conntrack libfido2 libargon2 p11-kit-1)
$(HOST_LIB): $(HOST_SRC:%.c=$(B)/%.o)

PROGRAMS += $(B)/twinkey
$(B)/twinkey: $(HOST_CMD:%.c=$(B)/%.o) $(HOST_LIB) $(CARD_LIB) $(TOOL_LIB) $(SYS_LIB) $(LIB)
	$(call link,$(HOST_LDLIBS) $(TOOL_LDLIBS) $(LIB_LDLIBS))

OPERATOR_CMD := $(wildcard host/operator/cmd/*.c host/operator/cmd/*/*.c)
OPERATOR_SRC := $(filter-out $(OPERATOR_CMD),$(wildcard host/operator/*/*.c host/operator/*/*/*.c))
OPERATOR_LIB := $(B)/libtwinkey-operator.a
OPERATOR_LDLIBS := $(call pkg,--libs,libmicrohttpd gnutls sqlite3 libpq liboath libqrencode libnftables libnetfilter_conntrack libfido2 libargon2) -lm
$(OPERATOR_LIB): $(OPERATOR_SRC:%.c=$(B)/%.o)

PROGRAMS += $(B)/twinkey-operator
$(B)/twinkey-operator: $(OPERATOR_CMD:%.c=$(B)/%.o) $(OPERATOR_LIB) $(TOOL_LIB) $(SYS_LIB) $(LIB)
	$(call link,$(OPERATOR_LDLIBS) $(TOOL_LDLIBS) $(LIB_LDLIBS))
