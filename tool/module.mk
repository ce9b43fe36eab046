# tool: what a program has beside its job. sys: what a system gives, for libraries too; cli: the command line;
# pki: certificates as files; nfc: libnfc behind a fence
SYS_LIB := $(B)/libtwinkey-sys.a
$(SYS_LIB): $(patsubst %.c,$(B)/%.o,$(wildcard tool/sys/*.c))
TOOL_LIB := $(B)/libtwinkey-tool.a
TOOL_LDLIBS := $(call pkg,--libs,jansson)
$(TOOL_LIB): $(patsubst %.c,$(B)/%.o,$(wildcard tool/cli/*.c tool/pki/*.c tool/nfc/*.c))
# for who links something of tool/nfc
NFC_LDLIBS := $(call pkg,--libs,libnfc)
CFLAGS-tool := $(call pkg,--cflags,libnfc)
