# tool: what a program has beside its job. sys: what a system gives, for libraries too; cli: the command line;
# pki: certificates as files, for libraries too; trace: APDUs recorded in a file; pcsc: the PC/SC service; nfc: libnfc
# behind a fence; wireshark: what Wireshark loads
SYS_LIB := $(B)/libtwinkey-sys.a
$(SYS_LIB): $(patsubst %.c,$(B)/%.o,$(wildcard tool/sys/*.c))
PKI_LIB := $(B)/libtwinkey-pki.a
$(PKI_LIB): $(patsubst %.c,$(B)/%.o,$(wildcard tool/pki/*.c))
CLI_LIB := $(B)/libtwinkey-tool.a
$(CLI_LIB): $(patsubst %.c,$(B)/%.o,$(wildcard $(patsubst %,tool/%/*.c,cli cli/completion trace pcsc nfc)))
# wireshark: names for Wireshark, as Lua out of the tables in lib; LIB is of lib/module.mk
$(B)/make-dissector: $(B)/tool/wireshark/generate.o $(B)/libtwinkey.a
	$(call link,$(call pkg,--libs,libcrypto))
GENERATED += $(B)/twinkey.lua
$(B)/twinkey.lua: $(B)/make-dissector tool/wireshark/twinkey.lua.in
	$(call say,LUA,$@)
	$(Q)$(B)/make-dissector >$@.new && cat tool/wireshark/twinkey.lua.in >>$@.new && mv $@.new $@
# what a program takes
TOOL_LIB := $(CLI_LIB) $(PKI_LIB)
TOOL_LDLIBS := $(call pkg,--libs,jansson)
# for who links something of tool/nfc
NFC_LDLIBS := $(call pkg,--libs,libnfc)
# and of tool/pcsc
PCSC_LDLIBS := $(call pkg,--libs,libpcsclite)
CFLAGS-tool := $(call pkg,--cflags,libnfc libpcsclite)
